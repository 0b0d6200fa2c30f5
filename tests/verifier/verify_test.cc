// The straight line from bytes to a verified token, and the order of its steps.
#include "verifier/verify.h"

#include <gtest/gtest.h>

#include "tests/support/printing.h"
#include "tests/support/tokens.h"
#include "tests/support/verification.h"

namespace portcullis {
namespace {

using test::good_payload;
using test::header_json;
using test::kNow;
using test::mint;
using test::Verification;

const test::KeyPair& signer() { return test::key_pair("ED25519"); }
Verification standard() { return test::verification_with({{"k1", &signer()}}); }

TEST(Verify, GivesWhatTheTokenSays) {
  const std::string text = mint(good_payload(kNow, "team/app", "pull,push", R"("iss":"idp","jti":"t1","nbf":1)"), signer(), "EdDSA", "k1");
  Verification verification = standard();
  verification.rules.generation = 7;

  const auto token = verification(text);

  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->identity.username, "alice");
  EXPECT_EQ(token->issuer, "idp");
  EXPECT_EQ(token->subject, "alice");
  EXPECT_EQ(token->token_id, "t1");
  EXPECT_EQ(token->key_id, "k1");
  EXPECT_EQ(token->algorithm, Algorithm::eddsa);
  EXPECT_EQ(token->expires, std::chrono::sys_seconds(std::chrono::seconds(test::unix_seconds(kNow) + 300)));
  EXPECT_EQ(token->not_before, std::chrono::sys_seconds(std::chrono::seconds(1)));
  EXPECT_EQ(token->access, (std::vector<AccessEntry>{{"repository", "team/app", {"pull", "push"}, std::nullopt}}));
  EXPECT_EQ(token->signing_input, sha256(text.substr(0, text.rfind('.'))));
  EXPECT_EQ(token->key_generation, 1U);
  EXPECT_EQ(token->rules_generation, 7U);
}

TEST(Verify, LeavesAbsentClaimsEmpty) {
  Verification verification = standard();
  verification.rules.claims.require_expiry = false;

  const auto token = verification(mint("{}", signer(), "EdDSA", "k1"));

  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->identity, Identity{});
  EXPECT_EQ(token->issuer + token->subject + token->token_id, "");
  EXPECT_FALSE(token->expires || token->not_before || token->access);
}

TEST(Verify, PassesOnEveryFaultOfTheShape) {
  EXPECT_EQ(standard().reason("x"), Reason::token_malformed);
  EXPECT_EQ(standard().reason(std::string(16385, 'x')), Reason::token_too_large);
  EXPECT_EQ(standard().reason(mint(R"({"alg":"EdDSA","crit":["x"]})", "{}", signer(), "EdDSA")), Reason::crit_unsupported);
}

TEST(Verify, NeedsAKeyId) {
  const std::string text = mint(R"({"alg":"EdDSA"})", good_payload(kNow), signer(), "EdDSA");

  EXPECT_EQ(standard()(text).error(), (Error{Reason::kid_missing, "token missing 'kid' header"}));
}

TEST(Verify, NeedsAKnownKeyId) {
  const Verification verification = standard();

  EXPECT_EQ(verification(mint(good_payload(kNow), signer(), "EdDSA", "k2")).error(),
            (Error{Reason::key_unknown, "no public key found for kid k2"}));
  EXPECT_EQ(verification.reason(mint(good_payload(kNow), signer(), "EdDSA", "")), Reason::key_unknown);
  EXPECT_EQ(verification.reason(mint(good_payload(kNow), signer(), "EdDSA", "K1")), Reason::key_unknown);
  EXPECT_EQ(verification.reason(mint(good_payload(kNow), signer(), "EdDSA", "k1 ")), Reason::key_unknown);
  EXPECT_EQ(verification.reason(mint(good_payload(kNow), signer(), "EdDSA", "../../etc/passwd")), Reason::key_unknown);
  EXPECT_EQ(verification.reason(mint(good_payload(kNow), signer(), "EdDSA", "' OR 1=1 --%s%n")), Reason::key_unknown);
}

TEST(Verify, EscapesAnUnknownKeyId) {
  const std::string detail = standard().detail(mint(good_payload(kNow), signer(), "EdDSA", "a\"b"));

  EXPECT_EQ(detail.find("a\"b"), std::string::npos) << detail;
}

TEST(Verify, ASourceWithOneKeyLooksAtNoKeyId) {
  Verification verification = standard();
  verification.kid_required = false;

  EXPECT_EQ(verification.reason(mint(R"({"alg":"EdDSA"})", good_payload(kNow), signer(), "EdDSA")), Reason::allowed);
  EXPECT_EQ(verification.reason(mint(good_payload(kNow), signer(), "EdDSA", "anything")), Reason::allowed);
}

TEST(Verify, ASourceWithoutIdsNeedsExactlyOneKey) {
  Verification verification = test::verification_with({{"a", &signer()}, {"b", &test::key_pair("ED25519", "second")}});
  verification.kid_required = false;

  EXPECT_EQ(verification.reason(mint(good_payload(kNow), signer(), "EdDSA", "a")), Reason::key_unknown);
}

