// Tells threads that wait that the process, or their part of it, is ending.
#pragma once

#include <chrono>
#include <condition_variable>

#include "base/mutex.h"

namespace portcullis {

/// Safe from many threads.
class StopFlag {
 public:
  /// Waits for `time`. False: it was stopped, before or meanwhile.
  [[nodiscard]] bool pause(std::chrono::milliseconds time) EXCLUDES(mutex_) {
    const auto until = std::chrono::steady_clock::now() + time;
    const MutexLock lock(mutex_);
    while (!stopped_ && changed_.wait_until(mutex_, until) != std::cv_status::timeout) {
    }
    return !stopped_;
  }
  /// Ends every pause, now and from now on.
  void stop() EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
  }

 private:
  Mutex mutex_;
  std::condition_variable_any changed_;
  bool stopped_ GUARDED_BY(mutex_) = false;
};

}  // namespace portcullis
