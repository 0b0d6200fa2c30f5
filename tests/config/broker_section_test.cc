// `portcullis.broker`: what kind of login a host gets, and every fault with its place.
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "tests/config/broker_sample.h"

namespace portcullis {
namespace {

template <class Kind>
Kind login_of(const LoadedConfig& loaded) {
  EXPECT_TRUE(loads(loaded)) << format_findings(loaded.findings);
  if (!loaded.config) return {};
  const auto* login = std::get_if<Kind>(&loaded.config->broker->registries.at(0).login);
  EXPECT_NE(login, nullptr);
  return login == nullptr ? Kind{} : *login;
}

TEST(BrokerSection, IsAbsentWhereNobodyWroteIt) {
  EXPECT_EQ(load({}).config->broker, nullptr);
  EXPECT_EQ(load({}).config->broker_digest, "");
}

TEST(BrokerSection, NeedsRegistries) {
  EXPECT_TRUE(refuses(load_broker(R"("routes":[])"), "portcullis.broker.registries", "must name a registry at least"));
  EXPECT_TRUE(refuses(load_broker(R"("registries":{})"), "portcullis.broker.registries", "must name a registry at least"));
}

TEST(BrokerSection, TakesARoleWithAnExternalId) {
  const auto ecr = login_of<EcrLoginConfig>(load_login(kEcr, role(R"(,"externalId":"id-1")")));
  EXPECT_EQ(ecr.identity.role_arn, kRole);
  EXPECT_EQ(ecr.identity.external_id, "id-1");
}

TEST(BrokerSection, TakesKeysWithTheirSecretInAFile) {
  const auto ecr = login_of<EcrLoginConfig>(load_login(kEcr, R"("accessKey":"AKIAIOSFODNN7EXAMPLE","secretKeyFile":"secret")"));
  EXPECT_EQ(ecr.identity.access_key, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(ecr.identity.secret_key_file, "/etc/portcullis/secret");
}

TEST(BrokerSection, TakesTheGatesOwnIdentityWhereAnEcrHostHasNoMembers) {
  const auto ecr = login_of<EcrLoginConfig>(load_login("public.ecr.aws", ""));
  EXPECT_FALSE(ecr.identity.role_arn || ecr.identity.access_key);
}

TEST(BrokerSection, ReadsWavesUsernameAsARoleAndItsPasswordAsTheExternalId) {
  const auto ecr = login_of<EcrLoginConfig>(load_login(kEcr, std::string(R"("username":")") + kRole + R"(","password":"external-1")"));
  EXPECT_EQ(ecr.identity.role_arn, kRole);
  EXPECT_EQ(ecr.identity.external_id, "external-1");
}

TEST(BrokerSection, ReadsWavesUsernameAsAnAccessKeyAndItsPasswordAsTheSecret) {
  const auto ecr = login_of<EcrLoginConfig>(load_login(kEcr, R"("username":"AKIAIOSFODNN7EXAMPLE","password":"very-secret")"));
  EXPECT_EQ(ecr.identity.access_key, "AKIAIOSFODNN7EXAMPLE");
  ASSERT_NE(ecr.identity.secret_key, nullptr);
  EXPECT_EQ(ecr.identity.secret_key->reveal(), "very-secret");
}

TEST(BrokerSection, TakesANameOfTheOperatorsOwnForAnEcrHost) {
  const auto ecr = login_of<EcrLoginConfig>(load_login("ECR.internal:5000", role(std::string(R"(,"ecr":")") + kEcr + "\"")));
  EXPECT_EQ(ecr.ecr, kEcr);
  EXPECT_EQ(load_login("ECR.internal:5000", role(std::string(R"(,"ecr":")") + kEcr + "\"")).config->broker->registries[0].host,
            "ecr.internal:5000");
}

TEST(BrokerSection, NeverUsesAwsCredentialsForALookAlike) {
  for (const std::string& host : {std::string(kEcr) + ".evil.example", std::string("evil-") + kEcr, std::string(kEcr).substr(1)}) {
    EXPECT_TRUE(refuses(load_login(host, role()), at(host, "ecr"), "no host name of Amazon ECR")) << host;
    const std::string wave = std::string(R"("username":")") + kRole + R"(","password":"external-1")";
    EXPECT_TRUE(refuses(load_login(host, wave), at(host, "username"), "no host name of Amazon ECR")) << host;
    EXPECT_TRUE(refuses(load_login(host, R"("username":"AKIAIOSFODNN7EXAMPLE","password":"s")"), at(host, "username"), "belongs to AWS"));
  }
}

TEST(BrokerSection, RefusesAnEcrHostsOrdinaryUser) {
  EXPECT_TRUE(refuses(load_login(kEcr, R"("username":"AWS","password":"p")"), at(kEcr, "username"), "access key or the ARN of a role"));
}

TEST(BrokerSection, RefusesARoleArnThatIsNone) {
  for (const char* arn : {"arn:aws:iam::12345678901:role/x", "arn:aws:iam::1234567890123:role/x", "arn:aws:iam::123456789012:user/x",
                          "arn:aws:iam::123456789012:role/", "arn:aws:s3:::bucket"}) {
    EXPECT_TRUE(refuses(load_login(kEcr, std::string(R"("assumeRoleArn":")") + arn + "\""), at(kEcr, "assumeRoleArn"), "looks like"))
        << arn;
  }
}

TEST(BrokerSection, HoldsTheBoundsOfExternalIds) {
  const auto with = [](const std::string& id) { return load_login(kEcr, role(R"(,"externalId":")" + id + "\"")); };
  EXPECT_TRUE(loads(with("ab")));
  EXPECT_TRUE(loads(with(std::string(1224, 'x'))));
  EXPECT_TRUE(refuses(with("a"), at(kEcr, "externalId"), "2 to 1224"));
  EXPECT_TRUE(refuses(with(std::string(1225, 'x')), at(kEcr, "externalId"), "2 to 1224"));
  EXPECT_TRUE(refuses(with("a b"), at(kEcr, "externalId"), "2 to 1224"));
}

TEST(BrokerSection, RefusesHalfAnIdentityAndTwoOfThem) {
  EXPECT_TRUE(refuses(load_login(kEcr, R"("accessKey":"AKIAIOSFODNN7EXAMPLE")"), at(kEcr, "accessKey"), "needs its secret"));
  EXPECT_TRUE(refuses(load_login(kEcr, R"("secretKeyFile":"s")"), at(kEcr, "accessKey"), "must be given"));
  EXPECT_TRUE(refuses(load_login(kEcr, R"("externalId":"id")"), at(kEcr, "externalId"), "assumeRoleArn"));
  EXPECT_TRUE(refuses(load_login(kEcr, role(R"(,"accessKey":"AKIAIOSFODNN7EXAMPLE","secretKey":"s")")), at(kEcr, "accessKey"), "two"));
  EXPECT_TRUE(refuses(load_login(kEcr, role(R"(,"username":"AKIAIOSFODNN7EXAMPLE","password":"s")")), at(kEcr, "username"), "two"));
}

TEST(BrokerSection, TakesAUserAndAPasswordFromOnePlace) {
  const auto plain = login_of<StaticLoginConfig>(load_login("registry.example", R"("username":"u","passwordFile":"p")"));
  EXPECT_EQ(plain.username, "u");
  EXPECT_EQ(plain.password_file, "/etc/portcullis/p");
  EXPECT_TRUE(loads(load_login("registry.example", R"("username":"u","passwordVariable":"P")")));
  EXPECT_TRUE(loads(load_login("registry.example", R"("username":"u","password":"p")")));
  EXPECT_TRUE(refuses(load_login("registry.example", R"("username":"u")"), at("registry.example", "passwordFile"), "give one"));
  EXPECT_TRUE(refuses(load_login("registry.example", R"("username":"u","password":"p","passwordVariable":"P")"),
                      at("registry.example", "passwordFile"), "give one"));
  EXPECT_TRUE(refuses(load_login("registry.example", R"("username":"a:b","password":"p")"), at("registry.example", "username"), "colon"));
  EXPECT_TRUE(refuses(load_login("registry.example", ""), at("registry.example", "username"), "needs a login"));
}

TEST(BrokerSection, NeverRepeatsASecret) {
  const LoadedConfig loaded = load_login(kEcr, R"("username":"AWS","password":"CANARY-1","secretKey":"CANARY-2","externalId":"CANARY 3")");
  EXPECT_FALSE(loads(loaded));
  EXPECT_EQ(format_findings(loaded.findings).find("CANARY"), std::string::npos) << format_findings(loaded.findings);
}

TEST(BrokerSection, ReadsArtifactorysExchange) {
  const auto login = login_of<ArtifactoryLoginConfig>(load_login(
      "acme.jfrog.io",
      R"("artifactory":{"authType":"assumeRole","assumeRoleArn":"arn:aws:iam::123456789012:role/ci/x","subdomains":["A.jfrog.io"],"tokenLife":"6h","url":"https://acme.jfrog.io/"})"));
  EXPECT_EQ(login.auth_type, ArtifactoryLoginConfig::AuthType::assume_role);
  EXPECT_EQ(login.subdomains, (std::vector<std::string>{"a.jfrog.io"}));
  EXPECT_EQ(login.token_life, std::chrono::hours(6));
  EXPECT_EQ(login.url, "https://acme.jfrog.io");
}

TEST(BrokerSection, RefusesWhatAnArtifactoryLoginHasNoUseFor) {
  const auto with = [](const std::string& members) { return load_login("a.example", R"("artifactory":{)" + members + "}"); };
  const auto in = [](const std::string& key) { return at("a.example", "artifactory." + key); };
  EXPECT_TRUE(refuses(with(R"("authType":"assumeRole")"), in("assumeRoleArn"), "must be given"));
  EXPECT_TRUE(refuses(with(R"("authType":"oidc")"), in("oidcProvider"), "must be given"));
  EXPECT_TRUE(refuses(with(R"("authType":"podIdentity",)" + role()), in("assumeRoleArn"), "belongs to authType"));
  EXPECT_TRUE(refuses(with(R"("oidcProvider":"p")"), in("oidcProvider"), "belongs to authType oidc"));
  EXPECT_TRUE(refuses(with(R"("authType":"oidc","oidcProvider":"p","region":"eu-west-1")"), in("region"), "belongs to AWS"));
  EXPECT_TRUE(refuses(with(R"("url":"http://a.example")"), in("url"), "https"));
  EXPECT_TRUE(refuses(with(R"("tokenLife":"59s")"), in("tokenLife"), "must be from"));
  EXPECT_TRUE(refuses(with(R"("tokenLife":"90500ms")"), in("tokenLife"), "whole seconds"));
  EXPECT_TRUE(refuses(load_login("a.example", R"("username":"u","artifactory":{})"), at("a.example", "username"), "does not go with"));
}

TEST(BrokerSection, RefusesAHostThatIsNone) {
  for (const char* host : {"https://a.example", "a.example/x", "a.example:0", "a.example:65536", "-a.example", "a..example", "a b"}) {
    EXPECT_TRUE(refuses(load_login(host, R"("username":"u","password":"p")"), "portcullis.broker.registries", "no host name")) << host;
  }
  EXPECT_TRUE(loads(load_login("a.example:65535", R"("username":"u","password":"p")")));
}

TEST(BrokerSection, RefusesOneHostInTwoSpellings) {
  EXPECT_TRUE(
      refuses(load_broker(R"("registries":{"a.example":{"username":"u","password":"p"},"A.example":{"username":"u","password":"p"}})"),
              "portcullis.broker.registries", "twice"));
}

TEST(BrokerSection, NamesTheNearestRegistryForARouteToNone) {
  const std::string login = R"("username":"u","password":"p")";
  EXPECT_TRUE(loads(load_login("a.example", login, R"(,"routes":{"repositories":"**","registry":"A.example"})")));
  EXPECT_TRUE(refuses(load_login("a.example", login, R"(,"routes":[{"repositories":"**","registry":"a.exampel"}])"),
                      "portcullis.broker.routes[0].registry", "did you mean \"a.example\"?"));
  EXPECT_TRUE(
      refuses(load_login("a.example", login,
                         R"(,"routes":[{"repositories":"**","registry":"a.example"},{"repositories":"**","registry":"a.example"}])"),
              "portcullis.broker.routes[1].repositories", "twice"));
}

TEST(BrokerSection, RefusesRoutesOverTcpWithoutAMarker) {
  const auto listens = [](const std::string& listen, const std::string& proxy, const std::string& routes) {
    return load({.listen = listen,
                 .portcullis =
                     R"("broker":{"registries":{"a.example":{"username":"u","password":"p"}})" + routes + "},\"proxy\":{" + proxy + "},"});
  };
  const std::string routes = R"(,"routes":[{"repositories":"**","registry":"a.example"}])";
  const std::string trusted = R"("trusted":["127.0.0.1/32"])";
  const std::string both = R"(["unix:/run/gate.sock","127.0.0.1:9180"])";

  EXPECT_TRUE(refuses(listens(R"("127.0.0.1:9180")", trusted, routes), "portcullis.broker.routes", "portcullis.proxy.markerFile"));
  EXPECT_TRUE(refuses(listens(both, trusted, routes), "portcullis.broker.routes", "unix sockets alone"));
  EXPECT_TRUE(loads(listens(both, trusted + R"(,"markerFile":"marker")", routes)));
  EXPECT_TRUE(loads(listens(R"("unix:/run/gate.sock")", R"("trustedUsers":["www-data"])", routes)));
  EXPECT_TRUE(loads(listens(both, trusted, ""))) << "no answer carries a login";
}

TEST(BrokerSection, RefusesAPolicyThatNamesNobodyOrAnUnknownRegistry) {
  const std::string login = R"("username":"u","password":"p")";
  EXPECT_TRUE(refuses(load_login("a.example", login, R"(,"policy":[{"wide":true}])"), "portcullis.broker.policy[0].users", "somebody"));
  EXPECT_TRUE(refuses(load_login("a.example", login, R"(,"policy":[{"users":"a","registries":"b.example"}])"),
                      "portcullis.broker.policy[0].registries", "no host of"));
  EXPECT_TRUE(refuses(load_login("a.example", login, R"(,"policy":[{"users":"*"}])"), "portcullis.broker.policy[0].users", "no user"));
}

TEST(BrokerSection, AnEntryOfThePolicyNamesSomebodyAndAnEmptyListNobody) {
  const auto with = [](const std::string& entry) {
    return load_login("a.example", R"("username":"u","password":"p")", R"(,"policy":[{)" + entry + "}]");
  };
  const std::string condition = R"("conditions":[{"expression":"true"}])";
  const std::string path = "portcullis.broker.policy[0].users";
  for (const std::string& nobody :
       {std::string(), std::string(R"("users":[])"), std::string(R"("groups":[])"), std::string(R"("users":[],"groups":[])"),
        std::string(R"("conditions":[])"), R"("users":[],)" + condition, R"("groups":[],)" + condition})
    EXPECT_TRUE(refuses(with(nobody), path, "names somebody")) << nobody;
  for (const std::string& somebody :
       {std::string(R"("users":["ada"])"), std::string(R"("users":[],"groups":["g"])"), condition, R"("users":["ada"],)" + condition})
    EXPECT_TRUE(loads(with(somebody))) << somebody;
}

TEST(BrokerSection, AnEntryOfThePolicyForNoRegistryIsNotOneForAll) {
  const auto with = [](const std::string& entry) {
    return load_login("a.example", R"("username":"u","password":"p")", R"(,"policy":[{"users":["ada"])" + entry + "}]");
  };
  EXPECT_TRUE(loads(with("")));
  EXPECT_TRUE(loads(with(R"(,"registries":["a.example"])")));
  EXPECT_TRUE(
      refuses(with(R"(,"registries":[])"), "portcullis.broker.policy[0].registries", "names no registry; leave it out for all of them"));
}

TEST(BrokerSection, HoldsTheBoundsOfTheJumpRole) {
  const std::string jump = std::string(R"(,"jumpRoleArn":")") + kRole + R"(","jumpExternalId":")";
  const auto with = [&jump](const std::string& id) { return load_login(kEcr, "", jump + id + "\""); };
  EXPECT_TRUE(loads(with("ab")));
  EXPECT_TRUE(refuses(with("a"), "portcullis.broker.jumpExternalId", "must have 2 to 1224 characters"));
  EXPECT_TRUE(refuses(with("a b"), "portcullis.broker.jumpExternalId", "must have 2 to 1224 characters"));
  const auto prefix = [](const std::string& text) { return load_login(kEcr, "", R"(,"sessionPrefix":")" + text + "\""); };
  EXPECT_TRUE(loads(prefix("aZ")));
  EXPECT_TRUE(loads(prefix("09_+=,.@-")));
  EXPECT_TRUE(loads(prefix(std::string(19, 'p'))));
  EXPECT_TRUE(refuses(prefix(std::string(20, 'p')), "portcullis.broker.sessionPrefix", "2 to 19"));
  EXPECT_TRUE(refuses(prefix("a:b"), "portcullis.broker.sessionPrefix", "2 to 19"));
}

TEST(BrokerSection, HoldsTheBoundsOfHosts) {
  const auto host = [](const std::string& text) { return loads(load_login(text, R"("username":"u","password":"p")")); };
  const std::string label(63, 'a');
  EXPECT_TRUE(host(label + ".example"));
  EXPECT_FALSE(host(label + "a.example"));
  EXPECT_TRUE(host(label + "." + label + "." + label + "." + std::string(61, 'a')));
  EXPECT_FALSE(host(label + "." + label + "." + label + "." + std::string(62, 'a')));
  for (const char* good : {"a_b.example", "0.example", "a-b", "a:1", "a:9999"}) EXPECT_TRUE(host(good)) << good;
  for (const char* bad : {"", ":5000", "a.", "a-.example", "a:", "a:05000", "a:123456", "a:5a", "a:5000:1", "é"})
    EXPECT_FALSE(host(bad)) << bad;
}

TEST(BrokerSection, KeepsRolesOfTheGateFromItsCallers) {
  const std::string own = std::string(R"(,"callerRoles":[")") + kRole + "\"]";
  EXPECT_TRUE(refuses(load_login(kEcr, role(), own), "portcullis.broker.callerRoles", "of the gate's own"));
  const std::string jump = std::string(R"(,"jumpRoleArn":")") + kRole + "\"";
  EXPECT_TRUE(refuses(load_login(kEcr, "", jump + own), "portcullis.broker.callerRoles", "of the gate's own"));
  EXPECT_TRUE(loads(load_login(kEcr, "", own)));
  EXPECT_TRUE(refuses(load_login(kEcr, "", R"(,"callerRoles":["role/x"])"), "portcullis.broker.callerRoles", "looks like"));
}

TEST(BrokerSection, RefusesAJumpRoleThatIsNone) {
  EXPECT_TRUE(refuses(load_login(kEcr, role(), R"(,"jumpRoleArn":"jump")"), "portcullis.broker.jumpRoleArn", "looks like"));
  EXPECT_TRUE(refuses(load_login(kEcr, role(), R"(,"jumpExternalId":"id")"), "portcullis.broker.jumpExternalId", "jumpRoleArn"));
  EXPECT_TRUE(refuses(load_login(kEcr, role(), R"(,"sessionPrefix":"p")"), "portcullis.broker.sessionPrefix", "2 to 19"));
}

TEST(BrokerSection, HasWavesCacheAsItsDefault) {
  const BrokerConfig broker = *load_login(kEcr, "").config->broker;
  EXPECT_EQ(broker.cache_maximum, std::chrono::hours(3));
  EXPECT_EQ(broker.cache_entries, 10'000U);
  EXPECT_EQ(broker.session_prefix, "portcullis-ecr");
}

}  // namespace
}  // namespace portcullis
