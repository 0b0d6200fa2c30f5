// Attacks on key material, by the id of the catalogue: K1 to K11 and K17 as far as texts and files go, A8, A9 and A14.
#include <gtest/gtest.h>

#include "keystore/refresh/round.h"
#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

using test::big_number;
using test::kExponent65537;
using test::key_pair;
using test::kNow;
using test::refusal;
using test::rsa_jwk;

std::string jwk(const char* kind, const std::string& extra = {}) {
  return key_pair(kind).public_jwk({.kid = {}, .alg = {}, .use = {}, .extra = extra});
}

/// The same numbers as JWK and as PEM.
void expect_rsa_refused(const std::string& modulus, const std::string& exponent) {
  EXPECT_EQ(refusal(rsa_jwk(modulus, exponent)), Reason::key_weak);
  EXPECT_EQ(refusal(test::pem("RSA PUBLIC KEY", test::der_rsa_public_key(modulus, exponent))), Reason::key_weak);
  const std::string info = test::der_key_info(test::kRsaOid, test::kDerNull, test::der_rsa_public_key(modulus, exponent));
  EXPECT_EQ(refusal(test::pem("PUBLIC KEY", info)), Reason::key_weak);
}

TEST(AttacksA, A8_KeysOfOtherEdwardsCurvesAreNotLoaded) {
  for (const char* kind : {"ED448", "X25519"}) {
    EXPECT_EQ(refusal(jwk(kind)), Reason::key_type_unsupported);
    EXPECT_EQ(refusal(key_pair(kind).public_pem()), Reason::key_type_unsupported);
  }
}

TEST(AttacksA, A9_APssKeyServesNoRs256BecauseItIsNotLoaded) {
  EXPECT_EQ(refusal(key_pair("RSA-PSS-2048").public_pem()), Reason::key_type_unsupported);
}

TEST(AttacksA, A14_AnOddAlgSetsTheKeyAsideAndNoneLeavesThoseOfItsType) {
  EXPECT_EQ(refusal(jwk("P-521", R"("alg":"ES521")")), Reason::key_algorithm_unsupported);
  EXPECT_EQ(read_single_key(jwk("P-521"), kNow)->algorithms(), AlgorithmSet{Algorithm::es512});
}

TEST(AttacksK, K1_RsaExponentsOutOfBoundsAreRefused) {
  const std::string n = big_number(3072);
  for (const std::string& exponent : {std::string("\x01"), std::string("\x02"), std::string("\x03"), std::string("\x01\x00\x02", 3),
                                      std::string("\x01\x00\x00\x00\x01", 5), n}) {
    expect_rsa_refused(n, exponent);
  }
}

TEST(AttacksK, K2_RsaModuliOutOfBoundsAreRefused) {
  std::string even = big_number(2048);
  even.back() = static_cast<char>(even.back() & 0xfe);
  expect_rsa_refused(big_number(1024), kExponent65537);
  expect_rsa_refused(big_number(16384), kExponent65537);
  expect_rsa_refused(even, kExponent65537);
  EXPECT_EQ(refusal(rsa_jwk(std::string(1, '\0') + big_number(2048), kExponent65537)), Reason::key_malformed);
}

TEST(AttacksK, K3_SymmetricKeysBesideAGoodOneAreSetAside) {
  const Result<ParsedKeys> parsed = read_jwks(R"({"keys":[{"kty":"oct","k":"AA","kid":"a"},)" + jwk("P-256", R"("kid":"b")") + "]}", "");
  EXPECT_EQ(parsed->keys.at(0).id(), "b");
  EXPECT_EQ(parsed->quarantined.at(0).error.reason, Reason::key_symmetric);
}

TEST(AttacksK, K4_PrivateKeysAreRefusedWhereverTheyStand) {
  EXPECT_EQ(refusal(jwk("P-256", R"("d":"AA")")), Reason::key_private);
  EXPECT_EQ(refusal(key_pair("P-256").private_pem()), Reason::key_private);
}

TEST(AttacksK, K5_EcPointsThatAreNoPointsAreRefused) {
  const auto ec = [](std::size_t x, std::size_t y, char fill) {
    return R"({"kty":"EC","crv":"P-256","x":")" + base64url_encode(std::string(x, fill)) + R"(","y":")" +
           base64url_encode(std::string(y, fill)) + "\"}";
  };
  for (const std::string& text : {ec(32, 32, 'x'), ec(32, 32, '\0'), ec(31, 32, 'x'), ec(33, 32, 'x'), ec(32, 31, 'x'), ec(0, 0, 'x')}) {
    EXPECT_EQ(refusal(text), Reason::key_malformed);
  }
}

TEST(AttacksK, K6_EdwardsPointsOfBadLengthOrOrderAreRefused) {
  const auto okp = [](const std::string& x) { return R"({"kty":"OKP","crv":"Ed25519","x":")" + base64url_encode(x) + "\"}"; };
  EXPECT_EQ(refusal(okp(std::string(31, 'x'))), Reason::key_malformed);
  EXPECT_EQ(refusal(okp(std::string(33, 'x'))), Reason::key_malformed);
  EXPECT_EQ(refusal(okp(std::string(32, '\0'))), Reason::key_weak);
  EXPECT_EQ(refusal(okp(std::string(32, '\xff'))), Reason::key_malformed);
}

