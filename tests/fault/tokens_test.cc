// Tokens judged while memory runs out: a good one is let in or refused, another never.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/fault/each_allocation.h"
#include "tests/support/verification.h"
#include "verifier/token_cache.h"

namespace portcullis::test {
namespace {

struct Row {
  std::string_view algorithm;
  std::string_view kind;
};

constexpr Row kRows[] = {{"RS256", "RSA-2048"}, {"RS384", "RSA-2048"}, {"RS512", "RSA-2048"}, {"PS256", "RSA-2048"},
                         {"PS384", "RSA-2048"}, {"PS512", "RSA-2048"}, {"ES256", "P-256"},    {"ES384", "P-384"},
                         {"ES512", "P-521"},    {"EdDSA", "ED25519"},  {"Ed25519", "ED25519"}};

/// The signature algorithm behind a name.
std::string_view signing_name(std::string_view algorithm) { return algorithm == "Ed25519" ? "EdDSA" : algorithm; }

std::string token_by(const Row& row, const KeyPair& key) {
  return mint(header_json(row.algorithm, "k1"), good_payload(kNow), key, signing_name(row.algorithm));
}

class TokenWithoutMemory : public testing::TestWithParam<Row> {};

TEST_P(TokenWithoutMemory, IsVerifiedOrRefused) {
  const Row row = GetParam();
  const Verification verification = verification_with({{"k1", &key_pair(row.kind)}});
  const std::string token = token_by(row, key_pair(row.kind));
  ASSERT_EQ(verification.reason(token), Reason::allowed) << verification.detail(token);
  fail_all_allocations([&] { return verification(token); },
                       [](const std::optional<Result<VerifiedToken>>& outcome) {
                         if (!outcome || !outcome->ok()) return;
                         EXPECT_EQ((*outcome)->subject, "alice");
                         EXPECT_TRUE((*outcome)->expires.has_value());
                         ASSERT_TRUE((*outcome)->access.has_value());
                         EXPECT_EQ((*outcome)->access->size(), 1U);
                       });
}

TEST_P(TokenWithoutMemory, OfAnotherKeyIsNeverVerified) {
  const Row row = GetParam();
  const Verification verification = verification_with({{"k1", &key_pair(row.kind)}});
  const std::string token = token_by(row, key_pair(row.kind, "stranger"));
  ASSERT_EQ(verification.reason(token), Reason::bad_signature);
  fail_all_allocations([&] { return verification.reason(token); },
                       [](const std::optional<Reason>& reason) { EXPECT_NE(reason, Reason::allowed); });
}

INSTANTIATE_TEST_SUITE_P(EachAlgorithm, TokenWithoutMemory, testing::ValuesIn(kRows),
                         [](const testing::TestParamInfo<Row>& row) { return std::string(row.param.algorithm); });

TEST(TokenWithoutMemoryOnce, ThatHasExpiredIsNeverVerified) {
  const Verification verification = verification_with({{"k1", &key_pair("ED25519")}});
  const std::string token = mint(good_payload(kNow - std::chrono::hours(1)), key_pair("ED25519"), "EdDSA", "k1");
  ASSERT_EQ(verification.reason(token), Reason::token_expired);
  fail_all_allocations([&] { return verification.reason(token); },
                       [](const std::optional<Reason>& reason) { EXPECT_NE(reason, Reason::allowed); });
}

TEST(TokenCacheWithoutMemory, HoldsTheTokenOrDoesNotAndServesOn) {
  const Verification verification = verification_with({{"k1", &key_pair("ED25519")}});
  std::vector<std::string> texts;
  std::vector<std::shared_ptr<const VerifiedToken>> tokens;
  for (int i = 0; i < 4; ++i) {
    texts.push_back(mint(good_payload(kNow, "team/app" + std::to_string(i)), key_pair("ED25519"), "EdDSA", "k1"));
    tokens.push_back(std::make_shared<const VerifiedToken>(verification(texts.back()).value()));
  }
  const Generations now{.traditional = tokens[0]->key_generation, .issuers = {}, .rules = tokens[0]->rules_generation};
  const auto use = [&](TokenCache& cache) {
    int found = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const TokenCache::Found known = cache.find(texts[i], now);
      if (known.token == nullptr)
        cache.insert(known.digest, tokens[i]);
      else if (known.token == tokens[i])
        ++found;
      else
        return -1;
    }
    return found;
  };
  std::unique_ptr<TokenCache> cache;
  const auto fill = [&] {
    cache = std::make_unique<TokenCache>(32);  // one a shard, so that entries go
    return use(*cache);
  };
  fail_all_allocations(fill, [&](const std::optional<int>& found) {
    EXPECT_TRUE(!found || *found == 0);
    if (cache == nullptr) return;
    EXPECT_GE(use(*cache), 0);
    EXPECT_GE(use(*cache), 1);
    for (const std::string& text : texts) cache->erase(sha256(text));
    EXPECT_EQ(cache->size(), 0U);
    cache.reset();
  });
}

}  // namespace
}  // namespace portcullis::test
