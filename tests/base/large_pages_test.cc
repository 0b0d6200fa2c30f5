#include "base/large_pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace portcullis {
namespace {

/// Sizes below, at and above what is worth it, so that no page lies in it, and several do.
TEST(LargePages, ChangeNothingOfWhatTheMemoryHolds) {
  for (const std::size_t count : {0U, 1U, 100'000U, 1'000'000U, 4'000'000U}) {
    std::vector<std::uint32_t> memory(count);
    std::iota(memory.begin(), memory.end(), 1U);

    prefer_large_pages(memory.data(), memory.size() * sizeof(std::uint32_t));

    std::uint32_t expected = 0;
    EXPECT_TRUE(std::all_of(memory.begin(), memory.end(), [&](std::uint32_t one) { return one == ++expected; })) << count;
    memory.push_back(1);  // and it can still grow
    EXPECT_EQ(memory.back(), 1U);
  }
}

TEST(LargePages, TakeNoMemoryAtAllAsNothing) { prefer_large_pages(nullptr, 0); }

}  // namespace
}  // namespace portcullis
