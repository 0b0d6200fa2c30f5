#include "plugin/config_changes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "config/load.h"

namespace portcullis::test {
namespace {

using Names = std::vector<std::string_view>;

/// zot's, which the gate does not use, and an editor's.
constexpr std::array kNotOurs = {"$schema",          "distSpecVersion",  "goVersion", "commit",         "releaseTag",  "binaryType",
                                 "storage",          "extensions",       "scheduler", "cluster",        "http.auth.",  "http.realm",
                                 "http.externalUrl", "http.allowOrigin", "http.tls",  "http.ratelimit", "http.compat", "log.audit"};

bool is_within(std::string_view key, std::string_view setting) {
  if (!key.starts_with(setting)) return false;
  return key.size() == setting.size() || key[setting.size()] == '.' || key[setting.size()] == '[';
}

bool is_ours(const std::string& key) {
  if (is_within(key, "http.auth.bearer")) return true;
  return std::none_of(kNotOurs.begin(), kNotOurs.end(),
                      [&](std::string_view other) { return other.ends_with('.') ? key.starts_with(other) : is_within(key, other); });
}

std::shared_ptr<const AccessControlConfig> open_to_the_world() {
  AccessControlConfig access;
  access.repositories.push_back({.pattern = "**", .anonymous_policy = {"read"}});
  return std::make_shared<const AccessControlConfig>(std::move(access));
}

void change_http(Config& config) {
  config.bearer.realm = "r";
  config.bearer.service = "s";
  config.bearer.cert = "/cert";
  config.bearer.aws_secrets_manager.emplace();
  config.bearer.oidc.emplace_back();
  config.bearer.upstream.emplace();
  config.access_control = open_to_the_world();
  config.log = {"debug", "/log"};
}

void change_sources(Config& config) {
  ProxyConfig& proxy = config.proxy;
  proxy = {{AddressRange{}}, std::vector<std::string>{}, "/marker", "X-Real-IP", "X-Forwarded-Proto", true, true};
  config.registry.url = "http://registry";
  const Duration one(1);
  config.keys = {"/keys", "https://a/", one, one, one, "/known", true};
  TokensConfig& tokens = config.tokens;
  tokens.issuers = tokens.audiences = tokens.types = {"any"};
  tokens.require_expiry = tokens.policy_enforced = false;
  tokens.leeway = one;
  tokens.max_lifetime = one;
  tokens.claim_mapping.username = "email";
  tokens.username_prefix = tokens.groups_prefix = "p";
  tokens.revocations = "/revoked";
  tokens.access_claim = AccessClaimRule::optional;
}

/// One that differs from an empty one in every setting.
Config other_in_everything() {
  Config config;
  change_http(config);
  change_sources(config);
  config.listen.emplace_back();
  config.listen_group = "www-data";
  config.admin.emplace();
  config.workers = 1;
  config.extra_routes.emplace_back();
  const Duration one(1);
  config.limits = {1, 1, 1, 1, one, 1, one};
  config.drain = {one, one};
  config.policy_tests.emplace_back();
  config.shadow = open_to_the_world();
  config.decision_log.output = "/decisions";
  config.broker_digest = "d";
  return config;
}

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

TEST(ConfigChanges, NamePoliciesThatOpenADoor) {
  Config before;
  before.access_control = before.shadow = std::make_shared<const AccessControlConfig>();
  Config after = before;
  after.access_control = std::make_shared<const AccessControlConfig>();
  EXPECT_EQ(changed_settings(before, after), Names{}) << "the same rules, read anew";

  after.access_control = open_to_the_world();
  EXPECT_EQ(changed_settings(before, after), Names{"http.accessControl"});
  after.access_control = nullptr;
  EXPECT_EQ(changed_settings(before, after), Names{"http.accessControl"});
  after = before;
  after.shadow = open_to_the_world();
  after.tokens.access_claim = AccessClaimRule::ignored;
  after.tokens.policy_enforced = false;
  EXPECT_EQ(changed_settings(before, after), (Names{"portcullis.tokens.accessClaim", "portcullis.tokens.policy", "portcullis.shadow"}));
  after = before;
  after.bearer.oidc.emplace_back().audiences = {"a"};
  before = after;
  after.bearer.oidc.front().audiences = {"b"};
  EXPECT_EQ(changed_settings(before, after), Names{"http.auth.bearer.oidc"});
}

// config.schema.json names exactly the keys that the loader knows: tests/config/schema_test.cc.
TEST(ConfigChanges, NameEverySettingThatThereIs) {
  const Config other = other_in_everything();
  Names names = changed_settings({}, other);
  const Names later = needs_restart({}, other);
  names.insert(names.end(), later.begin(), later.end());

  const std::vector<std::string> keys = known_config_keys();
  const auto names_it = [&](const std::string& key) {
    if (key == "http.address" || key == "http.port") return true;  // another way to write portcullis.listen
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return is_within(key, name) || is_within(name, key); });
  };
  for (const std::string& key : keys) EXPECT_TRUE(!is_ours(key) || names_it(key)) << key << " can change, and nobody is told";
  for (const std::string_view name : names)
    EXPECT_TRUE(std::any_of(keys.begin(), keys.end(), [&](const std::string& key) { return is_within(key, name); })) << name;
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
