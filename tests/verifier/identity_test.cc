// Who a token speaks for.
#include "verifier/identity.h"

#include <gtest/gtest.h>

#include "tests/support/printing.h"
#include "verifier/claims.h"

namespace portcullis {
namespace {

const IdentityRules kSub{};

IdentityRules mapped(std::optional<std::string> username, std::optional<std::string> groups) {
  ClaimMapping mapping;
  mapping.username = std::move(username);
  mapping.groups = std::move(groups);
  auto program = ClaimProgram::compile(mapping, std::nullopt);
  EXPECT_TRUE(program) << program.error().detail;
  return {.mapping = *program, .username_prefix = "idp:", .groups_prefix = "g:"};
}

Result<Identity> identity_of(std::string_view payload, const IdentityRules& rules) {
  const auto document = parse_payload(payload);
  const cel::Value claims = cel::value_from_json(document->root());
  return map_identity(document->root(), rules.mapping == nullptr ? nullptr : &claims, rules);
}

Reason reason_for(std::string_view payload, const IdentityRules& rules) {
  const auto identity = identity_of(payload, rules);
  return identity ? Reason::allowed : identity.error().reason;
}

TEST(Identity, IsTheSubjectUnlessConfigured) {
  EXPECT_EQ(*identity_of(R"({"sub":"alice","groups":["x"]})", kSub), (Identity{"alice", {}}));
}

TEST(Identity, MayBeEmptyWhereTheSubjectIsAbsent) {
  EXPECT_EQ(*identity_of("{}", kSub), (Identity{"", {}}));
  EXPECT_EQ(*identity_of(R"({"sub":""})", kSub), (Identity{"", {}}));
  EXPECT_EQ(identity_of("{}", {.mapping = nullptr, .username_prefix = "idp:", .groups_prefix = ""})->username, "");
}

TEST(Identity, OfTheSubjectIsATextWithoutControls) {
  for (const std::string_view value : {"1", "null", "true", R"(["a"])", "{}", R"("a\r\nX-Admin: 1")"})
    EXPECT_EQ(reason_for(R"({"sub":)" + std::string(value) + "}", kSub), Reason::claim_invalid) << value;
}

TEST(Identity, MapsNameAndGroupsWithTheirPrefixes) {
  const IdentityRules rules = mapped("claims.email", "claims.groups");

  EXPECT_EQ(*identity_of(R"({"email":"a@b.c","groups":["dev","ops","dev"]})", rules), (Identity{"idp:a@b.c", {"g:dev", "g:ops", "g:dev"}}));
  EXPECT_EQ(*identity_of(R"({"email":"a@b.c","groups":[]})", rules), (Identity{"idp:a@b.c", {}}));
  EXPECT_EQ(*identity_of(R"({"sub":"alice","groups":["dev"]})", mapped(std::nullopt, "claims.groups")), (Identity{"idp:alice", {"g:dev"}}));
}

TEST(Identity, OfAMappingIsNeverEmpty) {
  const IdentityRules rules = mapped("claims.email", std::nullopt);

  EXPECT_EQ(reason_for(R"({"email":""})", rules), Reason::identity_empty);
  EXPECT_EQ(reason_for("{}", rules), Reason::claim_mapping_failed);
  EXPECT_EQ(reason_for(R"({"Email":"mallory"})", rules), Reason::claim_mapping_failed) << "names are exact";
}

TEST(Identity, OfAMappingWithoutAUserNameMayLackTheSubject) {
  EXPECT_EQ(*identity_of(R"({"groups":["dev"]})", mapped(std::nullopt, "claims.groups")), (Identity{"", {"g:dev"}}));
}

TEST(Identity, RefusesANameOfAnotherTypeOrWithControls) {
  const IdentityRules rules = mapped("claims.email", std::nullopt);

  for (const std::string_view value : {"1", "null", "true", R"(["a"])", "{}"})
    EXPECT_EQ(reason_for(R"({"email":)" + std::string(value) + "}", rules), Reason::claim_mapping_failed) << value;
  for (const std::string_view value : {R"("a\r\nX-Admin: 1")", R"("a\u0085")", R"("\u007f")"})
    EXPECT_EQ(reason_for(R"({"email":)" + std::string(value) + "}", rules), Reason::claim_invalid) << value;
}

TEST(Identity, RefusesGroupsAsAWhole) {
  const IdentityRules rules = mapped("claims.email", "claims.groups");

  for (const std::string_view value : {"1", "null", "true", "{}", R"("dev")", R"(["dev",1])", R"([["dev"]])"})
    EXPECT_EQ(reason_for(R"({"email":"a","groups":)" + std::string(value) + "}", rules), Reason::claim_mapping_failed) << value;
  for (const std::string_view value : {R"([""])", R"(["a\nb"])", R"(["a","a\u007f"])"})
    EXPECT_EQ(reason_for(R"({"email":"a","groups":)" + std::string(value) + "}", rules), Reason::claim_invalid) << value;
}

}  // namespace
}  // namespace portcullis
