#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

constexpr std::string_view kZot = R"({"http":{%"auth":{"bearer":{"realm":"https://a/","service":"s","cert":"c"}}}})";

/// zot's own file, with members of `http`.
std::string zot(const std::string& http) {
  std::string text(kZot);
  return text.replace(text.find('%'), 1, http);
}

const ConfigOverrides kTrust{.listen = {}, .admin = {}, .trusted = {"127.0.0.1/32"}, .log_level = {}};

std::string first_listener(const LoadedConfig& loaded) {
  if (!loaded.config) return format_findings(loaded.findings);
  return loaded.config->listen.at(0).host + "|" + std::to_string(loaded.config->listen.at(0).port);
}

TEST(Listeners, FollowHttpAddressAndPort) {
  EXPECT_EQ(first_listener(load_text(zot(R"("address":"127.0.0.2","port":"5000",)"), kTrust)), "127.0.0.2|5000");
  EXPECT_EQ(first_listener(load_text(zot(R"("port":5000,)"), kTrust)), "127.0.0.1|5000");
  EXPECT_EQ(first_listener(load_text(zot(R"("address":"::1",)"), kTrust)), "::1|8080");
  EXPECT_EQ(first_listener(load_text(zot(R"("address":"[::1]",)"), kTrust)), "::1|8080");
  EXPECT_EQ(first_listener(load_text(zot(R"("address":"localhost","port":"0",)"), kTrust)), "127.0.0.1|0");
  EXPECT_EQ(first_listener(load_text(zot(""), kTrust)), "127.0.0.1|8080");
}

TEST(Listeners, FaultsOfHttpStandWhereTheyAreWritten) {
  EXPECT_TRUE(refuses(load_text(zot(R"("port":"http",)"), kTrust), "http.port", "port must be a number"));
  EXPECT_TRUE(refuses(load_text(zot(R"("port":65536,)"), kTrust), "http.port", "0 to 65535"));
  EXPECT_TRUE(refuses(load_text(zot(R"("address":"registry.example.com",)"), kTrust), "http.address", "numeric"));
}

TEST(Listeners, PortcullisListenReplacesHttp) {
  const LoadedConfig loaded = load({.http = R"("address":"registry.example.com","port":"1",)", .listen = R"(["unix:/a","unix:b"])"});

  ASSERT_TRUE(loads(loaded));
  ASSERT_EQ(loaded.config->listen.size(), 2U);
  EXPECT_EQ(loaded.config->listen[1].host, "/etc/portcullis/b");
}

TEST(Listeners, FaultsOfListenNameTheElement) {
  EXPECT_TRUE(refuses(load({.listen = R"(["unix:/a","nonsense"])"}), "portcullis.listen[1]", "port is missing"));
  EXPECT_TRUE(refuses(load({.listen = "[]"}), "portcullis.listen", "an address at least"));
  EXPECT_TRUE(refuses(load({.listen = "[1]"}), "portcullis.listen[0]", "must be a string"));
  EXPECT_TRUE(refuses(load({.listen = R"("unix:/)" + std::string(107, 'x') + "\""}), "portcullis.listen[0]", "107 bytes"));
}

TEST(Listeners, TheCommandLineReplacesBoth) {
  const LoadedConfig loaded =
      load({.http = R"("port":"1",)"},
           {.listen = {"unix:relative.sock", "127.0.0.1:0"}, .admin = {}, .trusted = {"127.0.0.1"}, .log_level = {}});

  ASSERT_TRUE(loads(loaded));
  ASSERT_EQ(loaded.config->listen.size(), 2U);
  EXPECT_EQ(loaded.config->listen[0].host, "relative.sock");
  EXPECT_TRUE(refuses(load({}, {.listen = {"x"}, .admin = {}, .trusted = {}, .log_level = {}}), "--listen", "port is missing"));
}

TEST(Listeners, AdminIsChosenByTheCommandLineThenTheFile) {
  EXPECT_EQ(load({.portcullis = R"("admin":"127.0.0.1:1",)"}).config->admin->port, 1);
  EXPECT_EQ(load({.portcullis = R"("admin":"off",)"}).config->admin, std::nullopt);
  EXPECT_EQ(load({.portcullis = R"("admin":"127.0.0.1:1",)"}, {.listen = {}, .admin = "off", .trusted = {}, .log_level = {}}).config->admin,
            std::nullopt);
  EXPECT_EQ(load({}, {.listen = {}, .admin = "[::1]:2", .trusted = {}, .log_level = {}}).config->admin->host, "::1");
  EXPECT_TRUE(refuses(load({.portcullis = R"("admin":"on",)"}), "portcullis.admin", "port is missing"));
  EXPECT_TRUE(refuses(load({}, {.listen = {}, .admin = "on", .trusted = {}, .log_level = {}}), "--admin", "port is missing"));
}

TEST(Overrides, TrustAddsToTheFile) {
  const LoadedConfig loaded =
      load({.portcullis = R"("proxy":{"trusted":"10.0.0.0/8"},)"}, {.listen = {}, .admin = {}, .trusted = {"::1/128"}, .log_level = {}});

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->proxy.trusted.size(), 2U);
  EXPECT_TRUE(refuses(load({}, {.listen = {}, .admin = {}, .trusted = {"everybody"}, .log_level = {}}), "--trust", "\"everybody\""));
}

TEST(Overrides, LogLevelReplacesTheFile) {
  EXPECT_EQ(
      load({.top = R"("log":{"level":"error"},)"}, {.listen = {}, .admin = {}, .trusted = {}, .log_level = "trace"}).config->log.level,
      "debug");
  EXPECT_TRUE(refuses(load({}, {.listen = {}, .admin = {}, .trusted = {}, .log_level = "loud"}), "--log-level", "\"loud\""));
}

}  // namespace
}  // namespace portcullis
