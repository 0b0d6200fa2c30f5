// Whether a traditional token's own `access` claim covers a request. Pure.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/trace.h"
#include "policy/route.h"
#include "verifier/verify.h"

namespace portcullis {

/// Whether one entry of the token's `access` claim grants each need: type `repository` (or `repository(plugin)`), name equal to the byte,
/// `actions` containing the action or `*`, and its own `exp` in the future. Reasons: scope_insufficient, mount_source_denied. `trace` may
/// be null.
Result<void> check_access_claim(const VerifiedToken& token, const Access& access, TimePoint now, Trace* trace);

}  // namespace portcullis
