#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

LoadedConfig with(const std::string& members) { return load({.portcullis = members + ","}); }
LoadedConfig keys(const std::string& members) { return load({.keys = members}); }

TEST(Portcullis, ReadsWorkersAndGroup) {
  const LoadedConfig loaded = with(R"("workers":256,"listenGroup":"www-data")");

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->workers, 256U);
  EXPECT_EQ(loaded.config->listen_group, "www-data");
  EXPECT_TRUE(refuses(with(R"("workers":257)"), "portcullis.workers", "from 0 to 256"));
  EXPECT_TRUE(refuses(with(R"("workers":-1)"), "portcullis.workers", "from 0 to 256"));
  EXPECT_TRUE(refuses(with(R"("workers":"4")"), "portcullis.workers", "whole number"));
}

TEST(Keys, ReadsFileAndMaxStale) {
  const LoadedConfig loaded = keys(R"("file":"/k.json","maxStale":"1s")");

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->keys.file, "/k.json");
  EXPECT_EQ(loaded.config->keys.max_stale, std::chrono::seconds(1));
  EXPECT_TRUE(loads(keys(R"("file":"k","maxStale":"8760h")")));
  EXPECT_TRUE(refuses(keys(R"("file":"k","maxStale":"8760h1ms")"), "portcullis.keys.maxStale", "from 1s to 8760h"));
  EXPECT_TRUE(refuses(keys(R"("file":"k","maxStale":"999ms")"), "portcullis.keys.maxStale"));
}

