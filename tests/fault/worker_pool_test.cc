// Work off the request threads where no thread is to be had.
#include <atomic>
#include <future>
#include <system_error>

#include <gtest/gtest.h>

#include "plugin/worker_pool.h"
#include "tests/fault/system_calls.h"
#include "tests/support/daemon.h"
#include "tests/support/raw_client.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

TEST(WorkerPoolFaults, WithoutAnyThreadTheJobIsRefusedAndNeverRuns) {
  std::atomic<int> refused{0};
  std::promise<void> ran;
  WorkerPool pool(2);
  {
    const CallFault failing(1, {.calls = Calls::thread});
    EXPECT_THROW(pool.submit([&] { ++refused; }), std::system_error);
    EXPECT_TRUE(CallFault::happened());
  }
  pool.submit([&] { ran.set_value(); });
  ran.get_future().get();
  EXPECT_EQ(refused, 0);
}

TEST(WorkerPoolFaults, WithOneThreadTheJobWaitsForIt) {
  std::promise<void> go;
  std::promise<void> ran;
  WorkerPool pool(2);
  pool.submit([&, may = go.get_future().share()] { may.wait(); });
  {
    const CallFault failing(1, {.calls = Calls::thread});
    EXPECT_NO_THROW(pool.submit([&] { ran.set_value(); }));
    EXPECT_TRUE(CallFault::happened());
  }
  go.set_value();
  ran.get_future().get();
}

TEST(WorkerPoolFaults, AGateWithoutAThreadForACostlySignatureAnswersAndGoesOn) {
  TestDaemon daemon("", secret_json({{"costly", &key_pair("P-384")}}));
  const std::string token = mint(good_payload(SystemClock().now(), "team/app", "pull"), key_pair("P-384"), "ES384", "costly");
  {
    const CallFault failing(1, {.calls = Calls::thread, .whose = Whose::other_threads});
    EXPECT_EQ(daemon.status_for(token), 503);
    EXPECT_TRUE(CallFault::happened());
  }
  EXPECT_EQ(daemon.status_for(token), 200);
}

}  // namespace
}  // namespace portcullis::test
