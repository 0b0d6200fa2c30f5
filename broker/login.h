// What a client sends to a registry to be let in.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "broker/packed_secret.h"

namespace portcullis {

/// A user and a password of one registry. Not copyable: the password exists once.
struct RegistryLogin {
  std::string user;  ///< `AWS` for ECR
  PackedSecret password;
  std::optional<TimePoint> expires;  ///< the earlier of the token's and the session's; absent: never
};

using SharedLogin = std::shared_ptr<const RegistryLogin>;

}  // namespace portcullis