TEST(Keys, TakesAUrlInsteadOfAFile) {
  const LoadedConfig loaded = keys(R"("jwksURL":"https://a/jwks.json","lastKnownGood":"known.json")");

  ASSERT_TRUE(loads(loaded));
  EXPECT_TRUE(loaded.findings.empty()) << format_findings(loaded.findings);
  EXPECT_EQ(loaded.config->keys.jwks_url, "https://a/jwks.json");
  EXPECT_EQ(loaded.config->keys.last_known_good, "/etc/portcullis/known.json");
  EXPECT_FALSE(loaded.config->keys.file);
}

TEST(Keys, TakesHttpUrlsOnThisHostAlone) {
  EXPECT_TRUE(loads(keys(R"("jwksURL":"http://127.0.0.1/j")")));
  EXPECT_TRUE(loads(keys(R"("jwksURL":"http://[::1]:9181/jwks.json")")));
  for (const std::string url : {"http://10.0.0.1/j", "http://keys.example/j", "https://u:p@a/j", "file:///etc/passwd", "a/j"})
    EXPECT_TRUE(refuses(keys("\"jwksURL\":\"" + url + "\""), "portcullis.keys.jwksURL", "https URL, or http on this host")) << url;
}

TEST(Keys, ReadsWaitAndCooldown) {
  const LoadedConfig plain = keys(R"("file":"k")");
  const LoadedConfig loaded = keys(R"("file":"k","wait":"0s","refetchCooldown":"1h")");

  EXPECT_EQ(plain.config->keys.wait, std::chrono::seconds(2));
  EXPECT_EQ(plain.config->keys.refetch_cooldown, std::chrono::seconds(10));
  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->keys.wait, Duration{0});
  EXPECT_EQ(loaded.config->keys.refetch_cooldown, std::chrono::hours(1));
  EXPECT_TRUE(loads(keys(R"("file":"k","wait":"60s","refetchCooldown":"1s")")));
  EXPECT_TRUE(refuses(keys(R"("file":"k","wait":"61s")"), "portcullis.keys.wait", "from 0s to 1m"));
  EXPECT_TRUE(refuses(keys(R"("file":"k","wait":"-1ms")"), "portcullis.keys.wait", "from 0s to 1m"));
  EXPECT_TRUE(refuses(keys(R"("file":"k","refetchCooldown":"999ms")"), "portcullis.keys.refetchCooldown", "from 1s to 1h"));
  EXPECT_TRUE(refuses(keys(R"("file":"k","refetchCooldown":"3600001ms")"), "portcullis.keys.refetchCooldown", "from 1s to 1h"));
}

TEST(Keys, OfAFileNeedNoLastKnownGood) {
  const LoadedConfig loaded = keys(R"("file":"k","lastKnownGood":"l")");

  EXPECT_TRUE(loads(loaded));
  EXPECT_TRUE(warns(loaded, "portcullis.keys.lastKnownGood", "not used"));
}

TEST(Registry, AsksForTagsWhereThereIsAUrl) {
  const LoadedConfig loaded = with(R"("registry":{"url":"http://127.0.0.1:5000","tagLookup":"advisory","tokenFile":"t"})");

  ASSERT_TRUE(loads(loaded));
  EXPECT_TRUE(loaded.config->registry.tag_lookup);
  EXPECT_EQ(loaded.config->registry.url, "http://127.0.0.1:5000");
  EXPECT_EQ(loaded.config->registry.token_file, "/etc/portcullis/t");
  EXPECT_TRUE(loaded.config->unused_keys.empty());
  EXPECT_TRUE(refuses(with(R"("registry":{"tagLookup":"advisory"})"), "portcullis.registry.url", "must be given"));
}

TEST(Registry, DoesNotAskUnlessItIsTold) {
  EXPECT_TRUE(loads(with(R"("registry":{"url":"http://127.0.0.1:5000","tagLookup":"off","tokenFile":null})")));
  EXPECT_FALSE(with(R"("registry":{"url":"http://127.0.0.1:5000"})").config->registry.tag_lookup);
  EXPECT_TRUE(refuses(with(R"("registry":{"tagLookup":"on"})"), "portcullis.registry.tagLookup", "not one of"));
  EXPECT_TRUE(refuses(with(R"("registry":{"url":"127.0.0.1:5000"})"), "portcullis.registry.url", "absolute"));
}

TEST(Registry, ItsUrlIsNamedAsUnused) {
  const LoadedConfig loaded = with(R"("registry":{"url":"http://127.0.0.1:5000","tokenFile":"t"})");

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->unused_keys, (std::vector<std::string>{"portcullis.registry.url", "portcullis.registry.tokenFile"}));
}

TEST(Limits, AreReadAtBothEdges) {
  const LoadedConfig low = with(
      R"("limits":{"headerBytes":4096,"tokenBytes":512,"uriBytes":512,"connections":8,"idle":"1s","cachedTokens":1000,"decision":"10ms"})");
  const LoadedConfig high = with(
      R"("limits":{"headerBytes":1048576,"tokenBytes":262144,"uriBytes":65536,"connections":65536,"idle":"1h","cachedTokens":10000000,"decision":"10s"})");

  ASSERT_TRUE(loads(low));
  EXPECT_EQ(low.config->limits.header_bytes, 4096U);
  EXPECT_EQ(low.config->limits.token_bytes, 512U);
  EXPECT_EQ(low.config->limits.uri_bytes, 512U);
  EXPECT_EQ(low.config->limits.connections, 8U);
  EXPECT_EQ(low.config->limits.idle, std::chrono::seconds(1));
  EXPECT_EQ(low.config->limits.cached_tokens, 1000U);
  EXPECT_EQ(low.config->limits.decision, std::chrono::milliseconds(10));
  ASSERT_TRUE(loads(high));
  EXPECT_EQ(high.config->limits.cached_tokens, 10'000'000U);
  EXPECT_EQ(high.config->limits.decision, std::chrono::seconds(10));
}

TEST(Limits, AreRefusedBeyondTheEdges) {
  for (const std::string_view member :
       {"\"headerBytes\":4095", "\"headerBytes\":1048577", "\"tokenBytes\":511", "\"tokenBytes\":262145", "\"uriBytes\":511",
        "\"uriBytes\":65537", "\"connections\":7", "\"connections\":65537", "\"idle\":\"999ms\"", "\"idle\":\"3600001ms\"",
        "\"cachedTokens\":999", "\"cachedTokens\":10000001", "\"decision\":\"9ms\"", "\"decision\":\"10001ms\"", "\"idle\":75"}) {
    const std::string name(member.substr(1, member.find('"', 1) - 1));
    EXPECT_TRUE(refuses(with("\"limits\":{" + std::string(member) + "}"), "portcullis.limits." + name)) << member;
  }
}

TEST(Drain, IsReadAtBothEdges) {
  const LoadedConfig loaded = with(R"("drain":{"delay":"0s","deadline":"10m"})");

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->drain.delay, Duration{0});
  EXPECT_EQ(loaded.config->drain.deadline, std::chrono::minutes(10));
  EXPECT_TRUE(refuses(with(R"("drain":{"delay":"-1ms"})"), "portcullis.drain.delay"));
  EXPECT_TRUE(refuses(with(R"("drain":{"deadline":"600001ms"})"), "portcullis.drain.deadline", "from 0s to 10m"));
}

TEST(DecisionLogSection, IsOffUnlessAFileIsNamed) {
  const LoadedConfig without = load({});
  const LoadedConfig loaded = with(R"("decisionLog":{"output":"d.jsonl"})");

  ASSERT_TRUE(loads(without));
  EXPECT_EQ(without.config->decision_log, DecisionLogConfig{});
  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->decision_log.output, "/etc/portcullis/d.jsonl");
  EXPECT_FALSE(loaded.config->decision_log.refuse_when_full);
  EXPECT_TRUE(loaded.findings.empty()) << format_findings(loaded.findings);
}

TEST(DecisionLogSection, SaysWhatHappensWhenTheDiskIsFull) {
  EXPECT_TRUE(with(R"("decisionLog":{"output":"d","onFull":"refuse"})").config->decision_log.refuse_when_full);
  EXPECT_FALSE(with(R"("decisionLog":{"output":"d","onFull":"drop"})").config->decision_log.refuse_when_full);
  EXPECT_TRUE(refuses(with(R"("decisionLog":{"output":"d","onFull":"wait"})"), "portcullis.decisionLog.onFull"));
}

TEST(Shadow, IsReadAsAccessControlIs) {
  const LoadedConfig loaded = with(R"("shadow":{"repositories":{"team/**":{"anonymousPolicy":["read"]}}})");

  ASSERT_TRUE(loads(loaded));
  ASSERT_NE(loaded.config->shadow, nullptr);
  EXPECT_EQ(loaded.config->shadow->repositories.at(0).pattern, "team/**");
  EXPECT_EQ(load({}).config->shadow, nullptr);
  EXPECT_TRUE(refuses(with(R"("shadow":{"repositories":{"a":{"anonymousPolicy":["pull"]}}})"),
                      R"(portcullis.shadow.repositories["a"].anonymousPolicy)"));
}

TEST(DecisionLogSection, NeedsAFile) {
  EXPECT_TRUE(refuses(with(R"("decisionLog":{"onFull":"drop"})"), "portcullis.decisionLog.output", "must be given"));
  EXPECT_TRUE(refuses(with(R"("decisionLog":{"output":""})"), "portcullis.decisionLog.output"));
}

}  // namespace
}  // namespace portcullis
