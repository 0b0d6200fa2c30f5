// Wave's stories and edge cases, each by its number.
#include <string>

#include <gtest/gtest.h>

#include "tests/broker/wave_world.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

TEST(WaveStories, Story1_ARoleInsteadOfKeys) {
  Wave wave;
  ASSERT_TRUE(wave.world.log_in(wave.world.target(role_login("id"))).ok());
  EXPECT_EQ(wave.aws.assumed, 1);
  EXPECT_EQ(wave.aws.passwords, 1);
}

TEST(WaveStories, Story2_ALongPullSurvivesTheEndOfItsCredentials) {
  Wave wave;
  const LoginTarget pulled = wave.world.target(role_login("id"));
  const LoginTarget idle = wave.world.target(role_login("idle"));
  ASSERT_TRUE(wave.world.log_in(pulled).ok());
  ASSERT_TRUE(wave.world.log_in(idle).ok());

  for (int minute = 0; minute < 180; ++minute) {
    const SharedLogin login = wave.world.service.find(pulled);
    ASSERT_TRUE(login) << minute;
    ASSERT_GT(*login->expires, wave.world.clock.now());
    wave.advance(1min);
    if (minute % 5 == 0) wave.world.settle();
  }

  EXPECT_EQ(wave.world.service.find(idle), nullptr) << "only what is used is renewed";
}

TEST(WaveStories, Story3_StaticKeysWorkAsBefore) {
  Wave wave;
  ASSERT_TRUE(wave.world.log_in(wave.world.target(key_login())).ok());
  EXPECT_EQ(wave.aws.assumed, 0);
}

TEST(WaveStories, Story4_TheWrongExternalIdGetsNothing) {
  Wave wave;
  wave.aws.denied = true;
  EXPECT_EQ(wave.world.log_in(wave.world.target(role_login("wrong"))).error().reason, Reason::credentials_unavailable);
  EXPECT_EQ(wave.aws.passwords, 0);
}

TEST(WaveStories, Story5_ErrorsNameRoleRegionAndCode) {
  Wave wave;
  wave.aws.denied = true;
  const auto login = wave.world.log_in(wave.world.target(role_login("id")));
  for (const char* part : {kPullRole, "eu-west-1", "AccessDenied", "trust policy"})
    EXPECT_TRUE(contains(login.error().detail, part)) << login.error().detail;
}

TEST(WaveStories, Story6_ConcurrentMissesAreOneCallAndLessThanFiveMinutesIsExpired) {
  Wave wave;
  const LoginTarget target = wave.world.target(role_login("id"));
  std::vector<std::future<Result<SharedLogin>>> callers;
  for (int i = 0; i < 50; ++i) callers.push_back(wave.world.ask(target));
  for (auto& caller : callers) EXPECT_TRUE(caller.get().ok());
  EXPECT_EQ(wave.aws.assumed, 1);

  wave.advance(55min);
  EXPECT_EQ(wave.world.service.find(target), nullptr);
}

TEST(WaveStories, Story8_EachRegistryAsksTheStsOfItsRegion) {
  for (const auto& [region, suffix] : {std::pair{"ap-south-1", "amazonaws.com"}, std::pair{"cn-north-1", "amazonaws.com.cn"},
                                       std::pair{"us-gov-west-1", "amazonaws.com"}}) {
    BrokerWorld broker;
    broker.sts_gives();
    broker.ecr_gives();
    ASSERT_TRUE(broker.log_in(role_login("id", std::string("123456789012.dkr.ecr.") + region + "." + suffix)).ok());
    EXPECT_EQ(broker.asked(0).url, std::string("https://sts.") + region + "." + suffix + "/");
    EXPECT_EQ(broker.asked(1).url, std::string("https://api.ecr.") + region + "." + suffix + "/");
  }
}

TEST(WaveStories, Story9_AJumpRoleIsReusedAndItsFailureIsTold) {
  BrokerWorld broker;
  broker.config.jump_role = kJumpRole;
  broker.sts_refuses(403, "AccessDenied");
  const auto refused = broker.log_in(role_login("id"));
  EXPECT_TRUE(contains(refused.error().detail, "the jump role")) << refused.error().detail;

  BrokerWorld direct;
  direct.sts_gives();
  direct.ecr_gives();
  EXPECT_TRUE(direct.log_in(role_login("id")).ok()) << "without one, the role is assumed directly";
  EXPECT_EQ(direct.calls(), 2U);
}

TEST(WaveStories, Edge_AnOutageOfStsIsNotNoticedWhileLoginsLive) {
  Wave wave;
  wave.aws.session_seconds = 7200;
  const LoginTarget target = wave.world.target(role_login("id"));
  ASSERT_TRUE(wave.world.log_in(target).ok());
  wave.aws.down = true;

  for (int minute = 0; minute < 60; ++minute) {
    wave.advance(1min);
    EXPECT_NE(wave.world.service.find(target), nullptr) << minute;
  }
}

TEST(WaveStories, Edge_ARevokedTrustHoldsUntilTheLoginEnds) {
  Wave wave;
  const LoginTarget target = wave.world.target(role_login("id"));
  ASSERT_TRUE(wave.world.log_in(target).ok());
  wave.aws.denied = true;

  wave.advance(59min);
  EXPECT_TRUE(wave.world.log_in(target).ok());
  wave.advance(1min);
  const auto refused = wave.world.log_in(target);

  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(contains(refused.error().detail, "trust policy"));
}

TEST(WaveStories, Edge_AGracefulEndTellsWhoWaits) {
  Wave wave;
  wave.world.service.stop();
  EXPECT_EQ(wave.world.log_in(wave.world.target()).error().reason, Reason::credentials_unavailable);
}

}  // namespace
}  // namespace portcullis::test
