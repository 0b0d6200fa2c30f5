// The rows of section C (key material) of zot's behaviour: what it does, or what we do instead and why.
#include <gtest/gtest.h>

#include "keystore/refresh/file_source.h"
#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

using test::key_pair;
using test::kNow;
using test::refusal;

std::string jwk(const char* kind, const test::JwkOptions& options = {}) { return key_pair(kind).public_jwk(options); }
std::string set_of(const std::string& jwks) { return R"({"keys":[)" + jwks + "]}"; }

/// What a `cert` file with this text gives.
Result<ParsedKeys> load(const std::string& text) {
  FakeFiles files;
  EXPECT_TRUE(files.write("key", text, 0600));
  return make_cert_source(files, "key")->fetch(kNow);
}
std::string fault(const std::string& text) {
  const Result<ParsedKeys> loaded = load(text);
  return loaded ? "loaded" : loaded.error().detail;
}

TEST(ZotRowsC, C1_AJwksOfOneKeyLoadsWhateverItsKid) {
  for (const char* kind : {"RSA-2048", "P-256", "ED25519"})
    EXPECT_EQ(load(set_of(jwk(kind, {.kid = "other", .alg = {}, .use = {}, .extra = {}})))->keys.size(), 1U);
}

TEST(ZotRowsC, C1_AlgAndUseAreHonouredUnlikeInZot) {
  EXPECT_EQ(load(set_of(jwk("RSA-2048", {.kid = {}, .alg = "RS256", .use = "sig", .extra = {}})))->keys.at(0).algorithms(),
            AlgorithmSet{Algorithm::rs256});
  EXPECT_EQ(refusal(set_of(jwk("RSA-2048", {.kid = {}, .alg = {}, .use = "enc", .extra = {}}))), Reason::key_not_for_signatures);
}

TEST(ZotRowsC, C2_AnEmptyJwksIsRefused) {
  EXPECT_EQ(fault(R"({"keys":[]})"), "failed to load public key: key: expected 1 key in JWKS, found 0");
}

TEST(ZotRowsC, C3_AJwksOfTwoKeysIsRefused) {
  EXPECT_EQ(fault(set_of(jwk("P-256") + "," + jwk("ED25519"))), "failed to load public key: key: expected 1 key in JWKS, found 2");
}

TEST(ZotRowsC, C4_ABareJwkLoadsUnlikeInZotAndOtherJsonIsRefused) {
  EXPECT_TRUE(load(jwk("P-256")));
  EXPECT_EQ(refusal("{}"), Reason::key_malformed);
  EXPECT_EQ(refusal("null"), Reason::key_malformed);
}

TEST(ZotRowsC, C5_AnUnsupportedKeyInAJwksIsNamedAsThatUnlikeInZot) {
  EXPECT_EQ(refusal(set_of(R"({"kty":"AKP"})")), Reason::key_type_unsupported);
  EXPECT_EQ(refusal(set_of(jwk("X25519"))), Reason::key_type_unsupported);
  EXPECT_EQ(refusal(set_of(jwk("secp256k1"))), Reason::key_type_unsupported);
}

TEST(ZotRowsC, C5_AnX5cThatDoesNotMatchIsNotRead) {
  EXPECT_TRUE(load(set_of(jwk("P-256", {.kid = {}, .alg = {}, .use = {}, .extra = R"("x5c":["AAAA"])"}))));
}

TEST(ZotRowsC, C6_PrivateAndSymmetricKeysAreRefusedAtLoadUnlikeInZot) {
  EXPECT_EQ(refusal(set_of(jwk("P-256", {.kid = {}, .alg = {}, .use = {}, .extra = {}, .with_private = true}))), Reason::key_private);
  EXPECT_EQ(refusal(set_of(R"({"kty":"oct","k":"AAAA"})")), Reason::key_symmetric);
}

TEST(ZotRowsC, C7_ACertificateGivesItsKeyAndMustBeValidUnlikeInZot) {
  EXPECT_TRUE(load(key_pair("P-256").certificate_pem(kNow, kNow)));
  EXPECT_EQ(refusal(key_pair("P-256").certificate_pem(kNow - std::chrono::hours(2), kNow - std::chrono::hours(1))),
            Reason::key_certificate_invalid);
}

TEST(ZotRowsC, C8_APkixPublicKeyLoads) { EXPECT_TRUE(load(key_pair("ED25519").public_pem())); }

TEST(ZotRowsC, C9_APkcs1PublicKeyLoads) { EXPECT_TRUE(load(key_pair("RSA-2048").public_pkcs1_pem())); }

TEST(ZotRowsC, C10_TheLabelIsCheckedUnlikeInZot) {
  EXPECT_EQ(refusal(test::pem("CERTIFICATE", key_pair("ED25519").public_der())), Reason::key_malformed);
  EXPECT_EQ(refusal(test::pem("SOMETHING", key_pair("ED25519").public_der())), Reason::key_malformed);
}

TEST(ZotRowsC, C11_ASecondBlockOrTextBeforeTheFirstIsRefusedUnlikeInZot) {
  const std::string good = key_pair("ED25519").public_pem();
  EXPECT_EQ(refusal(good + good), Reason::key_malformed);
  EXPECT_EQ(refusal("a note\n" + good), Reason::key_malformed);
}

TEST(ZotRowsC, C12_PrivateKeysEcParametersAndGarbageAreRefused) {
  EXPECT_EQ(refusal(key_pair("ED25519").private_pem()), Reason::key_private);
  EXPECT_EQ(refusal(test::pem("EC PARAMETERS", test::der(0x06, test::kP256Oid)) + key_pair("P-256").public_pem()), Reason::key_malformed);
  EXPECT_EQ(refusal(test::pem("PUBLIC KEY", "garbage")), Reason::key_malformed);
}

TEST(ZotRowsC, C13_NeitherPemNorJsonIsRefusedInZotsWords) {
  EXPECT_EQ(fault("neither"), "failed to load public key: key: no valid PEM data found");
}

TEST(ZotRowsC, C14_KeysThatSignNothingAreRefusedAtLoadUnlikeInZot) {
  EXPECT_EQ(refusal(key_pair("X25519").public_pem()), Reason::key_type_unsupported);
  EXPECT_EQ(refusal(test::pem("PUBLIC KEY", test::der_key_info("\x2a\x86\x48\xce\x38\x04\x01", "", "DSA"))), Reason::key_type_unsupported);
}

TEST(ZotRowsC, C15_RsaBelow2048BitsIsRefusedAtLoadUnlikeInZot) {
  EXPECT_EQ(refusal(key_pair("RSA-512").public_pem()), Reason::key_weak);
  EXPECT_EQ(refusal(key_pair("RSA-1024").public_pem()), Reason::key_weak);
}

TEST(ZotRowsC, C16_AMissingFileFailsTheRoundAndNamesThePath) {
  const FakeFiles files;
  EXPECT_EQ(make_cert_source(files, "missing.pem")->fetch(kNow).error().detail,
            "failed to load public key: missing.pem: No such file or directory");
}

}  // namespace
}  // namespace portcullis
