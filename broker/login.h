// What a client sends to a registry to be let in.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "broker/packed_secret.h"

namespace portcullis {

/// A user and a password of one registry. Not copyable: the password exists once.
struct RegistryLogin {
  std::string user;  ///< `AWS` for ECR
  PackedSecret password;
  std::optional<TimePoint> expires;  ///< the earlier of the token's and the session's; absent: never
};

/// Whether `login` is good no more.
inline bool has_ended(const RegistryLogin& login, TimePoint now) noexcept { return login.expires && *login.expires <= now; }
/// What is said of a login that has ended when it comes: it is given to nobody.
inline Error ended_login(const std::string& host) {
  return {Reason::credentials_unavailable, "the login of " + host + " that was given has ended already: is this clock right?"};
}

/// `Basic <base64 of user:password>` (RFC 7617 section 2), which the caller wipes; nothing of it is left anywhere else.
std::string basic_authorization(const RegistryLogin& login);

using SharedLogin = std::shared_ptr<const RegistryLogin>;

}  // namespace portcullis
