// Docker's helper protocol, with its own error texts.
#include <string>

#include <gtest/gtest.h>

#include "broker/docker_credential.h"

namespace portcullis {
namespace {

TEST(DockerServer, IsTheInputWithoutBlanksAround) {
  EXPECT_EQ(read_docker_server("https://registry.example\n").value(), "https://registry.example");
  EXPECT_EQ(read_docker_server("  registry.example\r\n").value(), "registry.example");
  EXPECT_EQ(read_docker_server(" \n").error().detail, "no credentials server URL");
  EXPECT_EQ(read_docker_server("").error().detail, "no credentials server URL");
}

TEST(DockerStore, WantsAServerAndAUser) {
  EXPECT_EQ(read_docker_store(R"({"ServerURL":"https://r.example","Username":"u","Secret":"s"})").value(), "https://r.example");
  EXPECT_EQ(read_docker_store(R"({"Username":"u","Secret":"s"})").error().detail, "no credentials server URL");
  EXPECT_EQ(read_docker_store(R"({"ServerURL":"https://r.example","Secret":"s"})").error().detail, "no credentials username");
  EXPECT_EQ(read_docker_store(R"({"ServerURL":"https://r.example","Username":"","Secret":"canary"})").error().detail,
            "no credentials username");
  EXPECT_EQ(read_docker_store("canary").error().detail.find("canary"), std::string::npos);
  EXPECT_FALSE(read_docker_store("").ok());
}

TEST(DockerCredential, HasTheMembersThatClientsRead) {
  const RegistryLogin login{.user = "AWS", .password = Secret("p\"w"), .expires = {}};

  EXPECT_EQ(docker_credential("https://r.example", login), R"({"ServerURL":"https://r.example","Username":"AWS","Secret":"p\"w"})");
}

TEST(DockerList, NamesEveryHostOnce) {
  BrokerConfig config;
  ArtifactoryLoginConfig artifactory;
  artifactory.subdomains = {"docker.company.example"};
  StaticLoginConfig fixed;
  fixed.username = "ada";
  config.registries = {{.host = "company.jfrog.io", .login = artifactory},
                       {.host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com", .login = EcrLoginConfig{}},
                       {.host = "registry.example:5000", .login = fixed}};

  EXPECT_EQ(docker_list(config), R"({"https://111122223333.dkr.ecr.eu-west-1.amazonaws.com":"AWS","https://company.jfrog.io":"",)"
                                 R"("https://docker.company.example":"","https://registry.example:5000":"ada"})");
  EXPECT_EQ(docker_list({}), "{}");
}

}  // namespace
}  // namespace portcullis
