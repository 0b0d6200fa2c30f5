// Jobs off the request threads: all run, as many at once as there may be threads, and no thread before the first.
#include <atomic>
#include <barrier>
#include <filesystem>
#include <future>
#include <iterator>

#include <gtest/gtest.h>

#include "plugin/worker_pool.h"

namespace portcullis::test {
namespace {

std::ptrdiff_t threads_of_this_process() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
}

TEST(WorkerPoolTest, RunsEveryJobBeforeItEnds) {
  std::atomic<int> done{0};
  {
    WorkerPool pool(2);
    for (int i = 0; i < 100; ++i) pool.submit([&] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

TEST(WorkerPoolTest, HasNoThreadBeforeTheFirstJob) {
  const std::ptrdiff_t before = threads_of_this_process();
  WorkerPool pool(4);
  EXPECT_EQ(threads_of_this_process(), before);
  std::promise<std::ptrdiff_t> seen;
  pool.submit([&] { seen.set_value(threads_of_this_process()); });
  EXPECT_GT(seen.get_future().get(), before);
}

TEST(WorkerPoolTest, RunsAsManyAtOnceAsItMayHaveThreads) {
  std::barrier together(3);
  WorkerPool pool(3);
  for (int i = 0; i < 3; ++i) pool.submit([&] { together.arrive_and_wait(); });  // none of them ends before all have begun
}

TEST(WorkerPoolTest, RunsNoMoreAtOnceThanThat) {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  {
    WorkerPool pool(2);
    for (int i = 0; i < 1000; ++i)
      pool.submit([&] {
        const int now = ++running;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
        --running;
      });
  }
  EXPECT_GE(most, 1);
  EXPECT_LE(most, 2);
}

TEST(WorkerPoolTest, TakesNoThreadForNone) {
  std::promise<void> ran;
  WorkerPool pool(0);
  pool.submit([&] { ran.set_value(); });
  ran.get_future().get();
}

TEST(WorkerPoolTest, RunsWhatAJobSubmitsAtTheEnd) {
  std::atomic<int> done{0};
  {
    WorkerPool pool(2);
    for (int i = 0; i < 100; ++i)
      pool.submit([&] {
        ++done;
        pool.submit([&] { ++done; });
      });
  }
  EXPECT_EQ(done, 200);
}

}  // namespace
}  // namespace portcullis::test
