// A pod that asks Artifactory: what AWS and Artifactory answer it is scripted.
#pragma once

#include <string>
#include <utility>

#include "broker/artifactory_login.h"
#include "tests/support/chain_world.h"

namespace portcullis::test {

inline constexpr const char* kRole = "arn:aws:iam::111122223333:role/app";
inline constexpr const char* kHost = "company.jfrog.io";

/// The gate's own keys, and a region.
inline Variables with_keys(Variables more = {}) {
  more.insert({{"AWS_ACCESS_KEY_ID", "AKIDOWN"}, {"AWS_SECRET_ACCESS_KEY", "canary-own-secret"}, {"AWS_REGION", "eu-west-1"}});
  return more;
}

inline Variables in_pod_with_web_identity() {
  return {{"AWS_ROLE_ARN", kRole}, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/web-token"}, {"AWS_REGION", "eu-west-1"}};
}

inline Variables in_pod_with_pod_identity() {
  return {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
          {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/pod-token"},
          {"AWS_REGION", "eu-west-1"}};
}

class JfrogWorld {
 public:
  explicit JfrogWorld(Variables variables) : world(std::move(variables)), sessions({.chain = world.tools()}) {
    config.session_prefix = "portcullis-ecr";
    (void)world.files.write("/web-token", "canary-web-token", 0600);
    (void)world.files.write("/pod-token", "canary-pod-token", 0600);
  }

  void sts_gives_a_session() { world.http.answer(200, role_answer("ASIAROLE")); }
  void pod_agent_gives_a_session() {
    world.http.answer(200,
                      R"({"AccessKeyId":"ASIAPOD","SecretAccessKey":"canary-secret","Token":"t","Expiration":"2026-03-01T18:00:00Z"})");
  }
  void sts_says_who(const std::string& arn) {
    world.http.answer(200, "<R><GetCallerIdentityResult><Arn>" + arn +
                               "</Arn><UserId>AROA:s</UserId><Account>111122223333</Account></GetCallerIdentityResult></R>");
  }
  void iam_says(int seconds) {
    world.http.answer(200, "<GetRoleResponse><GetRoleResult><Role><MaxSessionDuration>" + std::to_string(seconds) +
                               "</MaxSessionDuration></Role></GetRoleResult></GetRoleResponse>");
  }
  void artifactory_gives(const std::string& life) {
    world.http.answer(200, R"({"access_token":"canary-token","username":"ada","expires_in":)" + life + "}");
  }
  Result<RegistryLogin> log_in(const PodIdentity* pod = nullptr) { return log_in_to_artifactory(sessions, config, kHost, login, pod); }
  [[nodiscard]] OutgoingRequest asked(std::size_t index) const { return world.http.asked().at(index); }
  [[nodiscard]] std::size_t calls() const { return world.http.asked().size(); }

  ChainWorld world;
  RoleSessions sessions;
  BrokerConfig config;
  ArtifactoryLoginConfig login;
};

}  // namespace portcullis::test
