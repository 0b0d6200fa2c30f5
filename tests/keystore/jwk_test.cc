#include "keystore/jwk.h"

#include <gtest/gtest.h>

#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

using enum Algorithm;
using test::big_number;
using test::kExponent65537;
using test::key_pair;
using test::refusal;
using test::rsa_jwk;

/// A good JWK of that kind with more members.
std::string jwk(const char* kind, const std::string& extra = {}) {
  return key_pair(kind).public_jwk({.kid = {}, .alg = {}, .use = {}, .extra = extra});
}

AlgorithmSet served(const std::string& text) {
  const Result<Key> key = read_single_key(text, test::kNow);
  return key ? key->algorithms() : AlgorithmSet{};
}

std::string ec(std::string_view x, std::string_view y, const std::string& curve = "P-256") {
  return R"({"kty":"EC","crv":")" + curve + R"(","x":")" + base64url_encode(x) + R"(","y":")" + base64url_encode(y) + "\"}";
}
std::string okp(std::string_view x) { return R"({"kty":"OKP","crv":"Ed25519","x":")" + base64url_encode(x) + "\"}"; }

TEST(Jwk, ReadsTheThreeTypes) {
  for (const char* kind : {"RSA-2048", "P-256", "P-384", "P-521", "ED25519"}) EXPECT_EQ(refusal(jwk(kind)), Reason::allowed) << kind;
}

TEST(Jwk, WithoutAlgItServesAllOfItsType) {
  EXPECT_EQ(served(jwk("RSA-2048")), algorithms_for(KeyType::rsa));
  EXPECT_EQ(served(jwk("P-384")), AlgorithmSet{es384});
}

TEST(Jwk, AlgNarrowsWhatItServes) {
  EXPECT_EQ(served(jwk("RSA-2048", R"("alg":"RS256")")), AlgorithmSet{rs256});
  EXPECT_EQ(served(jwk("RSA-2048", R"("alg":"PS512")")), AlgorithmSet{ps512});
  EXPECT_EQ(served(jwk("P-521", R"("alg":"ES512")")), AlgorithmSet{es512});
}

TEST(Jwk, EdDsaAndEd25519AreTwoNamesOfOneAlgorithm) {
  EXPECT_EQ(served(jwk("ED25519", R"("alg":"EdDSA")")), (AlgorithmSet{eddsa, ed25519}));
  EXPECT_EQ(served(jwk("ED25519", R"("alg":"Ed25519")")), (AlgorithmSet{eddsa, ed25519}));
}

TEST(Jwk, AnAlgThatIsUnknownOrOfAnotherTypeIsRefused) {
  for (const char* name : {"", "none", "HS256", "rs256", "ES256", "EdDSA", "RSA-OAEP", "RS256 ", "ES521"}) {
    EXPECT_EQ(refusal(jwk("RSA-2048", R"("alg":")" + std::string(name) + "\"")), Reason::key_algorithm_unsupported) << name;
  }
  EXPECT_EQ(refusal(jwk("P-256", R"("alg":"ES384")")), Reason::key_algorithm_unsupported);
  EXPECT_EQ(refusal(jwk("P-521", R"("alg":"ES521")")), Reason::key_algorithm_unsupported);
  EXPECT_EQ(refusal(jwk("ED25519", R"("alg":"Ed448")")), Reason::key_algorithm_unsupported);
  for (const char* value : {"1", "null", R"(["RS256"])", "{}"}) {
    EXPECT_EQ(refusal(jwk("RSA-2048", R"("alg":)" + std::string(value))), Reason::key_malformed) << value;
  }
}

TEST(Jwk, UseMustBeSig) {
  EXPECT_EQ(refusal(jwk("P-256", R"("use":"sig")")), Reason::allowed);
  for (const char* use : {"enc", "", "SIG", "signature"}) {
    EXPECT_EQ(refusal(jwk("P-256", R"("use":")" + std::string(use) + "\"")), Reason::key_not_for_signatures) << use;
  }
  for (const char* value : {"1", "null", R"(["sig"])"})
    EXPECT_EQ(refusal(jwk("P-256", R"("use":)" + std::string(value))), Reason::key_malformed) << value;
}

