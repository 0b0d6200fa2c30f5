// How long a login is kept, when it is renewed, who goes first.
#include <memory>

#include <gtest/gtest.h>

#include "broker/login_cache.h"
#include "tests/support/fake_clock.h"

namespace portcullis::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Sha256 key(int number) { return sha256(std::to_string(number)); }

SharedLogin login(std::optional<TimePoint> expires, const std::string& password = "p") {
  return std::make_shared<const RegistryLogin>(RegistryLogin{.user = "AWS", .password = Secret(password), .expires = expires});
}

struct Cache {
  LoginCache cache;
  TimePoint now = kNow;

  void put(int number, std::optional<milliseconds> life, double jitter = 0) {
    cache.put(key(number), login(life ? std::optional(now + *life) : std::nullopt), now, jitter);
  }
  bool has(int number) { return cache.find(key(number), now).login != nullptr; }
};

TEST(LoginCache, KeepsALoginUntilFiveMinutesBeforeItsEnd) {
  Cache cache;
  cache.put(1, hours(1));
  cache.now += minutes(55) - milliseconds(1);
  EXPECT_TRUE(cache.has(1));
  cache.now += milliseconds(1);
  EXPECT_FALSE(cache.has(1));
}

TEST(LoginCache, NeverKeepsWhatWouldNotOutliveTheMargin) {
  Cache cache;
  for (const milliseconds life : {milliseconds(-1), milliseconds(0), milliseconds(seconds(30)), milliseconds(minutes(5))}) {
    cache.put(1, life);
    EXPECT_FALSE(cache.has(1)) << life.count();
  }
  cache.put(1, minutes(5) + milliseconds(1));
  EXPECT_TRUE(cache.has(1));
}

TEST(LoginCache, DropsTheOldLoginWhereTheNewOneIsTooShort) {
  Cache cache;
  cache.put(1, hours(1));
  cache.put(1, minutes(1));
  EXPECT_FALSE(cache.has(1));
  EXPECT_EQ(cache.cache.last_resort(key(1), cache.now), nullptr);
}

TEST(LoginCache, NeverKeepsLongerThanTheMaximum) {
  Cache cache;
  cache.put(1, std::nullopt);
  cache.put(2, hours(12));
  cache.now += hours(3) - milliseconds(1);
  EXPECT_TRUE(cache.has(1) && cache.has(2));
  cache.now += milliseconds(1);
  EXPECT_FALSE(cache.has(1) || cache.has(2));
}

TEST(LoginCache, KeepsALoginThatMayChangeForAShorterTime) {
  Cache cache;
  cache.cache.put(key(1), login(std::nullopt), cache.now, 0, seconds(10));
  cache.now += seconds(10);
  EXPECT_FALSE(cache.has(1));
}

TEST(LoginCache, BelievesNothingLongerBecauseTheClockIsSetBack) {
  Cache cache;
  cache.cache.put(key(1), login(std::nullopt), cache.now, 0, seconds(10));
  cache.put(2, hours(1));
  cache.cache.put_error(key(3), {Reason::credentials_unavailable, "denied"}, cache.now);
  EXPECT_TRUE(cache.has(1) && cache.has(2));
  EXPECT_TRUE(cache.cache.find(key(3), cache.now).error.has_value());
  cache.now -= milliseconds(1);
  EXPECT_FALSE(cache.has(1) || cache.has(2));
  EXPECT_FALSE(cache.cache.find(key(3), cache.now).error.has_value());
}

TEST(LoginCache, TellsOneCallerThatALoginIsDue) {
  Cache cache;
  cache.put(1, hours(1));
  cache.now += minutes(50) - milliseconds(1);
  EXPECT_FALSE(cache.cache.find(key(1), cache.now).due);
  cache.now += milliseconds(1);
  EXPECT_TRUE(cache.cache.find(key(1), cache.now).due);
  EXPECT_FALSE(cache.cache.find(key(1), cache.now).due);
  cache.now += seconds(30);
  EXPECT_TRUE(cache.cache.find(key(1), cache.now).due) << "the renewal did not land";
}

TEST(LoginCache, SpreadsRenewals) {
  Cache cache;
  cache.put(1, hours(1), 0.999);
  cache.now += minutes(47) + seconds(31);
  EXPECT_TRUE(cache.cache.find(key(1), cache.now).due);
}

