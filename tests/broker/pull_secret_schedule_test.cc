#include "broker/pull_secret/schedule.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::kNow;

TEST(PullSecretSchedule, RenewsAfterThreeQuartersOfTheLife) { EXPECT_EQ(renewal_time(kNow, kNow + 12h, std::nullopt), kNow + 9h); }

TEST(PullSecretSchedule, RenewsAfterTheRefreshTimeWhereThatIsSooner) {
  EXPECT_EQ(renewal_time(kNow, kNow + 12h, 30min), kNow + 30min);
  EXPECT_EQ(renewal_time(kNow, kNow + 4h, 3h), kNow + 3h);
  EXPECT_EQ(renewal_time(kNow, kNow + 4h, 3h + 1ms), kNow + 3h);
}

TEST(PullSecretSchedule, NeverRenewsWithinTenSeconds) {
  EXPECT_EQ(renewal_time(kNow, kNow + 13s, std::nullopt), kNow + 10s);
  EXPECT_EQ(renewal_time(kNow, kNow + 14s, std::nullopt), kNow + 10500ms);
  EXPECT_EQ(renewal_time(kNow, kNow - 1h, std::nullopt), kNow + 10s);
  EXPECT_EQ(renewal_time(kNow, kNow + 1h, 1s), kNow + 10s);
  EXPECT_EQ(renewal_time(kNow, std::nullopt, 1s), kNow + 10s);
}

TEST(PullSecretSchedule, ReadsLoginsWithoutEndAgain) {
  EXPECT_EQ(renewal_time(kNow, std::nullopt, std::nullopt), kNow + 5min);
  EXPECT_EQ(renewal_time(kNow, std::nullopt, 1h), kNow + 1h);
}

TEST(PullSecretSchedule, SaysWhenTheRefreshTimeOutlivesTheLogin) {
  EXPECT_FALSE(outlives_login(kNow, kNow + 1h, 1h));
  EXPECT_TRUE(outlives_login(kNow, kNow + 1h, 1h + 1ms));
  EXPECT_FALSE(outlives_login(kNow, std::nullopt, 1h));
  EXPECT_FALSE(outlives_login(kNow, kNow + 1h, std::nullopt));
}

TEST(PullSecretSchedule, WaitsTwiceAsLongBehindEachFailureUpToTenMinutes) {
  EXPECT_EQ(retry_wait(1, 0.5), 5s);
  EXPECT_EQ(retry_wait(2, 0.5), 10s);
  EXPECT_EQ(retry_wait(7, 0.5), 320s);
  EXPECT_EQ(retry_wait(8, 0.5), 10min);
  EXPECT_EQ(retry_wait(2'000'000'000, 0.5), 10min);
}

TEST(PullSecretSchedule, SpreadsAttemptsByAQuarter) {
  EXPECT_EQ(retry_wait(1, 0.0), 3750ms);
  EXPECT_EQ(retry_wait(1, 1.0), 6250ms);
}

}  // namespace
}  // namespace portcullis
