#include "plugin/worker_pool.h"

#include <algorithm>
#include <utility>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace portcullis {
namespace {

/// Request threads come first where cores are few.
constexpr int kNice = 10;

void lower_priority() noexcept {
  // On Linux a nice value belongs to the thread. That it cannot be lowered is no reason to stop.
  [[maybe_unused]] const int done = ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNice);
}

}  // namespace

WorkerPool::WorkerPool(unsigned threads) : most_(std::max(1U, threads)) {}

WorkerPool::~WorkerPool() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();  // once it stops, none is added
}

void WorkerPool::submit(std::function<void()> job) {
  {
    const MutexLock lock(mutex_);
    jobs_.push_back(std::move(job));
    // While it stops, whoever submits is a job, whose thread sees to this one.
    if (jobs_.size() > idle_ && threads_.size() < most_ && !stopping_) add_thread();
  }
  changed_.notify_one();
}

/// For the job that came last. Without a thread for it, it waits for one of those that are there.
void WorkerPool::add_thread() {
  try {
    threads_.emplace_back([this] { run(); });
  } catch (...) {
    if (!threads_.empty()) return;
    jobs_.pop_back();
    throw;
  }
}

void WorkerPool::run() {
  lower_priority();
  for (;;) {
    std::function<void()> job;
    {
      const MutexLock lock(mutex_);
      ++idle_;
      while (jobs_.empty() && !stopping_) changed_.wait(mutex_);
      --idle_;
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace portcullis
