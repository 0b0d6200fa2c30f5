#include "keystore/roca.h"

#include <string>

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include "base/handle.h"
#include "tests/keystore/keys.h"
#include "tests/support/check_openssl.h"

namespace portcullis {
namespace {

using test::must;
using Number = Handle<BIGNUM, BN_free>;
using NumberContext = Handle<BN_CTX, BN_CTX_free>;

/// The product of the first 39 primes, 2 to 167.
constexpr const char* kPrimorial = "924cba6ae99dfa084537facc54948df0c23da044d8cabe0edd75bc6";

Number from_hex(const char* hex) {
  BIGNUM* raw = nullptr;
  must(BN_hex2bn(&raw, hex) > 0);
  return Number(raw);
}

/// A number of 2048 bits that is `rest` modulo the primorial.
std::string number_with_rest(const BIGNUM* rest) {
  const Number primorial = from_hex(kPrimorial);
  const NumberContext context(BN_CTX_new());
  const std::string bytes = test::big_number(2048);
  const Number number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
  const Number excess(BN_new());
  must(BN_mod(excess.get(), number.get(), primorial.get(), context.get()) == 1);
  must(BN_sub(number.get(), number.get(), excess.get()) == 1);
  must(BN_add(number.get(), number.get(), rest) == 1);
  std::string out(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

/// What the faulty generator made: a power of 65537 modulo the primorial.
std::string roca_number(unsigned long exponent) {
  const Number primorial = from_hex(kPrimorial);
  const NumberContext context(BN_CTX_new());
  const Number base(BN_new());
  const Number power(BN_new());
  const Number rest(BN_new());
  must(BN_set_word(base.get(), 65537) == 1 && BN_set_word(power.get(), exponent) == 1);
  must(BN_mod_exp(rest.get(), base.get(), power.get(), primorial.get(), context.get()) == 1);
  return number_with_rest(rest.get());
}

TEST(Roca, RecognisesPowersOfTheGenerator) {
  for (const unsigned long exponent : {0UL, 1UL, 2UL, 12345678901UL, 2454106387091158799UL}) {
    EXPECT_TRUE(has_roca_fingerprint(roca_number(exponent))) << exponent;
  }
}

TEST(Roca, PassesKeysOfOtherGenerators) {
  for (unsigned seed = 1; seed <= 500; ++seed) EXPECT_FALSE(has_roca_fingerprint(test::big_number(2048, seed))) << seed;
  EXPECT_FALSE(has_roca_fingerprint(test::key_pair("RSA-2048").part("n")));
}

TEST(Roca, PassesWhatIsAPowerModuloEachPrimeButNotModuloAllAtOnce) {
  // 1 modulo all primes but 13, and 65537 (that is, 4) modulo 13: the exponents 0 modulo 6 and 1 modulo 6 do not agree.
  const Number cofactor = from_hex(kPrimorial);
  must(BN_div_word(cofactor.get(), 13) == 0);
  const Number rest(BN_new());
  must(BN_one(rest.get()) == 1);
  while (BN_mod_word(rest.get(), 13) != 65537 % 13) must(BN_add(rest.get(), rest.get(), cofactor.get()) == 1);

  EXPECT_FALSE(has_roca_fingerprint(number_with_rest(rest.get())));
}

TEST(Roca, PassesNumbersWithASmallFactorAndNone) {
  const Number zero(BN_new());
  EXPECT_FALSE(has_roca_fingerprint(number_with_rest(zero.get())));
  EXPECT_FALSE(has_roca_fingerprint(""));
}

TEST(Roca, LengthsThatAreNoMultipleOfFourAreReadWhole) {
  for (std::size_t zeros = 1; zeros < 4; ++zeros) EXPECT_TRUE(has_roca_fingerprint(std::string(zeros, '\0') + roca_number(77)));
}

TEST(Roca, SuchAKeyIsRefused) { EXPECT_EQ(test::refusal(test::rsa_jwk(roca_number(4711), test::kExponent65537)), Reason::key_weak); }

}  // namespace
}  // namespace portcullis
