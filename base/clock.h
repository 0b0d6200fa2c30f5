// Time as a value: every pure function takes `now`, and only `Clock` reads it.
#pragma once

#include <chrono>

namespace portcullis {

/// UTC in milliseconds: reaches beyond the year 9999, which nanoseconds in 64 bits do not.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;
/// For waiting and measuring only: never steps.
using SteadyPoint = std::chrono::steady_clock::time_point;

/// Seam for time. Safe from many threads.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall clock, UTC.
  [[nodiscard]] virtual TimePoint now() const = 0;
  /// Monotonic clock, for deadlines and durations.
  [[nodiscard]] virtual SteadyPoint steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); }
  [[nodiscard]] SteadyPoint steady_now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace portcullis
