// `portcullis.broker.registries`: faults of one login, with their places and their words.
#include <string>

#include <gtest/gtest.h>

#include "tests/config/broker_sample.h"

namespace portcullis {
namespace {

constexpr const char* kArtifactory = "a.example";

LoadedConfig artifactory(const std::string& members) { return load_login(kArtifactory, R"("artifactory":{)" + members + "}"); }

std::string in_artifactory(const std::string& key) { return at(kArtifactory, "artifactory." + key); }

TEST(BrokerLogins, HoldTheBoundsOfAccessKeys) {
  const auto with = [](const std::string& key) { return load_login(kEcr, R"("accessKey":")" + key + R"(","secretKey":"s")"); };
  EXPECT_TRUE(loads(with(std::string(16, 'A'))));
  EXPECT_TRUE(loads(with(std::string(128, '9'))));
  for (const std::string& bad : {std::string(15, 'A'), std::string(129, 'A'), std::string("AKIAIOSFODNN7exampl"), std::string(16, '-')})
    EXPECT_TRUE(refuses(with(bad), at(kEcr, "accessKey"), "is no access key: 16 to 128 characters of A-Z 0-9")) << bad;
}

TEST(BrokerLogins, TakeOneSecretOfAnAccessKey) {
  const std::string key = R"("accessKey":"AKIAIOSFODNN7EXAMPLE")";
  EXPECT_TRUE(refuses(load_login(kEcr, key + R"(,"secretKey":"s","secretKeyFile":"f")"), at(kEcr, "secretKey"),
                      "and secretKeyFile are two secrets; give one"));
  EXPECT_TRUE(refuses(load_login(kEcr, R"("secretKey":"s")"), at(kEcr, "accessKey"), "must be given: the id of the secret key"));
}

TEST(BrokerLogins, ReadWavesUserNamesWithOnePasswordEach) {
  const std::string key = R"("username":"AKIAIOSFODNN7EXAMPLE")";
  const std::string arn = std::string(R"("username":")") + kRole + "\"";
  EXPECT_TRUE(loads(load_login(kEcr, key + R"(,"passwordFile":"f")")));
  EXPECT_TRUE(refuses(load_login(kEcr, key), at(kEcr, "passwordFile"), "give the secret key: passwordFile or password"));
  EXPECT_TRUE(refuses(load_login(kEcr, key + R"(,"password":"p","passwordFile":"f")"), at(kEcr, "passwordFile"), "give the secret key"));
  EXPECT_TRUE(refuses(load_login(kEcr, key + R"(,"passwordVariable":"P")"), at(kEcr, "passwordVariable"),
                      "an ECR host takes password or passwordFile"));
  EXPECT_TRUE(loads(load_login(kEcr, arn)));
  EXPECT_TRUE(loads(load_login(kEcr, arn + R"(,"password":"id")")));
  EXPECT_TRUE(refuses(load_login(kEcr, arn + R"(,"password":"i")"), at(kEcr, "password"), "the external id must have 2 to 1224"));
  EXPECT_TRUE(refuses(load_login(kEcr, arn + R"(,"passwordFile":"f")"), at(kEcr, "passwordFile"),
                      "the external id of a role is no secret: write it as externalId"));
  EXPECT_TRUE(refuses(load_login(kEcr, R"("password":"p")"), at(kEcr, "password"), "does not go with a login of ECR without username"));
}

TEST(BrokerLogins, AHostOfEcrIsOne) {
  EXPECT_TRUE(refuses(load_login("r.internal", role(R"(,"ecr":"ecr.example")")), at("r.internal", "ecr"),
                      "\"ecr.example\" is no host name of Amazon ECR; portcullis ecr host explains one"));
  EXPECT_TRUE(refuses(load_login("r.internal", role()), at("r.internal", "ecr"), "must be given"));
}

TEST(BrokerLogins, OnlyKeysThatAwsGivesAreItsOwn) {
  const auto user = [](const std::string& name) { return load_login("r.example", R"("username":")" + name + R"(","password":"p")"); };
  for (const char* aws : {"AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", kRole})
    EXPECT_TRUE(refuses(user(aws), at("r.example", "username"), "belongs to AWS")) << aws;
  for (const char* other : {"AKIASHORT", "ABCDIOSFODNN7EXAMPLE", "arn"}) EXPECT_TRUE(loads(user(other))) << other;
}

TEST(BrokerLogins, JudgeTheRegionOfArtifactory) {
  const auto with = [](const std::string& region) { return artifactory(R"("region":")" + region + "\""); };
  for (const std::string& good : {std::string("*"), std::string("eu-west-1"), std::string(63, 'r')}) EXPECT_TRUE(loads(with(good))) << good;
  for (const std::string& bad :
       {std::string(64, 'r'), std::string("-eu"), std::string("eu-"), std::string("EU-west-1"), std::string("**"), std::string("eu.west")})
    EXPECT_TRUE(refuses(with(bad), in_artifactory("region"), " is no region such as \"eu-west-1\"")) << bad;
}

TEST(BrokerLogins, JudgeTheAddressesOfArtifactory) {
  const auto url = [](const std::string& text) { return artifactory(R"("url":")" + text + "\""); };
  for (const char* good : {"https://a.example", "https://a.example:8443/base//", "http://127.0.0.1:1", "http://[::1]:1/"})
    EXPECT_TRUE(loads(url(good))) << good;
  for (const char* bad : {"http://a.example", "https://a.example?x", "https://a.example#x", "https://u@a.example", "a.example",
                          "https://a.example\\\\x", "ftp://a.example"})
    EXPECT_TRUE(refuses(url(bad), in_artifactory("url"), "must be an https URL, or http on this host, without user, query and fragment"))
        << bad;
  EXPECT_TRUE(loads(artifactory(R"("subdomains":["b.example:5000"])")));
  EXPECT_TRUE(refuses(artifactory(R"("subdomains":["b.example","https://c.example"])"), in_artifactory("subdomains"),
                      "\"https://c.example\" is no host name with an optional port"));
}

TEST(BrokerLogins, JudgeTheLifeOfATokenOfArtifactory) {
  const auto life = [](const std::string& text) { return artifactory(R"("tokenLife":")" + text + "\""); };
  EXPECT_TRUE(loads(life("1m")));
  EXPECT_TRUE(loads(life("61s")));
  EXPECT_TRUE(refuses(life("60001ms"), in_artifactory("tokenLife"), "must be whole seconds"));
}

