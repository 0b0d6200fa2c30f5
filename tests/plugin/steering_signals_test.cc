#include "plugin/steering_signals.h"

#include <gtest/gtest.h>
#include <pthread.h>

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

/// The signal mask of the test program comes back behind each test.
class Signals : public testing::Test {
 protected:
  Signals() { ::pthread_sigmask(SIG_SETMASK, nullptr, &before_); }
  ~Signals() override { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  sigset_t before_{};
};

TEST_F(Signals, ArriveOneByOneInsteadOfEndingTheProcess) {
  const SteeringSignals signals;

  for (const int signal : {SIGHUP, SIGUSR1, SIGTERM, SIGINT}) {
    ::pthread_kill(::pthread_self(), signal);
    EXPECT_EQ(signals.wait(), signal);
  }
}

TEST_F(Signals, TellWhetherAStopCameInTime) {
  const SteeringSignals signals;

  EXPECT_FALSE(signals.stop_within(0ms));
  ::pthread_kill(::pthread_self(), SIGTERM);
  EXPECT_TRUE(signals.stop_within(10s));
  ::pthread_kill(::pthread_self(), SIGINT);
  EXPECT_TRUE(signals.stop_within(0ms));
}

TEST_F(Signals, TakeNoReloadForAStop) {
  const SteeringSignals signals;

  ::pthread_kill(::pthread_self(), SIGHUP);

  EXPECT_FALSE(signals.stop_within(1ms));
}

}  // namespace
}  // namespace portcullis::test
