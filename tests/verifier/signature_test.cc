// Signatures: every algorithm, every damage, and every key that does not serve.
#include "verifier/signature.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/codec/hex.h"
#include "tests/support/key_sets.h"
#include "tests/support/printing.h"

namespace portcullis {
namespace {

constexpr std::string_view kMessage = "eyJhbGciOiJ4In0.eyJzdWIiOiJhbGljZSJ9";

struct Pairing {
  Algorithm algorithm;
  std::string_view kind;
};

constexpr Pairing kPairings[] = {
    {Algorithm::rs256, "RSA-2048"}, {Algorithm::rs384, "RSA-2048"}, {Algorithm::rs512, "RSA-2048"},  {Algorithm::ps256, "RSA-2048"},
    {Algorithm::ps384, "RSA-2048"}, {Algorithm::ps512, "RSA-2048"}, {Algorithm::es256, "P-256"},     {Algorithm::es384, "P-384"},
    {Algorithm::es512, "P-521"},    {Algorithm::eddsa, "ED25519"},  {Algorithm::ed25519, "ED25519"},
};

Reason verdict(Algorithm algorithm, const Key& key, std::string_view message, std::string_view signature) {
  const auto checked = check_signature(algorithm, key, message, signature);
  EXPECT_EQ(ERR_peek_error(), 0U);
  return checked ? Reason::allowed : checked.error().reason;
}

class SignatureOf : public testing::TestWithParam<Pairing> {
 protected:
  [[nodiscard]] static Algorithm algorithm() { return GetParam().algorithm; }
  const test::KeyPair& pair_ = test::key_pair(GetParam().kind);
  const Key key_ = test::verification_key(pair_, "k");
  const std::string signature_ = test::sign(algorithm_name(GetParam().algorithm), pair_, kMessage);
};

TEST_P(SignatureOf, AcceptsWhatTheKeySigned) { EXPECT_EQ(verdict(algorithm(), key_, kMessage, signature_), Reason::allowed); }

TEST_P(SignatureOf, RefusesEachFlippedBit) {
  for (std::size_t bit = 0; bit < signature_.size() * 8; ++bit) {
    std::string damaged = signature_;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_EQ(verdict(algorithm(), key_, kMessage, damaged), Reason::bad_signature) << "bit " << bit;
  }
}

TEST_P(SignatureOf, RefusesEachTruncation) {
  for (std::size_t size = 0; size < signature_.size(); ++size) {
    ASSERT_EQ(verdict(algorithm(), key_, kMessage, std::string_view(signature_).substr(0, size)), Reason::bad_signature) << size;
    ASSERT_EQ(verdict(algorithm(), key_, kMessage, std::string_view(signature_).substr(signature_.size() - size)), Reason::bad_signature)
        << size;
  }
}

TEST_P(SignatureOf, RefusesAnythingLonger) {
  EXPECT_EQ(verdict(algorithm(), key_, kMessage, signature_ + '\0'), Reason::bad_signature);
  EXPECT_EQ(verdict(algorithm(), key_, kMessage, '\0' + signature_), Reason::bad_signature);
  EXPECT_EQ(verdict(algorithm(), key_, kMessage, signature_ + signature_), Reason::bad_signature);
  EXPECT_EQ(verdict(algorithm(), key_, kMessage, std::string(16384, 'x')), Reason::bad_signature);
  EXPECT_EQ(verdict(algorithm(), key_, kMessage, std::string(32768, '\xff')), Reason::bad_signature);
}

TEST_P(SignatureOf, RefusesAnotherMessage) {
  EXPECT_EQ(verdict(algorithm(), key_, "", signature_), Reason::bad_signature);
  EXPECT_EQ(verdict(algorithm(), key_, std::string(kMessage) + " ", signature_), Reason::bad_signature);
}

TEST_P(SignatureOf, RefusesAnotherKeyOfTheSameKind) {
  const Key other = test::verification_key(test::key_pair(GetParam().kind, "second"), "k");

  EXPECT_EQ(verdict(algorithm(), other, kMessage, signature_), Reason::bad_signature);
}

TEST_P(SignatureOf, StaysRightWhenGoodAndBadFollowEachOther) {
  std::string damaged = signature_;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(verdict(algorithm(), key_, kMessage, damaged), Reason::bad_signature);
    ASSERT_EQ(verdict(algorithm(), key_, kMessage, signature_), Reason::allowed);
  }
}

TEST_P(SignatureOf, RefusesEveryAlgorithmThatTheKeyDoesNotServe) {
  for (const Algorithm other : all_algorithms()) {
    if (algorithms_for(key_.type()).contains(other)) continue;
    EXPECT_EQ(verdict(other, key_, kMessage, signature_), Reason::alg_key_mismatch) << algorithm_name(other);
  }
}

TEST_P(SignatureOf, HonoursAnAlgorithmPinnedToTheKey) {
  for (const Algorithm pinned : all_algorithms()) {
    if (!algorithms_for(key_.type()).contains(pinned)) continue;
    const Key key = test::verification_key(pair_, "k", AlgorithmSet{pinned});
    EXPECT_EQ(verdict(algorithm(), key, kMessage, signature_), pinned == algorithm() ? Reason::allowed : Reason::alg_key_mismatch)
        << algorithm_name(pinned);
  }
}

TEST_P(SignatureOf, IsCheckedFromManyThreadsAtOnce) {
  std::atomic<int> good = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) good += check_signature(algorithm(), key_, kMessage, signature_).ok() ? 1 : 0;
    });
  }
  threads.clear();

  EXPECT_EQ(good, 100);
}

