#include "plugin/resident_code.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/digest.h"

namespace portcullis::test {
namespace {

/// KiB of mapped files that are in memory.
std::size_t resident_files() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t size = 0;
    if (word == "RssFile:" && status >> size) return size;
  }
  return 0;
}

TEST(ResidentCode, IsLessOnceItWasDropped) {
  const std::size_t before = resident_files();
  ASSERT_GT(before, 0U);

  drop_resident_code();

  EXPECT_LT(resident_files(), before);
}

TEST(ResidentCode, ComesBackWhereItIsUsedAlsoInOtherThreads) {
  const Sha256 expected = sha256("text");
  std::vector<std::thread> threads;
  std::vector<int> same(4, 0);
  for (int& one : same) {
    threads.emplace_back([&one, &expected] {
      for (int i = 0; i < 2000; ++i) one += sha256("text") == expected ? 1 : 0;
    });
  }
  for (int i = 0; i < 50; ++i) drop_resident_code();
  for (std::thread& thread : threads) thread.join();

  EXPECT_TRUE(std::all_of(same.begin(), same.end(), [](int one) { return one == 2000; }));
}

}  // namespace
}  // namespace portcullis::test
