// What takes long, off the request threads: signature checks of costly keys, calls to other services. A flood of either holds up nobody
// else's request.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace portcullis {

/// A few threads of low priority and a queue that admission bounds. Safe from many threads.
class WorkerPool {
 public:
  /// At most `threads` threads, at least one, each started when a job would otherwise wait for another: what is never used has none.
  explicit WorkerPool(unsigned threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  /// Runs every job that was submitted, then ends.
  ~WorkerPool();

  /// Runs `job` on one of the threads. Jobs do not throw. Throws, and never runs it, where there is no memory (`std::bad_alloc`), or no
  /// thread yet and none to be had (`std::system_error`).
  void submit(std::function<void()> job) EXCLUDES(mutex_);

 private:
  void run() EXCLUDES(mutex_);
  void add_thread() REQUIRES(mutex_);

  const std::size_t most_;
  // guarded by mutex_
  Mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> jobs_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::size_t idle_ GUARDED_BY(mutex_) = 0;  ///< threads that wait for a job, those woken for one too
  std::vector<std::thread> threads_ GUARDED_BY(mutex_);
};

}  // namespace portcullis
