// One published immutable value: written by one thread, read by many without a shared reference count.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/mutex.h"

namespace portcullis {

/// Holds the newest `T`. Each reading thread keeps a copy of the pointer of its own and looks at the mutex only when the
/// generation has moved. Not `std::atomic<std::shared_ptr>`: on g++ 12 that is a lock, and ThreadSanitizer reports a race in it.
template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> first) : current_(std::move(first)) {}
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  /// Makes `next` what every later `read` sees. Safe from many threads.
  void publish(std::shared_ptr<const T> next) EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      current_.swap(next);
      generation_.fetch_add(1, std::memory_order_release);
    }
  }

  /// The newest value. The reference belongs to the calling thread and lives until that thread's next `read`: read once, at
  /// the top of a request. Safe from many threads.
  const std::shared_ptr<const T>& read() const EXCLUDES(mutex_) {
    thread_local Copy copy;
    const std::uint64_t generation = generation_.load(std::memory_order_acquire);
    if (copy.owner != identity_ || copy.generation != generation) {
      const MutexLock lock(mutex_);
      copy = {identity_, generation_.load(std::memory_order_relaxed), current_};
    }
    return copy.value;
  }

 private:
  struct Copy {
    std::uint64_t owner = 0;
    std::uint64_t generation = 0;
    std::shared_ptr<const T> value;
  };

  static std::uint64_t next_identity() {
    static std::atomic<std::uint64_t> counter{0};
    return counter.fetch_add(1, std::memory_order_relaxed) + 1;
  }

  // set once
  const std::uint64_t identity_ = next_identity();
  // locks itself
  std::atomic<std::uint64_t> generation_{1};
  mutable Mutex mutex_;
  // guarded by mutex_
  std::shared_ptr<const T> current_ GUARDED_BY(mutex_);
};

}  // namespace portcullis
