// A scenario run once for each of its file or socket calls, with that one failing.
#pragma once

#include <cstdint>

#include <gtest/gtest.h>

#include "tests/fault/system_calls.h"

namespace portcullis::test {

/// Runs `scenario` until no call of that kind is left to fail, and hands what it returned to `check`. How many calls there were.
template <class Scenario, class Check>
std::uint64_t fail_each_call(Calls calls, Scenario scenario, Check check) {
  for (std::uint64_t nth = 1;; ++nth) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, testing::Message() << "call " << nth);
    bool happened = false;
    auto outcome = [&] {
      const CallFault fault(nth, {.calls = calls});
      auto made = scenario();
      happened = CallFault::happened();
      return made;
    }();
    check(std::move(outcome));
    if (!happened || testing::Test::HasFailure()) return nth - 1;
  }
}

}  // namespace portcullis::test
