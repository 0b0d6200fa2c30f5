// Reload and key rounds through a running daemon: what changes takes effect, what is faulty changes nothing and is told.
#include "plugin/keeper.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/daemon.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

namespace fs = std::filesystem;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string body_of(const TestDaemon& daemon, std::string_view path) {
  const auto answer = get(daemon.admin(), path);
  return answer ? answer->body : std::string();
}

/// The service name in the challenge: which configuration answers.
std::string service_of(const TestDaemon& daemon) {
  const auto answer = ask_once(daemon.tcp(), nginx_request("/v2/", ""));
  const std::string challenge = answer ? answer->header("WWW-Authenticate") : std::string();
  const std::size_t begin = challenge.find("service=\"") + 9;
  return challenge.substr(begin, challenge.find('"', begin) - begin);
}

bool service_becomes(const TestDaemon& daemon, std::string_view name) {
  return eventually([&] { return service_of(daemon) == name; });
}

TEST(Keeper, TakesANewConfigurationWrittenInPlace) {
  const TestDaemon daemon;
  ASSERT_EQ(daemon.fault(), "");

  daemon.folder().write("gate.json", TestDaemon::config("", "written"));

  EXPECT_TRUE(service_becomes(daemon, "written"));
  EXPECT_TRUE(
      eventually([&] { return contains(daemon.log(), "configuration reloaded") && contains(daemon.log(), "http.auth.bearer.service"); }));
}

TEST(Keeper, TakesANewConfigurationRenamedOverTheOld) {
  const TestDaemon daemon;

  daemon.folder().replace("gate.json", TestDaemon::config("", "renamed"));

  EXPECT_TRUE(service_becomes(daemon, "renamed"));
}

TEST(Keeper, TakesOneNewConfigurationAfterTheOther) {
  const TestDaemon daemon;

  for (const std::string_view name : {"one", "two", "three"}) {
    daemon.folder().replace("gate.json", TestDaemon::config("", name));
    ASSERT_TRUE(service_becomes(daemon, name));
  }
}

TEST(Keeper, KeepsTheOldConfigurationWhereTheNewOneIsFaulty) {
  const TestDaemon daemon;

  daemon.folder().replace("gate.json", TestDaemon::config(R"("limits":{"tokenBytes":"many"},"nonsense":1)", "faulty"));

  ASSERT_TRUE(eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_input_failed{input=\"config\"} 1"); }));
  EXPECT_EQ(service_of(daemon), "registry.example");
  EXPECT_TRUE(contains(daemon.log(), "reload refused: the old configuration stays in force"));
  EXPECT_TRUE(contains(daemon.log(), "\"path\":\"portcullis.limits.tokenBytes\""));
  EXPECT_TRUE(contains(daemon.log(), "\"path\":\"portcullis.nonsense\""));
  EXPECT_TRUE(contains(body_of(daemon, "/readyz?verbose"), "[+]config ok: newest reload refused: "));
  EXPECT_TRUE(contains(body_of(daemon, "/status"), "portcullis.nonsense"));
  EXPECT_TRUE(contains(body_of(daemon, "/metrics"), "portcullis_config_reload_total{result=\"failed\"} 1\n"));
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 200);
}

TEST(Keeper, ForgetsTheFaultWhenTheOldConfigurationComesBack) {
  const TestDaemon daemon;
  daemon.folder().write("gate.json", "{");
  ASSERT_TRUE(eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_input_failed{input=\"config\"} 1"); }));

  daemon.folder().write("gate.json", TestDaemon::config(""));

  EXPECT_TRUE(eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_input_failed{input=\"config\"} 0"); }));
}

TEST(Keeper, NamesWhatNeedsARestartAndAppliesTheRest) {
  const TestDaemon daemon;

  daemon.folder().replace("gate.json", TestDaemon::config(R"("limits":{"connections":77})", "rest"));

  EXPECT_TRUE(service_becomes(daemon, "rest"));
  EXPECT_TRUE(eventually([&] { return contains(daemon.log(), "some settings need a restart"); }));
  EXPECT_TRUE(contains(daemon.log(), "\"settings\":\"portcullis.limits.connections\""));
}

TEST(Keeper, JudgesReadersOfMetricsByTheAdminAddressThatIsOpen) {
  TestDaemon daemon;
  const auto admin = daemon.app().live().read()->state.config.admin;

  daemon.folder().replace("gate.json", TestDaemon::config(R"("admin":"unix:elsewhere.sock")", "moved"));

  ASSERT_TRUE(service_becomes(daemon, "moved"));
  EXPECT_EQ(daemon.app().live().read()->state.config.admin, admin) << "it moves with a restart";
}

