// Requests that wait without a thread: places, the room, the fetch thread, and all of them behind a real socket.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/admission.h"
#include "plugin/fetcher.h"
#include "plugin/waiting_room.h"
#include "tests/support/daemon.h"
#include "tests/support/held_http.h"
#include "tests/support/raw_client.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

TEST(AdmissionTest, HasASetNumberOfPlaces) {
  Admission admission(8);
  std::vector<Admission::Place> places;
  for (int i = 0; i < 8; ++i) places.push_back(std::move(*admission.enter("client" + std::to_string(i))));
  EXPECT_FALSE(admission.enter("late").has_value());
  places.pop_back();
  EXPECT_TRUE(admission.enter("late").has_value());
}

TEST(AdmissionTest, GivesOneClientAQuarterAtMost) {
  Admission admission(8);
  const auto first = admission.enter("greedy");
  const auto second = admission.enter("greedy");
  EXPECT_TRUE(second.has_value());
  EXPECT_FALSE(admission.enter("greedy").has_value());
  EXPECT_TRUE(admission.enter("other").has_value());
}

TEST(AdmissionTest, GivesAllPlacesToAllWhereClientsCannotBeToldApart) {
  Admission admission(8);
  std::vector<Admission::Place> places;
  for (int i = 0; i < 8; ++i) {
    auto place = admission.enter("");
    ASSERT_TRUE(place.has_value()) << i;
    places.push_back(std::move(*place));
  }
  EXPECT_FALSE(admission.enter("").has_value());
  places.clear();
  EXPECT_EQ(admission.waiting(), 0U);
}

TEST(AdmissionTest, GivesEachClientAtLeastOnePlace) { EXPECT_TRUE(Admission(1).enter("only").has_value()); }

TEST(AdmissionTest, TakesNobodyOnceClosedAndKnowsWhenItIsEmpty) {
  Admission admission(8);
  auto place = admission.enter("client");
  admission.close();
  EXPECT_FALSE(admission.enter("late").has_value());
  EXPECT_FALSE(admission.wait_until_empty(0ms));
  place.reset();
  EXPECT_TRUE(admission.wait_until_empty(0ms));
}

TEST(WaitingRoomTest, WakesEveryoneOnceAfterARound) {
  WaitingRoom room;
  int woken = 0;
  room.add([&] { ++woken; }, SteadyPoint(1s));
  room.add([&] { ++woken; }, SteadyPoint(2s));
  room.wake_all();
  room.wake_all();
  EXPECT_EQ(woken, 2);
}

TEST(WaitingRoomTest, WakesWhoseTimeIsUpAndTellsTheNextDeadline) {
  WaitingRoom room;
  std::vector<int> woken;
  room.add([&] { woken.push_back(1); }, SteadyPoint(1s));
  room.add([&] { woken.push_back(2); }, SteadyPoint(2s));
  EXPECT_EQ(room.wake_due(SteadyPoint(999ms)), SteadyPoint(1s));
  EXPECT_EQ(room.wake_due(SteadyPoint(1s)), SteadyPoint(2s));
  EXPECT_EQ(woken, std::vector<int>{1});
  EXPECT_EQ(room.wake_due(SteadyPoint(2s)), std::nullopt);
}

TEST(WaitingRoomTest, KeepsNobodyOnceClosed) {
  WaitingRoom room;
  int woken = 0;
  room.add([&] { ++woken; }, SteadyPoint(1s));
  room.close();
  EXPECT_EQ(woken, 1);
  room.add([&] { ++woken; }, SteadyPoint(1s));
  EXPECT_EQ(woken, 2);
}

