#include "policy/number_set.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

TEST(NumberSet, HoldsWhatItWasMadeFromOnBothSidesOfItsRoom) {
  for (const std::uint32_t size : {0U, 1U, 2U, 3U, 4U, 100U}) {
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t i = 0; i < size; ++i) numbers.push_back(2 * i);
    NumberSet set(numbers);
    const NumberSet moved = std::move(set);

    EXPECT_EQ(moved.empty(), size == 0);
    EXPECT_EQ(std::vector<std::uint32_t>(moved.begin(), moved.end()), numbers);
    for (const std::uint32_t number : numbers) EXPECT_TRUE(moved.contains(number) && !moved.contains(number + 1)) << size;
  }
}

}  // namespace
}  // namespace portcullis
