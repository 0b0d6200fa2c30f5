#include "broker/authenticator.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "broker/artifactory_login.h"
#include "broker/ecr_login.h"
#include "broker/static_login.h"

namespace portcullis {
namespace {

class LoginOfKind {
 public:
  LoginOfKind(RoleSessions& sessions, const BrokerConfig& broker, const std::string& host, const std::optional<std::string>& policy)
      : sessions_(sessions), broker_(broker), host_(host), policy_(policy) {}

  Result<RegistryLogin> operator()(const EcrLoginConfig& login) const { return ecr_login(sessions_, broker_, host_, login, policy_); }
  Result<RegistryLogin> operator()(const ArtifactoryLoginConfig& login) const {
    return log_in_to_artifactory(sessions_, broker_, host_, login);
  }
  Result<RegistryLogin> operator()(const StaticLoginConfig& login) const {
    return static_login(login, sessions_.tools().chain.files, sessions_.tools().chain.environment);
  }

 private:
  RoleSessions& sessions_;
  const BrokerConfig& broker_;
  const std::string& host_;
  const std::optional<std::string>& policy_;
};

bool equal_ignoring_case(std::string_view lower, std::string_view other) noexcept {
  return std::equal(lower.begin(), lower.end(), other.begin(), other.end(),
                    [](char l, char o) { return l == (o >= 'A' && o <= 'Z' ? static_cast<char>(o - 'A' + 'a') : o); });
}

}  // namespace

Authenticator::Authenticator(BrokerTools tools) : sessions_(std::move(tools)) {}

Result<SharedLogin> Authenticator::log_in(const BrokerConfig& config, const RegistryLoginConfig& registry,
                                          const std::optional<std::string>& session_policy) {
  if (session_policy && !can_be_limited(registry)) {
    return Error{Reason::bad_request, "a login of " + registry.host + " cannot be limited: it is no role of ECR"};
  }
  auto login = std::visit(LoginOfKind(sessions_, config, registry.host, session_policy), registry.login);
  if (!login) return login.error();
  if (has_ended(*login, sessions_.tools().chain.aws.clock.now())) return ended_login(registry.host);
  return std::make_shared<const RegistryLogin>(std::move(login).value());
}

bool can_be_limited(const RegistryLoginConfig& registry) noexcept {
  const auto* ecr = std::get_if<EcrLoginConfig>(&registry.login);
  return ecr != nullptr && ecr->identity.role_arn.has_value();
}

const RegistryLoginConfig* find_registry(const BrokerConfig& config, std::string_view host) noexcept {
  const auto found = std::find_if(config.registries.begin(), config.registries.end(),
                                  [host](const RegistryLoginConfig& one) { return equal_ignoring_case(one.host, host); });
  return found == config.registries.end() ? nullptr : &*found;
}

}  // namespace portcullis
