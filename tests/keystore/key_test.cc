#include "keystore/key.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "keystore/public_numbers.h"
#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

constexpr std::string_view kRfc7638Key =
    R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst)"
    R"(n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbIS)"
    R"(D08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256",)"
    R"("kid":"2011-04-29"})";

Key read(std::string_view text) {
  Result<Key> key = read_single_key(text, test::kNow);
  EXPECT_TRUE(key.ok()) << key.error().detail;
  return std::move(key).value();
}

TEST(KeyThumbprint, IsThatOfRfc7638Section31) { EXPECT_EQ(read(kRfc7638Key).thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"); }

TEST(KeyThumbprint, IsThatOfRfc8037AppendixA3) {
  const Key key = read(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  EXPECT_EQ(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(KeyThumbprint, SaysWhatTheKeyIsWhateverItIsCalledAndWrittenAs) {
  for (const char* kind : {"RSA-2048", "P-256", "P-384", "P-521", "ED25519"}) {
    const test::KeyPair& pair = test::key_pair(kind);
    const Key from_pem = read(pair.public_pem());
    const Key from_jwk = read(pair.public_jwk({.kid = "b", .alg = {}, .use = "sig", .extra = {}}));
    EXPECT_EQ(from_pem.thumbprint(), from_jwk.thumbprint()) << kind;
    EXPECT_NE(from_pem.thumbprint(), read(test::key_pair(kind, "second").public_pem()).thumbprint()) << kind;
    EXPECT_EQ(from_pem.thumbprint().size(), 43U);
  }
}

TEST(KeyThumbprint, HashesCoordinatesWithTheirLeadingZeros) {
  // RFC 7518 section 6.2.1.2: a coordinate is as long as the curve, also where it begins with zeros: one key in 128 has such a one.
  for (int i = 0; i < 400; ++i) {
    const test::KeyPair pair = test::make_key("P-256");
    if (pair.part("qx").size() == 32 && pair.part("qy").size() == 32) continue;
    const Key key = read(pair.public_pem());
    for (const auto& [name, value] : jwk_members(key.native(), key.type())) {
      if (name == "x" || name == "y") {
        EXPECT_EQ(value.size(), 43U);
      }
    }
    EXPECT_EQ(key.thumbprint(), read(pair.public_jwk()).thumbprint());
  }
}

TEST(Key, KnowsItsTypeItsSizeAndWhatItServes) {
  struct Expected {
    const char* kind;
    KeyType type;
    int bits;
  };
  for (const Expected& one :
       {Expected{"RSA-2048", KeyType::rsa, 2048}, Expected{"P-256", KeyType::ec_p256, 256}, Expected{"P-384", KeyType::ec_p384, 384},
        Expected{"P-521", KeyType::ec_p521, 521}, Expected{"ED25519", KeyType::ed25519, 256}}) {
    const Key key = read(test::key_pair(one.kind).public_pem());
    EXPECT_EQ(key.type(), one.type);
    EXPECT_EQ(key.bits(), one.bits);
    EXPECT_EQ(key.bits(), EVP_PKEY_get_bits(key.native()));
    EXPECT_EQ(key.algorithms(), algorithms_for(one.type));
  }
}

TEST(Key, ACopySharesTheNativeKeyAndOutlivesTheOriginal) {
  std::optional<Key> original = read(test::key_pair("P-256").public_pem());
  const Key copy = *original;
  Key assigned = read(test::key_pair("ED25519").public_pem());
  assigned = *original;
  evp_pkey_st* const native = original->native();
  original.reset();

  EXPECT_EQ(copy.native(), native);
  EXPECT_EQ(assigned.native(), native);
  EXPECT_EQ(EVP_PKEY_get_bits(copy.native()), 256);
  EXPECT_EQ(assigned.thumbprint(), copy.thumbprint());
}

TEST(Key, AssignedToItselfStays) {
  Key key = read(test::key_pair("P-256").public_pem());
  const Key& same = key;
  const std::string thumbprint = key.thumbprint();
  key = same;
  EXPECT_EQ(key.thumbprint(), thumbprint);
  EXPECT_EQ(EVP_PKEY_get_bits(key.native()), 256);
}

TEST(Key, RenamedIsTheSameKeyUnderAnotherId) {
  const Key key = read(test::key_pair("P-256").public_pem());
  const Key renamed = key.renamed("other");
  EXPECT_EQ(renamed.id(), "other");
  EXPECT_EQ(key.id(), "");
  EXPECT_EQ(renamed.thumbprint(), key.thumbprint());
  EXPECT_EQ(renamed.native(), key.native());
}

}  // namespace
}  // namespace portcullis
