#include "config/load.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/digest.h"
#include "config/defaults.h"
#include "tests/config/sample.h"

namespace portcullis {
namespace {

TEST(LoadConfig, TheSampleLoadsWithoutAFinding) {
  const LoadedConfig loaded = load({});

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(format_findings(loaded.findings), "");
}

TEST(LoadConfig, GivesEveryDefault) {
  const LoadedConfig loaded = load({});

  ASSERT_TRUE(loads(loaded));
  const Config& config = *loaded.config;
  EXPECT_EQ(config.admin->host, "127.0.0.1");
  EXPECT_EQ(config.admin->port, 9181);
  EXPECT_EQ(config.workers, 0U);
  EXPECT_EQ(config.listen_group, std::nullopt);
  EXPECT_TRUE(config.proxy.trusted.empty());
  EXPECT_EQ(config.proxy.trusted_users, std::nullopt);
  EXPECT_EQ(config.proxy.client_address, std::nullopt);
  EXPECT_FALSE(config.proxy.original_url);
  EXPECT_FALSE(config.proxy.strips_mount);
  EXPECT_EQ(config.keys.max_stale, std::chrono::hours(24));
  EXPECT_TRUE(config.tokens.require_expiry);
  EXPECT_EQ(config.tokens.leeway, std::chrono::seconds(10));
  EXPECT_EQ(config.tokens.max_lifetime, std::nullopt);
  EXPECT_TRUE(config.tokens.claim_mapping.empty());
  EXPECT_EQ(config.limits.header_bytes, 32U * 1024);
  EXPECT_EQ(config.limits.token_bytes, 16U * 1024);
  EXPECT_EQ(config.limits.uri_bytes, 4U * 1024);
  EXPECT_EQ(config.limits.connections, 4096U);
  EXPECT_EQ(config.limits.idle, std::chrono::seconds(75));
  EXPECT_EQ(config.limits.cached_tokens, 100'000U);
  EXPECT_EQ(config.limits.decision, std::chrono::milliseconds(250));
  EXPECT_EQ(config.drain.delay, std::chrono::seconds(5));
  EXPECT_EQ(config.drain.deadline, std::chrono::seconds(20));
  EXPECT_EQ(config.log.level, "info");
  EXPECT_EQ(config.log.output, std::nullopt);
}

TEST(LoadConfig, ListsFiveFaultsOfFive) {
  const LoadedConfig loaded = load({.bearer = R"("realm":"https://a/","service":"","relam":"b")",
                                    .tokens = R"("leeway":10,"issuers":["any"],"audiences":["any"])",
                                    .portcullis = R"("workers":257,"proxy":{"trusted":"10.1.2.3/8"},)"});

  EXPECT_FALSE(loaded.config);
  EXPECT_EQ(count_errors(loaded), 5U) << format_findings(loaded.findings);
  EXPECT_TRUE(refuses(loaded, "http.auth.bearer.service", "must be specified"));
  EXPECT_TRUE(refuses(loaded, "http.auth.bearer.relam", "did you mean \"realm\"?"));
  EXPECT_TRUE(refuses(loaded, "portcullis.workers", "from 0 to 256"));
  EXPECT_TRUE(refuses(loaded, "portcullis.proxy.trusted", "10.0.0.0/8"));
  EXPECT_TRUE(refuses(loaded, "portcullis.tokens.leeway", "no unit"));
}

TEST(LoadConfig, RefusesTextThatIsNotOneJsonObject) {
  for (const std::string_view text :
       {"[]", "1", "null", "\"x\"", "{", "{}x", "{'a':1}", "{\"http\":{},}", "# yaml", "\xef\xbb\xbf{}", "{\"a\":\"\\u0000\"}"}) {
    EXPECT_TRUE(refuses(load_text(text), "")) << text;
  }
}

TEST(LoadConfig, RefusesARepeatedMember) {
  EXPECT_TRUE(refuses(load({.bearer = R"("realm":"https://a/","realm":"https://b/","service":"s")"}), "", "duplicate member at line 1"));
}

TEST(LoadConfig, RefusesTwoSpellingsOfOneKey) {
  EXPECT_TRUE(
      refuses(load({.bearer = R"("realm":"https://a/","Realm":"https://b/","service":"s")"}), "http.auth.bearer.Realm", "two spellings"));
}

TEST(LoadConfig, BoundsTheSizeAt64Mebibytes) {
  constexpr std::size_t limit = 64UL << 20U;
  const std::string text = Sample{}.text();

  EXPECT_TRUE(loads(load_text(text + std::string(limit - text.size(), ' '))));
  EXPECT_TRUE(refuses(load_text(text + std::string(limit - text.size() + 1, ' ')), "", "longer than 67108864 bytes"));
}

TEST(LoadConfig, BoundsTheDepth) {
  const auto nested = [](std::size_t depth) {
    return Sample{.top = R"("storage":)" + std::string(depth, '[') + std::string(depth, ']') + ","};
  };

  EXPECT_TRUE(loads(load(nested(defaults::kFileDepth - 1))));
  EXPECT_TRUE(refuses(load(nested(defaults::kFileDepth)), "", "nested too deep"));
}

TEST(LoadConfig, MatchesKeysInAnyLetterCase) {
  const LoadedConfig loaded = load_text(
      R"({"HTTP":{"Auth":{"BEARER":{"REALM":"https://a/","Service":"s"}}},"PORTCULLIS":{"Listen":"unix:/a","KEYS":{"FILE":"k","MAXSTALE":"1h"},
          "Tokens":{"ISSUERS":"any","audiences":"ANY"}}})");

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->bearer.realm, "https://a/");
  EXPECT_EQ(loaded.config->keys.max_stale, std::chrono::hours(1));
  // Values keep their case: an audience may be called "ANY".
  EXPECT_EQ(loaded.config->tokens.audiences, std::vector<std::string>{"ANY"});
}

TEST(LoadConfig, NamesZotsOtherKeysInOneNotice) {
  const LoadedConfig loaded =
      load({.top = R"("distSpecVersion":"1.1.1","storage":{"rootDirectory":"/tmp/zot","what":[1]},"extensions":{},"log":{"audit":"/a"},)",
            .http = R"("tls":{"cert":"c"},"realm":"zot",)",
            .auth = R"("htpasswd":{"path":"p"},"failDelay":5,)"});

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->unused_keys, (std::vector<std::string>{"distSpecVersion", "storage", "extensions", "http.realm", "http.tls",
                                                                  "http.auth.failDelay", "http.auth.htpasswd", "log.audit"}));
  ASSERT_EQ(loaded.findings.size(), 1U);
  EXPECT_EQ(loaded.findings[0].severity, Severity::notice);
  EXPECT_EQ(loaded.findings[0].message,
            "not used by Portcullis: distSpecVersion, storage, extensions, http.realm, http.tls, http.auth.failDelay, http.auth.htpasswd, "
            "log.audit");
}

TEST(LoadConfig, RefusesUnknownKeysInTheSectionsThatItReads) {
  EXPECT_TRUE(refuses(load({.top = R"("htpt":{},)"}), "htpt", "did you mean \"http\"?"));
  EXPECT_TRUE(refuses(load({.http = R"("prot":"1",)"}), "http.prot", "did you mean \"port\"?"));
  EXPECT_TRUE(refuses(load({.auth = R"("baerer":{},)"}), "http.auth.baerer", "did you mean \"bearer\"?"));
  EXPECT_TRUE(refuses(load({.keys = R"("file":"k","maxStael":"1h")"}), "portcullis.keys.maxStael", "did you mean \"maxStale\"?"));
  EXPECT_TRUE(refuses(load({.portcullis = R"("lisen":"x",)"}), "portcullis.lisen", "did you mean \"listen\"?"));
}

TEST(LoadConfig, GivesTheDigestOfTheBytes) {
  const std::string text = Sample{}.text();

  EXPECT_EQ(load_text(text).config->digest, to_hex(sha256(text)));
  EXPECT_NE(load_text(text + " ").config->digest, to_hex(sha256(text)));
}

TEST(LoadConfig, ReadsAFileAndStartsRelativePathsInItsFolder) {
  FakeFiles files;
  ASSERT_TRUE(files.write("/srv/gate/portcullis.json", Sample{.listen = R"("unix:g.sock")"}.text(), 0600).ok());
  ASSERT_TRUE(files.write("portcullis.json", Sample{}.text(), 0600).ok());
  ASSERT_TRUE(files.write("/portcullis.json", Sample{}.text(), 0600).ok());

  const LoadedConfig deep = load_config(files, "/srv/gate/portcullis.json", {});
  const LoadedConfig here = load_config(files, "portcullis.json", {});
  const LoadedConfig root = load_config(files, "/portcullis.json", {});

  ASSERT_TRUE(loads(deep));
  EXPECT_EQ(deep.config->keys.file, "/srv/gate/keys.json");
  EXPECT_EQ(deep.config->listen[0].host, "/srv/gate/g.sock");
  ASSERT_TRUE(loads(here));
  EXPECT_EQ(here.config->keys.file, "keys.json");
  ASSERT_TRUE(loads(root));
  EXPECT_EQ(root.config->keys.file, "/./keys.json");
}

TEST(LoadConfig, SaysWhyAFileCannotBeRead) {
  const FakeFiles files;

  EXPECT_TRUE(refuses(load_config(files, "/nowhere.json", {}), "", "/nowhere.json"));
}

TEST(LoadConfig, KeepsControlCharactersOfKeysOutOfTheReport) {
  const LoadedConfig loaded = load({.top = R"("a\nerror: forged":1,)"});

  EXPECT_FALSE(loaded.config);
  const std::string text = format_findings(loaded.findings);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

TEST(KnownConfigKeys, NamesListsAndMaps) {
  const std::vector<std::string> keys = known_config_keys();
  const auto knows = [&](std::string_view path) { return std::find(keys.begin(), keys.end(), path) != keys.end(); };

  EXPECT_TRUE(knows("http.auth.bearer.realm"));
  EXPECT_TRUE(knows("portcullis.extraRoutes[].path"));
  EXPECT_TRUE(knows("http.accessControl.repositories.*.policies[].conditions[].message"));
  EXPECT_FALSE(knows("portcullis.nothing"));
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

}  // namespace
}  // namespace portcullis
