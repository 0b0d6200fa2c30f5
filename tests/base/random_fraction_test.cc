#include "base/io/random_fraction.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

/// Every byte the same.
class ConstantEntropy final : public Entropy {
 public:
  explicit ConstantEntropy(std::uint8_t byte) : byte_(byte) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& one : out) one = byte_;
  }

 private:
  const std::uint8_t byte_;
};

TEST(RandomFraction, IsFromZeroToBelowOne) {
  ConstantEntropy least(0);
  ConstantEntropy most(0xff);

  EXPECT_EQ(random_fraction(least), 0);
  EXPECT_LT(random_fraction(most), 1);
  EXPECT_GT(random_fraction(most), 0.999);
}

}  // namespace
}  // namespace portcullis
