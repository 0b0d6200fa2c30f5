// A login of Artifactory without a stored password: who we are for AWS, or an OIDC token, is exchanged for its token.
#pragma once

#include <string>

#include "base/result.h"
#include "broker/login.h"
#include "broker/pod_login.h"
#include "broker/role_session.h"
#include "config/broker.h"

namespace portcullis {

/// One exchange with Artifactory at `login.url`, else `https://<host>`, and what it needs of AWS before: the session of the role
/// (`authType`), its MaxSessionDuration where no life is configured (3 h where AWS does not tell). With `pod`, the pod's identity signs,
/// and never ours.
///
/// `automatic` is a configured role or key; else Pod Identity where AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is set; else web identity where
/// AWS_WEB_IDENTITY_TOKEN_FILE is set; else what the default credential chain finds.
///
/// Whoever receives the signed question can repeat it to AWS and to Artifactory for a quarter of an hour: it goes to this one host, TLS is
/// verified, no redirect is followed, and it is never logged.
///
/// `Reason::credentials_unavailable` with role, host, status, what was answered (escaped), and what to do; nothing secret. Blocks.
Result<RegistryLogin> log_in_to_artifactory(RoleSessions& sessions, const BrokerConfig& config, const std::string& host,
                                            const ArtifactoryLoginConfig& login, const PodIdentity* pod = nullptr);

}  // namespace portcullis
