#include "plugin/cli/private_key.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/fake_clock.h"
#include "tests/support/tokens.h"
#include "verifier/signature.h"

namespace portcullis {
namespace {

using test::kNow;

constexpr int kBits = 2048;

TEST(CliPrivateKey, SignsWithEveryAlgorithmAsTheVerifierWantsIt) {
  for (const Algorithm algorithm : all_algorithms()) {
    const Result<PrivateKey> key = PrivateKey::generate(algorithm, kBits);
    ASSERT_TRUE(key.ok()) << algorithm_name(algorithm);
    const Result<Key> half = key->public_key("k", kNow);
    ASSERT_TRUE(half.ok()) << algorithm_name(algorithm);

    const Result<std::string> signature = key->sign(algorithm, "message");

    ASSERT_TRUE(signature.ok()) << algorithm_name(algorithm);
    EXPECT_TRUE(check_signature(algorithm, *half, "message", *signature).ok()) << algorithm_name(algorithm);
    EXPECT_FALSE(check_signature(algorithm, *half, "messagf", *signature).ok()) << algorithm_name(algorithm);
  }
}

TEST(CliPrivateKey, RefusesToSignWithAnotherFamilyOrCurve) {
  const Result<PrivateKey> key = PrivateKey::generate(Algorithm::es384, kBits);
  ASSERT_TRUE(key.ok());

  for (const Algorithm other : {Algorithm::es256, Algorithm::es512, Algorithm::rs256, Algorithm::eddsa}) {
    const Result<std::string> signature = key->sign(other, "message");
    ASSERT_FALSE(signature.ok()) << algorithm_name(other);
    EXPECT_EQ(signature.error().reason, Reason::alg_key_mismatch) << algorithm_name(other);
  }
}

TEST(CliPrivateKey, ReadsBackWhatItWrote) {
  const Result<PrivateKey> key = PrivateKey::generate(Algorithm::eddsa, kBits);
  ASSERT_TRUE(key.ok());

  const Secret pem = key->pem();
  const Result<PrivateKey> again = PrivateKey::read(pem.reveal());

  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(pem.reveal().starts_with("-----BEGIN PRIVATE KEY-----\n"));
  EXPECT_EQ(again->public_pem(), key->public_pem());
}

TEST(CliPrivateKey, RefusesPublicKeysEncryptedKeysAndGarbage) {
  const test::KeyPair& pair = test::key_pair("ED25519");

  for (const std::string& text : {pair.public_pem(), std::string("x"), std::string(),
                                  std::string("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGb\n-----END ENCRYPTED PRIVATE KEY-----\n")}) {
    const Result<PrivateKey> key = PrivateKey::read(text);
    ASSERT_FALSE(key.ok()) << text;
    EXPECT_EQ(key.error().reason, Reason::key_malformed);
  }
}

TEST(CliPrivateKey, KeepsRsaSizesWithinTheKeyPolicy) {
  EXPECT_FALSE(PrivateKey::generate(Algorithm::rs256, 2047).ok());
  EXPECT_FALSE(PrivateKey::generate(Algorithm::ps512, 8193).ok());
  EXPECT_TRUE(PrivateKey::generate(Algorithm::rs256, 2048).ok());
}

TEST(CliPrivateKey, KnowsADefaultAlgorithmForEachType) {
  EXPECT_EQ(default_algorithm(KeyType::rsa), Algorithm::rs256);
  EXPECT_EQ(default_algorithm(KeyType::ec_p256), Algorithm::es256);
  EXPECT_EQ(default_algorithm(KeyType::ec_p384), Algorithm::es384);
  EXPECT_EQ(default_algorithm(KeyType::ec_p521), Algorithm::es512);
  EXPECT_EQ(default_algorithm(KeyType::ed25519), Algorithm::eddsa);
}

}  // namespace
}  // namespace portcullis
