#include "verifier/checks.h"

#include <algorithm>
#include <string_view>

namespace portcullis {
namespace {

/// Leeway must not wrap a far future into the past.
TimePoint later_by(TimePoint time, Milliseconds by) {
  if (time > TimePoint::max() - by) return TimePoint::max();
  return time + by;
}

/// Tells the trace, and makes the refusal where the step failed.
Result<void> step(Trace* trace, std::string_view name, bool passed, Reason reason, std::string_view failure) {
  const std::string_view detail = passed ? std::string_view() : failure;
  if (trace != nullptr) trace->add(name, passed, std::string(detail));
  if (passed) return {};
  return Error{reason, std::string(failure)};
}

bool is_listed(std::string_view value, const std::vector<std::string>& list) {
  return !value.empty() && std::find(list.begin(), list.end(), value) != list.end();
}

Result<void> check_expiry(std::optional<std::chrono::sys_seconds> expires, const ClaimRules& rules, TimePoint now, Trace* trace) {
  if (!expires) return step(trace, "expiry", !rules.require_expiry, Reason::expiry_missing, "token has no 'exp'");
  return step(trace, "expiry", now < later_by(*expires, rules.leeway), Reason::token_expired, "token is expired");
}

Result<void> check_not_before(std::optional<std::chrono::sys_seconds> not_before, const ClaimRules& rules, TimePoint now, Trace* trace) {
  if (!not_before) return {};
  return step(trace, "not_before", later_by(now, rules.leeway) >= *not_before, Reason::token_not_yet_valid, "token is not valid yet");
}

Result<void> check_issued_at(const Claims& claims, const ClaimRules& rules, TimePoint now, Trace* trace) {
  if (!claims.issued_at) return {};
  return step(trace, "issued_at", later_by(now, rules.leeway) >= *claims.issued_at, Reason::token_issued_in_future,
              "token used before issued");
}

Result<void> check_lifetime(const Claims& claims, const ClaimRules& rules, Trace* trace) {
  if (!rules.max_lifetime) return {};
  if (!claims.expires || !claims.issued_at) {
    return step(trace, "lifetime", false, Reason::lifetime_too_long, "maxLifetime is configured and the token lacks 'exp' or 'iat'");
  }
  const bool short_enough = *claims.expires - *claims.issued_at <= *rules.max_lifetime;
  return step(trace, "lifetime", short_enough, Reason::lifetime_too_long, "token lives longer than maxLifetime");
}

Result<void> check_issuer(const Claims& claims, const ClaimRules& rules, Trace* trace) {
  if (rules.issuers.empty()) return {};
  const bool listed = claims.issuer && is_listed(*claims.issuer, rules.issuers);
  return step(trace, "issuer", listed, Reason::issuer_mismatch, "token 'iss' is absent or not configured");
}

Result<void> check_audience(const Claims& claims, const ClaimRules& rules, Trace* trace) {
  if (rules.audiences.empty()) return {};
  const bool meant_for_us = claims.audiences && std::any_of(claims.audiences->begin(), claims.audiences->end(),
                                                            [&](const std::string& one) { return is_listed(one, rules.audiences); });
  return step(trace, "audience", meant_for_us, Reason::audience_mismatch, "token 'aud' is absent or holds no configured audience");
}

Result<void> check_sender(const Claims& claims, Trace* trace) {
  if (!claims.sender_constrained) return {};
  return step(trace, "sender", false, Reason::sender_constrained, "token has 'cnf'");
}

}  // namespace

Result<void> check_times(std::optional<std::chrono::sys_seconds> expires, std::optional<std::chrono::sys_seconds> not_before,
                         const ClaimRules& rules, TimePoint now) {
  if (auto checked = check_expiry(expires, rules, now, nullptr); !checked) return checked;
  return check_not_before(not_before, rules, now, nullptr);
}

Result<void> check_claims(const Claims& claims, const ClaimRules& rules, TimePoint now, Trace* trace) {
  if (auto checked = check_expiry(claims.expires, rules, now, trace); !checked) return checked;
  if (auto checked = check_not_before(claims.not_before, rules, now, trace); !checked) return checked;
  if (auto checked = check_issued_at(claims, rules, now, trace); !checked) return checked;
  if (auto checked = check_lifetime(claims, rules, trace); !checked) return checked;
  if (auto checked = check_issuer(claims, rules, trace); !checked) return checked;
  if (auto checked = check_audience(claims, rules, trace); !checked) return checked;
  return check_sender(claims, trace);
}

}  // namespace portcullis
