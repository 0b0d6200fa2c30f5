// A login in the gate's answer, for the proxy to pass on to the registry; and the refusal where there is none.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "broker/login.h"
#include "plugin/gate.h"
#include "plugin/state.h"

namespace portcullis {

/// Largest value of the header that carries a login.
inline constexpr std::size_t kLoginBytes = 8UL * 1024;

/// The target whose login an allowed request for `decision` carries; null: none, or the decision is no allow. Lives as long as `rules`.
const LoginTarget* wanted_login(const Decision& decision, const GateRules& rules);

/// Adds `Basic <base64 of user:password>` (RFC 7617) to the answer's headers and takes `given.login` away: as `Authorization` on
/// `/forward`, because Traefik cannot rename a header, else as `X-Registry-Authorization`. `Reason::credentials_unavailable` where it would
/// be larger than `kLoginBytes`.
Result<void> add_login(GateAnswer& given, const RegistryLogin& login);

/// Instead of an allow that would reach the registry without a login: 503. `error` is `credentials_unavailable` or `overloaded`.
GateAnswer refuse_without_login(const GateAnswer& given, const Error& error, const GateRules& rules, std::string_view method,
                                std::string_view id);

}  // namespace portcullis