INSTANTIATE_TEST_SUITE_P(EachAlgorithm, SignatureOf, testing::ValuesIn(kPairings),
                         [](const auto& each) { return std::string(algorithm_name(each.param.algorithm)); });

TEST(Signature, WrongPrimitiveOfTheSameFamilyIsBad) {
  const test::KeyPair& pair = test::key_pair("RSA-2048");
  const Key key = test::verification_key(pair, "k");

  EXPECT_EQ(verdict(Algorithm::ps256, key, kMessage, test::sign("RS256", pair, kMessage)), Reason::bad_signature);
  EXPECT_EQ(verdict(Algorithm::rs256, key, kMessage, test::sign("PS256", pair, kMessage)), Reason::bad_signature);
  EXPECT_EQ(verdict(Algorithm::rs512, key, kMessage, test::sign("RS256", pair, kMessage)), Reason::bad_signature);
  EXPECT_EQ(verdict(Algorithm::rs256, key, kMessage, test::sign("RS512", pair, kMessage)), Reason::bad_signature);
}

TEST(Signature, AnAlgorithmCannotBeWidenedBeyondTheTypeOfTheKey) {
  const test::KeyPair& pair = test::key_pair("P-384");
  const Key key = test::verification_key(pair, "k", AlgorithmSet{Algorithm::es256, Algorithm::es384});

  EXPECT_EQ(verdict(Algorithm::es256, key, kMessage, test::sign_ecdsa("SHA256", pair, kMessage, 48)), Reason::alg_key_mismatch);
  EXPECT_EQ(verdict(Algorithm::es384, key, kMessage, test::sign("ES384", pair, kMessage)), Reason::allowed);
}

TEST(Signature, PssSaltIsAsLongAsTheHash) {
  const test::KeyPair& pair = test::key_pair("RSA-2048");
  const Key key = test::verification_key(pair, "k");

  EXPECT_EQ(verdict(Algorithm::ps256, key, kMessage, test::sign_pss("SHA256", "SHA256", 32, pair, kMessage)), Reason::allowed);
  for (const int salt : {0, 20, 31, 33, 222}) {
    EXPECT_EQ(verdict(Algorithm::ps256, key, kMessage, test::sign_pss("SHA256", "SHA256", salt, pair, kMessage)), Reason::bad_signature)
        << salt;
  }
}

TEST(Signature, PssMaskUsesTheSameHash) {
  const test::KeyPair& pair = test::key_pair("RSA-2048");
  const Key key = test::verification_key(pair, "k");

  EXPECT_EQ(verdict(Algorithm::ps256, key, kMessage, test::sign_pss("SHA256", "SHA1", 32, pair, kMessage)), Reason::bad_signature);
  EXPECT_EQ(verdict(Algorithm::ps384, key, kMessage, test::sign_pss("SHA384", "SHA256", 48, pair, kMessage)), Reason::bad_signature);
}

TEST(Signature, DerIsNoJwsSignature) {
  const test::KeyPair& pair = test::key_pair("P-256");

  EXPECT_EQ(verdict(Algorithm::es256, test::verification_key(pair, "k"), kMessage, test::sign_ecdsa_der("SHA256", pair, kMessage)),
            Reason::bad_signature);
}

/// The order n of the curve's group (SEC 2 version 2.0, section 2).
std::string order_of(Algorithm algorithm) {
  std::string_view hex = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
  if (algorithm == Algorithm::es384)
    hex = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
  if (algorithm == Algorithm::es512) {
    hex =
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e913864"
        "09";
  }
  return hex_decode(hex).value();
}

class EcdsaSignatureOf : public testing::TestWithParam<Pairing> {};

