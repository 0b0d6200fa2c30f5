// Section 2F: keys that should not be loaded, and texts that are not quite keys.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include <openssl/bn.h>

#include "base/codec/base64url.h"
#include "base/codec/hex.h"
#include "base/handle.h"
#include "keystore/key_set.h"
#include "keystore/key_text.h"
#include "tests/attacks/attack.h"
#include "tests/keystore/keys.h"

namespace portcullis::attacks {
namespace {

using Number = Handle<BIGNUM, BN_free>;

/// Why a single key text is not loaded; `allowed` where it is.
Reason verdict_on_key(std::string_view text) {
  const Result<Key> key = read_single_key(text, kNow);
  return key.ok() ? Reason::allowed : key.error().reason;
}

std::string bytes_of(const BIGNUM* number) {
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

std::string ec_jwk(std::string_view curve, std::string_view x, std::string_view y) {
  return R"({"kty":"EC","crv":")" + std::string(curve) + R"(","x":")" + base64url_encode(x) + R"(","y":")" + base64url_encode(y) + "\"}";
}

std::string okp_jwk(std::string_view x) { return R"({"kty":"OKP","crv":"Ed25519","x":")" + base64url_encode(x) + "\"}"; }

std::string okp_with(std::string_view members) {
  const std::string jwk = key_pair("ED25519").public_jwk();
  return jwk.substr(0, jwk.size() - 1) + "," + std::string(members) + "}";
}

TEST(Attacks2F, K1_RefusesRsaExponentsThatAreWeakOrDear) {
  const std::string modulus = key_pair("RSA-2048").part("n");
  const auto jwk = [&](std::string_view hex) { return rsa_jwk(modulus, hex_decode(hex).value()); };

  for (const char* exponent : {"01", "02", "03", "05", "11", "ffff", "010000", "010002", "0100000001", "0100000000"}) {
    EXPECT_REASON(verdict_on_key(jwk(exponent)), Reason::key_weak) << exponent;
  }
  EXPECT_REASON(verdict_on_key(rsa_jwk(modulus, modulus)), Reason::key_weak);
  EXPECT_REASON(verdict_on_key(pem("PUBLIC KEY", der_key_info(kRsaOid, kDerNull, der_rsa_public_key(modulus, "\x01")))), Reason::key_weak);
  EXPECT_REASON(verdict_on_key(make_rsa(2048, 3).public_pem()), Reason::key_weak);
  EXPECT_REASON(verdict_on_key(jwk("010001")), Reason::allowed);
  EXPECT_REASON(verdict_on_key(jwk("ffffffff")), Reason::allowed);
}

TEST(Attacks2F, K2_RefusesRsaModuliOutOfBounds) {
  EXPECT_REASON(verdict_on_key(rsa_jwk(big_number(1024), kExponent65537)), Reason::key_weak);
  EXPECT_REASON(verdict_on_key(rsa_jwk(big_number(2047), kExponent65537)), Reason::key_weak);
  EXPECT_REASON(verdict_on_key(rsa_jwk(big_number(2048), kExponent65537)), Reason::allowed);
  EXPECT_REASON(verdict_on_key(rsa_jwk(big_number(8192), kExponent65537)), Reason::allowed);
  EXPECT_REASON(verdict_on_key(rsa_jwk(big_number(8193), kExponent65537)), Reason::key_weak);
  EXPECT_REASON(verdict_on_key(rsa_jwk(big_number(16'384), kExponent65537)), Reason::key_weak);
  std::string even = big_number(2048);
  even.back() = static_cast<char>(static_cast<unsigned char>(even.back()) & 0xfeU);
  EXPECT_REASON(verdict_on_key(rsa_jwk(even, kExponent65537)), Reason::key_weak);
  EXPECT_REASON(verdict_on_key(rsa_jwk(std::string(1, '\0') + big_number(2048), kExponent65537)), Reason::key_malformed);
}

TEST(Attacks2F, K2_RefusesPrimeAndRocaModuli) {
  const Number prime(BN_new());
  ASSERT_EQ(BN_generate_prime_ex(prime.get(), 2048, 0, nullptr, nullptr, nullptr), 1);
  EXPECT_REASON(verdict_on_key(rsa_jwk(bytes_of(prime.get()), kExponent65537)), Reason::key_weak);

  // A multiple of the product of the first 39 primes, and 65537 more: what the faulty generator made (CVE-2017-15361).
  const std::string primorial = hex_decode("0924cba6ae99dfa084537facc54948df0c23da044d8cabe0edd75bc6").value();
  const std::string factor = big_number(1829);
  const Handle<BN_CTX, BN_CTX_free> context(BN_CTX_new());
  const Number left(BN_bin2bn(reinterpret_cast<const unsigned char*>(primorial.data()), static_cast<int>(primorial.size()), nullptr));
  const Number right(BN_bin2bn(reinterpret_cast<const unsigned char*>(factor.data()), static_cast<int>(factor.size()), nullptr));
  const Number product(BN_new());
  ASSERT_EQ(BN_mul(product.get(), left.get(), right.get(), context.get()), 1);
  ASSERT_EQ(BN_add_word(product.get(), 65537), 1);
  ASSERT_GE(BN_num_bits(product.get()), 2048);
  EXPECT_REASON(verdict_on_key(rsa_jwk(bytes_of(product.get()), kExponent65537)), Reason::key_weak);
}

TEST(Attacks2F, K3_SetsSymmetricKeysAside) {
  TestGate gate = gate_with_keys_text(R"({"k1":)" + key_pair("ED25519").public_jwk() +
                                      R"(,"mac":{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U"}})");

  ASSERT_EQ(gate.state().source.keys->quarantined().size(), 1U);
  EXPECT_REASON(gate.state().source.keys->quarantined().front().error.reason, Reason::key_symmetric);
  expect_token_allowed(gate, good_token());
  expect_token_refused(gate, mint_hmac(header_json("HS256", "mac"), good_payload(kNow), "secretsecretsecretsecretse", "HS256"),
                       Reason::alg_not_allowed);
  EXPECT_REASON(verdict_on_key(R"({"kty":"oct","k":"AAAA"})"), Reason::key_symmetric);
}

TEST(Attacks2F, K4_RefusesPrivateKeysAndNeverPrintsThem) {
  for (const char* kind : {"RSA-2048", "P-256", "ED25519"}) {
    const KeyPair& pair = key_pair(kind);
    JwkOptions options;
    options.with_private = true;
    const std::string pem = pair.private_pem();
    for (const std::string& text : {pem, "\n" + pem, pair.public_pem() + pem, pair.public_jwk(options)}) {
      const Result<Key> key = read_single_key(text, kNow);
      ASSERT_FALSE(key.ok()) << kind;
      EXPECT_REASON(key.error().reason, Reason::key_private) << kind;
      EXPECT_EQ(key.error().detail.find(pem.substr(40, 16)), std::string::npos);
    }
  }
  const std::string mixed =
      R"({"keys":[)" + okp_with(R"("kid":"k1")") + R"(,{"kty":"RSA","n":"AQAB","e":"AQAB","p":"AQAB","kid":"leaked"}]})";
  const Result<ParsedKeys> parsed = read_jwks(mixed, "k1");
  ASSERT_TRUE(parsed.ok());
  ASSERT_EQ(parsed->quarantined.size(), 1U);
  EXPECT_REASON(parsed->quarantined.front().error.reason, Reason::key_private);
}

TEST(Attacks2F, K5_RefusesPointsThatAreNotOnTheCurve) {
  const KeyPair& pair = key_pair("P-256");
  const std::string x = pair.part("qx");
  const std::string y = pair.part("qy");
  std::string flipped = y;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  const std::string zero(32, '\0');

  EXPECT_REASON(verdict_on_key(ec_jwk("P-256", x, y)), Reason::allowed);
  for (const auto& [wrong_x, wrong_y] :
       {std::pair{x, flipped}, std::pair{zero, zero}, std::pair{x, zero}, std::pair{x.substr(1), y}, std::pair{std::string(1, '\0') + x, y},
        std::pair{x, y + std::string(1, '\0')}, std::pair{std::string(), std::string()}, std::pair{std::string(32, '\xff'), y}}) {
    EXPECT_REASON(verdict_on_key(ec_jwk("P-256", wrong_x, wrong_y)), Reason::key_malformed);
  }
  EXPECT_REASON(verdict_on_key(ec_jwk("P-384", x, y)), Reason::key_malformed);
}

TEST(Attacks2F, K5_RefusesCompressedPointsAndExplicitCurves) {
  const std::string x = key_pair("P-256").part("qx");
  const std::string y = key_pair("P-256").part("qy");
  const std::string named = der(0x06, kP256Oid);
  const auto key = [&](const std::string& parameters, const std::string& point) {
    return verdict_on_key(pem("PUBLIC KEY", der_key_info(kEcOid, parameters, point)));
  };

  EXPECT_REASON(key(named, "\x04" + x + y), Reason::allowed);
  EXPECT_NE(key(named, "\x02" + x), Reason::allowed);
  EXPECT_NE(key(named, "\x03" + x), Reason::allowed);
  EXPECT_NE(key(named, std::string(1, '\0')), Reason::allowed);
  // Explicit parameters (CVE-2020-0601, CVE-2022-0778), implicit ones, none.
  EXPECT_NE(
      key(der(0x30, der_integer("\x01") + der(0x30, der(0x06, "\x2a\x86\x48\xce\x3d\x01\x01") + der_integer("\x07"))), "\x04" + x + y),
      Reason::allowed);
  EXPECT_NE(key(kDerNull, "\x04" + x + y), Reason::allowed);
  EXPECT_NE(key("", "\x04" + x + y), Reason::allowed);
}

TEST(Attacks2F, K6_RefusesEd25519PointsOfOtherFormsAndOfSmallOrder) {
  const std::string good = key_pair("ED25519").part("pub");

  EXPECT_REASON(verdict_on_key(okp_jwk(good)), Reason::allowed);
  for (const std::string& wrong : {good.substr(1), good + std::string(1, '\0'), std::string()})
    EXPECT_REASON(verdict_on_key(okp_jwk(wrong)), Reason::key_malformed);
  // The eight points of small order, and spellings of them that are not canonical.
  for (const char* hex : {"0100000000000000000000000000000000000000000000000000000000000000",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "0000000000000000000000000000000000000000000000000000000000000000",
                          "0000000000000000000000000000000000000000000000000000000000000080",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"}) {
    EXPECT_REASON(verdict_on_key(okp_jwk(hex_decode(hex).value())), Reason::key_weak) << hex;
  }
  for (const char* hex : {"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                          "0100000000000000000000000000000000000000000000000000000000000080"}) {
    EXPECT_NE(verdict_on_key(okp_jwk(hex_decode(hex).value())), Reason::allowed) << hex;
  }
}

TEST(Attacks2F, K8_UsesNoKeyThatIsForSomethingElse) {
  for (const char* members :
       {R"("use":"enc")", R"("use":"SIG")", R"("use":"")", R"("key_ops":["encrypt"])", R"("key_ops":["sign"])", R"("key_ops":[])",
        R"("use":"sig","key_ops":["encrypt"])", R"("use":"enc","key_ops":["verify"])", R"("key_ops":["verify","encrypt"])"}) {
    EXPECT_REASON(verdict_on_key(okp_with(members)), Reason::key_not_for_signatures) << members;
  }
  EXPECT_REASON(verdict_on_key(okp_with(R"("use":"sig","key_ops":["verify"])")), Reason::allowed);
}

TEST(Attacks2F, K9_RefusesMembersOfAWrongType) {
  for (const char* members : {R"("alg":7)", R"("alg":null)", R"("use":1)", R"("use":null)", R"("key_ops":"verify")", R"("key_ops":[1])",
                              R"("kid":7)", R"("kid":null)", R"("kid":["a"])"}) {
    EXPECT_REASON(verdict_on_key(okp_with(members)), Reason::key_malformed) << members;
  }
  for (const char* jwk : {R"({"kty":7})", R"({"kty":null,"crv":"Ed25519","x":"AA"})", R"({"kty":"OKP","crv":7,"x":"AA"})",
                          R"({"kty":"OKP","crv":"Ed25519","x":7})", R"({"kty":"OKP","crv":"Ed25519"})",
                          R"({"kty":"RSA","n":[],"e":"AQAB"})", R"({"kty":"EC","crv":"P-256","x":null,"y":null})", "{}"}) {
    EXPECT_NE(verdict_on_key(jwk), Reason::allowed) << jwk;
  }
  for (const char* jwks : {R"({"keys":{}})", R"({"keys":"x"})", R"({"keys":7})", R"({"keys":null})", R"({"keys":[]})",
                           R"({"keys":[7,null,"x",[]]})", "[]", "null", "7"}) {
    const Result<ParsedKeys> parsed = read_jwks(jwks, "k1");
    EXPECT_TRUE(!parsed.ok() || parsed->keys.empty()) << jwks;
  }
}

}  // namespace
}  // namespace portcullis::attacks
