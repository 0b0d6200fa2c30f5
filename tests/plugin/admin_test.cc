#include "plugin/http/admin.h"

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "tests/support/daemon.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string head(std::string_view path) { return "HEAD " + std::string(path) + " HTTP/1.1\r\nHost: t\r\n\r\n"; }

TEST(Admin, AnswersProbesWithOk) {
  const TestDaemon daemon;
  ASSERT_EQ(daemon.fault(), "");

  for (const std::string_view path : {"/livez", "/readyz", "/startupz", "/healthz"}) {
    const auto answer = get(daemon.admin(), path);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200) << path;
    EXPECT_EQ(answer->body, "ok\n") << path;
  }
}

TEST(Admin, ListsChecksWhereAsked) {
  const TestDaemon daemon;

  EXPECT_EQ(get(daemon.admin(), "/readyz?verbose")->body,
            "[+]config ok\n[+]keys ok: file is fresh, 1 keys serve\n[+]shutdown ok\nreadyz check passed\n");
}

TEST(Admin, LeavesExcludedChecksOut) {
  const TestDaemon daemon("", "");
  ASSERT_EQ(get(daemon.admin(), "/readyz")->status, 503);

  EXPECT_EQ(get(daemon.admin(), "/readyz?exclude=keys")->status, 200);
  EXPECT_EQ(get(daemon.admin(), "/readyz?exclude=config&exclude=keys&verbose")->status, 200);
  EXPECT_EQ(get(daemon.admin(), "/readyz?exclude=config")->status, 503);
}

TEST(Admin, SaysWhichCheckFailed) {
  const TestDaemon daemon("", "");

  const std::string body = get(daemon.admin(), "/readyz")->body;

  EXPECT_TRUE(contains(body, "[-]keys failed: file is empty; newest round failed: io_failed"));
  EXPECT_TRUE(contains(body, "readyz check failed\n"));
}

TEST(Admin, AnswersHeadWithoutABody) {
  const TestDaemon daemon;
  RawClient client(daemon.admin());

  ASSERT_TRUE(client.send(head("/status")));
  const auto answer = client.receive(true);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);

  ASSERT_TRUE(client.send(head("/livez")));
  EXPECT_EQ(client.receive(true)->status, 200);
}

TEST(Admin, RefusesOtherMethods) {
  const TestDaemon daemon;

  for (const std::string_view method : {"POST", "PUT", "DELETE", "OPTIONS", "FOO"}) {
    const auto answer = ask_once(daemon.admin(), std::string(method) + " /metrics HTTP/1.1\r\nHost: t\r\n\r\n");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 405) << method;
    EXPECT_EQ(answer->header("Allow"), "GET, HEAD") << method;
  }
}

TEST(Admin, DecidesNothing) {
  const TestDaemon daemon;

  EXPECT_EQ(ask_once(daemon.admin(), nginx_request("/v2/", TestDaemon::first_token()))->status, 404);
}

TEST(Admin, PointsToWhatThereIs) {
  const TestDaemon daemon;

  const std::string index = get(daemon.admin(), "/")->body;

  for (const std::string_view path : {"/livez", "/readyz", "/startupz", "/metrics", "/status", "/jwks.json"})
    EXPECT_TRUE(contains(index, path));
}

TEST(Admin, CountsDecisionsInMetrics) {
  const TestDaemon daemon;
  ASSERT_EQ(daemon.status_for(TestDaemon::first_token()), 200);
  const std::string token = TestDaemon::first_token();
  ASSERT_EQ(daemon.status_for(token), 200);
  ASSERT_EQ(daemon.status_for(token), 200);
  ASSERT_EQ(daemon.status_for(TestDaemon::second_token()), 401);
  ASSERT_EQ(daemon.status_for(""), 401);

  const auto answer = get(daemon.admin(), "/metrics");

  EXPECT_EQ(answer->header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const std::string_view line :
       {"portcullis_decisions_total{endpoint=\"auth\",decision=\"allow\",reason=\"allowed\"} 3\n",
        "portcullis_decisions_total{endpoint=\"auth\",decision=\"deny\",reason=\"key_unknown\"} 1\n",
        "portcullis_decisions_total{endpoint=\"auth\",decision=\"deny\",reason=\"token_missing\"} 1\n",
        "portcullis_tokens_verified_total{source=\"file\",alg=\"unverified\",result=\"key_unknown\"} 1\n",
        "portcullis_unknown_kid_total{source=\"file\",action=\"refused\"} 1\n", "portcullis_key_uses_total{source=\"file\",kid=\"k1\"} 3\n",
        "portcullis_decision_duration_seconds_count 5\n", "portcullis_decision_duration_seconds_bucket{le=\"1e-05\"} ",
        "portcullis_keyset_keys{source=\"file\"} 1\n", "portcullis_build_info{version=", "process_resident_memory_bytes "})
    EXPECT_TRUE(contains(answer->body, line)) << line << answer->body;
}

