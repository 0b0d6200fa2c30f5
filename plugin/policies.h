// The policies of a configuration, compiled for the gate.
#pragma once

#include <memory>
#include <vector>

#include "config/config.h"
#include "plugin/state.h"
#include "policy/compile.h"

namespace portcullis {

/// Compiles `http.accessControl`; no policy and no findings where there is none.
CompiledPolicy compile_access_control(const Config& config);
/// All errors among `findings` as one `Reason::config_invalid`, a line each.
Error as_error(const std::vector<Finding>& findings);

/// Puts `policy` into a state whose rules are there already: what its conditions read is kept of tokens from now on.
void set_policy(State& state, std::shared_ptr<const Policy> policy);

}  // namespace portcullis