TEST(Keeper, ReloadsOnRequestThoughNothingChanged) {
  TestDaemon daemon;

  daemon.app().reload();

  EXPECT_TRUE(eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_config_reload_total{result=\"good\"} 1"); }));
}

TEST(Keeper, KeepsCachedTokensWhereARequestedReloadChangesNothing) {
  TestDaemon daemon;
  const std::string token = TestDaemon::first_token();
  ASSERT_EQ(daemon.status_for(token), 200);

  daemon.app().reload();
  ASSERT_TRUE(eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_config_reload_total{result=\"good\"} 1"); }));
  ASSERT_EQ(daemon.status_for(token), 200);

  EXPECT_TRUE(contains(body_of(daemon, "/metrics"), "portcullis_token_cache_requests_total{result=\"hit\"} 1\n"));
}

TEST(Keeper, JudgesCachedTokensByTheRulesOfTheNewConfiguration) {
  const TestDaemon daemon;
  const std::string token = TestDaemon::first_token();
  ASSERT_EQ(daemon.status_for(token), 200);

  daemon.folder().replace("gate.json", TestDaemon::config(R"("tokens":{"issuers":["https://other.example"],"audiences":["any"]})"));

  EXPECT_TRUE(eventually([&] { return daemon.status_for(token) == 401; }));
}

TEST(Keeper, RotatesKeysByARename) {
  const TestDaemon daemon;
  const std::string old_token = TestDaemon::first_token();
  const std::string new_token = TestDaemon::second_token();
  ASSERT_EQ(daemon.status_for(old_token), 200);
  ASSERT_EQ(daemon.status_for(new_token), 401);

  daemon.folder().replace("keys.json", TestDaemon::second_keys());

  EXPECT_TRUE(eventually([&] { return daemon.status_for(new_token) == 200; }));
  EXPECT_EQ(daemon.status_for(old_token), 401);
}

TEST(Keeper, RotatesKeysByAConfigMapSwap) {
  const TempFolder mount;
  fs::create_directory(mount.path("..2026_1"));
  fs::create_directory(mount.path("..2026_2"));
  mount.write("..2026_1/keys.json", TestDaemon::first_keys());
  mount.write("..2026_2/keys.json", TestDaemon::second_keys());
  fs::create_symlink("..2026_1", mount.path("..data"));
  fs::create_symlink("..data/keys.json", mount.path("keys.json"));
  const TestDaemon daemon(R"("keys":{"file":")" + mount.path("keys.json") + R"("})");
  ASSERT_EQ(daemon.status_for(TestDaemon::first_token()), 200);

  fs::create_symlink("..2026_2", mount.path("..data_tmp"));
  fs::rename(mount.path("..data_tmp"), mount.path("..data"));

  EXPECT_TRUE(eventually([&] { return daemon.status_for(TestDaemon::second_token()) == 200; }));
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 401);
}

TEST(Keeper, KeepsServingTheOldKeysWhereTheFileTurnsToGarbage) {
  const TestDaemon daemon;

  daemon.folder().write("keys.json", "garbage");

  ASSERT_TRUE(
      eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_keyset_state{source=\"file\",state=\"stale\"} 1"); }));
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 200);
  EXPECT_TRUE(contains(daemon.log(), "keys cannot be read: the last good set serves"));
  EXPECT_TRUE(contains(body_of(daemon, "/metrics"), "portcullis_input_failed{input=\"keys\"} 1"));
  const auto ready = get(daemon.admin(), "/readyz?verbose");
  EXPECT_EQ(ready->status, 200);
  EXPECT_TRUE(contains(ready->body, "[+]keys ok: file is stale, 1 keys serve; newest round failed: secret_malformed"));
}

TEST(Keeper, ServesAgainAfterTheKeysFileIsMended) {
  const TestDaemon daemon;
  daemon.folder().write("keys.json", "garbage");
  ASSERT_TRUE(
      eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_keyset_state{source=\"file\",state=\"stale\"} 1"); }));

  daemon.folder().write("keys.json", TestDaemon::first_keys());

  EXPECT_TRUE(
      eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_keyset_state{source=\"file\",state=\"fresh\"} 1"); }));
  EXPECT_TRUE(eventually([&] { return contains(daemon.log(), "keys can be read again"); }));
}

TEST(Keeper, StartsWithoutKeysAndIsNotReadyUntilTheyCome) {
  const TestDaemon daemon("", "");
  ASSERT_EQ(daemon.fault(), "");
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 503);
  EXPECT_EQ(get(daemon.admin(), "/readyz")->status, 503);
  EXPECT_EQ(get(daemon.admin(), "/livez")->status, 200);

  daemon.folder().write("keys.json", TestDaemon::first_keys());

  EXPECT_TRUE(eventually([&] { return daemon.status_for(TestDaemon::first_token()) == 200; }));
  EXPECT_EQ(get(daemon.admin(), "/readyz")->status, 200);
}