TEST_P(EcdsaSignatureOf, RefusesNumbersOutOfRange) {
  const Key key = test::verification_key(test::key_pair(GetParam().kind), "k");
  const std::string n = order_of(GetParam().algorithm);
  const std::string zero(n.size(), '\0');
  std::string one = zero;
  one.back() = 1;
  std::string n_minus_one = n;
  --n_minus_one.back();

  for (const std::string& r : {zero, one, n, n_minus_one, std::string(n.size(), '\xff')}) {
    for (const std::string& s : {zero, one, n, n_minus_one, std::string(n.size(), '\xff')}) {
      EXPECT_EQ(verdict(GetParam().algorithm, key, kMessage, r + s), Reason::bad_signature) << hex_encode(r) << ' ' << hex_encode(s);
    }
  }
}

TEST_P(EcdsaSignatureOf, RefusesStrippedAndAddedZeros) {
  const test::KeyPair& pair = test::key_pair(GetParam().kind);
  const Key key = test::verification_key(pair, "k");
  const std::string signature = test::sign(algorithm_name(GetParam().algorithm), pair, kMessage);
  const std::size_t half = signature.size() / 2;

  EXPECT_EQ(verdict(GetParam().algorithm, key, kMessage, '\0' + signature.substr(0, half) + '\0' + signature.substr(half)),
            Reason::bad_signature);
  EXPECT_EQ(verdict(GetParam().algorithm, key, kMessage, signature.substr(1, half - 1) + signature.substr(half + 1)),
            Reason::bad_signature);
}

TEST_P(EcdsaSignatureOf, AcceptsTheSecondFormOfAGoodSignature) {
  // (r, n - s) is valid too: this is why a token's text is no identity for revocations.
  const test::KeyPair& pair = test::key_pair(GetParam().kind);
  const std::string signature = test::sign(algorithm_name(GetParam().algorithm), pair, kMessage);
  const std::string n = order_of(GetParam().algorithm);
  BIGNUM* order = BN_bin2bn(reinterpret_cast<const unsigned char*>(n.data()), static_cast<int>(n.size()), nullptr);
  BIGNUM* s = BN_bin2bn(reinterpret_cast<const unsigned char*>(signature.data()) + n.size(), static_cast<int>(n.size()), nullptr);
  ASSERT_EQ(BN_sub(s, order, s), 1);
  std::string other = signature;
  ASSERT_GT(BN_bn2binpad(s, reinterpret_cast<unsigned char*>(other.data()) + n.size(), static_cast<int>(n.size())), 0);
  BN_free(order);
  BN_free(s);

  EXPECT_EQ(verdict(GetParam().algorithm, test::verification_key(pair, "k"), kMessage, other), Reason::allowed);
}

TEST_P(EcdsaSignatureOf, AcceptsManySignatures) {
  // Leading zeros and high bits of r and s come by chance: a few hundred signatures meet them all.
  const test::KeyPair& pair = test::key_pair(GetParam().kind);
  const Key key = test::verification_key(pair, "k");
  for (int i = 0; i < 300; ++i) {
    const std::string message = "message " + std::to_string(i);
    ASSERT_EQ(verdict(GetParam().algorithm, key, message, test::sign(algorithm_name(GetParam().algorithm), pair, message)),
              Reason::allowed);
  }
}

INSTANTIATE_TEST_SUITE_P(EachCurve, EcdsaSignatureOf, testing::Values(kPairings[6], kPairings[7], kPairings[8]),
                         [](const auto& each) { return std::string(algorithm_name(each.param.algorithm)); });

TEST(Signature, RsaSignatureIsReducedAndAsLongAsTheModulus) {
  const test::KeyPair& pair = test::key_pair("RSA-2048");
  const Key key = test::verification_key(pair, "k");
  const std::string n = pair.part("n");
  std::string n_minus_one = n;
  --n_minus_one.back();  // n is odd
  std::string one(n.size(), '\0');
  one.back() = 1;

  for (const std::string& signature : {std::string(n.size(), '\0'), one, n, n_minus_one, std::string(n.size(), '\xff')}) {
    EXPECT_EQ(verdict(Algorithm::rs256, key, kMessage, signature), Reason::bad_signature);
    EXPECT_EQ(verdict(Algorithm::ps256, key, kMessage, signature), Reason::bad_signature);
  }
}

TEST(Signature, Ed25519RefusesTheSecondFormOfS) {
  // RFC 8032 section 5.1.7: S must be below the group order L.
  const std::string order = hex_decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").value();
  const test::KeyPair& pair = test::key_pair("ED25519");
  std::string signature = test::sign("EdDSA", pair, kMessage);
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]) + static_cast<unsigned>(static_cast<unsigned char>(order[i]));
    signature[32 + i] = static_cast<char>(carry & 0xffU);
    carry >>= 8U;
  }

  EXPECT_EQ(verdict(Algorithm::eddsa, test::verification_key(pair, "k"), kMessage, signature), Reason::bad_signature);
}

