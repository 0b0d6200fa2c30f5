#include "broker/pod_login.h"

#include <memory>
#include <utility>

#include "aws/sts.h"
#include "base/codec/percent.h"
#include "broker/artifactory_login.h"
#include "broker/ecr_login.h"

namespace portcullis {
namespace {

Error unavailable(const std::string& host, const std::string& why) {
  return {Reason::credentials_unavailable, "no login of " + escape_for_log(host) + " for the pod: " + why};
}

/// Credentials that are there already.
class PodCredentials final : public CredentialSource {
 public:
  explicit PodCredentials(AwsCredentials credentials) : credentials_(std::make_shared<const AwsCredentials>(std::move(credentials))) {}
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool /*refresh*/) override { return credentials_; }

 private:
  const std::shared_ptr<const AwsCredentials> credentials_;
};

}  // namespace

Result<AwsSession> open_pod_session(RoleSessions& sessions, const BrokerConfig& config, const std::string& host, const std::string& region,
                                    const PodIdentity& pod) {
  if (!is_role_arn(pod.role_arn))
    return unavailable(host, "its service account has no annotation eks.amazonaws.com/role-arn with a role's ARN");
  const auto aws = sessions.aws_tools();
  if (!aws) return aws.error();
  auto endpoint = sessions.endpoint(AwsService::sts, region);
  if (!endpoint) return endpoint.error();
  AwsClient sts(*aws, std::move(endpoint).value(), nullptr);
  StsOutcome outcome = assume_role_with_web_identity(sts, {.role_arn = pod.role_arn,
                                                           .session_name = role_session_name(config.session_prefix, host, aws->clock.now()),
                                                           .token = Secret(std::string(pod.token.reveal())),
                                                           .duration = {}});
  if (!outcome.credentials) {
    return unavailable(host, "STS gives no session of " + escape_for_log(pod.role_arn) + ": " + describe(outcome.failed) +
                                 "; compare the role's trust policy with the service account, and the token's audience with "
                                 "sts.amazonaws.com");
  }
  AwsSession session{.source = nullptr, .expires = outcome.credentials->expires};
  session.source = std::make_shared<PodCredentials>(std::move(*outcome.credentials));
  return session;
}

namespace {

Result<RegistryLogin> given_login(RoleSessions& sessions, const BrokerConfig& config, const RegistryLoginConfig& registry,
                                  const PodIdentity& pod) {
  if (const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&registry.login)) {
    return log_in_to_artifactory(sessions, config, registry.host, *artifactory, &pod);
  }
  const auto* ecr = std::get_if<EcrLoginConfig>(&registry.login);
  if (ecr == nullptr) {
    return unavailable(registry.host,
                       "its password is the node's: leave tokenAttributes out of the kubelet's configuration of this provider");
  }
  const auto host = ecr_host_of(registry.host, *ecr);
  if (!host) return host.error();
  const auto session = open_pod_session(sessions, config, registry.host, host->region, pod);
  if (!session) return session.error();
  return ecr_login_with(sessions, registry.host, *host, *session, "role " + pod.role_arn);
}

}  // namespace

Result<RegistryLogin> log_in_as_pod(RoleSessions& sessions, const BrokerConfig& config, const RegistryLoginConfig& registry,
                                    const PodIdentity& pod) {
  auto login = given_login(sessions, config, registry, pod);
  if (login && has_ended(*login, sessions.tools().chain.aws.clock.now())) return ended_login(registry.host);
  return login;
}

}  // namespace portcullis
