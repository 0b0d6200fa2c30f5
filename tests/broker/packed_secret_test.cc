// A password in memory: every text comes back to the byte, and base64 takes three quarters of its room.
#include <gtest/gtest.h>

#include "base/codec/base64url.h"
#include "broker/packed_secret.h"

namespace portcullis::test {
namespace {

std::string base64_of(std::size_t bytes) {
  std::string plain;
  for (std::size_t i = 0; i < bytes; ++i) plain += static_cast<char>(i * 151 + i / 256);
  return base64_encode(plain);
}

std::string text_of(const PackedSecret& packed) { return std::string(packed.text().reveal()); }

TEST(PackedSecret, GivesEveryTextBackWhateverItsLengthAndPadding) {
  for (std::size_t bytes = 0; bytes < 200; ++bytes) {
    const std::string text = base64_of(bytes);
    const PackedSecret packed{Secret(text)};
    EXPECT_EQ(text_of(packed), text);
    EXPECT_EQ(packed.size(), text.size());
  }
}

TEST(PackedSecret, GivesTextsBackThatAreNoBase64) {
  const std::string letters = base64_of(300);
  for (const std::string& text : {std::string(), std::string("p"), std::string("pass word"), std::string(200, '-'), letters + "=",
                                  letters + "====", letters + "A", "=" + letters, letters.substr(0, 99) + "-" + letters,
                                  letters + std::string("\0\xff", 2), letters.substr(0, 398) + "9=", letters.substr(0, 397) + "9=="}) {
    const PackedSecret packed{Secret(text)};
    EXPECT_EQ(text_of(packed), text);
    EXPECT_EQ(packed.size(), text.size());
  }
}

TEST(PackedSecret, TakesThreeQuartersOfTheRoomForBase64) {
  EXPECT_EQ(PackedSecret(Secret(base64_of(1500))).kept_bytes(), 1500U);
  EXPECT_EQ(PackedSecret(Secret(base64_of(1501))).kept_bytes(), 1500U + 4U);
  EXPECT_EQ(PackedSecret(Secret(std::string(2000, '-'))).kept_bytes(), 2000U);
}

TEST(PackedSecret, PacksFromItsShortestOn) {
  EXPECT_EQ(PackedSecret(Secret(std::string(PackedSecret::kShortest - 1, 'p'))).kept_bytes(), PackedSecret::kShortest - 1);
  EXPECT_EQ(PackedSecret(Secret(std::string(PackedSecret::kShortest, 'p'))).kept_bytes(), PackedSecret::kShortest / 4 * 3);
}

TEST(PackedSecret, WritesBehindWhatIsThereWithoutMovingIt) {
  const PackedSecret packed{Secret(base64_of(1501))};
  std::string out = "AWS:";
  out.reserve(out.size() + packed.size());
  const char* const where = out.data();

  packed.append_to(out);

  EXPECT_EQ(out, "AWS:" + base64_of(1501));
  EXPECT_EQ(out.data(), where);
}

TEST(PackedSecret, IsEmptyWhereItWasMovedFrom) {
  PackedSecret from{Secret(base64_of(1500))};
  const PackedSecret to = std::move(from);
  EXPECT_EQ(text_of(to), base64_of(1500));
  EXPECT_EQ(from.size(), 0U);  // NOLINT(bugprone-use-after-move): what is left is what is asked
  EXPECT_EQ(text_of(from), "");
}

}  // namespace
}  // namespace portcullis::test
