// A second opinion: libjwt and we agree on RS* and ES* tokens, good and damaged, but for its known faults, each of which is shown here.
#include <jwt.h>

#include <gtest/gtest.h>

#include <random>

#include "base/codec/base64url.h"
#include "tests/support/tokens.h"
#include "tests/support/verification.h"

namespace portcullis {
namespace {

using test::good_payload;
using test::header_json;
using test::key_pair;
using test::kNow;
using test::mint;

bool libjwt_accepts(const std::string& token, const std::string& key) {
  jwt_t* decoded = nullptr;
  const int failed = jwt_decode(&decoded, token.c_str(), reinterpret_cast<const unsigned char*>(key.data()), static_cast<int>(key.size()));
  if (failed == 0) jwt_free(decoded);
  return failed == 0;
}

bool we_accept(const std::string& token, const test::KeyPair& key) { return test::verification_with({{"k1", &key}})(token).ok(); }

struct Pairing {
  std::string_view algorithm;
  std::string_view kind;
};

class AgreementOn : public testing::TestWithParam<Pairing> {
 protected:
  const test::KeyPair& key_ = key_pair(GetParam().kind);
  const std::string pem_ = key_.public_pem();
  const std::string token_ = mint(good_payload(kNow), key_, GetParam().algorithm, "k1");
};

TEST_P(AgreementOn, GoodTokens) {
  for (int i = 0; i < 20; ++i) {
    const std::string token = mint(good_payload(kNow, "repository-" + std::to_string(i)), key_, GetParam().algorithm, "k1");
    EXPECT_TRUE(we_accept(token, key_));
    EXPECT_TRUE(libjwt_accepts(token, pem_));
  }
}

TEST_P(AgreementOn, AnotherKey) {
  const test::KeyPair& other = key_pair(GetParam().kind, "second");

  EXPECT_FALSE(we_accept(token_, other));
  EXPECT_FALSE(libjwt_accepts(token_, other.public_pem()));
}

TEST_P(AgreementOn, DamagedSignaturesAndPayloads) {
  std::mt19937 random(7515);
  const std::string input = token_.substr(0, token_.rfind('.'));
  const std::string signature = base64url_decode(token_.substr(token_.rfind('.') + 1)).value();
  for (int i = 0; i < 100; ++i) {
    std::string damaged = signature;
    damaged[random() % damaged.size()] ^= static_cast<char>(1U << (random() % 8));
    const std::string token = test::with_signature(input, damaged);
    EXPECT_FALSE(we_accept(token, key_));
    EXPECT_FALSE(libjwt_accepts(token, pem_));
  }
  const std::string other =
      test::with_signature(test::signing_input(header_json(GetParam().algorithm, "k1"), good_payload(kNow, "other")), signature);
  EXPECT_FALSE(we_accept(other, key_));
  EXPECT_FALSE(libjwt_accepts(other, pem_));
}

TEST_P(AgreementOn, TruncatedTokens) {
  for (std::size_t size = 0; size < token_.size(); size += 7) {
    EXPECT_FALSE(we_accept(token_.substr(0, size), key_)) << size;
    EXPECT_FALSE(libjwt_accepts(token_.substr(0, size), pem_)) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(EachAlgorithm, AgreementOn,
                         testing::Values(Pairing{"RS256", "RSA-2048"}, Pairing{"RS384", "RSA-2048"}, Pairing{"RS512", "RSA-2048"},
                                         Pairing{"ES256", "P-256"}, Pairing{"ES384", "P-384"}, Pairing{"ES512", "P-521"}),
                         [](const auto& each) { return std::string(each.param.algorithm); });

/// The faults of libjwt 1.10: it accepts, we refuse.
class LibjwtFault : public testing::Test {
 protected:
  void expect_only_libjwt_accepts(const std::string& token) const {
    EXPECT_TRUE(libjwt_accepts(token, pem_));
    EXPECT_FALSE(we_accept(token, key_));
  }

  const test::KeyPair& key_ = key_pair("RSA-2048");
  const std::string pem_ = key_.public_pem();
  const std::string token_ = mint(good_payload(kNow), key_, "RS256", "k1");
};

TEST_F(LibjwtFault, TakesThePublicKeyForASecret) {
  expect_only_libjwt_accepts(test::mint_hmac(header_json("HS256", "k1"), good_payload(kNow), pem_, "HS256"));
}

TEST_F(LibjwtFault, TakesEs256WithAKeyOfAnotherCurve) {
  const test::KeyPair& key = key_pair("P-384");
  const std::string input = test::signing_input(header_json("ES256", "k1"), good_payload(kNow));
  const std::string token = test::with_signature(input, test::sign_ecdsa("SHA256", key, input, 48));

  EXPECT_TRUE(libjwt_accepts(token, key.public_pem()));
  EXPECT_FALSE(we_accept(token, key));
}

TEST_F(LibjwtFault, TakesJunkInBase64) { expect_only_libjwt_accepts(std::string(token_).insert(token_.rfind('.') + 20, "!")); }

TEST_F(LibjwtFault, TakesPadding) { expect_only_libjwt_accepts(token_ + "=="); }

TEST_F(LibjwtFault, TakesANonCanonicalLastCharacter) {
  // 256 bytes of signature: the last character has four spare bits.
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string token = token_;
  token.back() = kAlphabet[kAlphabet.find(token.back()) + 1];

  expect_only_libjwt_accepts(token);
}

TEST_F(LibjwtFault, TakesTheStandardAlphabet) {
  std::string token = token_;
  for (int i = 0; token.find_first_of("-_", token.rfind('.')) == std::string::npos; ++i) {
    token = mint(good_payload(kNow, "repository-" + std::to_string(i)), key_, "RS256", "k1");
  }
  for (std::size_t i = token.rfind('.'); i < token.size(); ++i) {
    if (token[i] == '-') token[i] = '+';
    if (token[i] == '_') token[i] = '/';
  }

  expect_only_libjwt_accepts(token);
}

TEST_F(LibjwtFault, TakesDuplicateMembers) {
  expect_only_libjwt_accepts(mint(R"({"alg":"none","alg":"RS256","kid":"k1"})", good_payload(kNow), key_, "RS256"));
  expect_only_libjwt_accepts(mint(good_payload(kNow, "a", "pull", R"("sub":"admin")"), key_, "RS256", "k1"));
}

TEST_F(LibjwtFault, TakesAlgorithmsInLowerCase) {
  expect_only_libjwt_accepts(mint(header_json("rs256", "k1"), good_payload(kNow), key_, "RS256"));
}

TEST_F(LibjwtFault, TakesExpiredTokens) { expect_only_libjwt_accepts(mint(R"({"sub":"alice","exp":1})", key_, "RS256", "k1")); }

TEST_F(LibjwtFault, TakesTokensWithoutAnEnd) { expect_only_libjwt_accepts(mint(R"({"sub":"alice"})", key_, "RS256", "k1")); }

TEST_F(LibjwtFault, TakesUnknownCriticalExtensions) {
  expect_only_libjwt_accepts(mint(R"({"alg":"RS256","kid":"k1","crit":["x"],"x":1})", good_payload(kNow), key_, "RS256"));
}

TEST_F(LibjwtFault, RefusesAccessTokensByTheirType) {
  const std::string token = mint(R"({"alg":"RS256","kid":"k1","typ":"at+jwt"})", good_payload(kNow), key_, "RS256");

  EXPECT_FALSE(libjwt_accepts(token, pem_));
  EXPECT_TRUE(we_accept(token, key_));
}

TEST_F(LibjwtFault, KnowsNoPssAndNoEdwardsCurve) {
  const std::string pss = mint(good_payload(kNow), key_, "PS256", "k1");
  const std::string edwards = mint(good_payload(kNow), key_pair("ED25519"), "EdDSA", "k1");

  EXPECT_FALSE(libjwt_accepts(pss, pem_));
  EXPECT_TRUE(we_accept(pss, key_));
  EXPECT_FALSE(libjwt_accepts(edwards, key_pair("ED25519").public_pem()));
  EXPECT_TRUE(we_accept(edwards, key_pair("ED25519")));
}

}  // namespace
}  // namespace portcullis
