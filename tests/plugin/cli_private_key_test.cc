#include "plugin/cli/private_key.h"

#include <gtest/gtest.h>

#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

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

/// A key of OpenSSL's own as PKCS#8 PEM, encrypted where there is a password.
std::string pem_of(const KeyHandle& key, const char* password = nullptr) {
  const Handle<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
  const EVP_CIPHER* const cipher = password == nullptr ? nullptr : EVP_aes_256_cbc();
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), cipher, nullptr, 0, nullptr, const_cast<char*>(password)), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

TEST(CliPrivateKey, AKeyWithAPasswordIsRefusedAndNobodyIsAskedForIt) {
  const KeyHandle native(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  ASSERT_TRUE(PrivateKey::read(pem_of(native)).ok());
  const std::string encrypted = pem_of(native, "canary");
  ASSERT_TRUE(encrypted.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));

  const Result<PrivateKey> key = PrivateKey::read(encrypted);

  ASSERT_FALSE(key.ok());
  EXPECT_EQ(key.error().reason, Reason::key_malformed);
  EXPECT_EQ(key.error().detail, "no unencrypted private key in PEM form");
}

TEST(CliPrivateKey, AKeyOfAKindThatCannotSignIsRefusedWhereItShould) {
  for (const char* kind : {"X25519", "ED448"}) {
    const KeyHandle native(EVP_PKEY_Q_keygen(nullptr, nullptr, kind));
    const Result<PrivateKey> key = PrivateKey::read(pem_of(native));
    ASSERT_TRUE(key.ok()) << kind;

    const Result<std::string> signature = key->sign(Algorithm::eddsa, "message");

    ASSERT_FALSE(signature.ok()) << kind;
    EXPECT_EQ(signature.error().reason, key->public_key("k", kNow).error().reason) << kind;
    EXPECT_EQ(signature.error().reason, Reason::key_type_unsupported) << kind;
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
