// A scenario run once for each of its allocations, with that one failing: alone, and with every later one.
#pragma once

#include <cstdint>
#include <new>
#include <optional>

#include <gtest/gtest.h>

#include "tests/fault/allocations.h"

namespace portcullis::test {

/// Runs `scenario` until no allocation is left to fail, and hands what it returned to `check`; nothing where memory ran out. Another
/// exception fails the test. How many allocations there were.
template <class Scenario, class Check>
std::uint64_t fail_each_allocation(Outage outage, Scenario scenario, Check check) {
  check(std::optional(scenario()));  // what is made once a process is made here, and nothing is wrong with it
  for (std::uint64_t nth = 1;; ++nth) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, testing::Message() << "allocation " << nth);
    std::optional<decltype(scenario())> outcome;
    bool happened = false;
    {
      const AllocationOutage failing(nth, outage);
      try {
        outcome.emplace(scenario());
      } catch (const std::bad_alloc&) {
        outcome.reset();
      }
      happened = AllocationOutage::happened();
    }
    check(std::move(outcome));
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
