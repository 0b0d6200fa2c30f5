#include <gtest/gtest.h>

#include "config/address.h"
#include "tests/config/sample.h"

namespace portcullis {
namespace {

LoadedConfig proxy(const std::string& members) { return load({.portcullis = R"("proxy":{)" + members + "},"}); }

TEST(Proxy, ReadsEverything) {
  const LoadedConfig loaded = proxy(
      R"("trusted":["10.0.0.0/8","::1"],"trustedUsers":"www-data","markerFile":"marker","clientAddress":"X-Real-IP","scheme":"X-Forwarded-Proto",
         "originalURL":true,"stripsMount":true)");

  ASSERT_TRUE(loads(loaded));
  const ProxyConfig& config = loaded.config->proxy;
  ASSERT_EQ(config.trusted.size(), 2U);
  EXPECT_EQ(config.trusted[0].prefix, 104U);
  EXPECT_EQ(config.trusted[1].prefix, 128U);
  EXPECT_EQ(config.trusted_users, std::vector<std::string>{"www-data"});
  EXPECT_EQ(config.marker_file, "/etc/portcullis/marker");
  EXPECT_EQ(config.client_address, "X-Real-IP");
  EXPECT_EQ(config.scheme, "X-Forwarded-Proto");
  EXPECT_TRUE(config.original_url);
  EXPECT_TRUE(config.strips_mount);
}

TEST(Proxy, NamesEachBadRange) {
  const LoadedConfig loaded = proxy(R"("trusted":["10.0.0.0/8","nginx","10.0.0.1/8"])");

  EXPECT_EQ(count_errors(loaded), 2U) << format_findings(loaded.findings);
  EXPECT_TRUE(refuses(loaded, "portcullis.proxy.trusted", "\"nginx\""));
}

TEST(Proxy, TakesHeaderNamesThatAreTokens) {
  for (const std::string_view name : {"X Real IP", "X-Real-IP:", "X\u00e9", "a/b"}) {
    EXPECT_TRUE(refuses(proxy(R"("clientAddress":")" + std::string(name) + "\""), "portcullis.proxy.clientAddress", "no header name"))
        << name;
  }
  EXPECT_TRUE(loads(proxy(R"("clientAddress":"!#$%&'*+-.^_`|~")")));
}

TEST(Proxy, RefusesHeadersThatStateAnotherFact) {
  for (const std::string_view name : {"authorization", "X-Original-URI", "x-original-method", "X-Original-URL", "X-Forwarded-Method",
                                      "X-Forwarded-Uri", "Host", "X-Portcullis-Marker", "x-portcullis-anything"}) {
    EXPECT_TRUE(refuses(proxy(R"("scheme":")" + std::string(name) + "\""), "portcullis.proxy.scheme", "meaning of its own")) << name;
  }
  EXPECT_TRUE(refuses(proxy(R"("scheme":"X-Fact","clientAddress":"x-fact")"), "portcullis.proxy.scheme", "one header for each fact"));
}

}  // namespace
}  // namespace portcullis
