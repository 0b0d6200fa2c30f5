#include "plugin/app.h"

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/codec/json.h"
#include "tests/support/daemon.h"

namespace portcullis::test {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Waits as a daemon without signals would.
bool pause(Milliseconds time) {
  ::poll(nullptr, 0, static_cast<int>(time.count()));
  return false;
}

TEST(App, TellsWhatItIsBoundTo) {
  TestDaemon daemon;
  ASSERT_EQ(daemon.fault(), "");

  const auto json = parse_json(daemon.app().bound_json(), {4096, 4, 100});

  ASSERT_TRUE(json.ok());
  const auto listen = json->root().get("listen").elements();
  ASSERT_EQ(listen.size(), 2U);
  EXPECT_EQ(listen[0].string(), daemon.tcp());
  EXPECT_EQ(listen[1].string(), "unix:" + daemon.folder().path("gate.sock"));
  EXPECT_EQ(json->root().get("admin").string(), daemon.admin());
}

TEST(App, SaysNullWhereTheAdminListenerIsOff) {
  TestDaemon daemon(R"("admin":"off")");
  ASSERT_EQ(daemon.fault(), "");

  EXPECT_TRUE(contains(daemon.app().bound_json(), "\"admin\":null"));
}

TEST(App, AnswersOnEachListener) {
  const TestDaemon daemon;
  const std::string request = nginx_request("/v2/team/app/manifests/latest", TestDaemon::first_token());

  EXPECT_EQ(ask_once(daemon.tcp(), request)->status, 200);
  EXPECT_EQ(ask_once(daemon.unix_socket(), request)->status, 200);
}

TEST(App, RefusesAnUntrustedTcpPeer) {
  const TestDaemon daemon(R"("proxy":{"trusted":["10.0.0.0/8"]})");

  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 403);
}

TEST(App, RefusesAUnixPeerWhoseUserIsNotTrusted) {
  const TestDaemon daemon(R"("proxy":{"trusted":["10.0.0.0/8"],"trustedUsers":["4242"]})");
  ASSERT_EQ(daemon.fault(), "");

  EXPECT_EQ(ask_once(daemon.unix_socket(), nginx_request("/v2/", TestDaemon::first_token()))->status, 403);
}

TEST(App, JudgesOpenConnectionsByTheTrustOfTheNewConfiguration) {
  const TestDaemon daemon;
  const std::string request = nginx_request("/v2/", TestDaemon::first_token());
  RawClient client(daemon.unix_socket());
  ASSERT_EQ(client.ask(request)->status, 200);

  daemon.folder().replace("gate.json", TestDaemon::config(R"("proxy":{"trusted":["127.0.0.1/32"],"trustedUsers":["4242"]})"));

  EXPECT_TRUE(eventually([&] { return client.ask(request)->status == 403; }));
}

TEST(App, DoesNotStartForAUserThatDoesNotExist) {
  const TestDaemon daemon(R"("proxy":{"trusted":["127.0.0.1/32"],"trustedUsers":["no-such-user-here"]})");

  EXPECT_TRUE(contains(daemon.fault(), "no-such-user-here"));
}

TEST(App, GivesEachDecisionAnIdThatItsLogLineHas) {
  const TestDaemon daemon;

  const auto first = ask_once(daemon.tcp(), nginx_request("/v2/a/b/tags/list", TestDaemon::first_token()));
  const auto second = ask_once(daemon.tcp(), nginx_request("/v2/a/b/tags/list", TestDaemon::first_token()));

  const std::string id = first->header("X-Portcullis-Id");
  EXPECT_EQ(id.size(), 25U);
  EXPECT_NE(id, second->header("X-Portcullis-Id"));
  EXPECT_EQ(id.substr(0, 17), second->header("X-Portcullis-Id").substr(0, 17));
  EXPECT_TRUE(contains(daemon.log(), id));
}

