// Which repositories carry which login, and how the answer carries it.
#include <gtest/gtest.h>

#include "base/codec/base64url.h"
#include "plugin/broker/login_answer.h"
#include "plugin/broker/login_routes.h"

namespace portcullis::test {
namespace {

RegistryLoginConfig registry(const std::string& host) {
  StaticLoginConfig login;
  login.username = "u";
  login.password_file = "/p";
  return {.host = host, .login = std::move(login)};
}

Result<std::shared_ptr<const LoginRoutes>> routes(std::vector<BrokerRouteConfig> written) {
  auto config = std::make_shared<BrokerConfig>();
  config->registries = {registry("a.example"), registry("b.example")};
  config->routes = std::move(written);
  return LoginRoutes::compile(std::move(config));
}

TEST(LoginRoutes, LetTheFirstThatMatchesDecide) {
  const auto compiled = routes({{"team-a/secret/*", "b.example"}, {"team-a/**", "a.example"}, {"team-*/**", "b.example"}});
  ASSERT_TRUE(compiled.ok());
  EXPECT_EQ((*compiled)->find("team-a/secret/x")->registry->host, "b.example");
  EXPECT_EQ((*compiled)->find("team-a/app")->registry->host, "a.example");
  EXPECT_EQ((*compiled)->find("team-b/app")->registry->host, "b.example");
  EXPECT_EQ((*compiled)->find("other/app"), nullptr);
}

TEST(LoginRoutes, MatchNoRepositoryByTwoStarsAlone) {
  EXPECT_NE((*routes({{"**", "a.example"}}))->find(""), nullptr);
  EXPECT_EQ((*routes({{"team-a/**", "a.example"}}))->find(""), nullptr);
}

TEST(LoginRoutes, RefuseAPatternThatIsNone) {
  const auto compiled = routes({{"**", "a.example"}, {"team-[", "a.example"}});
  ASSERT_FALSE(compiled.ok());
  EXPECT_EQ(compiled.error().reason, Reason::config_invalid);
  EXPECT_EQ(compiled.error().detail.find("portcullis.broker.routes[1].repositories: "), 0U) << compiled.error().detail;
}

GateAnswer allowed(Endpoint endpoint) {
  GateAnswer given;
  given.endpoint = endpoint;
  given.decision.emplace();
  given.decision->refusal.reset();
  return given;
}

RegistryLogin login(std::size_t bytes) { return {.user = "AWS", .password = Secret(std::string(bytes, 'p')), .expires = {}}; }

TEST(LoginAnswer, CarriesTheLoginUnderTheNameThatTheProxyCanUse) {
  for (const auto& [endpoint, name] :
       {std::pair{Endpoint::auth, "X-Registry-Authorization"}, std::pair{Endpoint::envoy, "X-Registry-Authorization"},
        std::pair{Endpoint::forward, "Authorization"}}) {
    GateAnswer given = allowed(endpoint);
    ASSERT_TRUE(add_login(given, login(2)).ok());
    ASSERT_EQ(given.http.headers.size(), 1U);
    EXPECT_EQ(given.http.headers[0].first, name);
    EXPECT_EQ(given.http.headers[0].second, "Basic " + base64_encode("AWS:pp"));
    EXPECT_EQ(given.login, nullptr);
  }
}

TEST(LoginAnswer, RefusesALoginThatFitsIntoNoHeader) {
  // `Basic ` and base64 of `AWS:` with the password: 4 bytes for 3.
  constexpr std::size_t kMost = (kLoginBytes - 6) / 4 * 3 - 4;
  GateAnswer given = allowed(Endpoint::auth);
  EXPECT_TRUE(add_login(given, login(kMost)).ok());
  GateAnswer other = allowed(Endpoint::auth);
  EXPECT_EQ(add_login(other, login(kMost + 1)).error().reason, Reason::credentials_unavailable);
  EXPECT_TRUE(other.http.headers.empty());
}

TEST(LoginAnswer, WantsALoginForAnAllowAlone) {
  GateRules rules;
  rules.login_routes = *routes({{"**", "a.example"}});
  Decision decision;
  decision.access.emplace();
  decision.access->repository = "team/app";
  EXPECT_EQ(wanted_login(decision, rules), nullptr);
  decision.refusal.reset();
  EXPECT_NE(wanted_login(decision, rules), nullptr);
  rules.login_routes = nullptr;
  EXPECT_EQ(wanted_login(decision, rules), nullptr);
}

TEST(LoginAnswer, IsARefusalWithoutTheLogin) {
  const GateAnswer given = allowed(Endpoint::auth);
  const GateAnswer refused = refuse_without_login(given, {Reason::credentials_unavailable, "denied"}, {}, "GET", "id-1");
  EXPECT_EQ(refused.http.status, 503);
  EXPECT_EQ(refused.decision->reason(), Reason::credentials_unavailable);
  EXPECT_EQ(refused.http.body.find("denied"), std::string::npos);
  EXPECT_EQ(refuse_without_login(given, {Reason::overloaded, ""}, {}, "HEAD", "id-1").http.body, "");
}

}  // namespace
}  // namespace portcullis::test
