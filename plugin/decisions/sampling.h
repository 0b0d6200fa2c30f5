// Which refusals of nobody in particular are kept when there are very many.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace portcullis {

/// Of each second the first thousand, then one in a hundred. Safe from many threads.
class FloodSampling {
 public:
  static constexpr std::uint32_t kWholePerSecond = 1000;
  static constexpr std::uint32_t kOneIn = 100;

  /// How many refusals this one stands for: 1, `kOneIn`, or 0 where it is not kept because another stands for it.
  std::uint32_t weigh(TimePoint now) noexcept {
    const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    std::int64_t before = second_.load(std::memory_order_relaxed);
    if (before != second && second_.compare_exchange_strong(before, second, std::memory_order_relaxed)) {
      seen_.store(0, std::memory_order_relaxed);
    }
    const std::uint32_t number = seen_.fetch_add(1, std::memory_order_relaxed);
    if (number < kWholePerSecond) return 1;
    return (number - kWholePerSecond) % kOneIn == 0 ? kOneIn : 0;
  }

 private:
  std::atomic<std::int64_t> second_{-1};
  std::atomic<std::uint32_t> seen_{0};
};

}  // namespace portcullis
