// Section I of the compatibility reference: claims to user and groups.
#include <gtest/gtest.h>

#include "config/claim_expressions.h"
#include "tests/support/printing.h"
#include "verifier/claim_program.h"
#include "verifier/claims.h"

namespace portcullis {
namespace {

ClaimMapping mapping_of(std::optional<std::string> username, std::optional<std::string> groups = std::nullopt) {
  ClaimMapping mapping;
  mapping.username = std::move(username);
  mapping.groups = std::move(groups);
  return mapping;
}

Result<Identity> run(const ClaimMapping& mapping, std::string_view claims) {
  const auto program = ClaimProgram::compile(mapping, default_username_of({}));
  if (!program) return program.error();
  return (*program)->run(cel::value_from_json(parse_payload(claims)->root()));
}

std::string fault(const ClaimMapping& mapping, std::string_view claims) {
  const auto identity = run(mapping, claims);
  return identity ? "it was mapped" : identity.error().detail;
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST(ZotRowsI, I1_TheDefaultIsIssuerAndSubject) { EXPECT_EQ(run({}, R"({"iss":"https://i","sub":"alice"})")->username, "https://i/alice"); }

TEST(ZotRowsI, I2_TheDefaultNeedsASubject) {
  EXPECT_TRUE(holds(fault({}, R"({"iss":"https://i"})"), "failed to evaluate username expression: failed to evaluate the CEL expression"));
  EXPECT_TRUE(holds(fault({}, R"({"iss":"https://i"})"), "no such key: sub"));
}

TEST(ZotRowsI, I3_AConfiguredClaimHasNoFallBack) {
  EXPECT_EQ(run(mapping_of("claims.email"), R"({"email":"a@b","iss":"i","sub":"s"})")->username, "a@b");
  EXPECT_EQ(run(mapping_of("claims.email"), R"({"iss":"i","sub":"s"})").error().reason, Reason::claim_mapping_failed);
}

TEST(ZotRowsI, I4_AUserNameIsAString) {
  for (const std::string_view value : {"1", "true", "[\"a\"]"})
    EXPECT_TRUE(holds(fault(mapping_of("claims.x"), R"({"x":)" + std::string(value) + "}"),
                      "failed to evaluate username expression: failed to evaluate CEL expression as string: 'claims.x'"))
        << value;
  EXPECT_TRUE(holds(fault(mapping_of("claims.?x"), R"({"x":"a"})"), "as string")) << "an optional is none";
}

TEST(ZotRowsI, I5_NumbersAreDoubles) {
  EXPECT_EQ(run(mapping_of("string(claims.uid)"), R"({"uid":12345678})")->username, "1.2345678e+07");
  EXPECT_EQ(run(mapping_of("string(int(claims.uid))"), R"({"uid":12345678})")->username, "12345678");
}

TEST(ZotRowsI, I6toI8_GroupsAreAListInItsOrder) {
  EXPECT_TRUE(run(mapping_of("'u'"), "{}")->groups.empty());
  EXPECT_EQ(run(mapping_of("'u'", "claims.groups"), R"({"groups":["b","a","b"]})")->groups, (std::vector<std::string>{"b", "a", "b"}));
  EXPECT_EQ(run(mapping_of("'u'", "['a','b']"), "{}")->groups, (std::vector<std::string>{"a", "b"}));
}

TEST(ZotRowsI, I9toI11_OtherGroupsFailTheLogin) {
  EXPECT_TRUE(holds(fault(mapping_of("'u'", "claims.groups"), "{}"), "failed to evaluate groups expression"));
  EXPECT_TRUE(
      holds(fault(mapping_of("'u'", "claims.groups"), R"({"groups":"a"})"), "unsupported native conversion from string to '[]string'"));
  EXPECT_TRUE(holds(fault(mapping_of("'u'", "claims.groups"), R"({"groups":["a",1]})"), "failed to evaluate groups expression"));
}

TEST(ZotRowsI, I12_AbsentGroupsMayHaveADefault) { EXPECT_TRUE(run(mapping_of("'u'", "claims.?groups.orValue([])"), "{}")->groups.empty()); }

TEST(ZotRowsI, I13toI15_VariablesAreSeenByWhatComesAfterThem) {
  ClaimMapping mapping = mapping_of("vars.b", "[vars.a]");
  mapping.variables = {{"a", "claims.x"}, {"b", "vars.a + '!'"}, {"none", "claims.?absent"}, {"some", "claims.?x"}};
  mapping.validations = {{"vars.none == null && vars.some == 'v'", "optionals are unwrapped"}};

  EXPECT_EQ(*run(mapping, R"({"x":"v"})"), (Identity{"v!", {"v"}}));
  EXPECT_TRUE(holds(fault(mapping, "{}"), "failed to evaluate variable 'a': "));
}

TEST(ZotRowsI, I17_OddNamesAreReachedByIndex) {
  ClaimMapping mapping = mapping_of("vars['a-b']");
  mapping.variables = {{"a-b", "'odd'"}};

  EXPECT_EQ(run(mapping, "{}")->username, "odd");
}

TEST(ZotRowsI, I18toI21_ValidationsHoldInTheirOrder) {
  ClaimMapping mapping = mapping_of("'u'");
  mapping.validations = {{"claims.a == true", "first"}, {"claims.b == true", "second"}};

  EXPECT_EQ(run(mapping, R"({"a":true,"b":true})")->username, "u");
  EXPECT_EQ(fault(mapping, R"({"a":false,"b":false})"), "OIDC claim validation failed: first");
  EXPECT_EQ(fault(mapping, R"({"a":true,"b":false})"), "OIDC claim validation failed: second");
  EXPECT_EQ(run(mapping, R"({"a":true,"b":false})").error().reason, Reason::claim_validation_failed);
  EXPECT_TRUE(holds(fault(mapping, "{}"), "failed to evaluate validation expression: "));
}

TEST(ZotRowsI, I22and23_AValidationIsBoolByItsType) {
  EXPECT_TRUE(holds(compile_claim_validation("claims.email_verified").error().detail,
                    "CEL expression output type mismatch: expected bool, got dyn"));
  EXPECT_TRUE(holds(compile_claim_validation("'a'").error().detail, "expected bool, got string"));
  EXPECT_TRUE(compile_claim_validation("claims.email_verified == true"));
}

TEST(ZotRowsI, I24_ClaimsOfAnyNameAreReachedByIndex) {
  EXPECT_EQ(
      run(mapping_of("claims['kubernetes.io/serviceaccount/namespace']"), R"({"kubernetes.io/serviceaccount/namespace":"ci"})")->username,
      "ci");
}

TEST(ZotRowsI, I25and26_MixedLiteralsAndUnknownNamesDoNotCompile) {
  EXPECT_FALSE(compile_claim_expression("['a', 1]"));
  EXPECT_FALSE(compile_claim_expression("['a', claims.x]"));
  EXPECT_TRUE(holds(compile_claim_expression("foo").error().detail,
                    "failed to parse the CEL expression 'foo': ERROR: <input>:1:1: undeclared reference to 'foo'"));
}

TEST(ZotRowsI, I27_ClaimNamesAreExact) { EXPECT_EQ(run(mapping_of("claims.Email"), R"({"Email":"A","email":"a"})")->username, "A"); }

// Ours: where the token's iss is not checked, the name begins with the configured issuer.
TEST(ZotRowsI, I1_TheDefaultOfAnIssuerThatSkipsVerificationIsItsOwn) {
  OidcIssuerConfig issuer;
  issuer.issuer = "https://i/it's\\";
  issuer.skip_issuer_verification = true;
  const auto program = ClaimProgram::compile({}, default_username_of(issuer));

  ASSERT_TRUE(program) << program.error().detail;
  EXPECT_EQ((*program)->run(cel::value_from_json(parse_payload(R"({"iss":"https://evil","sub":"s"})")->root()))->username,
            "https://i/it's\\/s");
}

}  // namespace
}  // namespace portcullis