TEST(Verify, NeverTriesAnotherKey) {
  const Verification verification = test::verification_with({{"a", &signer()}, {"b", &test::key_pair("ED25519", "second")}});

  EXPECT_EQ(verification.reason(mint(good_payload(kNow), signer(), "EdDSA", "b")), Reason::bad_signature);
}

TEST(Verify, TheKeyDecidesTheAlgorithm) {
  const Verification verification = test::verification_with({{"k1", &test::key_pair("P-384")}});

  EXPECT_EQ(verification.reason(mint(good_payload(kNow), test::key_pair("P-384"), "ES256", "k1")), Reason::alg_key_mismatch);
  EXPECT_EQ(verification.reason(mint(good_payload(kNow), test::key_pair("P-384"), "ES384", "k1")), Reason::allowed);
}

TEST(Verify, NeverReadsAKeyFromTheHeader) {
  const test::KeyPair& attacker = test::key_pair("ED25519", "attacker");
  const std::string header =
      R"({"alg":"EdDSA","kid":"k1","jwk":)" + attacker.public_jwk() + R"(,"jku":"https://attacker.example/jwks.json"})";

  EXPECT_EQ(standard().reason(mint(header, good_payload(kNow), attacker, "EdDSA")), Reason::bad_signature);
}

TEST(Verify, LooksAtNothingOfThePayloadBeforeTheSignature) {
  const test::KeyPair& attacker = test::key_pair("ED25519", "attacker");
  for (const std::string_view payload :
       {"", "not json", "[]", R"({"exp":1})", R"({"exp":"x"})", R"({"cnf":{}})", R"({"sub":"a","sub":"b"})"}) {
    EXPECT_EQ(standard().reason(mint(payload, attacker, "EdDSA", "k1")), Reason::bad_signature) << payload;
    EXPECT_NE(standard().reason(mint(payload, signer(), "EdDSA", "k1")), Reason::bad_signature) << payload;
  }
}

TEST(Verify, ChecksTheKeyBeforeTheSignature) {
  EXPECT_EQ(standard().reason(mint(header_json("RS256", "k1"), "{}", signer(), "EdDSA")), Reason::alg_key_mismatch);
  EXPECT_EQ(standard().reason(mint(header_json("RS256", "k2"), "{}", signer(), "EdDSA")), Reason::key_unknown);
  EXPECT_EQ(standard().reason(mint(header_json("HS256", "k2"), "{}", signer(), "EdDSA")), Reason::alg_not_allowed);
}

TEST(Verify, RefusesAPayloadThatIsNoClaimsSet) {
  EXPECT_EQ(standard().reason(mint("", signer(), "EdDSA", "k1")), Reason::token_payload_invalid);
  EXPECT_EQ(standard().reason(mint("[]", signer(), "EdDSA", "k1")), Reason::token_payload_invalid);
  EXPECT_EQ(standard().reason(mint(R"({"exp":"1"})", signer(), "EdDSA", "k1")), Reason::claim_invalid);
}

TEST(Verify, AppliesTheRules) {
  Verification verification = standard();

  EXPECT_EQ(verification.reason(mint(R"({"sub":"alice"})", signer(), "EdDSA", "k1")), Reason::expiry_missing);
  EXPECT_EQ(verification.reason(mint(R"({"exp":1})", signer(), "EdDSA", "k1")), Reason::token_expired);
  verification.rules.claims.audiences = {"registry"};
  EXPECT_EQ(verification.reason(mint(good_payload(kNow), signer(), "EdDSA", "k1")), Reason::audience_mismatch);
}

TEST(Verify, AcceptsConfiguredTypesAlone) {
  Verification verification = standard();
  const auto reason_for_type = [&](std::string_view member) {
    return verification.reason(mint(R"({"alg":"EdDSA","kid":"k1")" + std::string(member) + "}", good_payload(kNow), signer(), "EdDSA"));
  };
  for (const std::string_view member : {"", R"(,"typ":"JWT")", R"(,"typ":"at+jwt")", R"(,"typ":"dpop+jwt")", R"(,"typ":"")"}) {
    EXPECT_EQ(reason_for_type(member), Reason::allowed) << member;
  }

  verification.rules.types = {"at+jwt"};

  for (const std::string_view member : {R"(,"typ":"at+jwt")", R"(,"typ":"AT+JWT")", R"(,"typ":"application/at+jwt")"}) {
    EXPECT_EQ(reason_for_type(member), Reason::allowed) << member;
  }
  for (const std::string_view member : {"", R"(,"typ":"JWT")", R"(,"typ":"secevent+jwt")", R"(,"typ":"at+jwt ")", R"(,"typ":"")"}) {
    EXPECT_EQ(reason_for_type(member), Reason::type_not_accepted) << member;
  }
}

