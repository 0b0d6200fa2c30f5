// A clock that stands still until a test moves it.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace portcullis::test {

/// 2026-03-01T12:00:00Z: the moment at which tests take place unless they say otherwise.
inline constexpr TimePoint kNow{std::chrono::seconds{1772366400}};

/// The Unix seconds of `time`, rounded down, for claims.
constexpr std::int64_t unix_seconds(TimePoint time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

/// Safe from many threads.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(TimePoint now = kNow) : now_(now.time_since_epoch().count()) {}

  [[nodiscard]] TimePoint now() const override { return TimePoint(Milliseconds(now_.load())); }
  [[nodiscard]] SteadyPoint steady_now() const override { return SteadyPoint(Milliseconds(steady_.load())); }

  /// Moves both clocks forward.
  void advance(Milliseconds by) {
    now_ += by.count();
    steady_ += by.count();
  }
  /// Moves the wall clock alone, in any direction: a step, as NTP makes it.
  void step_to(TimePoint now) { now_ = now.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> now_;
  std::atomic<std::int64_t> steady_{1000000};
};

}  // namespace portcullis::test
