// A scenario run once for each of its allocations, with that one failing: alone, and with every later one.
#pragma once

#include <cstdint>
#include <new>
#include <optional>

#include <gtest/gtest.h>

#include "tests/fault/allocations.h"

namespace portcullis::test {

/// Runs `scenario` with its `nth` allocation failing. Nothing where memory ran out; another exception fails the test.
template <class Scenario>
auto run_without(std::uint64_t nth, Outage outage, Scenario& scenario, bool& happened) {
  std::optional<decltype(scenario())> outcome;
  const AllocationOutage failing(nth, outage);
  try {
    outcome.emplace(scenario());
  } catch (const std::bad_alloc&) {
    outcome.reset();
  }
  happened = AllocationOutage::happened();
  return outcome;
}

/// Whether something is left behind each time that `scenario` runs so. What is kept for later (a cache, a buffer
/// that grew, the 16 places of OpenSSL's errors) is kept once.
template <class Scenario>
bool leaks(std::uint64_t nth, Outage outage, Scenario& scenario) {
  for (int repeated = 0; repeated < 20; ++repeated) {
    const std::int64_t before = live_allocations();
    bool happened = false;
    (void)run_without(nth, outage, scenario, happened);
    if (live_allocations() <= before) return false;
  }
  return true;
}

/// Runs `scenario` until no allocation is left to fail, and hands what it returned to `check`. Nothing may be left behind. How many
/// allocations there were.
template <class Scenario, class Check>
std::uint64_t fail_each_allocation(Outage outage, Scenario scenario, Check check) {
  check(std::optional(scenario()));  // what is made once a process is made here, and nothing is wrong with it
  for (std::uint64_t nth = 1;; ++nth) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, testing::Message() << "allocation " << nth);
    bool happened = false;
    check(run_without(nth, outage, scenario, happened));
    EXPECT_FALSE(leaks(nth, outage, scenario));
    if (!happened || testing::Test::HasFailure()) return nth - 1;
  }
}

/// Both outages, one after the other. Every scenario allocates.
template <class Scenario, class Check>
void fail_all_allocations(Scenario scenario, Check check) {
  for (const Outage outage : {Outage::one, Outage::from_now}) {
    EXPECT_GT(fail_each_allocation(outage, scenario, check), 0U);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace portcullis::test
