// Logins for requests that wait: one for all of them, renewed behind their backs, and an end to every wait.
#include <vector>

#include <gtest/gtest.h>

#include "tests/broker/service_world.h"
#include "tests/broker/simulated_aws.h"
#include "tests/support/held_http.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSts = "https://sts.eu-west-1.amazonaws.com/";
constexpr std::string_view kApi = "https://api.ecr.eu-west-1.amazonaws.com/";

struct Simulated {
  Simulated() : aws(world_clock), world(aws) {}
  void advance(std::chrono::milliseconds by) {
    world.clock.advance(by);
    world_clock.advance(by);
  }
  FakeClock world_clock;
  SimulatedAws aws;
  ServiceWorld world;
};

TEST(BrokerService, MakesOneLoginForAllWhoWait) {
  HeldHttp http;
  ServiceWorld world(http);
  const LoginTarget target = world.target();
  std::vector<std::future<Result<SharedLogin>>> callers;
  for (int i = 0; i < 1000; ++i) callers.push_back(world.ask(target));

  http.answer(session(world.clock.now() + 1h), kSts);
  http.answer(password(world.clock.now() + 12h), kApi);

  for (auto& caller : callers) {
    ASSERT_EQ(caller.wait_for(30s), std::future_status::ready);
    EXPECT_EQ((*caller.get())->password.text().reveal(), "canary-password");
  }
  EXPECT_EQ(http.asked(kSts), 1);
  EXPECT_EQ(http.asked(kApi), 1);
  http.open();
}

TEST(BrokerService, GivesWhatIsAtHandWithoutWaiting) {
  Simulated simulated;
  const LoginTarget target = simulated.world.target();
  EXPECT_EQ(simulated.world.service.find(target), nullptr);

  ASSERT_TRUE(simulated.world.log_in(target).ok());

  EXPECT_NE(simulated.world.service.find(target), nullptr);
  EXPECT_EQ(simulated.aws.assumed, 1);
}

TEST(BrokerService, RenewsAheadWhileInUse) {
  Simulated simulated;
  const LoginTarget target = simulated.world.target();
  ASSERT_TRUE(simulated.world.log_in(target).ok());
  simulated.advance(51min);

  const SharedLogin old = simulated.world.service.find(target);
  simulated.world.settle();
  const SharedLogin renewed = simulated.world.service.find(target);

  ASSERT_TRUE(old && renewed);
  EXPECT_EQ(old->password.text().reveal(), "password-1");
  EXPECT_EQ(renewed->password.text().reveal(), "password-2");
  EXPECT_EQ(simulated.aws.assumed, 2);
}

TEST(BrokerService, RenewsNothingThatNobodyUses) {
  Simulated simulated;
  ASSERT_TRUE(simulated.world.log_in(simulated.world.target()).ok());
  simulated.advance(3h);
  simulated.world.service.tick();
  simulated.world.settle();
  EXPECT_EQ(simulated.aws.assumed, 1);
}

TEST(BrokerService, NeverGivesAnExpiredLogin) {
  Simulated simulated;
  const LoginTarget target = simulated.world.target();
  ASSERT_TRUE(simulated.world.log_in(target).ok());
  simulated.aws.down = true;
  simulated.advance(1h);

  EXPECT_EQ(simulated.world.service.find(target), nullptr);
  EXPECT_EQ(simulated.world.log_in(target).error().reason, Reason::credentials_unavailable);
}

TEST(BrokerService, NeverGivesALoginThatHasEndedWhenItComes) {
  Simulated simulated;
  simulated.aws.session_seconds = 0;
  EXPECT_TRUE(contains(simulated.world.log_in(simulated.world.target()).error().detail, "is this clock right?"));
  simulated.advance(1min);
  simulated.aws.session_seconds = 1;
  EXPECT_TRUE(simulated.world.log_in(simulated.world.target()).ok()) << "it is used once";
}

TEST(BrokerService, GivesAnOldLoginThatHasNotExpiredWhereNoOtherCanBeHad) {
  Simulated simulated;
  const LoginTarget target = simulated.world.target();
  ASSERT_TRUE(simulated.world.log_in(target).ok());
  simulated.aws.denied = true;
  simulated.advance(56min);

  EXPECT_EQ(simulated.world.service.find(target), nullptr);
  EXPECT_TRUE(simulated.world.log_in(target).ok());
  EXPECT_TRUE(simulated.world.log_in(target).ok()) << "the error of a moment ago is not told either";
  EXPECT_FALSE(simulated.world.log_in(target, true).ok()) << "who was refused with it does not get it again";
  EXPECT_EQ(simulated.world.service.figures().stale, 2U);
}

