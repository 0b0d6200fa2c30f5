#include "keystore/refresh/schedule.h"

#include <array>

#include <gtest/gtest.h>

namespace portcullis {
namespace {

using namespace std::chrono_literals;

constexpr RefreshRules kMinutely{.interval = 1min, .max_stale = 24h};
constexpr double kAlmostOne = 0.999999;

TEST(Schedule, AGoodRoundIsFollowedByTheIntervalWithinTenPercent) {
  EXPECT_EQ(wait_after_success(kMinutely, std::nullopt, 0), 54s);
  EXPECT_EQ(wait_after_success(kMinutely, std::nullopt, 0.5), 60s);
  EXPECT_GE(wait_after_success(kMinutely, std::nullopt, kAlmostOne), 65'990ms);
  EXPECT_LE(wait_after_success(kMinutely, std::nullopt, kAlmostOne), 66s);
}

TEST(Schedule, AnOriginMayLengthenTheIntervalUpToTenMinutes) {
  EXPECT_EQ(wait_after_success(kMinutely, 61s, 0.5), 61s);
  EXPECT_EQ(wait_after_success(kMinutely, 10min, 0.5), 10min);
  EXPECT_EQ(wait_after_success(kMinutely, 10min + 1ms, 0.5), 10min);
  EXPECT_EQ(wait_after_success(kMinutely, 8760h, 0.5), 10min);
}

TEST(Schedule, AnOriginMayNotShortenTheInterval) {
  for (const Milliseconds wish : {Milliseconds(0), Milliseconds(1), Milliseconds(59'999), Milliseconds(-1)}) {
    EXPECT_EQ(wait_after_success(kMinutely, wish, 0.5), 60s) << wish.count();
  }
}

TEST(Schedule, AnIntervalOfMoreThanTenMinutesStays) { EXPECT_EQ(wait_after_success({.interval = 1h, .max_stale = 24h}, 10min, 0.5), 1h); }

TEST(Schedule, KeysAreReadAgainBeforeTheyAreTooOld) {
  EXPECT_EQ(wait_after_success({.interval = 1min, .max_stale = 2min}, std::nullopt, 0.5), 60s);
  EXPECT_EQ(wait_after_success({.interval = 1min, .max_stale = 2min}, std::nullopt, kAlmostOne), 60s);
  EXPECT_EQ(wait_after_success({.interval = 1min, .max_stale = 1min}, 10min, 0), 30s);
  EXPECT_EQ(wait_after_success({.interval = 24h, .max_stale = 24h}, std::nullopt, 0.5), 12h);
}

TEST(Schedule, BacksOffFromOneSecondDoublingAtRandom) {
  EXPECT_EQ(wait_after_failure(kMinutely, 1, 0.5), 500ms);
  EXPECT_EQ(wait_after_failure(kMinutely, 2, 0.5), 1s);
  EXPECT_EQ(wait_after_failure(kMinutely, 3, 0.5), 2s);
  EXPECT_EQ(wait_after_failure(kMinutely, 6, 0.5), 16s);
  EXPECT_LE(wait_after_failure(kMinutely, 1, kAlmostOne), 1s);
}

TEST(Schedule, BacksOffForAMinuteAtMost) {
  const RefreshRules hourly{.interval = 1h, .max_stale = 24h};

  EXPECT_EQ(wait_after_failure(hourly, 7, 0.5), 30s);
  EXPECT_EQ(wait_after_failure(hourly, 100, 0.5), 30s);
  EXPECT_EQ(wait_after_failure(hourly, 4'000'000'000U, 0.5), 30s);
}

TEST(Schedule, BacksOffForTheIntervalAtMost) {
  EXPECT_EQ(wait_after_failure({.interval = 5s, .max_stale = 24h}, 3, 0.5), 2s);
  EXPECT_EQ(wait_after_failure({.interval = 5s, .max_stale = 24h}, 4, 0.5), 2'500ms);
  EXPECT_EQ(wait_after_failure({.interval = 5s, .max_stale = 24h}, 100, 0.5), 2'500ms);
}

TEST(Schedule, NeverLoopsWithoutAWait) {
  EXPECT_EQ(wait_after_failure(kMinutely, 1, 0), kLeastWait);
  EXPECT_EQ(wait_after_failure(kMinutely, 0, 0), kLeastWait);
  EXPECT_EQ(wait_after_success({.interval = 1ms, .max_stale = 24h}, std::nullopt, 0), kLeastWait);
  EXPECT_EQ(wait_after_success({.interval = 1min, .max_stale = 1ms}, std::nullopt, 0), kLeastWait);
}

}  // namespace
}  // namespace portcullis