TEST(Verify, MapsTheIdentity) {
  Verification verification = standard();
  ClaimMapping mapping;
  mapping.username = "claims.email";
  mapping.groups = "claims.groups";
  verification.rules.identity.mapping = *ClaimProgram::compile(mapping, std::nullopt);

  const auto token = verification(mint(good_payload(kNow, "a", "pull", R"("email":"a@b.c","groups":["dev"])"), signer(), "EdDSA", "k1"));

  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->identity, (Identity{"a@b.c", {"dev"}}));
  EXPECT_EQ(verification.reason(mint(good_payload(kNow), signer(), "EdDSA", "k1")), Reason::claim_mapping_failed);
}

TEST(Verify, RefusesRevokedTokens) {
  Verification verification = standard();
  const std::string text = mint(good_payload(kNow, "a", "pull", R"("iss":"idp","jti":"t1")"), signer(), "EdDSA", "k1");
  const std::string digest = to_hex(sha256(text.substr(0, text.rfind('.'))));
  EXPECT_EQ(verification.reason(text), Reason::allowed);

  for (const std::string& entry : {std::string(R"({"kid":"k1"})"), std::string(R"({"jti":"t1","iss":"idp"})"),
                                   std::string(R"({"sub":"alice","iss":"idp"})"), R"({"tokenSha256":")" + digest + "\"}"}) {
    verification.revocations = Revocations::parse(R"({"revocations":[)" + entry + "]}").value();
    EXPECT_EQ(verification(text).error(), (Error{Reason::token_revoked, "revoked"})) << entry;
  }
}

TEST(Verify, ARevocationTellsItsNote) {
  Verification verification = standard();
  verification.revocations = Revocations::parse(R"({"revocations":[{"kid":"k1","note":"laptop stolen"}]})").value();

  EXPECT_EQ(verification.detail(mint(good_payload(kNow), signer(), "EdDSA", "k1")), "revoked: laptop stolen");
}

TEST(Verify, ARevocationByDigestHoldsForEverySignatureOfTheSameInput) {
  // An ECDSA signature has a second valid form, and a signer can sign anew: the digest is of the signing input alone.
  const test::KeyPair& pair = test::key_pair("P-256");
  Verification verification = test::verification_with({{"k1", &pair}});
  const std::string first = mint(good_payload(kNow), pair, "ES256", "k1");
  const std::string second = mint(good_payload(kNow), pair, "ES256", "k1");
  ASSERT_NE(first, second);

  verification.revocations =
      Revocations::parse(R"({"revocations":[{"tokenSha256":")" + to_hex(sha256(first.substr(0, first.rfind('.')))) + "\"}]}").value();

  EXPECT_EQ(verification.reason(first), Reason::token_revoked);
  EXPECT_EQ(verification.reason(second), Reason::token_revoked);
}

TEST(Verify, TracesEachStep) {
  const Verification verification = standard();
  Trace good;
  Trace bad;

  EXPECT_TRUE(verification(mint(good_payload(kNow), signer(), "EdDSA", "k1"), &good).ok());
  EXPECT_FALSE(verification(mint(good_payload(kNow), test::key_pair("ED25519", "attacker"), "EdDSA", "k1"), &bad).ok());

  std::string steps;
  for (const TraceStep& step : good.steps()) steps += std::string(step.step) + (step.passed ? " " : "! ");
  EXPECT_EQ(steps, "header algorithm key signature payload claims expiry issued_at identity revocations ");
  ASSERT_EQ(bad.steps().size(), 4U);
  EXPECT_EQ(bad.steps()[1].detail, "EdDSA");
  EXPECT_EQ(bad.steps()[2].detail, "k1, Ed25519");
  EXPECT_EQ(bad.steps()[3].step, "signature");
  EXPECT_FALSE(bad.steps()[3].passed);
}

TEST(Verify, TracesAMissingKey) {
  Trace trace;

  EXPECT_FALSE(standard()(mint(good_payload(kNow), signer(), "EdDSA", "k2"), &trace).ok());

  EXPECT_EQ(trace.steps().back().step, "key");
  EXPECT_EQ(trace.steps().back().detail, "no public key found for kid k2");
}

TEST(Recheck, LooksAtTimesAndRevocationsAgain) {
  Verification verification = standard();
  const auto token = verification(mint(good_payload(kNow, "a", "pull", R"("nbf":1000)"), signer(), "EdDSA", "k1"));
  ASSERT_TRUE(token.ok());
  const TokenRules& rules = verification.rules;

  EXPECT_TRUE(recheck_token(*token, rules, {}, kNow).ok());
  EXPECT_TRUE(recheck_token(*token, rules, {}, kNow + std::chrono::seconds(299)).ok());
  EXPECT_EQ(recheck_token(*token, rules, {}, kNow + std::chrono::seconds(300)).error().reason, Reason::token_expired);
  EXPECT_EQ(recheck_token(*token, rules, {}, TimePoint(std::chrono::seconds(999))).error().reason, Reason::token_not_yet_valid);
  const auto revoked = Revocations::parse(R"({"revocations":[{"kid":"k1"}]})").value();
  EXPECT_EQ(recheck_token(*token, rules, revoked, kNow).error().reason, Reason::token_revoked);
}

}  // namespace
}  // namespace portcullis
