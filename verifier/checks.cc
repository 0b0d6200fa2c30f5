#include "verifier/checks.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/codec/percent.h"
#include "base/report/log.h"

namespace portcullis {
namespace {

/// Leeway must not wrap a far future into the past.
TimePoint later_by(TimePoint time, Milliseconds by) {
  if (time > TimePoint::max() - by) return TimePoint::max();
  return time + by;
}

/// The step `name` went well.
Result<void> pass(Trace* trace, std::string_view name) {
  if (trace != nullptr) trace->add(name, true, {});
  return {};
}

/// The step `name` failed.
Result<void> refuse(Trace* trace, std::string_view name, Reason reason, std::string detail) {
  if (trace != nullptr) trace->add(name, false, detail);
  return Error{reason, std::move(detail)};
}

/// `"a", "b" and 3 more`.
std::string in_words(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 4;
  std::string words;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) words += (i == 0 ? "\"" : ", \"") + escape_for_log(names[i]) + "\"";
  if (names.size() > kShown) words += " and " + std::to_string(names.size() - kShown) + " more";
  return words;
}

std::string in_words(Milliseconds time) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time);
  if (whole != time) return std::to_string(time.count()) + " ms";
  return std::to_string(whole.count()) + " s";
}

/// `exp is 2026-11-22T10:00:00Z, the clock says 2026-11-22T10:01:00Z, leeway 10 s`.
std::string in_words(std::string_view claim, TimePoint time, const ClaimRules& rules, TimePoint now) {
  return std::string(claim) + " is " + to_rfc3339(time) + ", the clock says " + to_rfc3339(now) + ", leeway " + in_words(rules.leeway);
}

bool is_listed(std::string_view value, const std::vector<std::string>& list) {
  return !value.empty() && std::find(list.begin(), list.end(), value) != list.end();
}

Result<void> check_expiry(std::optional<std::chrono::sys_seconds> expires, const ClaimRules& rules, TimePoint now, Trace* trace) {
  if (!expires && rules.require_expiry) return refuse(trace, "expiry", Reason::expiry_missing, "token has no 'exp'");
  if (!expires || now < later_by(*expires, rules.leeway)) return pass(trace, "expiry");
  return refuse(trace, "expiry", Reason::token_expired, "token is expired: " + in_words("exp", *expires, rules, now));
}

Result<void> check_not_before(std::optional<std::chrono::sys_seconds> not_before, const ClaimRules& rules, TimePoint now, Trace* trace) {
  if (!not_before) return {};
  if (later_by(now, rules.leeway) >= *not_before) return pass(trace, "not_before");
  return refuse(trace, "not_before", Reason::token_not_yet_valid, "token is not valid yet: " + in_words("nbf", *not_before, rules, now));
}

Result<void> check_issued_at(const Claims& claims, const ClaimRules& rules, TimePoint now, Trace* trace) {
  if (!claims.issued_at) return {};
  if (later_by(now, rules.leeway) >= *claims.issued_at) return pass(trace, "issued_at");
  return refuse(trace, "issued_at", Reason::token_issued_in_future,
                "token used before issued: " + in_words("iat", *claims.issued_at, rules, now));
}

Result<void> check_lifetime(const Claims& claims, const ClaimRules& rules, Trace* trace) {
  if (!rules.max_lifetime) return {};
  if (!claims.expires || !claims.issued_at) {
    return refuse(trace, "lifetime", Reason::lifetime_too_long, "maxLifetime is configured and the token lacks 'exp' or 'iat'");
  }
  const Milliseconds lifetime = *claims.expires - *claims.issued_at;
  if (lifetime <= *rules.max_lifetime) return pass(trace, "lifetime");
  return refuse(trace, "lifetime", Reason::lifetime_too_long,
                "token lives longer than maxLifetime: " + in_words(lifetime) + ", allowed " + in_words(*rules.max_lifetime));
}

Result<void> check_issuer(const Claims& claims, const ClaimRules& rules, Trace* trace) {
  if (rules.issuers.empty()) return {};
  if (claims.issuer && is_listed(*claims.issuer, rules.issuers)) return pass(trace, "issuer");
  std::string detail = "token has no 'iss'";
  if (claims.issuer) detail = "token 'iss' is \"" + escape_for_log(*claims.issuer) + "\"";
  return refuse(trace, "issuer", Reason::issuer_mismatch, detail + ", configured: " + in_words(rules.issuers));
}

Result<void> check_audience(const Claims& claims, const ClaimRules& rules, Trace* trace) {
  if (rules.audiences.empty()) return {};
  const bool meant_for_us = claims.audiences && std::any_of(claims.audiences->begin(), claims.audiences->end(),
                                                            [&](const std::string& one) { return is_listed(one, rules.audiences); });
  if (meant_for_us) return pass(trace, "audience");
  std::string detail = "token has no 'aud'";
  if (claims.audiences && !claims.audiences->empty()) detail = "token 'aud' is " + in_words(*claims.audiences);
  return refuse(trace, "audience", Reason::audience_mismatch, detail + ", configured: " + in_words(rules.audiences));
}

Result<void> check_sender(const Claims& claims, Trace* trace) {
  if (!claims.sender_constrained) return {};
  return refuse(trace, "sender", Reason::sender_constrained, "token has 'cnf'");
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
