// One verification as most tests need it: good keys, default rules, the tests' own time.
#pragma once

#include <string_view>

#include "tests/support/fake_clock.h"
#include "tests/support/key_sets.h"
#include "verifier/verify.h"

namespace portcullis::test {

/// The rules of a configuration that says nothing: `exp` required, user name from `sub`, tokens up to 16 KiB. No leeway, so that edges are
/// sharp.
inline TokenRules default_rules() {
  TokenRules rules;
  rules.limits = {.bytes = 16384};
  return rules;
}

/// What a test may vary.
struct Verification {
  KeySet keys;
  bool kid_required = true;
  TokenRules rules = default_rules();
  Revocations revocations;
  TimePoint now = kNow;

  [[nodiscard]] Result<VerifiedToken> operator()(std::string_view token, Trace* trace = nullptr) const {
    return verify_token(token, {&keys, kid_required, 1}, rules, revocations, now, trace);
  }
  /// `allowed`, or why not.
  [[nodiscard]] Reason reason(std::string_view token) const {
    const auto verified = (*this)(token);
    return verified ? Reason::allowed : verified.error().reason;
  }
  /// Empty, or the detail of the refusal.
  [[nodiscard]] std::string detail(std::string_view token) const {
    const auto verified = (*this)(token);
    return verified ? std::string() : verified.error().detail;
  }
};

/// Verification with a set of these keys.
inline Verification verification_with(NamedKeys keys) { return {.keys = key_set(keys), .rules = default_rules(), .revocations = {}}; }

}  // namespace portcullis::test
