// What Wave asks of logins across accounts, each requirement by its id; ids without a test are in wave_requirements.txt with the reason.
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "aws/arn.h"
#include "aws/ecr_host.h"
#include "aws/sts.h"
#include "config/load.h"
#include "tests/broker/wave_world.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

TEST(WaveRequirements, FR_001_AUserNameThatIsARoleArnIsAssumed) {
  // Wave's twelve rows, and the partitions that it leaves out.
  for (const char* arn :
       {"arn:aws:iam::123456789012:role/WaveRole", "arn:aws:iam::123456789012:role/path/to/WaveRole", "arn:aws:iam::123456789012:role/a",
        "arn:aws-cn:iam::123456789012:role/WaveRole", "arn:aws-us-gov:iam::123456789012:role/WaveRole",
        "arn:aws-eusc:iam::123456789012:role/WaveRole", "arn:aws-iso-b:iam::123456789012:role/WaveRole"}) {
    EXPECT_TRUE(is_role_arn(arn)) << arn;
  }
  for (const char* other :
       {"AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "arn:aws:iam::123:role/WaveRole", "arn:aws:iam::12345678901234:role/WaveRole",
        "arn:aws:iam::123456789012:user/WaveUser", "arn:aws:s3:::bucket", ""}) {
    EXPECT_FALSE(is_role_arn(other)) << other;
  }
}

TEST(WaveRequirements, FR_002_KeysAndRolesServeSideBySide) {
  Wave wave;
  EXPECT_TRUE(wave.world.log_in(wave.world.target(role_login("id"))).ok());
  EXPECT_TRUE(wave.world.log_in(wave.world.target(key_login())).ok());
  EXPECT_EQ(wave.aws.assumed, 1);
  EXPECT_EQ(wave.aws.passwords, 2);
}

TEST(WaveRequirements, FR_004_TheExternalIdIsInEveryAssumeRole) {
  BrokerWorld broker;
  for (int i = 0; i < 2; ++i) {
    broker.sts_gives();
    broker.ecr_gives();
    ASSERT_TRUE(broker.log_in(role_login("7b3c8f6e-0c0a-4d52-9d6f-0a7d3b1d8f4e")).ok());
  }
  for (const std::size_t call : {0U, 2U}) EXPECT_TRUE(contains(broker.asked(call).body, "ExternalId=7b3c8f6e-0c0a-4d52-9d6f-0a7d3b1d8f4e"));
}

TEST(WaveRequirements, FR_005_ASessionIsOfAnHour) {
  BrokerWorld broker;
  broker.sts_gives();
  broker.ecr_gives();
  ASSERT_TRUE(broker.log_in(role_login("id")).ok());
  EXPECT_TRUE(contains(broker.asked(0).body, "DurationSeconds=3600"));
}

TEST(WaveRequirements, FR_006_FR_007_TheSessionsKeyAndTokenSignTheCallOfEcr) {
  BrokerWorld broker;
  broker.sts_gives();
  broker.ecr_gives();
  ASSERT_TRUE(broker.log_in(role_login("id")).ok());
  EXPECT_TRUE(contains(broker.header(1, "Authorization"), "Credential=ASIASESSION/"));
  EXPECT_EQ(broker.header(1, "X-Amz-Security-Token"), "canary-session-token");
}

TEST(WaveRequirements, FR_008_ALoginIsCached) {
  Wave wave;
  ASSERT_TRUE(wave.world.log_in(wave.world.target()).ok());
  for (int i = 0; i < 100; ++i) EXPECT_NE(wave.world.service.find(wave.world.target()), nullptr);
  EXPECT_EQ(wave.aws.assumed, 1);
}

TEST(WaveRequirements, FR_009_ALoginIsKeptUntilFiveMinutesBeforeItsEnd) {
  constexpr LoginCacheRules rules;
  struct Row {
    std::chrono::minutes left;
    std::chrono::minutes kept;
  };
  for (const Row& row : {Row{6min, 1min}, Row{10min, 5min}, Row{30min, 25min}, Row{60min, 55min}, Row{200min, 180min}})
    EXPECT_EQ(kept_for(rules, kNow + row.left, kNow), row.kept) << row.left.count();
  EXPECT_EQ(kept_for(rules, std::nullopt, kNow), 180min) << "no expiration: the maximum";
  // Wave keeps these for a minute, and so longer than they live.
  for (const std::chrono::minutes left : {-10min, 0min, 4min, 5min}) EXPECT_LE(kept_for(rules, kNow + left, kNow), 0min) << left.count();
}

TEST(WaveRequirements, FR_011_ExpiredCredentialsAreFetchedAnewAndTheCallRepeated) {
  BrokerWorld broker;
  broker.config.jump_role = kJumpRole;
  broker.sts_gives(1h, "ASIAJUMP1");
  broker.sts_refuses(400, "ExpiredTokenException");
  broker.sts_gives(1h, "ASIAJUMP2");
  broker.sts_gives();
  broker.ecr_gives();
  EXPECT_TRUE(broker.log_in(role_login("id")).ok());
}

