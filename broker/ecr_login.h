// A login of Amazon ECR: who signs, then GetAuthorizationToken.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/ecr_host.h"
#include "base/result.h"
#include "broker/login.h"
#include "broker/role_session.h"
#include "config/broker.h"

namespace portcullis {

/// The ECR registry that `registry` is: the host `ecr` of its login, or its own name. `Reason::credentials_unavailable` where neither is
/// one.
Result<EcrHost> ecr_host_of(std::string_view host, const EcrLoginConfig& login);

/// Logs in: the session of the login's identity in the registry's region (of its own partition), then GetAuthorizationToken there. Expires
/// with the session or the password, whichever is first. Errors of `RoleSessions::open`; `Reason::credentials_unavailable` with registry,
/// region, AWS's code and text, and what to do.
Result<RegistryLogin> ecr_login(RoleSessions& sessions, const BrokerConfig& broker, std::string_view host, const EcrLoginConfig& login,
                                const std::optional<std::string>& session_policy);

/// The second half of it: GetAuthorizationToken of `registry`, signed by `session`. `who` names the identity in messages.
Result<RegistryLogin> ecr_login_with(RoleSessions& sessions, std::string_view host, const EcrHost& registry, const AwsSession& session,
                                     const std::string& who);

}  // namespace portcullis