TEST(Keeper, RefusesAReloadWhoseNewKeySourceHasNoKeys) {
  const TestDaemon daemon;

  daemon.folder().replace("gate.json", TestDaemon::config(R"("keys":{"file":"absent.json"})", "absent"));

  ASSERT_TRUE(eventually([&] { return contains(daemon.log(), "fault in configuration"); }));
  EXPECT_TRUE(contains(daemon.log(), R"("path":"portcullis.keys.file","fault":"io_failed: )")) << daemon.log();
  EXPECT_EQ(service_of(daemon), "registry.example");
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 200);
}

TEST(Keeper, NamesTheSettingWhoseFileIsMissing) {
  const TestDaemon started(R"("tokens":{"issuers":["any"],"audiences":["any"],"revocations":"norev.json"})");
  EXPECT_TRUE(started.fault().starts_with("portcullis.tokens.revocations: ")) << started.fault();
  EXPECT_TRUE(contains(started.fault(), "norev.json: No such file or directory")) << started.fault();

  const TestDaemon daemon;
  daemon.folder().replace("gate.json", TestDaemon::config(R"("proxy":{"trusted":["127.0.0.1/32"],"markerFile":"absent"})", "absent"));
  ASSERT_TRUE(eventually([&] { return contains(daemon.log(), "fault in configuration"); }));
  EXPECT_TRUE(contains(daemon.log(), R"("path":"portcullis.proxy.markerFile","fault":"io_failed: )")) << daemon.log();
}

TEST(Keeper, MovesToAnotherKeySource) {
  const TestDaemon daemon;
  daemon.folder().write("other.json", TestDaemon::second_keys());

  daemon.folder().replace("gate.json", TestDaemon::config(R"("keys":{"file":"other.json"})"));

  EXPECT_TRUE(eventually([&] { return daemon.status_for(TestDaemon::second_token()) == 200; }));
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 401);
}

TEST(Keeper, WatchesTheFilesOfTheNewConfiguration) {
  const TestDaemon daemon;
  daemon.folder().write("other.json", TestDaemon::second_keys());
  daemon.folder().replace("gate.json", TestDaemon::config(R"("keys":{"file":"other.json"})"));
  ASSERT_TRUE(eventually([&] { return daemon.status_for(TestDaemon::second_token()) == 200; }));

  daemon.folder().write("other.json", TestDaemon::first_keys());

  EXPECT_TRUE(eventually([&] { return daemon.status_for(TestDaemon::first_token()) == 200; }));
}

constexpr std::string_view kWithRevocations = R"("tokens":{"issuers":["any"],"audiences":["any"],"revocations":"revoked.json"})";

TEST(Keeper, DoesNotStartWithoutTheRevocationsFile) {
  const TestDaemon daemon(kWithRevocations);

  EXPECT_TRUE(contains(daemon.fault(), "revoked.json"));
}

/// A daemon with an empty revocations file, named by a reload.
void begin_revocations(const TestDaemon& daemon) {
  daemon.folder().write("revoked.json", R"({"revocations":[]})");
  daemon.folder().replace("gate.json", TestDaemon::config(kWithRevocations));
  ASSERT_TRUE(eventually([&] { return contains(body_of(daemon, "/readyz?verbose"), "[+]revocations ok"); }));
}

TEST(Keeper, RevokesCachedTokensWhenTheFileSaysSo) {
  const TestDaemon daemon;
  begin_revocations(daemon);
  const std::string token = TestDaemon::first_token();
  ASSERT_EQ(daemon.status_for(token), 200);

  daemon.folder().replace("revoked.json", R"({"revocations":[{"kid":"k1"}]})");

  EXPECT_TRUE(eventually([&] { return daemon.status_for(token) == 401; }));
}

TEST(Keeper, KeepsTheLastRevocationsWhereTheFileIsUnreadable) {
  const TestDaemon daemon;
  begin_revocations(daemon);
  daemon.folder().replace("revoked.json", R"({"revocations":[{"kid":"k1"}]})");
  ASSERT_TRUE(eventually([&] { return daemon.status_for(TestDaemon::first_token()) == 401; }));

  fs::remove(daemon.folder().path("revoked.json"));

  ASSERT_TRUE(eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_input_failed{input=\"revocations\"} 1"); }));
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 401);
  EXPECT_TRUE(contains(daemon.log(), "revocations cannot be read: the last ones stay in force"));
  EXPECT_TRUE(contains(body_of(daemon, "/readyz?verbose"), "[+]revocations ok: the last ones stay in force: io_failed"));
}

constexpr std::string_view kMarker = "a-marker-of-many-bytes";
constexpr std::string_view kWithMarker = R"("proxy":{"trusted":["127.0.0.1/32"],"markerFile":"marker"})";

