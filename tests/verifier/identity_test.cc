// Who a token speaks for.
#include "verifier/identity.h"

#include <gtest/gtest.h>

#include "tests/support/printing.h"
#include "verifier/claims.h"

namespace portcullis {
namespace {

const IdentityRules kSub{.username_claim = "sub", .groups_claim = std::nullopt, .username_prefix = "", .groups_prefix = ""};
const IdentityRules kMapped{.username_claim = "email", .groups_claim = "groups", .username_prefix = "idp:", .groups_prefix = "g:"};

Result<Identity> identity_of(std::string_view payload, const IdentityRules& rules) {
  return map_identity(parse_payload(payload)->root(), rules);
}

Reason reason_for(std::string_view payload, const IdentityRules& rules = kMapped) {
  const auto identity = identity_of(payload, rules);
  return identity ? Reason::allowed : identity.error().reason;
}

TEST(Identity, IsTheSubjectUnlessConfigured) {
  EXPECT_EQ(*identity_of(R"({"sub":"alice","groups":["x"]})", kSub), (Identity{"alice", {}}));
}

TEST(Identity, MayBeEmptyWhereTheSubjectIsAbsent) {
  EXPECT_EQ(*identity_of("{}", kSub), (Identity{"", {}}));
  EXPECT_EQ(*identity_of(R"({"sub":""})", kSub), (Identity{"", {}}));
  EXPECT_EQ(identity_of("{}", {.username_claim = "sub", .groups_claim = {}, .username_prefix = "idp:", .groups_prefix = ""})->username, "");
}

TEST(Identity, MapsNameAndGroupsWithTheirPrefixes) {
  EXPECT_EQ(*identity_of(R"({"email":"a@b.c","groups":["dev","ops"]})", kMapped), (Identity{"idp:a@b.c", {"g:dev", "g:ops"}}));
  EXPECT_EQ(*identity_of(R"({"email":"a@b.c","groups":"dev"})", kMapped), (Identity{"idp:a@b.c", {"g:dev"}}));
  EXPECT_EQ(*identity_of(R"({"email":"a@b.c","groups":[]})", kMapped), (Identity{"idp:a@b.c", {}}));
  EXPECT_EQ(*identity_of(R"({"email":"a@b.c"})", kMapped), (Identity{"idp:a@b.c", {}}));
}

TEST(Identity, OfAConfiguredClaimIsNeverEmpty) {
  EXPECT_EQ(reason_for("{}"), Reason::identity_empty);
  EXPECT_EQ(reason_for(R"({"email":""})"), Reason::identity_empty);
  EXPECT_EQ(reason_for(R"({"sub":"alice"})"), Reason::identity_empty);
}

TEST(Identity, RefusesANameOfAnotherType) {
  for (const std::string_view value : {"1", "null", "true", R"(["a"])", "{}", R"("a\r\nX-Admin: 1")"}) {
    EXPECT_EQ(reason_for(R"({"email":)" + std::string(value) + "}"), Reason::claim_invalid) << value;
  }
}

TEST(Identity, RefusesGroupsOfAnotherTypeAsAWhole) {
  for (const std::string_view value :
       {"1", "null", "true", "{}", R"(["dev",1])", R"([["dev"]])", R"([""])", R"("")", R"(["a\nb"])", R"("a\u007f")"}) {
    EXPECT_EQ(reason_for(R"({"email":"a","groups":)" + std::string(value) + "}"), Reason::claim_invalid) << value;
  }
}

TEST(Identity, ClaimNamesAreTopLevelAndExact) {
  const IdentityRules dotted{.username_claim = "a.b", .groups_claim = {}, .username_prefix = "", .groups_prefix = ""};

  EXPECT_EQ(identity_of(R"({"a.b":"alice","a":{"b":"mallory"}})", dotted)->username, "alice");
  EXPECT_EQ(reason_for(R"({"a":{"b":"mallory"}})", dotted), Reason::identity_empty);
  EXPECT_EQ(reason_for(R"({"Email":"mallory"})"), Reason::identity_empty);
}

}  // namespace
}  // namespace portcullis