TEST(LoginCache, RenewsAShortLoginAtHalfOfItsTime) {
  Cache cache;
  cache.put(1, minutes(5) + seconds(10));
  EXPECT_FALSE(cache.cache.find(key(1), cache.now + seconds(5) - milliseconds(1)).due);
  EXPECT_TRUE(cache.cache.find(key(1), cache.now + seconds(5)).due);
}

TEST(LoginCache, GivesAnOldLoginThatHasNotExpiredAsALastResortAlone) {
  Cache cache;
  cache.put(1, hours(1));
  cache.now += minutes(55);
  cache.cache.put_error(key(1), {Reason::credentials_unavailable, "STS is down"}, cache.now);
  EXPECT_FALSE(cache.has(1));
  EXPECT_NE(cache.cache.last_resort(key(1), cache.now), nullptr);
  EXPECT_NE(cache.cache.last_resort(key(1), cache.now + minutes(5) - milliseconds(1)), nullptr);
  EXPECT_EQ(cache.cache.last_resort(key(1), cache.now + minutes(5)), nullptr) << "an expired login is never given";
}

TEST(LoginCache, RepeatsAnErrorForAMoment) {
  Cache cache;
  cache.cache.put_error(key(1), {Reason::credentials_unavailable, "denied"}, cache.now);
  EXPECT_EQ(cache.cache.find(key(1), cache.now).error->detail, "denied");
  EXPECT_TRUE(cache.cache.find(key(1), cache.now + seconds(5) - milliseconds(1)).error.has_value());
  EXPECT_FALSE(cache.cache.find(key(1), cache.now + seconds(5)).error.has_value());
  EXPECT_EQ(cache.cache.last_error(key(1))->detail, "denied");
}

TEST(LoginCache, GoesOnGivingALoginWhoseRenewalFailed) {
  Cache cache;
  cache.put(1, hours(1));
  cache.now += minutes(51);
  cache.cache.put_error(key(1), {Reason::credentials_unavailable, "STS is down"}, cache.now);
  EXPECT_TRUE(cache.has(1));
}

TEST(LoginCache, ForgetsAnErrorWithTheNextLogin) {
  Cache cache;
  cache.cache.put_error(key(1), {Reason::credentials_unavailable, "denied"}, cache.now);
  cache.put(1, hours(1));
  EXPECT_TRUE(cache.has(1));
  EXPECT_FALSE(cache.cache.last_error(key(1)).has_value());
}

TEST(LoginCache, DropsTheOneThatWasUsedLongestAgo) {
  Cache cache;
  cache.cache.set_rules({.entries = 2});
  cache.put(1, hours(1));
  cache.put(2, hours(1));
  EXPECT_TRUE(cache.has(1));
  cache.put(3, hours(1));
  EXPECT_TRUE(cache.has(1));
  EXPECT_FALSE(cache.has(2));
  EXPECT_TRUE(cache.has(3));
  EXPECT_EQ(cache.cache.figures(cache.now).evictions, 1U);
}

TEST(LoginCache, ShrinksWhereAReloadAllowsFewer) {
  Cache cache;
  for (int i = 0; i < 4; ++i) cache.put(i, hours(1));
  cache.cache.set_rules({.entries = 1});
  EXPECT_EQ(cache.cache.figures(cache.now).entries, 1U);
  EXPECT_TRUE(cache.has(3));
}

TEST(LoginCache, CountsWhatItWasAsked) {
  Cache cache;
  EXPECT_FALSE(cache.has(1));
  cache.put(1, minutes(6));
  EXPECT_TRUE(cache.has(1));
  (void)cache.cache.look(key(1), cache.now);
  EXPECT_EQ(cache.cache.expires(key(1)), kNow + minutes(6));
  LoginCacheFigures figures = cache.cache.figures(cache.now);
  EXPECT_EQ(figures.hits, 1U);
  EXPECT_EQ(figures.misses, 1U);
  EXPECT_EQ(figures.entries, 1U);
  EXPECT_EQ(figures.expiring, 0U);
  EXPECT_EQ(cache.cache.figures(cache.now + minutes(1)).expiring, 1U);
  EXPECT_EQ(cache.cache.figures(cache.now + minutes(6)).expiring, 0U) << "it has expired";
}

}  // namespace
}  // namespace portcullis::test
