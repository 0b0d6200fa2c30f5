// The rules that claims must keep, each with its own reason.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/trace.h"
#include "verifier/claims.h"

namespace portcullis {

struct ClaimRules {
  std::vector<std::string> issuers;    ///< empty: not checked
  std::vector<std::string> audiences;  ///< empty: not checked
  bool require_expiry = true;
  Milliseconds leeway{};
  std::optional<Milliseconds> max_lifetime;  ///< of `exp` minus `iat`, which is then required
};

/// Times alone, again on each cache hit: good while `now < exp + leeway` and `now >= nbf - leeway`.
/// Reasons: expiry_missing, token_expired, token_not_yet_valid.
Result<void> check_times(std::optional<std::chrono::sys_seconds> expires, std::optional<std::chrono::sys_seconds> not_before,
                         const ClaimRules& rules, TimePoint now);

/// All rules. Reasons: those of `check_times`, token_issued_in_future, lifetime_too_long, issuer_mismatch, audience_mismatch,
/// sender_constrained.
Result<void> check_claims(const Claims& claims, const ClaimRules& rules, TimePoint now, Trace* trace);

}  // namespace portcullis