int status_with_marker(const TestDaemon& daemon, std::string_view marker) {
  std::string request = nginx_request("/v2/", TestDaemon::first_token());
  request.insert(request.size() - 2, "X-Portcullis-Marker: " + std::string(marker) + "\r\n");
  const auto answer = ask_once(daemon.tcp(), request);
  return answer ? answer->status : 0;
}

TEST(Keeper, DoesNotStartWithoutTheMarkerFile) {
  const TestDaemon daemon(kWithMarker);

  EXPECT_TRUE(contains(daemon.fault(), "marker"));
}

TEST(Keeper, RotatesTheMarkerAndKeepsItWhereTheFileIsFaulty) {
  const TestDaemon daemon;
  daemon.folder().write("marker", std::string(kMarker) + "\n");
  daemon.folder().replace("gate.json", TestDaemon::config(kWithMarker));
  ASSERT_TRUE(eventually([&] { return status_with_marker(daemon, "wrong") == 403; }));
  ASSERT_EQ(status_with_marker(daemon, kMarker), 200);

  daemon.folder().replace("marker", "short\n");
  ASSERT_TRUE(eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_input_failed{input=\"marker\"} 1"); }));
  EXPECT_EQ(status_with_marker(daemon, kMarker), 200);

  daemon.folder().replace("marker", "another-marker-of-bytes\n");
  EXPECT_TRUE(eventually([&] { return status_with_marker(daemon, "another-marker-of-bytes") == 200; }));
  EXPECT_EQ(status_with_marker(daemon, kMarker), 403);
  EXPECT_FALSE(contains(daemon.log(), kMarker));
}

TEST(Keeper, StopsAnsweringByKeysThatAreTooOld) {
  const TestDaemon daemon(R"("keys":{"file":"keys.json","maxStale":"1s"})");
  ASSERT_EQ(daemon.status_for(TestDaemon::first_token()), 200);

  fs::remove(daemon.folder().path("keys.json"));

  EXPECT_TRUE(eventually([&] { return daemon.status_for(TestDaemon::first_token()) == 503; }));
  EXPECT_EQ(get(daemon.admin(), "/readyz")->status, 503);
  EXPECT_TRUE(contains(body_of(daemon, "/readyz"), "[-]keys failed: file is expired"));
}

TEST(Keeper, WarnsOnceOfACertificateThatEndsSoon) {
  const TimePoint now = SystemClock().now();
  const TestDaemon daemon("", certificate_secret_json("c1", key_pair("P-256"), now, now + std::chrono::days(6)));
  const auto warnings = [&] {
    const std::string log = daemon.log();
    std::size_t count = 0;
    for (std::size_t at = log.find("certificate ends soon"); at != std::string::npos; at = log.find("certificate ends soon", at + 1))
      ++count;
    return count;
  };
  ASSERT_TRUE(eventually([&] { return warnings() == 1; })) << daemon.log();
  EXPECT_TRUE(contains(body_of(daemon, "/metrics"), R"(portcullis_key_certificate_not_after_timestamp_seconds{source="file",kid="c1"} )"));

  daemon.folder().replace("keys.json", TestDaemon::first_keys());
  ASSERT_TRUE(eventually([&] { return daemon.status_for(TestDaemon::first_token()) == 200; }));
  EXPECT_EQ(warnings(), 1U);
  EXPECT_FALSE(contains(body_of(daemon, "/metrics"), "portcullis_key_certificate_not_after"));
}

TEST(Keeper, LosesNoRequestWhileConfigurationAndKeysChange) {
  const TestDaemon daemon;
  const std::string both = secret_json({{"k1", &key_pair("ED25519")}, {"k2", &key_pair("ED25519", "second")}});
  std::atomic<bool> stop{false};
  std::atomic<int> answered{0};
  std::atomic<int> wrong{0};
  std::jthread load([&] {
    const std::string request = nginx_request("/v2/team/app/manifests/latest", TestDaemon::first_token());
    RawClient client(daemon.tcp());
    while (!stop.load()) {
      const auto answer = client.ask(request);
      if (!answer || answer->status != 200) {
        ++wrong;
        return;
      }
      ++answered;
    }
  });

  for (int i = 0; i < 5; ++i) {
    const std::string name = "round-" + std::to_string(i);
    daemon.folder().replace("keys.json", i % 2 == 0 ? both : TestDaemon::first_keys());
    daemon.folder().replace("gate.json", TestDaemon::config("", name));
    EXPECT_TRUE(service_becomes(daemon, name));
  }
  const int before = answered.load();
  EXPECT_TRUE(eventually([&] { return answered.load() > before || wrong.load() > 0; }));
  stop.store(true);
  load.join();

  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace portcullis::test