TEST(WaveRequirements, FR_012_DistinctErrorsHaveDistinctMessages) {
  std::vector<std::string> said;
  for (const auto& [status, code] :
       {std::pair{403, "AccessDenied"}, std::pair{400, "ValidationError"}, std::pair{403, "RegionDisabledException"}}) {
    BrokerWorld broker;
    broker.sts_refuses(status, code);
    said.push_back(broker.log_in(role_login("id")).error().detail);
  }
  EXPECT_TRUE(contains(said[0], "trust policy"));
  EXPECT_TRUE(contains(said[1], "external id (2 to 1224"));
  EXPECT_TRUE(contains(said[2], "enable STS for eu-west-1"));
}

TEST(WaveRequirements, FR_013_FR_014_ArnAndExternalIdAreChecked) {
  EXPECT_TRUE(is_external_id("ab") && is_external_id(std::string(1224, 'x')) && is_external_id("A-z_0+=,.@:/-"));
  EXPECT_FALSE(is_external_id("a") || is_external_id(std::string(1225, 'x')) || is_external_id("a b") || is_external_id("ä1"));
  BrokerWorld broker;
  EXPECT_EQ(broker.log_in(role_login("x")).error().reason, Reason::bad_request);
  EXPECT_EQ(broker.log_in(role_login("id", kEcr, "arn:aws:iam::12:role/x")).error().reason, Reason::bad_request);
  EXPECT_EQ(broker.calls(), 0U);
}

TEST(WaveRequirements, FR_017_TheCacheKeyIsAllThatMakesTheIdentity) {
  Wave wave;
  const auto key = [&wave](RegistryLoginConfig registry) { return wave.world.target(std::move(registry)).key; };
  EXPECT_EQ(key(role_login("id")), key(role_login("id"))) << "it outlives a renewal of the session";
  EXPECT_NE(key(role_login("id")), key(role_login("other")));
  EXPECT_NE(key(role_login("id")), key(role_login("id", kEcr, "arn:aws:iam::123456789012:role/other")));
  EXPECT_NE(key(role_login("id")), key(role_login("id", "123456789012.dkr.ecr.us-west-2.amazonaws.com")));
  EXPECT_NE(key(role_login("id", "public.ecr.aws")), key(role_login("id", "123456789012.dkr.ecr.us-east-1.amazonaws.com")));
  EXPECT_NE(key(role_login("id")), key(key_login()));
}

TEST(WaveRequirements, FR_019_ASessionIsNamedAfterTheRegistryAndTheTime) {
  EXPECT_EQ(role_session_name("portcullis-ecr-123456789012dkrecreuwest1amazo", "", TimePoint(1772366400123ms)),
            "portcullis-ecr-123456789012dkrecreuwest1amazo-1772366400123");
  BrokerWorld broker;
  broker.config.jump_role = kJumpRole;
  for (int i = 0; i < 2; ++i) broker.sts_gives();
  broker.ecr_gives();
  ASSERT_TRUE(broker.log_in(role_login("id")).ok());
  EXPECT_TRUE(contains(broker.asked(0).body, "RoleSessionName=portcullis-ecr-jump-1772366400000"));
  EXPECT_TRUE(contains(broker.asked(1).body, "RoleSessionName=portcullis-ecr-123456789012dkrecreuwest1amazo-1772366400000"));
}

TEST(WaveRequirements, FR_020_EachUseOfARoleIsLogged) {
  Wave wave;
  ASSERT_TRUE(wave.world.log_in(wave.world.target()).ok());
  EXPECT_TRUE(contains(wave.world.logged(),
                       R"("role":"arn:aws:iam::123456789012:role/pull","region":"eu-west-1","externalId":true,"result":"success")"));
}

TEST(WaveRequirements, FR_021_AJumpRoleStandsBetween) {
  BrokerWorld broker;
  broker.config.jump_role = kJumpRole;
  broker.sts_gives(1h, "ASIAJUMP");
  broker.sts_gives();
  broker.ecr_gives();
  ASSERT_TRUE(broker.log_in(role_login("id")).ok());
  EXPECT_TRUE(contains(broker.header(0, "Authorization"), "AKIAOWNOWNOWNOWN/"));
  EXPECT_TRUE(contains(broker.header(1, "Authorization"), "ASIAJUMP/"));
}

TEST(WaveRequirements, FR_022_TheJumpRolesCredentialsAreKeptByRegion) {
  BrokerWorld broker;
  broker.config.jump_role = kJumpRole;
  for (const char* host : {kEcr, kEcr, "123456789012.dkr.ecr.us-west-2.amazonaws.com"}) {
    const bool known = broker.calls() == 3;
    if (!known) broker.sts_gives();
    broker.sts_gives();
    broker.ecr_gives();
    ASSERT_TRUE(broker.log_in(role_login("id", host)).ok());
  }
  EXPECT_EQ(broker.calls(), 8U);
  EXPECT_EQ(RoleSessions::kJumpLife, 45min);
}

