#include "plugin/config_changes.h"

#include <gtest/gtest.h>

namespace portcullis::test {
namespace {

using Names = std::vector<std::string_view>;

TEST(ConfigChanges, AreNoneBetweenEqualConfigurations) {
  EXPECT_EQ(changed_settings({}, {}), Names{});
  EXPECT_EQ(needs_restart({}, {}), Names{});
}

TEST(ConfigChanges, NameWhatAReloadApplies) {
  Config after;
  after.bearer.realm = "r";
  after.proxy.strips_mount = true;
  after.tokens.issuers = {"i"};
  after.tokens.claim_mapping.username = "email";
  after.extra_routes.push_back({"/v2/_x", {"GET"}, "registry:catalog:*", "read"});
  after.limits.uri_bytes = 1;

  EXPECT_EQ(changed_settings({}, after), (Names{"http.auth.bearer.realm", "portcullis.proxy.stripsMount", "portcullis.tokens.issuers",
                                                "portcullis.tokens.claimMapping", "portcullis.extraRoutes", "portcullis.limits.uriBytes"}));
  EXPECT_EQ(needs_restart({}, after), Names{});
}

TEST(ConfigChanges, NameWhatIsNewAboutWhereKeysComeFrom) {
  Config after;
  after.bearer.aws_secrets_manager.emplace().region = "eu-west-1";
  after.keys.jwks_url = "https://a/";
  after.keys.wait = std::chrono::seconds(1);
  after.keys.refetch_cooldown = std::chrono::seconds(2);
  after.keys.last_known_good = "/known.json";

  EXPECT_EQ(changed_settings({}, after), (Names{"http.auth.bearer.awsSecretsManager", "portcullis.keys.jwksURL", "portcullis.keys.wait",
                                                "portcullis.keys.refetchCooldown", "portcullis.keys.lastKnownGood"}));
  EXPECT_EQ(needs_restart({}, after), Names{});
}

TEST(ConfigChanges, NameWhatOnlyARestartApplies) {
  Config after;
  after.listen.push_back({ListenAddress::Kind::tcp, "127.0.0.1", 1, "127.0.0.1:1"});
  after.listen_group = "www-data";
  after.admin = ListenAddress{ListenAddress::Kind::tcp, "127.0.0.1", 2, "127.0.0.1:2"};
  after.workers = 3;
  after.limits.header_bytes = 4;
  after.limits.connections = 5;
  after.limits.idle = std::chrono::seconds(6);
  after.limits.cached_tokens = 7;

  EXPECT_EQ(needs_restart({}, after),
            (Names{"portcullis.listen", "portcullis.listenGroup", "portcullis.admin", "portcullis.workers", "portcullis.limits.headerBytes",
                   "portcullis.limits.connections", "portcullis.limits.idle", "portcullis.limits.cachedTokens"}));
  EXPECT_EQ(changed_settings({}, after), Names{});
}

}  // namespace
}  // namespace portcullis::test
