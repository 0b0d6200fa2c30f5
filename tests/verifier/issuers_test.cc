// Which source judges a token, and what an issuer's tokens must keep beyond those of traditional keys.
#include "verifier/issuers.h"

#include <gtest/gtest.h>

#include "tests/support/printing.h"
#include "tests/support/tokens.h"
#include "tests/support/verification.h"

namespace portcullis {
namespace {

using test::key_pair;
using test::kNow;
using test::mint;

IssuerRules owner(std::string issuer) { return {.issuer = std::move(issuer), .skips_verification = false, .tokens = {}}; }
IssuerRules skipper(std::string issuer) { return {.issuer = std::move(issuer), .skips_verification = true, .tokens = {}}; }

SourceChoice chosen(std::string_view payload, const std::vector<IssuerRules>& issuers) {
  const std::string text = mint(payload, key_pair("ED25519"), "EdDSA", "k1");
  const auto token = parse_token(text, {.bytes = 16384});
  EXPECT_TRUE(token);
  return choose_source(*token, issuers);
}

TEST(ChooseSource, IsTheOwnerOfTheExactIss) {
  const std::vector<IssuerRules> issuers = {owner("https://a"), owner("https://b")};

  EXPECT_EQ(chosen(R"({"iss":"https://b"})", issuers).owner, 1U);
  for (const std::string_view payload :
       {R"({"iss":"https://b/"})", R"({"iss":"https://B"})", R"({"iss":" https://b"})", R"({"ISS":"https://b"})",
        R"({"iss":["https://b"]})", R"({"iss":{"a":"https://b"}})", R"({"iss":null})", "{}"}) {
    EXPECT_EQ(chosen(payload, issuers).owner, std::nullopt) << payload;
    EXPECT_EQ(chosen(payload, issuers).skipper, std::nullopt) << payload;
  }
}

TEST(ChooseSource, TakesWhatIsNoPayloadForNobodys) {
  const std::vector<IssuerRules> issuers = {owner("https://a")};

  for (const std::string_view payload : {"", "[]", "not JSON", R"({"iss":"https://a","iss":"https://a"})"})
    EXPECT_EQ(chosen(payload, issuers).owner, std::nullopt) << payload;
}

TEST(ChooseSource, TriesTheOneThatSkipsVerificationForNobodysTokensAlone) {
  const std::vector<IssuerRules> issuers = {skipper("https://a"), owner("https://b")};

  EXPECT_EQ(chosen(R"({"iss":"https://b"})", issuers).owner, 1U);
  EXPECT_EQ(chosen(R"({"iss":"https://b"})", issuers).skipper, std::nullopt);
  EXPECT_EQ(chosen(R"({"iss":"https://a"})", issuers).owner, std::nullopt) << "it owns nothing";
  for (const std::string_view payload : {R"({"iss":"https://a"})", R"({"iss":"https://c"})", "{}", "no JSON"})
    EXPECT_EQ(chosen(payload, issuers).skipper, 0U) << payload;
}

TEST(ChooseSource, HasNothingToChooseFromWithoutIssuers) {
  EXPECT_EQ(chosen(R"({"iss":"https://a"})", {}).owner, std::nullopt);
  EXPECT_EQ(chosen(R"({"iss":"https://a"})", {}).skipper, std::nullopt);
}

// What KeyView and TokenRules say for issuers.

class WithoutKeyId : public testing::Test {
 protected:
  static std::string unnamed(const test::KeyPair& pair, std::string_view algorithm) {
    return mint(R"({"alg":")" + std::string(algorithm) + R"("})", test::good_payload(kNow), pair, algorithm);
  }
  static Result<VerifiedToken> verified(const std::string& text, const KeySet& keys, bool may_lack = true) {
    const KeyView view{.keys = &keys, .kid_required = true, .generation = 1, .source = 3, .kid_may_lack = may_lack};
    return verify_token(text, view, test::default_rules(), {}, kNow, nullptr);
  }
};

TEST_F(WithoutKeyId, IsGoodWhereExactlyOneKeyFits) {
  const KeySet keys = test::key_set({{"e", &key_pair("ED25519")}, {"p", &key_pair("P-256")}});

  const auto token = verified(unnamed(key_pair("P-256"), "ES256"), keys);

  ASSERT_TRUE(token) << token.error().detail;
  EXPECT_EQ(token->key_id, "p");
  EXPECT_EQ(token->source, 3U);
  EXPECT_EQ(verified(unnamed(key_pair("P-256"), "ES256"), keys, false).error().reason, Reason::kid_missing);
}

TEST_F(WithoutKeyId, IsRefusedWhereSeveralKeysFitOrNone) {
  const KeySet keys = test::key_set({{"a", &key_pair("P-256")}, {"b", &key_pair("P-256", "second")}});

  EXPECT_EQ(verified(unnamed(key_pair("P-256"), "ES256"), keys).error().reason, Reason::kid_missing);
  EXPECT_EQ(verified(unnamed(key_pair("ED25519"), "EdDSA"), keys).error().reason, Reason::key_unknown);
}

TEST_F(WithoutKeyId, IsRefusedByTheWrongKeyAllTheSame) {
  const KeySet keys = test::key_set({{"e", &key_pair("ED25519")}});

  EXPECT_EQ(verified(unnamed(key_pair("ED25519", "second"), "EdDSA"), keys).error().reason, Reason::bad_signature);
}

TEST_F(WithoutKeyId, AnUnknownIdIsNotAMissingOne) {
  const KeySet keys = test::key_set({{"e", &key_pair("ED25519")}});

  EXPECT_EQ(verified(mint(test::good_payload(kNow), key_pair("ED25519"), "EdDSA", "other"), keys).error().reason, Reason::key_unknown);
}

TEST(IssuerTokens, NeedASubjectAndGiveNoAccess) {
  test::Verification verification = test::verification_with({{"k1", &key_pair("ED25519")}});
  verification.rules.needs_subject = true;
  verification.rules.reads_access = false;

  const auto token = verification(mint(test::good_payload(kNow), key_pair("ED25519"), "EdDSA", "k1"));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->access, std::nullopt);
  const std::string nobody = R"({"exp":)" + std::to_string(test::unix_seconds(kNow) + 60) + "}";
  EXPECT_EQ(verification.reason(mint(nobody, key_pair("ED25519"), "EdDSA", "k1")), Reason::claim_invalid);
}

TEST(IssuerTokens, KeepTheirClaimsWhereTheyAreWanted) {
  test::Verification verification = test::verification_with({{"k1", &key_pair("ED25519")}});
  const std::string text = mint(test::good_payload(kNow, "a", "pull", R"("level":3)"), key_pair("ED25519"), "EdDSA", "k1");

  EXPECT_FALSE(verification(text)->claims);
  verification.rules.keep_claims = true;
  const auto token = verification(text);
  ASSERT_TRUE(token->claims);
  EXPECT_EQ(token->claims->member("sub")->text(), "alice");
  EXPECT_EQ(*token->claims->member("level")->as<double>(), 3.0);
}

}  // namespace
}  // namespace portcullis
