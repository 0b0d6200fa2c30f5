#include "broker/pull_secret/contents.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

using Type = GeneratedSecretConfig::Type;

HostLogin login(std::vector<std::string> hosts, std::string user, std::string password) {
  auto made = std::make_shared<RegistryLogin>();
  made->user = std::move(user);
  made->password = Secret(std::move(password));
  return {.hosts = std::move(hosts), .login = std::move(made)};
}

std::string docker(const std::vector<HostLogin>& logins) {
  const auto data = secret_data(Type::docker, logins);
  EXPECT_TRUE(data.ok());
  EXPECT_EQ(data->entries.size(), 1U);
  EXPECT_EQ(data->entries[0].first, ".dockerconfigjson");
  return std::string(data->entries[0].second.reveal());
}

TEST(PullSecretContents, DockerHoldsEachHostWithItsLogin) {
  EXPECT_EQ(docker({login({"a.example.com:5000"}, "AWS", "one"), login({"b.example.com"}, "ada", "two")}),
            R"({"auths":{"a.example.com:5000":{"auth":"QVdTOm9uZQ=="},"b.example.com":{"auth":"YWRhOnR3bw=="}}})");
}

TEST(PullSecretContents, ATokenOpensEveryHostOfItsRegistry) {
  EXPECT_EQ(docker({login({"a.example.com", "docker.a.example.com"}, "u", "p")}),
            R"({"auths":{"a.example.com":{"auth":"dTpw"},"docker.a.example.com":{"auth":"dTpw"}}})");
}

TEST(PullSecretContents, AHostOfTwoRegistriesBelongsToTheFirst) {
  EXPECT_EQ(docker({login({"a.example.com", "x.example.com"}, "u", "p"), login({"x.example.com"}, "other", "q")}),
            R"({"auths":{"a.example.com":{"auth":"dTpw"},"x.example.com":{"auth":"dTpw"}}})");
}

TEST(PullSecretContents, DockerHubHasTheNameThatItsClientLooksUp) {
  EXPECT_EQ(docker({login({"docker.io"}, "u", "p")}),
            R"({"auths":{"docker.io":{"auth":"dTpw"},"https://index.docker.io/v1/":{"auth":"dTpw"}}})");
}

TEST(PullSecretContents, APasswordMayHoldColonsAndAUserMayNot) {
  EXPECT_EQ(docker({login({"h"}, "u", "a:b")}), R"({"auths":{"h":{"auth":"dTphOmI="}}})");

  for (const Type type : {Type::docker, Type::generic}) {
    const auto refused = secret_data(type, {login({"h"}, "u:x", "canary-password")});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().reason, Reason::config_invalid);
    EXPECT_EQ(refused.error().detail.find("canary"), std::string::npos);
  }
}

TEST(PullSecretContents, GenericHoldsUserAndToken) {
  const auto data = secret_data(Type::generic, {login({"h"}, "ada", "two")});

  ASSERT_TRUE(data.ok());
  ASSERT_EQ(data->entries.size(), 2U);
  EXPECT_EQ(data->entries[0].first, "user");
  EXPECT_EQ(data->entries[0].second.reveal(), "ada");
  EXPECT_EQ(data->entries[1].first, "token");
  EXPECT_EQ(data->entries[1].second.reveal(), "two");
}

TEST(PullSecretContents, GenericIsOfOneLoginAlone) {
  EXPECT_EQ(secret_data(Type::generic, {}).error().reason, Reason::config_invalid);
  EXPECT_EQ(secret_data(Type::generic, {login({"h"}, "u", "p"), login({"i"}, "u", "p")}).error().reason, Reason::config_invalid);
}

TEST(PullSecretContents, HostsAreTheRegistrysOwnAndItsSubdomains) {
  ArtifactoryLoginConfig artifactory;
  artifactory.subdomains = {"docker.company.jfrog.io"};
  EXPECT_EQ(hosts_of({.host = "company.jfrog.io", .login = artifactory}),
            (std::vector<std::string>{"company.jfrog.io", "docker.company.jfrog.io"}));
  EXPECT_EQ(hosts_of({.host = "r.example.com", .login = StaticLoginConfig{}}), (std::vector<std::string>{"r.example.com"}));
}

TEST(PullSecretContents, SameDataAreToldByTypeKeysAndTexts) {
  const auto of = [](Type type, std::string password) { return secret_data(type, {login({"h"}, "u", std::move(password))}); };
  EXPECT_TRUE(same_data(*of(Type::docker, "p"), *of(Type::docker, "p")));
  EXPECT_FALSE(same_data(*of(Type::docker, "p"), *of(Type::docker, "q")));
  EXPECT_FALSE(same_data(*of(Type::docker, "p"), *of(Type::generic, "p")));
  EXPECT_TRUE(same_data(*of(Type::generic, "p"), *of(Type::generic, "p")));
  EXPECT_FALSE(same_data(*of(Type::generic, "p"), *of(Type::generic, "pp")));
}

}  // namespace
}  // namespace portcullis
