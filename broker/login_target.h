// What a login is asked for, and the identity that it is kept under.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/digest.h"
#include "config/broker.h"

namespace portcullis {

/// A registry to log in to, with all that makes the identity. A value: it keeps what it names alive.
struct LoginTarget {
  std::shared_ptr<const BrokerConfig> config;           ///< jump role and session prefix
  std::shared_ptr<const RegistryLoginConfig> registry;  ///< one of `config`, or one that a caller named
  std::optional<std::string> session_policy;            ///< limits the session (JSON of IAM)
  Sha256 key;                                           ///< of the identity: two targets of one key may share a login, and no others
};

/// A target with its key. What counts: kind; for ECR the role with its external id, or the access key with the secret (or its file), or the
/// gate's own; region, public or private, FIPS; the jump role with its external id; the session policy. For other kinds the host and every
/// member of the login.
LoginTarget login_target(std::shared_ptr<const BrokerConfig> config, std::shared_ptr<const RegistryLoginConfig> registry,
                         std::optional<std::string> session_policy = std::nullopt);

}  // namespace portcullis
