// Configuration to the rules that requests read.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "plugin/state.h"

namespace portcullis {
namespace {

Config config() {
  Config config;
  config.bearer.realm = "https://auth.example/token";
  config.bearer.service = "registry.example";
  config.limits.token_bytes = 16384;
  config.limits.uri_bytes = 4096;
  return config;
}

GateRules compiled(const Config& config, std::string_view markers = {}) {
  auto rules = compile_rules(config, markers, 7);
  EXPECT_TRUE(rules.ok()) << (rules ? "" : rules.error().detail);
  return rules ? std::move(rules).value() : GateRules{};
}

std::string fault(const Config& config, std::string_view markers = {}) {
  const auto rules = compile_rules(config, markers, 7);
  if (rules) return "";
  EXPECT_EQ(rules.error().reason, Reason::config_invalid);
  return rules.error().detail;
}

TEST(CompileRules, WritesTheChallengeOnce) {
  EXPECT_EQ(compiled(config()).challenge_prefix, R"(Bearer realm="https://auth.example/token",service="registry.example")");
}

/// The exchange gives out what requests honour: `policy: ignored` is about traditional tokens, not about nobody.
TEST(CompileRules, OffersTheAnonymousTokenWhereSomeAnonymousPolicyGrants) {
  Config open = config();
  EXPECT_FALSE(compiled(open).anonymous_exchange);
  AccessControlConfig access;
  access.repositories.push_back({.pattern = "**"});
  open.access_control = std::make_shared<const AccessControlConfig>(access);
  EXPECT_FALSE(compiled(open).anonymous_exchange);
  access.repositories.back().anonymous_policy = {"read"};
  open.access_control = std::make_shared<const AccessControlConfig>(access);
  EXPECT_TRUE(compiled(open).anonymous_exchange);
  open.tokens.policy_enforced = false;
  EXPECT_TRUE(compiled(open).anonymous_exchange);
}

TEST(CompileRules, EscapesQuotesAndBackslashesInTheChallenge) {
  Config with_quotes = config();
  with_quotes.bearer.realm = R"(https://a/"x"\)";
  with_quotes.bearer.service = R"(my "registry")";
  EXPECT_EQ(compiled(with_quotes).challenge_prefix, R"(Bearer realm="https://a/\"x\"\\",service="my \"registry\"")");
}

TEST(CompileRules, RefusesBytesThatCannotStandInAHeader) {
  for (const std::string text : {"a\r\nX: y", "a\x01", "a\x7f", "\xc3\xa4"}) {
    Config realm = config();
    Config service = config();
    realm.bearer.realm = text;
    service.bearer.service = text;
    EXPECT_NE(fault(realm).find("http.auth.bearer.realm"), std::string::npos);
    EXPECT_NE(fault(service).find("http.auth.bearer.service"), std::string::npos);
  }
}

TEST(CompileRules, RefusesAChallengeThatWouldFillTheAnswersBuffer) {
  Config edge = config();
  const std::size_t rest = std::string(R"(Bearer realm="",service="registry.example")").size();
  edge.bearer.realm = std::string(2048 - rest, 'a');
  EXPECT_EQ(fault(edge), "");
  edge.bearer.realm += 'a';
  EXPECT_NE(fault(edge), "");
}

TEST(CompileRules, TakesOverWhatTheProxySays) {
  Config proxied = config();
  proxied.proxy.trusted.push_back({.bytes = {1}, .prefix = 8});
  proxied.proxy.client_address = "X-Real-IP";
  proxied.proxy.scheme = "X-Forwarded-Proto";
  proxied.proxy.original_url = true;
  proxied.proxy.strips_mount = true;

  const GateRules rules = compiled(proxied);

  EXPECT_EQ(rules.trusted, proxied.proxy.trusted);
  EXPECT_EQ(rules.client_address_header, "X-Real-IP");
  EXPECT_EQ(rules.scheme_header, "X-Forwarded-Proto");
  EXPECT_TRUE(rules.original_url);
  EXPECT_TRUE(rules.strips_mount);
  EXPECT_EQ(rules.route_limits.uri_bytes, 4096U);
}

TEST(CompileRules, TakesOverWhatTokensMustKeep) {
  Config tokens = config();
  tokens.tokens.issuers = {"i"};
  tokens.tokens.audiences = {"a"};
  tokens.tokens.require_expiry = false;
  tokens.tokens.leeway = Duration{7000};
  tokens.tokens.max_lifetime = Duration{60000};
  tokens.tokens.types = {"JWT", "application/at+JWT"};
  tokens.tokens.claim_mapping.username = "claims.name";
  tokens.tokens.claim_mapping.groups = "claims.teams";
  tokens.tokens.username_prefix = "u:";
  tokens.tokens.groups_prefix = "g:";

  const TokenRules rules = compiled(tokens).tokens;

  EXPECT_EQ(rules.limits.bytes, 16384U);
  EXPECT_EQ(rules.claims.issuers, tokens.tokens.issuers);
  EXPECT_EQ(rules.claims.audiences, tokens.tokens.audiences);
  EXPECT_FALSE(rules.claims.require_expiry);
  EXPECT_EQ(rules.claims.leeway, Milliseconds{7000});
  EXPECT_EQ(rules.claims.max_lifetime, Milliseconds{60000});
  EXPECT_EQ(rules.types, (std::vector<std::string>{"jwt", "at+jwt"}));
  ASSERT_NE(rules.identity.mapping, nullptr);
  const auto identity = rules.identity.mapping->run(cel::value_from_json(parse_payload(R"({"name":"n","teams":["t"]})")->root()));
  EXPECT_EQ(identity->username, "n");
  EXPECT_EQ(identity->groups, std::vector<std::string>{"t"});
  EXPECT_EQ(rules.identity.username_prefix, "u:");
  EXPECT_EQ(rules.identity.groups_prefix, "g:");
  EXPECT_EQ(rules.generation, 7U);
}

Config with_markers() {
  Config marked = config();
  marked.proxy.marker_file = "/etc/portcullis/marker";
  return marked;
}

TEST(Markers, AreTheLinesOfTheFile) {
  const GateRules rules = compiled(with_markers(), "0123456789abcdef\r\n\nfedcba9876543210");
  ASSERT_EQ(rules.markers.size(), 2U);
  EXPECT_EQ(rules.markers[0].reveal(), "0123456789abcdef");
  EXPECT_EQ(rules.markers[1].reveal(), "fedcba9876543210");
}

TEST(Markers, AreNotReadWhereNoneAreConfigured) { EXPECT_TRUE(compiled(config(), "0123456789abcdef").markers.empty()); }

TEST(Markers, HaveSixteenTo256PrintableBytes) {
  EXPECT_EQ(fault(with_markers(), std::string(16, 'a')), "");
  EXPECT_EQ(fault(with_markers(), std::string(256, 'a')), "");
  EXPECT_NE(fault(with_markers(), std::string(15, 'a')), "");
  EXPECT_NE(fault(with_markers(), std::string(257, 'a')), "");
  for (const std::string line : {"0123456789 abcdef", "0123456789abcde\t", "0123456789abcde\xff"})
    EXPECT_NE(fault(with_markers(), line), "") << line;
}

TEST(Markers, AreRefusedWithTheNumberOfTheLineAndNeverTheLine) {
  const std::string said = fault(with_markers(), "0123456789abcdef\nshort-secret\n");
  EXPECT_NE(said.find("line 2"), std::string::npos);
  EXPECT_EQ(said.find("short-secret"), std::string::npos);
}

TEST(Markers, MustNotBeMissing) {
  EXPECT_NE(fault(with_markers(), ""), "");
  EXPECT_NE(fault(with_markers(), "\n\r\n\n"), "");
}

Config with_route(ExtraRoute route) {
  Config extra = config();
  extra.extra_routes.push_back(std::move(route));
  return extra;
}

const ExtraRoute kSearch = {"/v2/_zot/ext/search", {"GET", "POST"}, "registry:catalog:*", "read"};

TEST(ExtraRoutes, AreCompiled) {
  const auto rules = compiled(with_route(kSearch));
  ASSERT_EQ(rules.extra_routes.size(), 1U);
  EXPECT_EQ(rules.extra_routes[0].path, kSearch.path);
  EXPECT_EQ(rules.extra_routes[0].methods, kSearch.methods);
  EXPECT_EQ(rules.extra_routes[0].need, (Need{"registry", "catalog", "*"}));
  EXPECT_EQ(rules.extra_routes[0].action, Action::read);
}

TEST(ExtraRoutes, KnowEveryAction) {
  const std::vector<std::pair<std::string, Action>> actions = {
      {"read", Action::read}, {"create", Action::create}, {"update", Action::update}, {"delete", Action::delete_}};
  for (const auto& [word, action] : actions) {
    ExtraRoute route = kSearch;
    route.action = word;
    EXPECT_EQ(compiled(with_route(route)).extra_routes.at(0).action, action);
  }
}

TEST(ExtraRoutes, CutTheScopeAtTheFirstAndLastColon) {
  ExtraRoute route = kSearch;
  route.scope = "repository:host:5000/x:pull";
  EXPECT_EQ(compiled(with_route(route)).extra_routes.at(0).need, (Need{"repository", "host:5000/x", "pull"}));
}

TEST(ExtraRoutes, AreRefusedWithTheirPath) {
  const auto fault_of = [](auto change) {
    ExtraRoute route = kSearch;
    change(route);
    return fault(with_route(route));
  };
  for (const std::string path : {"", "ui", "/ui//", "/u%69", "/ui/../x", "/v2/", "/", "/v2/a/", "/v2/_catalog", "/v2/a/tags/list"}) {
    EXPECT_NE(fault_of([&](ExtraRoute& route) { route.path = path; }).find("portcullis.extraRoutes[0].path"), std::string::npos) << path;
  }
  for (const std::vector<std::string>& methods : std::vector<std::vector<std::string>>{{}, {"get"}, {"GET", "OPTIONS"}, {""}}) {
    EXPECT_NE(fault_of([&](ExtraRoute& route) { route.methods = methods; }).find("portcullis.extraRoutes[0].methods"), std::string::npos);
  }
  for (const std::string scope : {"", "a", "a:b", ":b:c", "a::c", "a:b:", "a:b c:d", "a:\"b:c", "a:b\\:c", "a:\xff:c"}) {
    EXPECT_NE(fault_of([&](ExtraRoute& route) { route.scope = scope; }).find("portcullis.extraRoutes[0].scope"), std::string::npos)
        << scope;
  }
  for (const std::string action : {"", "pull", "Read", "*"}) {
    EXPECT_NE(fault_of([&](ExtraRoute& route) { route.action = action; }).find("portcullis.extraRoutes[0].action"), std::string::npos)
        << action;
  }
}

}  // namespace
}  // namespace portcullis
