// The memo of one thread: a text is known as a whole or not at all.
#include "verifier/token_memo.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/tokens.h"
#include "tests/support/verification.h"

namespace portcullis {
namespace {

using TokenPointer = std::shared_ptr<const VerifiedToken>;

TokenPointer some_token() {
  static const test::KeyPair& pair = test::key_pair("ED25519");
  static const KeySet keys = test::key_set({{"k1", &pair}});
  auto token = verify_token(test::mint(test::good_payload(test::kNow), pair, "EdDSA", "k1"), {&keys, true, 1}, test::default_rules(), {},
                            test::kNow, nullptr);
  EXPECT_TRUE(token.ok());
  return std::make_shared<const VerifiedToken>(std::move(token).value());
}

/// Offered often enough to be kept.
void keep(TokenMemo& memo, std::string_view text, const TokenPointer& token) {
  for (int i = 0; i < 2; ++i) memo.note(text, sha256(text), token);
}

bool knows(const TokenMemo& memo, std::string_view text) { return memo.find(text) != nullptr; }

TEST(TokenMemo, KeepsWhatIsOfferedTwice) {
  TokenMemo memo;
  const TokenPointer token = some_token();
  EXPECT_FALSE(knows(memo, "the text"));

  memo.note("the text", sha256("the text"), token);
  EXPECT_FALSE(knows(memo, "the text"));
  memo.note("the text", sha256("the text"), token);

  ASSERT_TRUE(knows(memo, "the text"));
  EXPECT_EQ(memo.find("the text")->token, token);
  EXPECT_EQ(memo.find("the text")->digest, sha256("the text"));
}

TEST(TokenMemo, KnowsNoTextThatDiffersInOneBit) {
  TokenMemo memo;
  const std::string text = "0123456789abcdef0123456789abcdef0123456789abcdef-the-end-of-it-all";
  keep(memo, text, some_token());

  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(knows(memo, other)) << "bit " << bit;
  }
  EXPECT_TRUE(knows(memo, text));
}

TEST(TokenMemo, KnowsNoPartOfATextAndNothingLonger) {
  TokenMemo memo;
  const std::string text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  keep(memo, text, some_token());

  for (std::size_t size = 0; size < text.size(); ++size) ASSERT_FALSE(knows(memo, text.substr(0, size))) << size;
  EXPECT_FALSE(knows(memo, text + 'a'));
  EXPECT_FALSE(knows(memo, text + '\0'));
}

TEST(TokenMemo, KnowsTextsOfEveryLengthUpToTheLimit) {
  const TokenPointer token = some_token();
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{9}, TokenMemo::kTextBytes}) {
    TokenMemo memo;
    keep(memo, std::string(size, 'x'), token);
    EXPECT_TRUE(knows(memo, std::string(size, 'x'))) << size;
  }
  TokenMemo memo;
  keep(memo, std::string(TokenMemo::kTextBytes + 1, 'x'), token);
  keep(memo, "", token);
  EXPECT_FALSE(knows(memo, std::string(TokenMemo::kTextBytes + 1, 'x')));
  EXPECT_FALSE(knows(memo, ""));
}

TEST(TokenMemo, GivesEachTextItsOwnToken) {
  TokenMemo memo;
  std::vector<std::pair<std::string, TokenPointer>> all;
  for (int i = 0; i < 200; ++i) all.emplace_back("token number " + std::to_string(i), some_token());
  for (const auto& [text, token] : all) keep(memo, text, token);

  std::size_t known = 0;
  for (const auto& [text, token] : all) {
    const TokenMemo::Known* const found = memo.find(text);
    if (found == nullptr) continue;
    ++known;
    EXPECT_EQ(found->token, token);
  }
  EXPECT_GT(known, 0U);
  EXPECT_LE(known, 32U);
}

TEST(TokenMemo, TokensThatComeOnceDisplaceNothing) {
  TokenMemo memo;
  const TokenPointer token = some_token();
  keep(memo, "often", token);

  for (int i = 0; i < 1000; ++i) {
    const std::string text = "once " + std::to_string(i);
    memo.note(text, sha256(text), token);
  }

  EXPECT_TRUE(knows(memo, "often"));
}

TEST(TokenMemo, ForgetsEverythingWhenToldTo) {
  TokenMemo memo;
  keep(memo, "text", some_token());

  memo.clear();

  EXPECT_FALSE(knows(memo, "text"));
  memo.note("text", sha256("text"), some_token());
  EXPECT_FALSE(knows(memo, "text"));
}

}  // namespace
}  // namespace portcullis
