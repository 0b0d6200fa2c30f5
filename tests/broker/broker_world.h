// A broker whose AWS is scripted: what STS and ECR answer, and what they were asked.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/codec/base64url.h"
#include "base/report/log.h"
#include "broker/authenticator.h"
#include "tests/support/chain_world.h"

namespace portcullis::test {

inline constexpr const char* kEcr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
inline constexpr const char* kPullRole = "arn:aws:iam::123456789012:role/pull";
inline constexpr const char* kJumpRole = "arn:aws:iam::999999999999:role/jump";

/// The gate's own keys, and a region that no registry of these tests has.
inline Variables own_keys() {
  return {{"AWS_ACCESS_KEY_ID", "AKIAOWNOWNOWNOWN"}, {"AWS_SECRET_ACCESS_KEY", "canary-own-secret"}, {"AWS_REGION", "us-east-2"}};
}

/// What STS answers to AssumeRole.
inline std::string session(TimePoint expires, const std::string& id = "ASIASESSION") {
  return "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + id +
         "</AccessKeyId><SecretAccessKey>canary-session-secret</SecretAccessKey><SessionToken>canary-session-token</"
         "SessionToken><Expiration>" +
         to_rfc3339(expires) + "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
}

inline std::string sts_error(const std::string& code, const std::string& message = "what AWS says") {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message + "</Message></Error></ErrorResponse>";
}

/// What ECR answers to GetAuthorizationToken.
inline std::string password(TimePoint expires, const std::string& text = "canary-password") {
  return R"({"authorizationData":[{"authorizationToken":")" + base64_encode("AWS:" + text) + R"(","expiresAt":)" +
         std::to_string(unix_seconds(expires)) + R"(,"proxyEndpoint":"https://x"}]})";
}

inline RegistryLoginConfig role_login(std::optional<std::string> external_id = std::nullopt, std::string host = kEcr,
                                      std::string role = kPullRole) {
  EcrLoginConfig login;
  login.identity.role_arn = std::move(role);
  login.identity.external_id = std::move(external_id);
  return {.host = std::move(host), .login = std::move(login)};
}

inline RegistryLoginConfig key_login(std::string host = kEcr) {
  EcrLoginConfig login;
  login.identity.access_key = "AKIACUSTOMERKEYS";
  login.identity.secret_key = std::make_shared<const Secret>("canary-customer-secret");
  return {.host = std::move(host), .login = std::move(login)};
}

class BrokerWorld {
 public:
  explicit BrokerWorld(Variables variables = own_keys())
      : world(std::move(variables)), authenticator({.chain = world.tools(), .report = [this](const AssumeRoleReport& report) {
                                                      reports.push_back({std::string(report.role_arn), std::string(report.region),
                                                                         std::string(report.code), report.external_id, report.jump});
                                                    }}) {
    config.session_prefix = "portcullis-ecr";
    config.cache_maximum = std::chrono::hours(3);
    config.cache_entries = 10'000;
  }

  void sts_gives(std::chrono::seconds life = std::chrono::hours(1), const std::string& id = "ASIASESSION") {
    world.http.answer(200, session(world.clock.now() + life, id));
  }
  void sts_refuses(int status, const std::string& code) { world.http.answer(status, sts_error(code)); }
  void ecr_gives(std::chrono::seconds life = std::chrono::hours(12), const std::string& text = "canary-password") {
    world.http.answer(200, password(world.clock.now() + life, text));
  }
  void ecr_refuses(int status, const std::string& code) {
    world.http.answer(status, R"({"__type":")" + code + R"(","message":"what AWS says"})");
  }

  Result<SharedLogin> log_in(const RegistryLoginConfig& registry, const std::optional<std::string>& policy = std::nullopt) {
    return authenticator.log_in(config, registry, policy);
  }
  [[nodiscard]] OutgoingRequest asked(std::size_t index) const { return world.http.asked().at(index); }
  [[nodiscard]] std::size_t calls() const { return world.http.asked().size(); }
  /// The header of the `index`th request, or an empty text.
  [[nodiscard]] std::string header(std::size_t index, std::string_view name) const { return header_of(asked(index), name); }

  struct Report {
    std::string role;
    std::string region;
    std::string code;
    bool external_id;
    bool jump;
  };

  ChainWorld world;
  BrokerConfig config;
  std::vector<Report> reports;
  Authenticator authenticator;
};

}  // namespace portcullis::test
