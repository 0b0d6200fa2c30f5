// The gate's state from a configuration and keys that came in one line: no file is read.
#pragma once

#include "base/clock.h"
#include "base/codec/json.h"
#include "base/result.h"
#include "plugin/state.h"

namespace portcullis::probe {

/// The marker that stands in for the configured marker file, where one is configured.
inline constexpr std::string_view kMarker = "the-marker-of-the-probe";

/// `config` (a configuration object), `keys` (the secret's JSON, as object or text, standing for the configured source; any key text where
/// that is `cert`; not needed where OIDC issuers alone are configured), `oidc_keys` (an object of issuer to its JWKS, as object or text,
/// read as `jwksFile` is), and `revocations` (a revocations file's JSON) if one is configured. Reasons: bad_request where a member is
/// missing or of a wrong type, config_invalid with all findings. Keys that do not load leave their source empty, as they would in the
/// daemon.
Result<State> read_state(JsonView line, TimePoint now);

/// `now` in Unix seconds, whole or with a fraction. `Reason::bad_request` where it is missing.
Result<TimePoint> read_now(JsonView line);

}  // namespace portcullis::probe
