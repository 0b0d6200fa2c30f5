// Servers and images are told by their host, to the byte.
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "broker/registry_choice.h"

namespace portcullis {
namespace {

using Host = std::optional<std::string>;

TEST(HostOfServer, IsWhatStandsBehindTheSchemeAndBeforeThePath) {
  EXPECT_EQ(host_of_server("https://index.docker.io/v1/"), Host("index.docker.io"));
  EXPECT_EQ(host_of_server("http://Registry.Example:5000"), Host("registry.example:5000"));
  EXPECT_EQ(host_of_server("HTTPS://registry.example?x"), Host("registry.example"));
  EXPECT_EQ(host_of_server("registry.example/team/app"), Host("registry.example"));
  EXPECT_EQ(host_of_server("[::1]:5000"), Host("[::1]:5000"));
}

TEST(HostOfServer, IsNothingForATextThatNamesNone) {
  for (const char* text :
       {"", "https://", "https:///v2/", "user@registry.example", "registry example", "registry.example\n", "r\xc3\xa9gistry"})
    EXPECT_EQ(host_of_server(text), std::nullopt) << text;
  EXPECT_TRUE(host_of_server(std::string(259, 'a')).has_value());
  EXPECT_FALSE(host_of_server(std::string(260, 'a')).has_value());
}

TEST(HostOfImage, IsTheFirstComponentWhereThatCanBeAHost) {
  EXPECT_EQ(host_of_image("111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1"), Host("111122223333.dkr.ecr.eu-west-1.amazonaws.com"));
  EXPECT_EQ(host_of_image("localhost/app@sha256:00"), Host("localhost"));
  EXPECT_EQ(host_of_image("host:5000/a/b"), Host("host:5000"));
  EXPECT_EQ(host_of_image("team/app"), Host("docker.io"));
  EXPECT_EQ(host_of_image("app:1.2"), Host("docker.io"));
  EXPECT_EQ(host_of_image("evil.example\n/app"), std::nullopt);
}

TEST(RegistryThatOpens, IsNamedByItsHostOrByASubdomainOfArtifactory) {
  BrokerConfig config;
  ArtifactoryLoginConfig artifactory;
  artifactory.subdomains = {"docker.company.example"};
  config.registries = {{.host = "company.jfrog.io", .login = artifactory}, {.host = "registry.example:5000", .login = StaticLoginConfig{}}};

  EXPECT_EQ(registry_that_opens(config, "company.jfrog.io"), &config.registries[0]);
  EXPECT_EQ(registry_that_opens(config, "docker.company.example"), &config.registries[0]);
  EXPECT_EQ(registry_that_opens(config, "registry.example:5000"), &config.registries[1]);
  for (const char* other : {"registry.example", "x.company.jfrog.io", "company.jfrog.io.evil.example", "jfrog.io", ""})
    EXPECT_EQ(registry_that_opens(config, other), nullptr) << other;
}

TEST(OwnEcrLogin, IsForAmazonsHostsAlone) {
  EXPECT_TRUE(own_ecr_login("111122223333.dkr.ecr.eu-west-1.amazonaws.com").has_value());
  for (const char* other : {"111122223333.dkr.ecr.eu-west-1.amazonaws.com.evil.example", "11112222333.dkr.ecr.eu-west-1.amazonaws.com",
                            "111122223333.dkr.ecr.eu-west-1.amazonaws.org", "registry.example"})
    EXPECT_FALSE(own_ecr_login(other).has_value()) << other;
}

}  // namespace
}  // namespace portcullis