TEST(BrokerLogins, EachKindOfAuthenticationHasItsMembers) {
  for (const char* type : {"webIdentity", "podIdentity", "oidc"}) {
    const std::string with = std::string(R"("authType":")") + type + R"(","oidcProvider":"p",)";
    for (const char* member : {R"("accessKey":"AKIAIOSFODNN7EXAMPLE")", R"("secretKey":"s")", R"("externalId":"id")"}) {
      const std::string key(member + 1, std::string_view(member + 1).find('"'));
      EXPECT_TRUE(refuses(artifactory(with + member), in_artifactory(key), "belongs to authType assumeRole or auto")) << type << key;
    }
  }
  EXPECT_TRUE(loads(artifactory(R"("authType":"oidc","oidcProvider":"p","oidcTokenFile":"t","oidcAudience":"a")")));
  for (const char* key : {"oidcProvider", "oidcTokenFile", "oidcAudience"})
    EXPECT_TRUE(refuses(artifactory(std::string("\"") + key + R"(":"x","authType":"webIdentity")"), in_artifactory(key),
                        "belongs to authType oidc"))
        << key;
  EXPECT_TRUE(refuses(artifactory(R"("authType":"webidentity2")"), in_artifactory("authType"), "is not one of"));
}

}  // namespace
}  // namespace portcullis