TEST(WaveRequirements, FR_023_StsHasARetryScheduleOfItsOwn) {
  const RetryRules rules = broker_retries();
  const auto wait = [&rules](int attempt, double random) {
    RetryQuota quota;
    return quota.next_wait(rules, attempt, AwsErrorKind::throttle, false, std::nullopt, random);
  };
  EXPECT_EQ(wait(2, 0.5), 1000ms);
  EXPECT_EQ(wait(2, 0.0), 750ms);
  EXPECT_EQ(wait(2, 1.0), 1250ms);
  EXPECT_EQ(wait(3, 0.5), 2000ms);
  EXPECT_EQ(wait(4, 0.5), std::nullopt) << "three attempts";
  RetryRules many = rules;
  many.attempts = 9;
  RetryQuota quota;
  EXPECT_EQ(quota.next_wait(many, 8, AwsErrorKind::throttle, false, std::nullopt, 1.0), 10s);
}

TEST(WaveRequirements, FR_024_TheAccountIsReadFromTheArnInAllPartitions) {
  for (const char* arn :
       {"arn:aws:iam::123456789012:role/r", "arn:aws-cn:iam::123456789012:role/r", "arn:aws-us-gov:iam::123456789012:role/p/r"})
    EXPECT_EQ(arn_account(arn), "123456789012") << arn;
  for (const char* other : {"arn:aws:s3:::bucket", "AKIAIOSFODNN7EXAMPLE", ""}) EXPECT_EQ(arn_account(other), "") << other;
}

/// Every customer asks once, and every login that was begun is made.
void everybody_asks(Wave& wave, const std::vector<LoginTarget>& customers) {
  for (const LoginTarget& customer : customers)
    if (!wave.world.service.find(customer)) wave.world.service.login(customer, false, [](const Result<SharedLogin>&) {});
  wave.world.settle();
}

TEST(WaveRequirements, NFR_002_SC_008_AnHourOfAThousandCustomersHitsTheCacheAndSparesSts) {
  Wave wave;
  std::vector<LoginTarget> customers;
  for (int i = 0; i < 1000; ++i)
    customers.push_back(
        wave.world.target(role_login("customer", kEcr, "arn:aws:iam::" + std::to_string(100'000'000'000 + i) + ":role/pull")));

  for (int step = 0; step < 60; ++step) {
    everybody_asks(wave, customers);
    wave.advance(1min);
  }

  const LoginCacheFigures figures = wave.world.service.figures();
  EXPECT_GT(static_cast<double>(figures.hits) / static_cast<double>(figures.hits + figures.misses), 0.95);
  EXPECT_LE(wave.aws.assumed, 2 * 1000);
  EXPECT_EQ(figures.misses, 1000U) << "nobody waited but for the first login";
}

TEST(WaveRequirements, NFR_004_AThousandSessionsAreKept) {
  Wave wave;
  for (int i = 0; i < 1000; ++i)
    wave.world.service.login(wave.world.target(role_login("id-" + std::to_string(i))), false, [](const Result<SharedLogin>&) {});
  wave.world.settle();
  EXPECT_EQ(wave.world.service.figures().entries, 1001U);
}

TEST(WaveRequirements, NFR_006_NoSecretIsLogged) {
  Wave wave;
  ASSERT_TRUE(wave.world.log_in(wave.world.target(role_login("external-id-1"))).ok());
  ASSERT_TRUE(wave.world.log_in(wave.world.target(key_login())).ok());
  wave.aws.denied = true;
  EXPECT_FALSE(wave.world.log_in(wave.world.target(role_login("external-id-2"))).ok());
  const std::string log = wave.world.logged();
  for (const char* secret : {"canary", "password-", "external-id-", "AKIACUSTOMERKEYS"}) EXPECT_FALSE(contains(log, secret)) << secret;
}

TEST(WaveRequirements, MO_001_MO_002_MO_003_CallsCacheAndRenewalsAreCounted) {
  Wave wave;
  ASSERT_TRUE(wave.world.log_in(wave.world.target()).ok());
  wave.advance(51min);
  EXPECT_NE(wave.world.service.find(wave.world.target()), nullptr);
  wave.world.settle();
  MetricsText text;
  wave.world.service.add_metrics(text, wave.world.config);
  const std::string metrics = text.text();
  for (const char* sample : {R"(portcullis_sts_calls_total{operation="AssumeRole",result="success",code=""} 2)",
                             "portcullis_sts_call_duration_seconds_count 2", R"(portcullis_broker_cache_requests_total{result="hit"} 1)",
                             R"(portcullis_broker_logins_total{kind="ecr",method="role",result="success"} 2)"}) {
    EXPECT_TRUE(contains(metrics, sample)) << sample << " in\n" << metrics;
  }
}

}  // namespace
}  // namespace portcullis::test