/// A daemon whose keys come over `http`.
class RemoteKeys : public testing::Test {
 protected:
  void start(const std::string& more = R"("wait":"10s","refetchCooldown":"1h")") {
    daemon_ = std::make_unique<TestDaemon>(R"("keys":{"jwksURL":")" + std::string(HeldHttp::kUrl) + R"(",)" + more + "}", "", &http_);
    ASSERT_EQ(daemon_->fault(), "");
  }
  void TearDown() override {
    http_.open();
    daemon_.reset();
  }
  /// Whether `asks` rounds have begun.
  bool asked(int asks) {
    return eventually([&] { return http_.asked() >= asks; });
  }

  HeldHttp http_;
  std::unique_ptr<TestDaemon> daemon_;
};

TEST_F(RemoteKeys, LetTheFirstRequestWaitForTheFirstRound) {
  start();
  RawClient client(daemon_->tcp());
  ASSERT_TRUE(client.send(nginx_request("/v2/team/app/manifests/latest", TestDaemon::first_token())));
  ASSERT_TRUE(asked(1));
  EXPECT_FALSE(client.receive(false, 50ms).has_value());
  http_.answer(jwks({{"k1", &key_pair("ED25519")}}));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  // The connection goes on as any other.
  const auto second = client.ask(nginx_request("/v2/team/app/manifests/latest", TestDaemon::first_token()));
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->status, 200);
}

TEST_F(RemoteKeys, AnswerUnavailableWhenTheFirstRoundFails) {
  start();
  RawClient client(daemon_->tcp());
  ASSERT_TRUE(client.send(nginx_request("/v2/team/app/manifests/latest", TestDaemon::first_token())));
  ASSERT_TRUE(asked(1));
  http_.answer("");
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_NE(answer->header("Retry-After"), "");
}

TEST_F(RemoteKeys, AreAskedForAtOnceWhenATokenNamesAnUnknownKey) {
  start();
  http_.answer(jwks({{"k1", &key_pair("ED25519")}}));
  ASSERT_TRUE(eventually([&] { return daemon_->status_for(TestDaemon::first_token()) == 200; }));
  RawClient client(daemon_->tcp());
  ASSERT_TRUE(client.send(nginx_request("/v2/team/app/manifests/latest", TestDaemon::second_token())));
  ASSERT_TRUE(asked(2));
  // Others are served meanwhile.
  EXPECT_EQ(daemon_->status_for(TestDaemon::first_token()), 200);
  http_.answer(jwks({{"k1", &key_pair("ED25519")}, {"k2", &key_pair("ED25519", "second")}}));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
}

TEST_F(RemoteKeys, AreAskedForOnceInACoolDownHoweverManyKeyIdsAreMadeUp) {
  start();
  http_.answer(jwks({{"k1", &key_pair("ED25519")}}));
  ASSERT_TRUE(eventually([&] { return daemon_->status_for(TestDaemon::first_token()) == 200; }));
  http_.answer(jwks({{"k1", &key_pair("ED25519")}}));
  const std::string payload = good_payload(SystemClock().now());
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(daemon_->status_for(mint(payload, key_pair("ED25519"), "EdDSA", "made-up-" + std::to_string(i))), 401);
  EXPECT_LE(http_.asked(), 2);
  EXPECT_EQ(daemon_->status_for(TestDaemon::first_token()), 200);
}

TEST_F(RemoteKeys, LetNobodyWaitLongerThanItsTime) {
  start(R"("wait":"100ms","refetchCooldown":"1h")");
  RawClient client(daemon_->tcp());
  ASSERT_TRUE(client.send(nginx_request("/v2/team/app/manifests/latest", TestDaemon::first_token())));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
}

TEST_F(RemoteKeys, StaySafeWhenAClientLeavesWhileItWaits) {
  start();
  {
    RawClient client(daemon_->tcp());
    ASSERT_TRUE(client.send(nginx_request("/v2/team/app/manifests/latest", TestDaemon::first_token())));
    ASSERT_TRUE(asked(1));
  }
  http_.answer(jwks({{"k1", &key_pair("ED25519")}}));
  EXPECT_TRUE(eventually([&] { return daemon_->status_for(TestDaemon::first_token()) == 200; }));
  EXPECT_TRUE(eventually([&] { return daemon_->app().active() == 0; }));
}

