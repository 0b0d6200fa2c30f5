// All faults of what a configuration writes as policies, so that one look shows whatever there is to mend.
#pragma once

#include <vector>

#include "config/load.h"

namespace portcullis {

/// Errors of patterns, conditions and claim mappings: `http.accessControl`, `portcullis.shadow`, the routes and the policy of the broker,
/// and what tokens are mapped by. Each names its path, and shows the place where it is one of a text. Policy tests are not run.
std::vector<Finding> policy_faults(const Config& config);

/// Adds to `found` those of `more` that say nothing of a place of which an error is known already.
void add_unknown_faults(std::vector<Finding>& found, std::vector<Finding> more);

/// The same for what could be read of a configuration that has errors.
void add_policy_faults(LoadedConfig& loaded);

}  // namespace portcullis