TEST(Jwk, KeyOpsMustHoldVerifyAndNothingOfEncryption) {
  for (const char* operations : {R"(["verify"])", R"(["sign","verify"])", R"(["verify","future"])"}) {
    EXPECT_EQ(refusal(jwk("P-256", R"("key_ops":)" + std::string(operations))), Reason::allowed) << operations;
  }
  for (const char* operations :
       {"[]", R"(["sign"])", R"(["encrypt"])", R"(["Verify"])", R"(["verify","encrypt"])", R"(["deriveKey","verify"])"}) {
    EXPECT_EQ(refusal(jwk("P-256", R"("key_ops":)" + std::string(operations))), Reason::key_not_for_signatures) << operations;
  }
  for (const char* operations : {R"("verify")", "null", R"({"verify":true})", R"(["verify",1])", R"([["verify"]])"}) {
    EXPECT_EQ(refusal(jwk("P-256", R"("key_ops":)" + std::string(operations))), Reason::key_malformed) << operations;
  }
}

TEST(Jwk, UseAndKeyOpsThatContradictEachOtherAreRefused) {
  EXPECT_EQ(refusal(jwk("P-256", R"("use":"sig","key_ops":["encrypt"])")), Reason::key_not_for_signatures);
  EXPECT_EQ(refusal(jwk("P-256", R"("use":"enc","key_ops":["verify"])")), Reason::key_not_for_signatures);
  EXPECT_EQ(refusal(jwk("P-256", R"("use":"sig","key_ops":["verify"])")), Reason::allowed);
}

TEST(Jwk, SymmetricKeysAreRefusedAsSuch) {
  EXPECT_EQ(refusal(R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMko","alg":"HS256"})"), Reason::key_symmetric);
  EXPECT_EQ(refusal(R"({"kty":"oct"})"), Reason::key_symmetric);
}

TEST(Jwk, AnyPrivateMemberMakesItPrivate) {
  for (const char* kind : {"RSA-2048", "P-256", "ED25519"}) {
    EXPECT_EQ(refusal(key_pair(kind).public_jwk({.kid = {}, .alg = {}, .use = {}, .extra = {}, .with_private = true})), Reason::key_private)
        << kind;
  }
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    EXPECT_EQ(refusal(jwk("RSA-2048", "\"" + std::string(name) + "\":null")), Reason::key_private) << name;
    EXPECT_EQ(refusal(R"({")" + std::string(name) + R"(":"x","kty":1})"), Reason::key_private) << name;
  }
}

TEST(Jwk, OtherTypesAndCurvesAreRefused) {
  for (const char* kind : {"secp256k1", "ED448", "X25519"}) EXPECT_EQ(refusal(jwk(kind)), Reason::key_type_unsupported) << kind;
  for (const char* text : {R"({"kty":"rsa"})", R"({"kty":""})", R"({"kty":"AKP"})", R"({"kty":"EC","crv":"Ed25519"})",
                           R"({"kty":"OKP","crv":"P-256"})", R"({"kty":"EC","crv":"p-256"})", R"({"kty":"OKP","crv":"X25519","x":""})"}) {
    EXPECT_EQ(refusal(text), Reason::key_type_unsupported) << text;
  }
}

TEST(Jwk, MembersOfTheWrongTypeOrMissingAreRefused) {
  for (const char* text :
       {R"({"kty":1})", R"({"kty":null})", R"({"kty":["RSA"]})", R"({"kty":"RSA"})", R"({"kty":"RSA","n":1,"e":"AQAB"})", R"({"kty":"EC"})",
        R"({"kty":"EC","crv":1})", R"({"kty":"EC","crv":"P-256","x":"AA"})", R"({"kty":"OKP","crv":"Ed25519"})",
        R"({"kty":"OKP","crv":"Ed25519","x":null})", R"({"kty":"OKP","crv":"Ed25519","x":{}})"}) {
    EXPECT_EQ(refusal(text), Reason::key_malformed) << text;
  }
  EXPECT_EQ(refusal(jwk("P-256", R"("kid":1)")), Reason::key_malformed);
  EXPECT_EQ(refusal(jwk("P-256", R"("kid":null)")), Reason::key_malformed);
}

