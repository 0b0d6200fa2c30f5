#include "keystore/prime_moduli.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include "base/handle.h"
#include "tests/keystore/keys.h"
#include "tests/support/check_openssl.h"

namespace portcullis {
namespace {

using test::kExponent65537;
using test::kNow;

/// A prime of 2048 bits, as no key generator would give it.
const std::string& prime() {
  static const std::string bytes = [] {
    const Handle<BIGNUM, BN_free> number(BN_new());
    test::must(BN_generate_prime_ex(number.get(), 2048, 0, nullptr, nullptr, nullptr) == 1);
    std::string out(256, '\0');
    BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(out.data()));
    return out;
  }();
  return bytes;
}

/// A secret of one prime modulus and `others` good keys.
std::string secret_with_prime(std::size_t others) {
  std::string text = R"({"prime":)" + test::rsa_jwk(prime(), kExponent65537);
  for (std::size_t i = 0; i < others; ++i) text += ",\"" + std::to_string(i) + "\":" + test::key_pair("ED25519").public_jwk();
  return text + "}";
}

TEST(PrimeModuli, AreRefusedInEveryForm) {
  EXPECT_EQ(test::refusal(test::rsa_jwk(prime(), kExponent65537)), Reason::key_weak);
  EXPECT_EQ(test::refusal(test::pem("RSA PUBLIC KEY", test::der_rsa_public_key(prime(), kExponent65537))), Reason::key_weak);
  EXPECT_EQ(read_jwks(test::rsa_jwk(prime(), kExponent65537), "a")->quarantined.at(0).error.reason, Reason::key_weak);
}

TEST(PrimeModuli, AreSetAsideInASecret) {
  const Result<ParsedKeys> parsed = read_secret(secret_with_prime(1), kNow);
  ASSERT_EQ(parsed->quarantined.size(), 1U);
  EXPECT_EQ(parsed->quarantined[0].id, "prime");
  EXPECT_EQ(parsed->quarantined[0].error, (Error{Reason::key_weak, "RSA modulus is prime"}));
  EXPECT_EQ(parsed->keys.size(), 1U);
}

TEST(PrimeModuli, AreLookedForInTextsOf64KeysAtMost) {
  EXPECT_EQ(read_secret(secret_with_prime(63), kNow)->quarantined.size(), 1U);
  EXPECT_EQ(read_secret(secret_with_prime(64), kNow)->quarantined.size(), 0U);
}

TEST(PrimeModuli, OtherKeysPass) {
  for (const char* kind : {"RSA-2048", "P-256", "ED25519"})
    EXPECT_TRUE(check_not_prime(*read_single_key(test::key_pair(kind).public_pem(), kNow))) << kind;
}

}  // namespace
}  // namespace portcullis
