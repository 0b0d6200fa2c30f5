// The tools of this folder themselves: what they break breaks, and what they count counts.
#include "tests/fault/allocations.h"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fault/each_allocation.h"

namespace portcullis::test {
namespace {

/// Whether an allocation can be had.
bool allocates() {
  void* const made = std::malloc(16);
  std::free(made);
  return made != nullptr;
}

TEST(AllocationOutageTest, FailsOneOrAllFromThere) {
  for (const Outage outage : {Outage::one, Outage::from_now}) {
    bool first = false;
    bool second = false;
    bool third = false;
    {
      const AllocationOutage failing(2, outage);
      first = allocates();
      second = allocates();
      third = allocates();
    }
    EXPECT_TRUE(first);
    EXPECT_FALSE(second);
    EXPECT_EQ(third, outage == Outage::one);
    EXPECT_TRUE(allocates());
  }
}

TEST(AllocationOutageTest, LeavesOtherThreadsAlone) {
  std::atomic<bool> failed{false};
  bool elsewhere = false;
  bool here = true;
  std::thread other([&] {
    while (!failed) std::this_thread::yield();
    elsewhere = allocates();
  });
  {
    const AllocationOutage failing(1, Outage::from_now);
    here = allocates();
    failed = true;
    other.join();
  }
  EXPECT_FALSE(here);
  EXPECT_TRUE(elsewhere);
}

TEST(AllocationOutageTest, ThrowsWhereAnObjectIsMade) {
  const auto makes = [] {
    const auto made = std::make_unique<int>(1);
    asm volatile("" : : "g"(made.get()) : "memory");  // an object that nobody sees need not be made
    return made != nullptr;
  };
  EXPECT_EQ(fail_each_allocation(Outage::one, makes, [](const std::optional<bool>& /*made*/) {}), 1U);
}

TEST(LeaksTest, SeeWhatEachRunLeavesBehind) {
  if (live_allocations() == 0) GTEST_SKIP() << "a sanitizer looks for leaks itself";
  std::vector<std::unique_ptr<int>> kept;
  auto leaky = [&] { return kept.emplace_back(std::make_unique<int>(1)).get(); };
  auto tidy = [] { return std::make_unique<int>(1) != nullptr; };
  EXPECT_TRUE(leaks(1'000, Outage::one, leaky));
  EXPECT_FALSE(leaks(1'000, Outage::one, tidy));
}

}  // namespace
}  // namespace portcullis::test
