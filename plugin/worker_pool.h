// What takes long, off the request threads: signature checks of costly keys, calls to other services. A flood of either holds up nobody
// else's request.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace portcullis {

/// A few threads of low priority and a queue that admission bounds. Safe from many threads.
class WorkerPool {
 public:
  /// Starts `threads` threads, at least one.
  explicit WorkerPool(unsigned threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  /// Runs every job that was submitted, then ends.
  ~WorkerPool();

  /// Runs `job` on one of the threads. Jobs do not throw.
  void submit(std::function<void()> job) EXCLUDES(mutex_);

 private:
  void run() EXCLUDES(mutex_);

  // guarded by mutex_
  Mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> jobs_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  // the owner's thread only
  std::vector<std::thread> threads_;
};

}  // namespace portcullis