TEST(AttacksK, K7_PemOddities) {
  const std::string good = key_pair("RSA-2048").public_pem();
  for (const std::string& text : {good + good, good + "text", "text" + good, good + std::string(1, '\0'), good + std::string(1048576, ' '),
                                  test::pem("CERTIFICATE REQUEST", "x"), test::pem("EC PARAMETERS", "x") + good}) {
    EXPECT_EQ(refusal(text), Reason::key_malformed);
  }
  EXPECT_EQ(refusal(test::pem("ENCRYPTED PRIVATE KEY", "x")), Reason::key_private);
  EXPECT_EQ(refusal(key_pair("RSA-2048").public_pkcs1_pem()), Reason::allowed);
}

TEST(AttacksK, K8_KeysForEncryptionAreNotUsable) {
  for (const char* extra :
       {R"("use":"enc")", R"("key_ops":["encrypt"])", R"("use":"sig","key_ops":["encrypt"])", R"("use":"enc","key_ops":["verify"])"}) {
    EXPECT_EQ(refusal(jwk("RSA-2048", extra)), Reason::key_not_for_signatures) << extra;
  }
}

TEST(AttacksK, K9_WrongTypesInAJwkAreRefused) {
  for (const char* text : {R"({"kty":1})", R"({"kty":"RSA","alg":1,"n":"AQ","e":"AQAB"})", R"({"kty":"RSA","alg":null})", R"({"keys":1})",
                           R"({"keys":[1]})", "{}"}) {
    EXPECT_EQ(refusal(text), Reason::key_malformed) << text;
  }
}

TEST(AttacksK, K10_DuplicateIdsFailTheWholeText) {
  const std::string two = R"({"keys":[)" + jwk("P-256", R"("kid":"a")") + "," + jwk("P-384", R"("kid":"a")") + "]}";
  EXPECT_EQ(read_jwks(two, "").error().reason, Reason::key_duplicate);
  EXPECT_EQ(read_secret(two, kNow).error().reason, Reason::key_duplicate);
  EXPECT_EQ(read_secret(R"({"a":)" + jwk("P-256") + R"(,"a":)" + jwk("P-256") + "}", kNow).error().reason, Reason::secret_malformed);
}

TEST(AttacksK, K11_AnUnusableKeyLeavesTheGoodOne) {
  EXPECT_EQ(read_secret(R"({"bad":"x","good":)" + jwk("P-256") + "}", kNow)->keys.at(0).id(), "good");
}

TEST(AttacksK, K14_AFailedOrEmptyRoundDropsNoKey) {
  SourceState state = finish_round({}, read_secret("{\"a\":" + jwk("P-256") + "}", kNow), 1, kNow).next;
  for (const char* text : {"{}", "garbage", R"({"a":"x"})", ""}) state = finish_round(state, read_secret(text, kNow), 2, kNow).next;
  EXPECT_NE(state.keys->find("a"), nullptr);
  EXPECT_EQ(state.generation, 1U);
}

TEST(AttacksK, K15_RotationIsSeenInOneRoundInBothOrders) {
  const auto round = [](const SourceState& before, const std::string& text, std::uint64_t generation) {
    return finish_round(before, read_secret(text, kNow), generation, kNow).next;
  };
  const std::string a = "\"a\":" + jwk("P-256");
  const std::string b = "\"b\":" + jwk("P-384");
  const SourceState old_only = round({}, "{" + a + "}", 1);
  const SourceState both = round(old_only, "{" + a + "," + b + "}", 2);
  const SourceState new_only = round(both, "{" + b + "}", 3);
  const SourceState back = round(new_only, "{" + a + "}", 4);
  EXPECT_TRUE(both.keys->find("a") != nullptr && both.keys->find("b") != nullptr);
  EXPECT_TRUE(new_only.keys->find("a") == nullptr && new_only.keys->find("b") != nullptr);
  EXPECT_TRUE(back.keys->find("a") != nullptr && back.keys->find("b") == nullptr);
}

TEST(AttacksK, K16_KeysOfADeadSourceServeUntilMaxStale) {
  SourceState state;
  state.max_stale = std::chrono::hours(24);
  state = finish_round(state, read_secret("{\"a\":" + jwk("P-256") + "}", kNow), 1, kNow).next;
  state = finish_round(state, Error{Reason::io_failed, ""}, 2, kNow).next;
  EXPECT_EQ(state.freshness(kNow + std::chrono::hours(24)), Freshness::stale);
  EXPECT_EQ(state.freshness(kNow + std::chrono::hours(24) + Milliseconds(1)), Freshness::expired);
}

TEST(AttacksK, K17_SecretsOfTheWrongShapeAreFailedRounds) {
  EXPECT_EQ(read_secret("{}", kNow).error().reason, Reason::keys_empty);
  for (const char* text : {"not JSON", "[]", "null", "\xef\xbb\xbf{}", ""})
    EXPECT_EQ(read_secret(text, kNow).error().reason, Reason::secret_malformed) << text;
  EXPECT_EQ(read_secret(R"({"a":1})", kNow).error().reason, Reason::keys_empty);
  const std::string odd = "\x01\x7f\xc3\xa9";
  EXPECT_EQ(read_secret("{\"\\u0001\x7f\xc3\xa9\":" + jwk("P-256") + "}", kNow)->keys.at(0).id(), odd);
}

}  // namespace
}  // namespace portcullis