TEST(Signature, Ed25519RefusesPointsOfSmallOrder) {
  // The neutral element as key and as R, and S = 0: the equation of RFC 8032 section 5.1.7 holds for every message.
  const std::string neutral = std::string(1, '\x01') + std::string(31, '\0');
  const std::string fits_all = neutral + std::string(32, '\0');

  KeyHandle point(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(neutral.data()), 32));
  ASSERT_NE(point, nullptr);
  const Key key("k", KeyType::ed25519, 256, algorithms_for(KeyType::ed25519), std::move(point));

  EXPECT_EQ(verdict(Algorithm::eddsa, key, kMessage, fits_all), Reason::bad_signature);
}

TEST(Signature, Ed25519RefusesAnRThatIsNoneOfTheSigners) {
  const test::KeyPair& pair = test::key_pair("ED25519");
  std::string signature = test::sign("EdDSA", pair, kMessage);
  signature.replace(0, 32, std::string(1, '\x01') + std::string(31, '\0'));

  EXPECT_EQ(verdict(Algorithm::eddsa, test::verification_key(pair, "k"), kMessage, signature), Reason::bad_signature);
}

TEST(Signature, ManyKeysInTurnAreNotMistakenForEachOther) {
  // More keys than a thread keeps contexts for, and each checked twice.
  std::vector<test::KeyPair> pairs;
  for (int i = 0; i < 100; ++i) pairs.push_back(test::make_key("P-256"));
  std::vector<Key> keys;
  std::vector<std::string> signatures;
  for (const test::KeyPair& pair : pairs) {
    keys.push_back(test::verification_key(pair, "k"));
    signatures.push_back(test::sign("ES256", pair, kMessage));
  }

  for (int turn = 0; turn < 2; ++turn) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      ASSERT_EQ(verdict(Algorithm::es256, keys[i], kMessage, signatures[i]), Reason::allowed);
      ASSERT_EQ(verdict(Algorithm::es256, keys[i], kMessage, signatures[(i + 1) % keys.size()]), Reason::bad_signature);
    }
  }
}

TEST(Signature, AKeyThatIsGoneIsNotMistakenForANewOneAtItsAddress) {
  for (int i = 0; i < 200; ++i) {
    const test::KeyPair pair = test::make_key("P-256");
    const std::string signature = test::sign("ES256", pair, kMessage);
    const Key key = test::verification_key(pair, "k");
    ASSERT_EQ(verdict(Algorithm::es256, key, kMessage, signature), Reason::allowed);
  }
}

TEST(Signature, LargeKeysAndEmptyMessages) {
  const test::KeyPair& pair = test::key_pair("RSA-3072");
  const Key key = test::verification_key(pair, "k");

  EXPECT_EQ(verdict(Algorithm::rs256, key, "", test::sign("RS256", pair, "")), Reason::allowed);
  EXPECT_EQ(verdict(Algorithm::ps512, key, "", test::sign("PS512", pair, "")), Reason::allowed);
  const test::KeyPair& edwards = test::key_pair("ED25519");
  EXPECT_EQ(verdict(Algorithm::ed25519, test::verification_key(edwards, "k"), "", test::sign("EdDSA", edwards, "")), Reason::allowed);
}

TEST(Signature, OfAParsedTokenCoversHeaderAndPayload) {
  const test::KeyPair& pair = test::key_pair("ED25519");
  const Key key = test::verification_key(pair, "k");
  const std::string text = test::mint(R"({"sub":"alice"})", pair, "EdDSA", "k");
  const std::string other = test::mint(R"({"sub":"mallory"})", pair, "EdDSA", "k");
  const std::string spliced = text.substr(0, text.rfind('.')) + other.substr(other.rfind('.'));

  EXPECT_TRUE(check_signature(parse_token(text, {.bytes = 16384}).value(), key).ok());
  EXPECT_EQ(check_signature(parse_token(spliced, {.bytes = 16384}).value(), key).error().reason, Reason::bad_signature);
}

TEST(Signature, OfAParsedTokenGivesTheDigestOfWhatWasSigned) {
  for (const Pairing& pairing : kPairings) {
    const test::KeyPair& pair = test::key_pair(pairing.kind);
    const std::string text = test::mint(R"({"sub":"alice"})", pair, std::string(algorithm_name(pairing.algorithm)), "k");
    const auto digest = check_signature(parse_token(text, {.bytes = 16384}).value(), test::verification_key(pair, "k"));
    ASSERT_TRUE(digest.ok()) << algorithm_name(pairing.algorithm);
    EXPECT_EQ(*digest, sha256(text.substr(0, text.rfind('.')))) << algorithm_name(pairing.algorithm);
  }
}

}  // namespace
}  // namespace portcullis