TEST(BrokerService, RepeatsAnErrorWithoutAsking) {
  Simulated simulated;
  simulated.aws.denied = true;
  const LoginTarget target = simulated.world.target();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(simulated.world.log_in(target).error().reason, Reason::credentials_unavailable);
  EXPECT_EQ(simulated.aws.assumed, 1);

  simulated.advance(5s);
  EXPECT_FALSE(simulated.world.log_in(target).ok());
  EXPECT_EQ(simulated.aws.assumed, 2);
}

TEST(BrokerService, MakesAFreshLoginOnceInTenSeconds) {
  Simulated simulated;
  const LoginTarget target = simulated.world.target();
  ASSERT_TRUE(simulated.world.log_in(target).ok());

  simulated.advance(10s - 1ms);
  EXPECT_EQ((*simulated.world.log_in(target, true))->password.text().reveal(), "password-1");
  simulated.advance(1ms);
  EXPECT_EQ((*simulated.world.log_in(target, true))->password.text().reveal(), "password-2");
  EXPECT_EQ(simulated.world.service.find(target)->password.text().reveal(), "password-2");
}

TEST(BrokerService, TriesAFreshLoginOnceInTenSecondsWhereNoneCanBeHad) {
  Simulated simulated;
  const LoginTarget target = simulated.world.target();
  ASSERT_TRUE(simulated.world.log_in(target).ok());
  simulated.advance(10s);
  simulated.aws.denied = true;

  for (int i = 0; i < 3; ++i) EXPECT_EQ(simulated.world.log_in(target, true).error().reason, Reason::credentials_unavailable);
  EXPECT_EQ(simulated.aws.assumed, 2) << "AWS was asked once, and not by each";
  EXPECT_TRUE(simulated.world.log_in(target).ok()) << "who was not refused with the old one goes on with it";

  simulated.advance(10s - 1ms);
  EXPECT_FALSE(simulated.world.log_in(target, true).ok());
  EXPECT_EQ(simulated.aws.assumed, 2);
  simulated.advance(1ms);
  EXPECT_FALSE(simulated.world.log_in(target, true).ok());
  EXPECT_EQ(simulated.aws.assumed, 3);
}

TEST(BrokerService, LetsNobodyWaitForEver) {
  HeldHttp http;
  ServiceWorld world(http);
  auto caller = world.ask(world.target());

  world.clock.advance(BrokerService::kLongestWait - 1ms);
  world.service.tick();
  EXPECT_EQ(caller.wait_for(0s), std::future_status::timeout);
  world.clock.advance(1ms);
  world.service.tick();

  ASSERT_EQ(caller.wait_for(30s), std::future_status::ready);
  EXPECT_EQ(caller.get().error().reason, Reason::credentials_unavailable);
  http.open();
}

TEST(BrokerService, RefusesWhereTheQueueIsFull) {
  HeldHttp http;
  ServiceWorld world(http, 1);
  auto first = world.ask(world.target());

  EXPECT_EQ(world.log_in(world.target(role_login("other"))).error().reason, Reason::overloaded);
  auto again = world.ask(world.target());
  http.open();

  EXPECT_EQ(first.get().error().reason, Reason::credentials_unavailable);
  EXPECT_EQ(again.get().error().reason, Reason::credentials_unavailable);
}

TEST(BrokerService, HasPlacesForRequestsHoweverManyCallersWait) {
  HeldHttp http;
  ServiceWorld world(http);
  std::vector<Admission::Place> taken;
  for (int i = 0;; ++i) {
    auto place = world.service.callers().enter("10.0.0." + std::to_string(i));
    if (!place) break;
    taken.push_back(std::move(*place));
  }

  EXPECT_EQ(taken.size(), 256U);
  EXPECT_TRUE(world.service.admission().enter("10.0.0.1").has_value());
  world.service.stop();
  EXPECT_FALSE(world.service.callers().enter("10.0.0.1").has_value());
  taken.clear();
  EXPECT_TRUE(world.service.callers().wait_until_empty(0ms));
}

