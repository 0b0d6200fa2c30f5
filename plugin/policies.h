// The policies of a configuration, compiled for the gate.
#pragma once

#include <memory>
#include <vector>

#include "config/config.h"
#include "plugin/state.h"
#include "policy/compile.h"

namespace portcullis {

/// Whether some source of tokens maps groups.
bool tokens_name_groups(const Config& config);
/// Compiles `http.accessControl` and runs `portcullis.policyTests` on it; no policy and no findings where there is none. A test that fails
/// is an error like any other: then there is no policy.
CompiledPolicy compile_access_control(const Config& config);
/// All errors among `findings` as one, a line each: `Reason::policy_test_failed` where policy tests alone failed, else `config_invalid`.
Error as_error(const std::vector<Finding>& findings);

/// What `policy`, which may be null, reads of tokens: constant work for each rule.
LoggedClaims logged_claims_of(const Policy* policy);
/// Puts `policy` into a state whose rules are there already: what its conditions read is kept of tokens from now on. `read`:
/// `logged_claims_of` it, where that was asked already.
void set_policy(State& state, std::shared_ptr<const Policy> policy, const LoggedClaims& read);
void set_policy(State& state, std::shared_ptr<const Policy> policy);

}  // namespace portcullis
