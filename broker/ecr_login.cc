#include "broker/ecr_login.h"

#include <algorithm>
#include <utility>

#include "aws/ecr.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

Error unavailable(std::string detail) { return {Reason::credentials_unavailable, std::move(detail)}; }

std::string who(const AwsIdentityConfig& identity) {
  if (identity.role_arn) return "role " + *identity.role_arn;
  if (identity.access_key) return "access key " + identity.access_key->substr(0, 4) + "[REDACTED]";
  return "the gate's own credentials";
}

/// What an operator can do about the codes that are seen most.
std::string advice(std::string_view code, EcrHost::Kind kind) {
  if (code == "AccessDeniedException" || code == "AccessDenied") {
    return kind == EcrHost::Kind::ecr_public ? "; allow ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on *"
                                             : "; allow ecr:GetAuthorizationToken on *";
  }
  if (code == "UnrecognizedClientException" || code == "InvalidClientTokenId") return "; the access key does not exist, or is inactive";
  if (code == "InvalidSignatureException") return "; compare the secret key, and the clock of this host";
  if (code.starts_with("ExpiredToken")) return "; the credentials that sign have expired and were not renewed";
  return "";
}

}  // namespace

Result<EcrHost> ecr_host_of(std::string_view host, const EcrLoginConfig& login) {
  const std::string_view name = login.ecr ? std::string_view(*login.ecr) : host;
  auto found = parse_ecr_host(name);
  if (!found) return unavailable(escape_for_log(name) + " is no host name of Amazon ECR");
  return std::move(*found);
}

Result<RegistryLogin> ecr_login(RoleSessions& sessions, const BrokerConfig& broker, std::string_view host, const EcrLoginConfig& login,
                                const std::optional<std::string>& session_policy) {
  const auto registry = ecr_host_of(host, login);
  if (!registry) return registry.error();
  const auto session = sessions.open({.identity = login.identity,
                                      .region = registry->region,
                                      .registry = std::string(host),
                                      .session_prefix = broker.session_prefix,
                                      .jump_role = broker.jump_role,
                                      .jump_external_id = broker.jump_external_id,
                                      .session_policy = session_policy});
  if (!session) return session.error();
  return ecr_login_with(sessions, host, *registry, *session, who(login.identity));
}

Result<RegistryLogin> ecr_login_with(RoleSessions& sessions, std::string_view host, const EcrHost& registry, const AwsSession& session,
                                     const std::string& who) {
  const bool is_public = registry.kind == EcrHost::Kind::ecr_public;
  auto endpoint = sessions.endpoint(is_public ? AwsService::ecr_public : AwsService::ecr, registry.region, registry.fips);
  if (!endpoint) return endpoint.error();
  const auto tools = sessions.aws_tools();
  if (!tools) return tools.error();
  AwsClient client(*tools, std::move(endpoint).value(), session.source.get());
  EcrOutcome outcome = is_public ? get_ecr_public_password(client) : get_ecr_password(client);
  if (!outcome.password) {
    return unavailable("cannot get a password of " + escape_for_log(host) + " in " + registry.region + " with " + who + ": " +
                       describe(outcome.failed) + advice(outcome.failed.code, registry.kind));
  }
  const TimePoint expires = std::min(outcome.password->expires, session.expires.value_or(outcome.password->expires));
  return RegistryLogin{.user = std::move(outcome.password->user), .password = std::move(outcome.password->password), .expires = expires};
}

}  // namespace portcullis
