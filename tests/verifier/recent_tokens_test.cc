// The set behind the cache of verified tokens, beside a plain model of it.
#include "verifier/recent_tokens.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/tokens.h"
#include "tests/support/verification.h"

namespace portcullis {
namespace {

Sha256 digest_of(std::uint64_t number) { return sha256(std::to_string(number)); }

/// A verified token for each number up to 40; only `verify_token` makes one.
RecentTokens::Token token_of(std::size_t number) {
  static const std::vector<RecentTokens::Token> made = [] {
    const test::KeyPair& pair = test::key_pair("ED25519");
    const KeySet keys = test::key_set({{"k1", &pair}});
    const std::string text = test::mint(test::good_payload(test::kNow), pair, "EdDSA", "k1");
    std::vector<RecentTokens::Token> all;
    for (std::uint64_t i = 0; i <= 40; ++i) {
      auto token = verify_token(text, {&keys, true, i}, test::default_rules(), {}, test::kNow, nullptr);
      all.push_back(std::make_shared<const VerifiedToken>(std::move(token).value()));
    }
    return all;
  }();
  return made.at(number);
}

TEST(RecentTokens, IsEmptyAtFirst) {
  RecentTokens tokens(3);
  EXPECT_EQ(tokens.size(), 0U);
  EXPECT_EQ(tokens.find(digest_of(1)), nullptr);
  EXPECT_EQ(tokens.erase(digest_of(1)), nullptr);
}

TEST(RecentTokens, TheLeastRecentlyUsedGoesWhereThereIsNoRoom) {
  RecentTokens tokens(2);
  EXPECT_EQ(tokens.insert(digest_of(1), token_of(1)), nullptr);
  EXPECT_EQ(tokens.insert(digest_of(2), token_of(2)), nullptr);
  ASSERT_NE(tokens.find(digest_of(1)), nullptr);
  EXPECT_EQ(tokens.insert(digest_of(3), token_of(3)), token_of(2));
  EXPECT_EQ(tokens.find(digest_of(2)), nullptr);
  EXPECT_EQ(*tokens.find(digest_of(1)), token_of(1));
  EXPECT_EQ(*tokens.find(digest_of(3)), token_of(3));
  EXPECT_EQ(tokens.size(), 2U);
}

TEST(RecentTokens, TheSameDigestTakesThePlaceOfTheFirst) {
  RecentTokens tokens(2);
  EXPECT_EQ(tokens.insert(digest_of(1), token_of(1)), nullptr);
  EXPECT_EQ(tokens.insert(digest_of(1), token_of(4)), token_of(1));
  EXPECT_EQ(*tokens.find(digest_of(1)), token_of(4));
  EXPECT_EQ(tokens.size(), 1U);
}

TEST(RecentTokens, ACapacityOfNoneIsOne) {
  RecentTokens tokens(0);
  EXPECT_EQ(tokens.insert(digest_of(1), token_of(1)), nullptr);
  EXPECT_EQ(tokens.insert(digest_of(2), token_of(2)), token_of(1));
  EXPECT_EQ(tokens.size(), 1U);
}

TEST(RecentTokens, DoesWhatAModelDoes) {
  std::mt19937_64 random(20261122);
  for (const std::size_t capacity : {1U, 2U, 7U, 40U, 200U}) {
    RecentTokens tokens(capacity);
    std::deque<std::pair<std::uint64_t, RecentTokens::Token>> model;  // the most recently used first
    for (int step = 0; step < 20'000; ++step) {
      const std::uint64_t number = random() % (2 * capacity + 1);
      const std::uint64_t what = random() % 8;
      const auto known = std::find_if(model.begin(), model.end(), [number](const auto& entry) { return entry.first == number; });
      RecentTokens::Token expected = known == model.end() ? nullptr : known->second;
      if (known != model.end()) model.erase(known);
      if (what == 0) {
        ASSERT_EQ(tokens.erase(digest_of(number)), expected);
      } else if (what < 4) {
        const RecentTokens::Token* const found = tokens.find(digest_of(number));
        ASSERT_EQ(found == nullptr ? nullptr : *found, expected);
        if (expected != nullptr) model.emplace_front(number, expected);
      } else {
        if (expected == nullptr && model.size() == capacity) {
          expected = model.back().second;
          model.pop_back();
        }
        model.emplace_front(number, token_of(random() % 41));
        ASSERT_EQ(tokens.insert(digest_of(number), model.front().second), expected);
      }
      ASSERT_EQ(tokens.size(), model.size());
    }
  }
}

}  // namespace
}  // namespace portcullis
