// Which repositories a caller may use, written as a session policy can say it: never more than the gate itself would allow, perhaps less.
#pragma once

#include <span>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "broker/session_policy.h"
#include "plugin/state.h"
#include "policy/policy.h"
#include "policy/request_facts.h"
#include "verifier/verify.h"

namespace portcullis {

/// With `named`: those repositories, each with what the caller may do there; a push is both create and update, since ECR does not tell them
/// apart. Without: the names of the token's `access` claim where that has a say, else the patterns of the policies. The refusal of the
/// first named repository that may neither be pulled nor pushed; `Reason::bad_request` for a name that is none.
Result<SessionReach> reach_of(const VerifiedToken& token, const State& state, std::span<const std::string> named, const RequestFacts& facts,
                              TimePoint now);

/// The reach of a caller by the policies alone. A rule with a condition grants nothing here and takes away always; so does a pattern that
/// IAM cannot write (`*` before other segments, `?`, classes): whoever needs such a repository names it. Patterns that overlap what is
/// given and rule there without granting are taken away with everything below them.
SessionReach reach_by_policies(const Policy& policy, const std::string& username, std::span<const std::string> groups);

}  // namespace portcullis
