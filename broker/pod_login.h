// Logins by the identity of a pod: the kubelet brings the token of its service account, and the role that the account is annotated with.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "broker/login.h"
#include "broker/role_session.h"
#include "config/broker.h"

namespace portcullis {

/// A token that the kubelet made for the service account of a pod.
struct PodIdentity {
  std::string role_arn;  ///< annotation `eks.amazonaws.com/role-arn`; empty: none, which an exchange by OIDC alone does without
  Secret token;
};

/// AssumeRoleWithWebIdentity for the pod, in `region`. `Reason::credentials_unavailable` with the role and what to do.
Result<AwsSession> open_pod_session(RoleSessions& sessions, const BrokerConfig& config, const std::string& host, const std::string& region,
                                    const PodIdentity& pod);

/// A login of ECR or Artifactory as the pod, and never as the node. `Reason::credentials_unavailable`, also for a registry that no pod can
/// have an identity for. Blocks.
Result<RegistryLogin> log_in_as_pod(RoleSessions& sessions, const BrokerConfig& config, const RegistryLoginConfig& registry,
                                    const PodIdentity& pod);

}  // namespace portcullis
