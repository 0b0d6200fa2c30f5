// The relying-party cases of OpenID Connect certification that apply to whoever verifies tokens and logs nobody in: one test for each, by
// its name there (rp-…). Those about signatures, audience and rotation are shown with a real provider too (tests/e2e/oidc_test.py).
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/issuer_gate.h"
#include "tests/support/printing.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

constexpr std::string_view kClaims = R"({"iss":"https://idp.example","sub":"alice","aud":"registry","exp":1772366700,"iat":1772366400})";

Reason judged(IssuerGate& gate, std::string_view token) { return reason_of(gate.ask(token)); }

std::string rsa_token(std::string_view kid = "r1", std::string_view key = "first") {
  return mint(kClaims, key_pair("RSA-2048", key), "RS256", kid);
}
std::string unnamed(const KeyPair& key, std::string_view algorithm) {
  return mint(R"({"alg":")" + std::string(algorithm) + R"("})", kClaims, key, algorithm);
}

class RelyingParty : public testing::Test {
 protected:
  /// The issuer shows an RSA key `r1` and an Ed25519 key `i1`.
  RelyingParty() { gate_.shows(jwks_json({{"r1", &key_pair("RSA-2048")}, {"i1", &key_pair("ED25519")}})); }

  Reason judged(std::string_view token) { return portcullis::judged(gate_, token); }

  IssuerGate gate_;
};

TEST_F(RelyingParty, TakesAGoodToken) {
  EXPECT_EQ(judged(rsa_token()), Reason::allowed);
  EXPECT_EQ(judged(issuer_token_of(kClaims)), Reason::allowed);
}

// rp-discovery-issuer-not-matching-config
TEST_F(RelyingParty, DiscoveryIssuerNotMatchingConfig) {
  IssuerGate gate;
  gate.shows(jwks_json({{"i1", &key_pair("ED25519")}}), discovery_document("https://another.example"));

  EXPECT_EQ(gate.source().last_error->reason, Reason::discovery_invalid);
  EXPECT_EQ(gate.source().keys, nullptr) << "its keys are not even asked for";
  EXPECT_EQ(portcullis::judged(gate, issuer_token_of(kClaims)), Reason::keys_not_loaded);
}

// rp-discovery-jwks_uri-keys
TEST_F(RelyingParty, DiscoveryNamesThePlaceOfTheKeys) {
  IssuerGate gate;
  gate.shows(jwks_json({{"i1", &key_pair("ED25519")}}));

  EXPECT_EQ(gate.network().asked().at(1).url, "https://idp.example/keys");
  EXPECT_EQ(portcullis::judged(gate, issuer_token_of(kClaims)), Reason::allowed);
}

// rp-id_token-issuer-mismatch
TEST_F(RelyingParty, IdTokenIssuerMismatch) {
  EXPECT_EQ(judged(issuer_token("https://another.example")), Reason::issuer_mismatch);
  EXPECT_EQ(judged(issuer_token("https://idp.example/")), Reason::issuer_mismatch);
}

