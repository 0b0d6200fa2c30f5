// Allocations that fail when a test says so: malloc and operator new of the whole test program, its C libraries included.
#pragma once

#include <cstdint>

namespace portcullis::test {

/// Whose allocations are counted and fail.
enum class Whose {
  this_thread,    ///< of the thread that made the outage
  other_threads,  ///< of all but that one: a daemon's, seen from a client in the same program
};

enum class Outage {
  one,       ///< the n-th allocation alone
  from_now,  ///< the n-th, and every later one
};

/// While it lives, the `nth` allocation (from 1) of `whose` threads fails: malloc, calloc and realloc give null, operator new throws
/// `std::bad_alloc`. One at a time in a program.
class AllocationOutage {
 public:
  AllocationOutage(std::uint64_t nth, Outage outage, Whose whose = Whose::this_thread) noexcept;
  AllocationOutage(const AllocationOutage&) = delete;
  AllocationOutage& operator=(const AllocationOutage&) = delete;
  ~AllocationOutage();

  /// Whether the n-th allocation was reached.
  [[nodiscard]] static bool happened() noexcept;
};

/// How many allocations the calling thread has made and not freed, more or fewer than at its beginning. With a sanitizer always 0: it looks
/// for leaks itself.
std::int64_t live_allocations() noexcept;

}  // namespace portcullis::test