TEST(App, LogsNoToken) {
  const TestDaemon daemon;
  const std::string good = TestDaemon::first_token();
  const std::string bad = TestDaemon::second_token();

  ASSERT_EQ(daemon.status_for(good), 200);
  ASSERT_EQ(daemon.status_for(bad), 401);

  const std::string log = daemon.log();
  ASSERT_TRUE(contains(log, "key_unknown"));
  for (const std::string& token : {good, bad}) {
    EXPECT_FALSE(contains(log, token.substr(token.rfind('.') + 1)));
    EXPECT_FALSE(contains(log, token.substr(0, token.rfind('.'))));
  }
}

TEST(App, WritesToTheNewFileAfterTheLogWasRotated) {
  TestDaemon daemon;
  std::filesystem::rename(daemon.folder().path("gate.log"), daemon.folder().path("gate.log.1"));

  daemon.app().reopen_log();
  daemon.app().log().write(LogLevel::info, "after the rotation");

  EXPECT_TRUE(contains(daemon.log(), "after the rotation"));
  EXPECT_FALSE(contains(daemon.folder().read("gate.log.1"), "after the rotation"));
}

TEST(App, IsNotReadyWhileItStopsAndStillLives) {
  TestDaemon daemon;
  int status_ready = 0;
  int status_live = 0;
  std::string close;

  daemon.app().stop([&](Milliseconds time) {
    if (status_ready != 0) return pause(time);  // the drain behind the delay
    status_ready = get(daemon.admin(), "/readyz")->status;
    status_live = get(daemon.admin(), "/livez")->status;
    close = ask_once(daemon.tcp(), nginx_request("/v2/", ""))->header("Connection");
    return false;
  });

  EXPECT_EQ(status_ready, 503);
  EXPECT_EQ(status_live, 200);
  EXPECT_EQ(close, "close");
}

constexpr std::string_view kHalfQuestion = "POST /v1/verify HTTP/1.1\r\nHost: t\r\nContent-Length: 13\r\n\r\n{\"tok";
constexpr std::string_view kOtherHalf = "en\":\"x\"}";

TEST(App, AnswersARequestThatIsUnderWayBeforeItStops) {
  TestDaemon daemon;
  RawClient client(daemon.tcp());
  ASSERT_TRUE(client.send(kHalfQuestion));
  ASSERT_TRUE(eventually([&] { return daemon.app().active() == 1; }));
  const std::string address = daemon.tcp();

  std::jthread stopping([&daemon] { daemon.app().stop(pause); });
  ASSERT_TRUE(eventually([&] { return !RawClient(address).connected(); }));
  ASSERT_TRUE(client.send(kOtherHalf));

  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  stopping.join();
  EXPECT_TRUE(contains(daemon.log(), "\"requestsCut\":0"));
}

TEST(App, CutsARequestThatDoesNotEndByTheDeadline) {
  TestDaemon daemon(R"("drain":{"delay":"0s","deadline":"0s"})");
  ASSERT_EQ(daemon.fault(), "");
  RawClient client(daemon.tcp());
  ASSERT_TRUE(client.send(kHalfQuestion));
  ASSERT_TRUE(eventually([&] { return daemon.app().active() == 1; }));

  daemon.app().stop(pause);

  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_TRUE(contains(daemon.log(), "\"requestsCut\":1"));
}

TEST(App, HurriesAtASecondSignal) {
  TestDaemon daemon;
  RawClient client(daemon.tcp());
  ASSERT_TRUE(client.send(kHalfQuestion));
  ASSERT_TRUE(eventually([&] { return daemon.app().active() == 1; }));
  int pauses = 0;

  daemon.app().stop([&pauses](Milliseconds) { return ++pauses == 2; });

  EXPECT_EQ(pauses, 2);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(App, LeavesNoSocketBehind) {
  TestDaemon daemon;
  const std::string path = daemon.folder().path("gate.sock");
  ASSERT_TRUE(std::filesystem::exists(path));

  daemon.app().stop(pause);

  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(App, EndsWithoutADrain) {
  TestDaemon daemon;
  RawClient client(daemon.tcp());
  ASSERT_TRUE(client.send(kHalfQuestion));
  ASSERT_TRUE(eventually([&] { return daemon.app().active() == 1; }));

  daemon.destroy();

  EXPECT_TRUE(client.closed_by_peer());
}

}  // namespace
}  // namespace portcullis::test
