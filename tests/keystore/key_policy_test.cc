#include "keystore/key_policy.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/err.h>

#include "base/codec/hex.h"
#include "base/handle.h"
#include "tests/keystore/keys.h"
#include "tests/support/check_openssl.h"

namespace portcullis {
namespace {

using test::big_number;
using test::kExponent65537;

Reason rsa_verdict(std::string_view modulus, std::string_view exponent = kExponent65537) {
  const Result<void> verdict = check_rsa_numbers(modulus, exponent);
  return verdict ? Reason::allowed : verdict.error().reason;
}

Reason point_verdict(std::string_view hex) {
  const Result<void> verdict = check_ed25519_point(*hex_decode(hex));
  return verdict ? Reason::allowed : verdict.error().reason;
}

std::string bytes(std::initializer_list<int> all) {
  std::string text;
  for (const int one : all) text += static_cast<char>(one);
  return text;
}

TEST(BitLength, CountsFromTheHighestBit) {
  EXPECT_EQ(bit_length(""), 0U);
  EXPECT_EQ(bit_length("\x01"), 1U);
  EXPECT_EQ(bit_length("\xff"), 8U);
  EXPECT_EQ(bit_length(kExponent65537), 17U);
  EXPECT_EQ(bit_length(big_number(2047)), 2047U);
}

TEST(RsaPolicy, AcceptsFrom2048To8192Bits) {
  EXPECT_EQ(rsa_verdict(big_number(2047)), Reason::key_weak);
  EXPECT_EQ(rsa_verdict(big_number(2048)), Reason::allowed);
  EXPECT_EQ(rsa_verdict(big_number(2049)), Reason::allowed);
  EXPECT_EQ(rsa_verdict(big_number(8192)), Reason::allowed);
  EXPECT_EQ(rsa_verdict(big_number(8193)), Reason::key_weak);
  EXPECT_EQ(rsa_verdict(big_number(8200)), Reason::key_weak);
  EXPECT_EQ(rsa_verdict(big_number(16384)), Reason::key_weak);
  EXPECT_EQ(rsa_verdict(""), Reason::key_weak);
}

TEST(RsaPolicy, RefusesAnEvenModulus) {
  std::string even = big_number(2048);
  even.back() = static_cast<char>(even.back() & 0xfe);
  EXPECT_EQ(rsa_verdict(even), Reason::key_weak);
}

TEST(RsaPolicy, AcceptsOddExponentsFrom65537Below2To32) {
  const std::string n = big_number(2048);
  EXPECT_EQ(rsa_verdict(n, ""), Reason::key_weak);                              // 0
  EXPECT_EQ(rsa_verdict(n, bytes({1})), Reason::key_weak);                      // 1: the message is its own signature
  EXPECT_EQ(rsa_verdict(n, bytes({3})), Reason::key_weak);                      // 3
  EXPECT_EQ(rsa_verdict(n, bytes({0xff, 0xff})), Reason::key_weak);             // 65535
  EXPECT_EQ(rsa_verdict(n, bytes({1, 0, 0})), Reason::key_weak);                // 65536
  EXPECT_EQ(rsa_verdict(n, bytes({1, 0, 1})), Reason::allowed);                 // 65537
  EXPECT_EQ(rsa_verdict(n, bytes({1, 0, 2})), Reason::key_weak);                // 65538, even
  EXPECT_EQ(rsa_verdict(n, bytes({1, 0, 3})), Reason::allowed);                 // 65539
  EXPECT_EQ(rsa_verdict(n, bytes({0xff, 0xff, 0xff, 0xff})), Reason::allowed);  // 2^32 - 1
  EXPECT_EQ(rsa_verdict(n, bytes({1, 0, 0, 0, 0})), Reason::key_weak);          // 2^32
  EXPECT_EQ(rsa_verdict(n, bytes({1, 0, 0, 0, 1})), Reason::key_weak);          // 2^32 + 1
  EXPECT_EQ(rsa_verdict(n, n), Reason::key_weak);                               // as long as the modulus
}

TEST(RsaPolicy, RefusesAPrimeModulusAndPassesAProduct) {
  const Handle<BIGNUM, BN_free> prime(BN_new());
  test::must(BN_generate_prime_ex(prime.get(), 1024, 0, nullptr, nullptr, nullptr) == 1);
  std::string number(128, '\0');
  BN_bn2bin(prime.get(), reinterpret_cast<unsigned char*>(number.data()));

  EXPECT_EQ(check_modulus_is_composite(number).error().reason, Reason::key_weak);
  EXPECT_TRUE(check_modulus_is_composite(test::key_pair("RSA-2048").part("n")));
}

TEST(Ed25519Policy, Takes32BytesOnly) {
  const std::string good = test::key_pair("ED25519").part("pub");
  EXPECT_TRUE(check_ed25519_point(good));
  EXPECT_EQ(check_ed25519_point(good.substr(1)).error().reason, Reason::key_malformed);
  EXPECT_EQ(check_ed25519_point(good + "x").error().reason, Reason::key_malformed);
  EXPECT_EQ(check_ed25519_point("").error().reason, Reason::key_malformed);
}

TEST(Ed25519Policy, AcceptsThePointsOfGeneratedKeys) {
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(check_ed25519_point(test::make_key("ED25519").part("pub")));
}

TEST(Ed25519Policy, RefusesAllPointsOfSmallOrderWithEitherSign) {
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0000000000000000000000000000000000000000000000000000000000000080",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000080",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"}) {
    EXPECT_EQ(point_verdict(hex), Reason::key_weak) << hex;
  }
}

TEST(Ed25519Policy, RefusesCoordinatesAtOrAboveTheFieldPrime) {
  for (const char* hex : {"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p, a second spelling of 0
                          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p + 1, of 1
                          "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p + 3, of 3, which is on the curve
                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    EXPECT_EQ(point_verdict(hex), Reason::key_malformed) << hex;
  }
}

TEST(Ed25519Policy, RefusesACoordinateThatIsOnNoPoint) {
  // RFC 8032 section 5.1.3 decodes y = 3 and fails at y = 2.
  EXPECT_EQ(point_verdict("0300000000000000000000000000000000000000000000000000000000000000"), Reason::allowed);
  EXPECT_EQ(point_verdict("0200000000000000000000000000000000000000000000000000000000000000"), Reason::key_malformed);
}

TEST(KeyPolicy, LeavesNoOpensslErrorBehind) {
  EXPECT_FALSE(check_ed25519_point(std::string(32, '\x02')).ok() && check_rsa_numbers("", "").ok());
  EXPECT_EQ(ERR_peek_error(), 0UL);
}

}  // namespace
}  // namespace portcullis