TEST_F(RemoteKeys, LetTheProcessEndWhileRequestsWait) {
  start();
  RawClient client(daemon_->tcp());
  ASSERT_TRUE(client.send(nginx_request("/v2/team/app/manifests/latest", TestDaemon::first_token())));
  ASSERT_TRUE(asked(1));
  http_.open();
  daemon_->destroy();
}

TEST_F(RemoteKeys, KeepServingWhenALaterRoundFails) {
  start(R"("wait":"100ms","refetchCooldown":"1s")");
  http_.answer(jwks({{"k1", &key_pair("ED25519")}}));
  ASSERT_TRUE(eventually([&] { return daemon_->status_for(TestDaemon::first_token()) == 200; }));
  http_.answer("");
  EXPECT_EQ(daemon_->status_for(TestDaemon::second_token()), 401);
  EXPECT_EQ(daemon_->status_for(TestDaemon::first_token()), 200);
  EXPECT_TRUE(eventually([&] {
    return daemon_->status_for(TestDaemon::second_token()) == 401 &&
           get(daemon_->admin(), "/status")->body.find(R"("state":"stale")") != std::string::npos;
  }));
}

TEST_F(RemoteKeys, AreRememberedOnDiskForTheNextStart) {
  start(R"("wait":"100ms","lastKnownGood":"lkg.json")");
  http_.answer(jwks({{"k1", &key_pair("ED25519")}}));
  ASSERT_TRUE(eventually([&] { return daemon_->status_for(TestDaemon::first_token()) == 200; }));
  const std::string remembered = daemon_->folder().read("lkg.json");
  EXPECT_NE(remembered.find("\"k1\""), std::string::npos);
  http_.open();
  daemon_->restart(&http_);
  EXPECT_EQ(daemon_->fault(), "");
  EXPECT_EQ(daemon_->status_for(TestDaemon::first_token()), 200);
}

TEST(CostlyKeys, AreCheckedOffTheRequestThreadsWithTheSameVerdict) {
  const KeyPair& key = key_pair("P-384");
  // On a machine that is busy otherwise a turn may come late; what that means is tested elsewhere.
  TestDaemon daemon(R"("limits":{"decision":"10s"})", secret_json({{"slow", &key}, {"k1", &key_pair("ED25519")}}));
  ASSERT_EQ(daemon.fault(), "");
  const std::string payload = good_payload(SystemClock().now());
  const std::string good = mint(payload, key, "ES384", "slow");
  const std::string forged = mint(payload, key_pair("P-384", "second"), "ES384", "slow");
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(daemon.status_for(mint(good_payload(SystemClock().now(), "team/app", "pull", "\"jti\":\"" + std::to_string(i) + "\""), key,
                                     "ES384", "slow")),
              200);
    EXPECT_EQ(daemon.status_for(forged), 401);
    EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 200);
  }
  EXPECT_EQ(daemon.status_for(good), 200);
}

TEST(CostlyKeys, AreJudgedOnManyConnectionsAtOnce) {
  const KeyPair& key = key_pair("P-384");
  TestDaemon daemon("", secret_json({{"slow", &key}}));
  ASSERT_EQ(daemon.fault(), "");
  std::atomic<int> wrong{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; i < 25; ++i) {
        const std::string extra = "\"jti\":\"" + std::to_string(c) + "-" + std::to_string(i) + "\"";
        const std::string payload = good_payload(SystemClock().now(), "team/app", "pull", extra);
        const bool good = i % 2 == 0;
        const int status = daemon.status_for(mint(payload, key_pair("P-384", good ? "first" : "second"), "ES384", "slow"));
        if (status != (good ? 200 : 401) && status != 503) ++wrong;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace portcullis::test
