// The cache of verified tokens: what it holds, what it forgets, and that it stays in its bounds.
#include "verifier/token_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "tests/support/tokens.h"
#include "tests/support/verification.h"

namespace portcullis {
namespace {

using TokenPointer = std::shared_ptr<const VerifiedToken>;

/// A verified token of that generation; only `verify_token` makes one.
TokenPointer token_of(std::uint64_t key_generation, std::uint64_t rules_generation = 1) {
  static const test::KeyPair& pair = test::key_pair("ED25519");
  static const KeySet keys = test::key_set({{"k1", &pair}});
  static const std::string text = test::mint(test::good_payload(test::kNow), pair, "EdDSA", "k1");
  TokenRules rules = test::default_rules();
  rules.generation = rules_generation;
  auto token = verify_token(text, {&keys, true, key_generation}, rules, {}, test::kNow, nullptr);
  EXPECT_TRUE(token.ok());
  return std::make_shared<const VerifiedToken>(std::move(token).value());
}

/// One of that source: the n-th OIDC issuer, counted from 1.
VerifiedToken token_from(std::size_t source, std::uint64_t key_generation) {
  static const test::KeyPair& pair = test::key_pair("ED25519");
  static const KeySet keys = test::key_set({{"k1", &pair}});
  static const std::string text = test::mint(test::good_payload(test::kNow), pair, "EdDSA", "k1");
  TokenRules rules = test::default_rules();
  rules.generation = 1;
  const KeyView view{.keys = &keys, .kid_required = true, .generation = key_generation, .source = source};
  return verify_token(text, view, rules, {}, test::kNow, nullptr).value();
}

Generations keys_and_rules(std::uint64_t keys, std::uint64_t rules) { return {.traditional = keys, .issuers = {}, .rules = rules}; }

Sha256 digest_of(std::size_t number) { return sha256("token " + std::to_string(number)); }

TEST(Generations, VouchForATokenOfTheirSourceAlone) {
  const auto vouch = [](const VerifiedToken& token, const std::vector<std::uint64_t>& issuers) {
    return Generations{.traditional = 5, .issuers = issuers, .rules = 1}.vouch_for(token);
  };
  EXPECT_TRUE(vouch(token_from(0, 5), {}));
  EXPECT_FALSE(vouch(token_from(0, 6), {6}));

  EXPECT_TRUE(vouch(token_from(1, 7), {7}));
  EXPECT_TRUE(vouch(token_from(1, 7), {7, 8}));
  EXPECT_FALSE(vouch(token_from(1, 7), {8})) << "other keys";
  EXPECT_FALSE(vouch(token_from(1, 5), {})) << "the issuer is there no more, and nobody else stands for it";

  EXPECT_TRUE(vouch(token_from(2, 8), {7, 8}));
  EXPECT_FALSE(vouch(token_from(2, 7), {7, 8}));
  EXPECT_FALSE(vouch(token_from(2, 7), {7})) << "one issuer is there, and it is the second's";
}

TEST(Generations, VouchForATokenOfTheirRulesAlone) {
  const VerifiedToken token = token_from(0, 5);
  EXPECT_TRUE(keys_and_rules(5, 1).vouch_for(token));
  EXPECT_FALSE(keys_and_rules(5, 2).vouch_for(token));
}

TEST(TokenCache, FindsWhatWasInserted) {
  TokenCache cache(100);
  const TokenPointer token = token_of(1);
  EXPECT_EQ(cache.find(digest_of(1), keys_and_rules(1, 1)), nullptr);

  cache.insert(digest_of(1), token);

  EXPECT_EQ(cache.find(digest_of(1), keys_and_rules(1, 1)), token);
  EXPECT_EQ(cache.find(digest_of(2), keys_and_rules(1, 1)), nullptr);
  EXPECT_EQ(cache.size(), 1U);
}

TEST(TokenCache, ForgetsATokenOfOtherKeys) {
  TokenCache cache(100);
  cache.insert(digest_of(1), token_of(1));

  EXPECT_EQ(cache.find(digest_of(1), keys_and_rules(2, 1)), nullptr);

  EXPECT_EQ(cache.size(), 0U);
  EXPECT_EQ(cache.find(digest_of(1), keys_and_rules(1, 1)), nullptr);
}

TEST(TokenCache, ForgetsATokenOfOtherRules) {
  TokenCache cache(100);
  cache.insert(digest_of(1), token_of(1, 1));

  EXPECT_EQ(cache.find(digest_of(1), keys_and_rules(1, 2)), nullptr);

  EXPECT_EQ(cache.size(), 0U);
}

TEST(TokenCache, ReplacesATokenThatIsThere) {
  TokenCache cache(100);
  const TokenPointer newer = token_of(2);
  cache.insert(digest_of(1), token_of(1));

  cache.insert(digest_of(1), newer);

  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.find(digest_of(1), keys_and_rules(2, 1)), newer);
}

TEST(TokenCache, ErasesOneToken) {
  TokenCache cache(100);
  cache.insert(digest_of(1), token_of(1));
  cache.insert(digest_of(2), token_of(1));

  cache.erase(digest_of(1));
  cache.erase(digest_of(3));

  EXPECT_EQ(cache.find(digest_of(1), keys_and_rules(1, 1)), nullptr);
  EXPECT_NE(cache.find(digest_of(2), keys_and_rules(1, 1)), nullptr);
  EXPECT_EQ(cache.size(), 1U);
}

/// Digests that share a shard, whatever picks it: they differ in one byte in the middle.
Sha256 neighbour(std::uint8_t number) {
  Sha256 digest = digest_of(0);
  digest.bytes[16] = number;
  return digest;
}

TEST(TokenCache, TheLeastRecentlyUsedGoesFirst) {
  TokenCache cache(3 * 32);  // three a shard
  for (std::uint8_t number = 1; number <= 3; ++number) cache.insert(neighbour(number), token_of(1));
  EXPECT_NE(cache.find(neighbour(1), keys_and_rules(1, 1)), nullptr);

  cache.insert(neighbour(4), token_of(1));

  EXPECT_NE(cache.find(neighbour(1), keys_and_rules(1, 1)), nullptr);
  EXPECT_EQ(cache.find(neighbour(2), keys_and_rules(1, 1)), nullptr);
  EXPECT_NE(cache.find(neighbour(3), keys_and_rules(1, 1)), nullptr);
  EXPECT_NE(cache.find(neighbour(4), keys_and_rules(1, 1)), nullptr);
}

TEST(TokenCache, StaysWithinItsCapacity) {
  const TokenPointer token = token_of(1);
  std::mt19937_64 random(20260301);
  for (const std::size_t capacity : {32U, 33U, 100U, 1000U}) {
    TokenCache cache(capacity);
    for (int i = 0; i < 20000; ++i) {
      const Sha256 digest = digest_of(random() % 5000);
      switch (random() % 4) {
        case 0: cache.erase(digest); break;
        case 1: (void)cache.find(digest, {.traditional = 1 + random() % 10 / 9, .issuers = {}, .rules = 1}); break;
        default: cache.insert(digest, token);
      }
      ASSERT_LE(cache.size(), capacity);
    }
    EXPECT_GT(cache.size(), capacity / 2);
    EXPECT_LE(cache.size(), capacity);
  }
}

TEST(TokenCache, HoldsAtLeastOneTokenAShard) {
  TokenCache cache(0);
  for (std::size_t i = 0; i < 1000; ++i) cache.insert(digest_of(i), token_of(1));

  EXPECT_GE(cache.size(), 1U);
  EXPECT_LE(cache.size(), 32U);
}

TEST(TokenCache, ATokenInUseOutlivesItsEntry) {
  TokenCache cache(100);
  cache.insert(digest_of(1), token_of(1));
  const TokenPointer held = cache.find(digest_of(1), keys_and_rules(1, 1));

  cache.erase(digest_of(1));

  EXPECT_EQ(held->identity.username, "alice");
}

TEST(TokenCache, FindsByTextWhatWasInsertedByDigest) {
  TokenCache cache(100);
  const TokenPointer token = token_of(1);
  EXPECT_EQ(cache.find("the text", keys_and_rules(1, 1)).token, nullptr);
  EXPECT_EQ(cache.find("the text", keys_and_rules(1, 1)).digest, sha256("the text"));

  cache.insert(sha256("the text"), token);

  for (int i = 0; i < 4; ++i) {  // from the shards, then from the thread's own memo
    const TokenCache::Found found = cache.find("the text", keys_and_rules(1, 1));
    EXPECT_EQ(found.token, token);
    EXPECT_EQ(found.digest, sha256("the text"));
    EXPECT_EQ(cache.find("the texT", keys_and_rules(1, 1)).token, nullptr);
  }
}

TEST(TokenCache, ATokenOftenAskedForIsNotFoundForOtherKeysOrRules) {
  TokenCache cache(100);
  cache.insert(sha256("the text"), token_of(1, 1));
  for (int i = 0; i < 4; ++i) EXPECT_NE(cache.find("the text", keys_and_rules(1, 1)).token, nullptr);

  EXPECT_EQ(cache.find("the text", keys_and_rules(2, 1)).token, nullptr);
  EXPECT_EQ(cache.find("the text", keys_and_rules(1, 2)).token, nullptr);

  const TokenPointer newer = token_of(2, 1);
  cache.insert(sha256("the text"), newer);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(cache.find("the text", keys_and_rules(2, 1)).token, newer);
}

TEST(TokenCache, OneCacheDoesNotAnswerForAnother) {
  TokenCache first(100);
  TokenCache second(100);
  first.insert(sha256("the text"), token_of(1));

  for (int i = 0; i < 4; ++i) {
    EXPECT_NE(first.find("the text", keys_and_rules(1, 1)).token, nullptr);
    EXPECT_EQ(second.find("the text", keys_and_rules(1, 1)).token, nullptr);
  }
}

TEST(TokenCache, NeverMixesGenerationsUnderManyThreads) {
  TokenCache cache(200);
  const std::vector<TokenPointer> tokens{token_of(0), token_of(1), token_of(2)};
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned seed = 0; seed < 4; ++seed) {
      threads.emplace_back([&, seed] {
        std::mt19937_64 random(seed);
        for (int i = 0; i < 5000; ++i) {
          const Sha256 digest = digest_of(random() % 300);
          const std::uint64_t generation = random() % 3;
          if (random() % 8 == 0) cache.erase(digest);
          if (random() % 2 == 0) cache.insert(digest, tokens[generation]);
          const TokenPointer found = cache.find(digest, {.traditional = generation, .issuers = {}, .rules = 1});
          if (found != nullptr && found->key_generation != generation) ++wrong;
        }
      });
    }
  }

  EXPECT_EQ(wrong, 0);
  EXPECT_LE(cache.size(), 200U);
}

}  // namespace
}  // namespace portcullis
