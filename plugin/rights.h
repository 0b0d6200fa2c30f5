// What a verified token, or nobody, may do: its own scope and the policies of the configuration, of which each has to grant.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/trace.h"
#include "plugin/state.h"
#include "policy/decide.h"
#include "policy/policy.h"
#include "policy/request_facts.h"
#include "policy/route.h"
#include "verifier/verify.h"

namespace portcullis {

/// Why not, or nothing.
struct Rights {
  std::optional<Error> refusal = Error{Reason::internal_error, {}};
  bool drop_mount = false;   ///< granted as a plain upload only (`proxy.stripsMount`)
  bool wants_tags = false;   ///< refused; `RequestFacts::tags` could change that, and the configuration wants them looked up
  RuleRef rule;              ///< of `State::policy`: what granted, or denied
  std::string_view message;  ///< of a condition, for the client; lives as long as the state
};

/// What of a configuration says who decides.
struct RightsRules {
  const Policy* policy = nullptr;  ///< null: none
  bool policy_expected = false;    ///< there is one in the configuration
  AccessClaimRule access_claim = AccessClaimRule::required;
  bool policy_enforced = true;  ///< the policies judge traditional tokens too
  bool strips_mount = false;
  bool tag_lookup = false;
};
RightsRules rights_rules(const State& state) noexcept;

/// Whom a verified token speaks for, and what its own claim says. Views outlive the decision.
struct Bearer {
  Caller caller;
  bool traditional = true;  ///< no token of an OIDC issuer
  bool has_access_claim = false;
  const VerifiedToken* token = nullptr;  ///< its claim is checked where that has a say; null: `claim` stands for that
  Result<void> claim{};
};
Bearer bearer_of(const VerifiedToken& token) noexcept;

/// `rights_of`, also of a bearer whose token is not at hand.
Rights rights_of_bearer(const Bearer& bearer, const Access& access, const RightsRules& rules, const RequestFacts& facts, TimePoint now,
                        Trace* trace);

/// Traditional tokens need the `access` claim (`tokens.accessClaim`) and the policies (`tokens.policy`); tokens of OIDC issuers the
/// policies. A token that nothing would judge is refused. Reasons: scope_insufficient (also where policies refuse a token without a user
/// name), mount_source_denied, policy_denied, internal_error.
Rights rights_of(const VerifiedToken& token, const Access& access, const State& state, const RequestFacts& facts, TimePoint now,
                 Trace* trace);

/// The rights of nobody: what an `anonymousPolicy` grants, on routes of repositories alone. `Reason::token_missing`.
Rights rights_of_nobody(const Access& access, const RightsRules& rules, const RequestFacts& facts, TimePoint now, Trace* trace);

}  // namespace portcullis