TEST(Jwk, IdsHave256BytesAtMost) {
  EXPECT_EQ(refusal(jwk("P-256", R"("kid":")" + std::string(256, 'a') + "\"")), Reason::allowed);
  EXPECT_EQ(refusal(jwk("P-256", R"("kid":")" + std::string(257, 'a') + "\"")), Reason::key_malformed);
  EXPECT_EQ(refusal(jwk("P-256", R"("kid":"")")), Reason::allowed);
}

TEST(Jwk, NumbersAreStrictBase64url) {
  const std::string x = base64url_encode(key_pair("ED25519").part("pub"));
  const auto with_x = [](const std::string& text) { return R"({"kty":"OKP","crv":"Ed25519","x":")" + text + "\"}"; };
  EXPECT_EQ(refusal(with_x(x)), Reason::allowed);
  for (const std::string& text : {x + "=", x + " ", " " + x, x + "\\n", x.substr(0, 42) + "!", x.substr(0, 42), std::string()}) {
    EXPECT_EQ(refusal(with_x(text)), Reason::key_malformed) << text;
  }
}

TEST(Jwk, RsaNumbersHaveNoLeadingZero) {
  const std::string n = big_number(2048);
  EXPECT_EQ(refusal(rsa_jwk(n, kExponent65537)), Reason::allowed);
  EXPECT_EQ(refusal(rsa_jwk(std::string(1, '\0') + n, kExponent65537)), Reason::key_malformed);
  EXPECT_EQ(refusal(rsa_jwk(n, std::string(1, '\0') + kExponent65537)), Reason::key_malformed);
  EXPECT_EQ(refusal(rsa_jwk("", kExponent65537)), Reason::key_malformed);
  EXPECT_EQ(refusal(rsa_jwk(n, "")), Reason::key_malformed);
}

TEST(Jwk, RsaNumbersMeetThePolicy) {
  const std::string n = big_number(2048);
  EXPECT_EQ(refusal(rsa_jwk(n, "\x01")), Reason::key_weak);
  EXPECT_EQ(refusal(rsa_jwk(n, "\x03")), Reason::key_weak);
  EXPECT_EQ(refusal(rsa_jwk(big_number(2047), kExponent65537)), Reason::key_weak);
  EXPECT_EQ(refusal(rsa_jwk(big_number(8192), kExponent65537)), Reason::allowed);
  EXPECT_EQ(refusal(rsa_jwk(big_number(8193), kExponent65537)), Reason::key_weak);
}

TEST(Jwk, EcCoordinatesAreChecked) {
  const std::string zeros(32, '\0');
  EXPECT_EQ(refusal(ec(zeros, zeros)), Reason::key_malformed);
  EXPECT_EQ(refusal(ec(std::string(31, 'x'), std::string(32, 'x'))), Reason::key_malformed);
  EXPECT_EQ(refusal(ec(std::string(33, 'x'), std::string(32, 'x'))), Reason::key_malformed);
  EXPECT_EQ(refusal(ec(std::string(32, 'x'), std::string(32, 'x'))), Reason::key_malformed);
  EXPECT_EQ(refusal(ec("", "")), Reason::key_malformed);
}

TEST(Jwk, OkpPointsAreChecked) {
  EXPECT_EQ(refusal(okp(std::string(31, 'x'))), Reason::key_malformed);
  EXPECT_EQ(refusal(okp(std::string(33, 'x'))), Reason::key_malformed);
  EXPECT_EQ(refusal(okp(std::string(32, '\0'))), Reason::key_weak);
}

TEST(Jwk, CertificatesAndUnknownMembersAreNotRead) {
  EXPECT_EQ(refusal(jwk("P-256", R"("x5c":["garbage"],"x5u":"http://127.0.0.1/","x5t":1,"ext":true)")), Reason::allowed);
}

TEST(Jwk, FaultsHoldNoMaterial) {
  const Result<Key> key = read_single_key(R"({"kty":"RSA","n":"c2VjcmV0!","e":"AQAB","d":"c2VjcmV0"})", test::kNow);
  EXPECT_EQ(key.error().detail.find("c2Vj"), std::string::npos);
}

}  // namespace
}  // namespace portcullis
