// A fresh login of one configured registry, of whatever kind it is. Blocks: the command line calls it as it is, the daemon on its broker's
// threads.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "broker/login.h"
#include "broker/role_session.h"
#include "config/broker.h"

namespace portcullis {

/// Safe from many threads.
class Authenticator {
 public:
  explicit Authenticator(BrokerTools tools);

  /// Logs in anew: no cache is asked. `config` gives the jump role and the prefix of session names; `registry` need not be one of its own.
  /// `session_policy` limits what the login may do (JSON of IAM); `Reason::bad_request` where `can_be_limited` is false.
  /// `Reason::credentials_unavailable`, its detail with all that an operator needs and nothing secret.
  [[nodiscard]] Result<SharedLogin> log_in(const BrokerConfig& config, const RegistryLoginConfig& registry,
                                           const std::optional<std::string>& session_policy = std::nullopt);

  /// What logins share: the gate's own AWS credentials, the jump role's.
  [[nodiscard]] RoleSessions& sessions() noexcept { return sessions_; }

 private:
  RoleSessions sessions_;
};

/// Whether a session policy can limit a login of `registry`: ECR with a role.
bool can_be_limited(const RegistryLoginConfig& registry) noexcept;

/// The login of `registries` whose host is `host` (as clients write it, in any letter case), or null.
const RegistryLoginConfig* find_registry(const BrokerConfig& config, std::string_view host) noexcept;

}  // namespace portcullis