TEST(BrokerService, TellsEverybodyWhoWaitsThatTheProcessEnds) {
  HeldHttp http;
  ServiceWorld world(http);
  auto caller = world.ask(world.target());

  world.service.stop();

  ASSERT_EQ(caller.wait_for(30s), std::future_status::ready);
  EXPECT_EQ(caller.get().error().detail, "the process is ending");
  EXPECT_EQ(world.log_in(world.target()).error().detail, "the process is ending");
  http.open();
}

TEST(BrokerService, SeesAPasswordFileChangeWithinSeconds) {
  Simulated simulated;
  StaticLoginConfig plain;
  plain.username = "u";
  plain.password_file = "/p";
  (void)simulated.world.files.write("/p", "one", 0600);
  const LoginTarget target = simulated.world.target({.host = "a.example", .login = plain});
  EXPECT_EQ((*simulated.world.log_in(target))->password.text().reveal(), "one");

  (void)simulated.world.files.write("/p", "two", 0600);
  simulated.advance(BrokerService::kStaticKept);

  EXPECT_EQ((*simulated.world.log_in(target))->password.text().reveal(), "two");
}

TEST(BrokerService, TakesTheCachesRulesFromAReload) {
  Simulated simulated;
  simulated.world.config->cache_maximum = 1min;
  simulated.world.service.configure(*simulated.world.config);
  const LoginTarget target = simulated.world.target();
  ASSERT_TRUE(simulated.world.log_in(target).ok());
  simulated.advance(1min);
  EXPECT_EQ(simulated.world.service.find(target), nullptr);
}

TEST(BrokerService, LogsEachUseOfARoleAndNoSecret) {
  Simulated simulated;
  simulated.world.config->registries.push_back(role_login("id"));
  ASSERT_TRUE(simulated.world.log_in(simulated.world.target()).ok());
  simulated.aws.denied = true;
  EXPECT_FALSE(simulated.world.log_in(simulated.world.target(role_login("other-id"))).ok());

  const std::string log = simulated.world.logged();
  EXPECT_TRUE(contains(log, R"("role":"arn:aws:iam::123456789012:role/pull","region":"eu-west-1","externalId":true,"result":"success")"))
      << log;
  EXPECT_TRUE(contains(log, R"("code":"AccessDenied")")) << log;
  EXPECT_TRUE(contains(log, "trust policy")) << log;
  for (const char* secret : {"canary", "password-1", "other-id"}) EXPECT_FALSE(contains(log, secret)) << secret;
}

TEST(BrokerService, ShowsItselfInMetricsAndStatus) {
  Simulated simulated;
  simulated.world.config->registries.push_back(role_login("id"));
  ASSERT_TRUE(simulated.world.log_in(simulated.world.target()).ok());
  (void)simulated.world.service.find(simulated.world.target());
  simulated.aws.denied = true;
  EXPECT_FALSE(simulated.world.log_in(simulated.world.target(role_login("other"))).ok());
  MetricsText text;
  simulated.world.service.add_metrics(text, simulated.world.config);
  const std::string metrics = text.text();

  for (const char* sample : {
           R"(portcullis_sts_calls_total{operation="AssumeRole",result="success",code=""} 1)",
           R"(portcullis_sts_calls_total{operation="AssumeRole",result="failure",code="AccessDenied"} 1)",
           "portcullis_sts_call_duration_seconds_count 2",
           R"(portcullis_broker_logins_total{kind="ecr",method="role",result="success"} 1)",
           R"(portcullis_broker_logins_total{kind="ecr",method="role",result="failure"} 1)",
           R"(portcullis_broker_cache_requests_total{result="hit"} 1)",
           "portcullis_broker_cache_entries 1",
           R"(portcullis_broker_credentials_expiring{within="5m"} 0)",
           R"(portcullis_broker_credential_expiry_timestamp_seconds{registry="123456789012.dkr.ecr.eu-west-1.amazonaws.com"} 1772370000)",
       }) {
    EXPECT_TRUE(contains(metrics, sample)) << sample << " in\n" << metrics;
  }
  EXPECT_FALSE(contains(metrics, "canary"));
  JsonWriter json;
  simulated.world.service.write_status(json, simulated.world.config);
  const std::string status = std::move(json).text();
  EXPECT_TRUE(contains(status, R"("kind":"ecr","method":"role","expires":"2026-03-01T13:00:00.000Z","lastError":null)")) << status;
}

}  // namespace
}  // namespace portcullis::test