// rp-id_token-aud
TEST_F(RelyingParty, IdTokenAud) {
  EXPECT_EQ(judged(issuer_token_of(R"({"iss":"https://idp.example","sub":"alice","aud":"another","exp":1772366700})")),
            Reason::audience_mismatch);
  EXPECT_EQ(judged(issuer_token_of(R"({"iss":"https://idp.example","sub":"alice","exp":1772366700})")), Reason::audience_mismatch);
}

// rp-id_token-sub
TEST_F(RelyingParty, IdTokenSub) {
  constexpr std::string_view kNobody = R"({"iss":"https://idp.example","aud":"registry","exp":1772366700,"email":"a@example"})";
  EXPECT_EQ(judged(issuer_token_of(kNobody)), Reason::claim_mapping_failed) << "the default name is made of it";

  IssuerGate gate({.issuers = issuer_entry(kIdp, R"("claimMapping":{"username":"claims.email"})")});
  gate.shows(jwks_json({{"i1", &key_pair("ED25519")}}));
  EXPECT_EQ(portcullis::judged(gate, issuer_token_of(kNobody)), Reason::claim_invalid) << "and it is required whatever the name is made of";
}

// rp-id_token-sig-none
TEST_F(RelyingParty, IdTokenSigNone) {
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"none","kid":"r1"})", R"({"alg":"None"})", R"({})"})
    EXPECT_NE(gate_.ask(with_signature(signing_input(header, kClaims), "")).http.status, 200) << header;
  const std::string text = rsa_token();
  EXPECT_NE(gate_.ask(text.substr(0, text.rfind('.') + 1)).http.status, 200) << "a signature that was cut off";
}

// rp-id_token-sig-hs256: no secret is shared with anybody, so every one of them is wrong, the public key above all.
TEST_F(RelyingParty, IdTokenSigHs256) {
  for (const std::string& secret : {std::string("secret"), std::string(), key_pair("RSA-2048").public_pem()})
    EXPECT_EQ(judged(mint_hmac(header_json("HS256", "r1"), kClaims, secret, "HS256")), Reason::alg_not_allowed);
}

// rp-id_token-bad-sig-rs256, -es256
TEST_F(RelyingParty, IdTokenBadSig) {
  EXPECT_EQ(judged(rsa_token("r1", "second")), Reason::bad_signature);
  EXPECT_EQ(judged(issuer_token_of(kClaims, key_pair("ED25519", "second"))), Reason::bad_signature);
  EXPECT_EQ(judged(mint(kClaims, key_pair("RSA-2048"), "RS256", "i1")), Reason::alg_key_mismatch) << "the key of another token";
}

// rp-key with an entry that nobody can read, beside a good one
TEST_F(RelyingParty, UnparseableKeyBesideAGoodOne) {
  const std::string good = jwks_json({{"i1", &key_pair("ED25519")}});
  for (const std::string bad : {R"({"kty":"unheard-of","kid":"x"})", R"({"kty":"RSA","kid":"x","n":"!!","e":"AQAB"})", "{}",
                                R"({"kty":"EC","crv":"P-999","kid":"x","x":"AA","y":"AA"})", R"({"kty":"oct","kid":"x","k":"AA"})"}) {
    IssuerGate gate;
    gate.shows(R"({"keys":[)" + bad + "," + good.substr(good.find('[') + 1));

    EXPECT_EQ(gate.fault(), "") << bad;
    EXPECT_EQ(gate.source().keys->quarantined().size(), 1U) << bad;
    EXPECT_EQ(portcullis::judged(gate, issuer_token_of(kClaims)), Reason::allowed) << bad;
  }
}

// rp-id_token-kid-absent-single-jwks: one key that serves the algorithm, whatever others there are
TEST_F(RelyingParty, IdTokenKidAbsentSingleJwks) {
  EXPECT_EQ(judged(unnamed(key_pair("RSA-2048"), "RS256")), Reason::allowed);
  EXPECT_EQ(judged(unnamed(key_pair("ED25519"), "EdDSA")), Reason::allowed);
  EXPECT_EQ(judged(unnamed(key_pair("RSA-2048", "second"), "RS256")), Reason::bad_signature);
}

// rp-id_token-kid-absent-multiple-jwks
TEST_F(RelyingParty, IdTokenKidAbsentMultipleJwks) {
  gate_.shows(jwks_json({{"r1", &key_pair("RSA-2048")}, {"r2", &key_pair("RSA-2048", "second")}}));

  EXPECT_EQ(judged(unnamed(key_pair("RSA-2048"), "RS256")), Reason::kid_missing);
  EXPECT_EQ(judged(rsa_token("r1")), Reason::allowed);
  EXPECT_EQ(judged(rsa_token("r2", "second")), Reason::allowed);
}

// rp-key-rotation-op-sign-key: a token from before the rotation, whose key the issuer still shows
TEST_F(RelyingParty, KeyRotationBeforeWhichItWasSigned) {
  const std::string before = rsa_token("r1");
  EXPECT_EQ(judged(before), Reason::allowed);

  gate_.shows(jwks_json({{"r2", &key_pair("RSA-2048", "second")}, {"r1", &key_pair("RSA-2048")}}));
  EXPECT_EQ(judged(before), Reason::allowed);
  EXPECT_EQ(judged(rsa_token("r2", "second")), Reason::allowed);

  gate_.shows(jwks_json({{"r2", &key_pair("RSA-2048", "second")}}));
  EXPECT_EQ(judged(before), Reason::key_unknown) << "it was cached, and its key is gone";
}

// rp-key-rotation-op-sign-key-native: a token that was signed just after a rotation that nobody here has heard of yet. The round that it
// asks for, and its request waiting for that, are KeeperIssuers.ANewKeyIsFetchedForTheFirstTokenThatNamesIt.
TEST_F(RelyingParty, KeyRotationJustAfterWhichItWasSigned) {
  const std::string after = rsa_token("r2", "second");
  Deferral deferral;
  EXPECT_FALSE(check_token(after, gate_.gate().state(), nullptr, kNow, nullptr, &deferral));
  EXPECT_EQ(deferral.lacking, std::vector<std::size_t>{1}) << "the issuer's source lacks a key";

  gate_.shows(jwks_json({{"r1", &key_pair("RSA-2048")}, {"r2", &key_pair("RSA-2048", "second")}}));
  EXPECT_EQ(judged(after), Reason::allowed);
}

// The same key id under which another key stands now: the old one's tokens stop.
TEST_F(RelyingParty, KeyRotationUnderTheSameId) {
  const std::string before = rsa_token("r1");
  EXPECT_EQ(judged(before), Reason::allowed);

  gate_.shows(jwks_json({{"r1", &key_pair("RSA-2048", "second")}}));

  EXPECT_EQ(judged(before), Reason::bad_signature);
  EXPECT_EQ(judged(rsa_token("r1", "second")), Reason::allowed);
}

}  // namespace
}  // namespace portcullis