TEST(Admin, LabelsNoMetricByWhatAClientSent) {
  const TestDaemon daemon;
  ASSERT_EQ(daemon.status_for(TestDaemon::second_token()), 401);

  const std::string body = get(daemon.admin(), "/metrics")->body;

  EXPECT_FALSE(contains(body, "k2"));
  EXPECT_FALSE(contains(body, "team/app"));
  EXPECT_FALSE(contains(body, "alice"));
}

TEST(Admin, TellsKeysAndTheirUseInStatus) {
  const TestDaemon daemon("", R"({"k1":)" + std::string("\"broken\"") + R"(,)" + TestDaemon::second_keys().substr(1));
  ASSERT_EQ(daemon.status_for(TestDaemon::second_token()), 200);
  ASSERT_EQ(daemon.status_for(TestDaemon::first_token()), 401);

  const auto answer = get(daemon.admin(), "/status");

  EXPECT_EQ(answer->header("Content-Type"), "application/json");
  const auto json = parse_json(answer->body, {65536, 16, 1000});
  ASSERT_TRUE(json.ok()) << answer->body;
  const JsonView source = json->root().get("sources").elements().at(0);
  EXPECT_EQ(source.get("name").string(), "file");
  EXPECT_EQ(source.get("state").string(), "fresh");
  const JsonView key = source.get("keys").elements().at(0);
  EXPECT_EQ(key.get("kid").string(), "k2");
  EXPECT_EQ(key.get("uses").integer(), 1);
  EXPECT_TRUE(key.get("lastUsed").string().has_value());
  EXPECT_EQ(source.get("quarantined").elements().at(0).get("kid").string(), "k1");
  EXPECT_EQ(json->root().get("refusals").get("key_unknown").integer(), 1);
  EXPECT_EQ(json->root().get("cache").get("entries").integer(), 1);
  EXPECT_EQ(json->root().get("stopping").boolean(), false);
  EXPECT_EQ(json->root().get("config").get("digest").string()->size(), 64U);
}

TEST(Admin, ServesTheLoadedKeysForOthersToFollow) {
  const TestDaemon daemon;

  const auto answer = get(daemon.admin(), "/jwks.json");

  ASSERT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("Content-Type"), "application/jwk-set+json");
  EXPECT_EQ(answer->header("Cache-Control"), "public, max-age=60");
  EXPECT_EQ(answer->header("Age"), "0");
  const auto keys = read_jwks(answer->body, "");
  ASSERT_TRUE(keys.ok());
  ASSERT_EQ(keys->keys.size(), 1U);
  EXPECT_EQ(keys->keys[0].id(), "k1");
}

TEST(Admin, AnswersNotModifiedForTheTagThatItGave) {
  const TestDaemon daemon;
  const std::string tag = get(daemon.admin(), "/jwks.json")->header("ETag");
  ASSERT_FALSE(tag.empty());

  const auto same = ask_once(daemon.admin(), "GET /jwks.json HTTP/1.1\r\nHost: t\r\nIf-None-Match: " + tag + "\r\n\r\n");
  const auto other = ask_once(daemon.admin(), "GET /jwks.json HTTP/1.1\r\nHost: t\r\nIf-None-Match: \"other\"\r\n\r\n");

  EXPECT_EQ(same->status, 304);
  EXPECT_EQ(same->body, "");
  EXPECT_EQ(other->status, 200);
}

TEST(Admin, ServesNoKeysWhereNoneAreLoaded) {
  const TestDaemon daemon("", "");

  EXPECT_EQ(get(daemon.admin(), "/jwks.json")->status, 503);
}

TEST(Admin, DoesNotFindWhatIsNotThere) {
  const TestDaemon daemon;

  for (const std::string_view path : {"/auth", "/nothing", "/readyz/", "//readyz", "/%72eadyz"})
    EXPECT_EQ(get(daemon.admin(), path)->status, 404) << path;
}

}  // namespace
}  // namespace portcullis::test
