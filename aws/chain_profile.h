// What one profile of the shared files gives: its own source of credentials, those of the profiles it refers to, and the roles on top.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/chain_plan.h"
#include "aws/shared_config.h"
#include "base/io/environment.h"
#include "base/result.h"

namespace portcullis {

struct ProfilePlan {
  std::optional<BaseSource> base;  ///< nothing: the profile says nothing of credentials
  std::vector<RoleStep> roles;
  std::vector<std::string> warnings;
};

/// Follows the selected profile of `config`. `Reason::bad_request` for a circle, a missing source profile, half a pair of keys, two sources
/// in one profile, a role without a source, MFA and login sessions; the detail names profiles and keys, and no value of a key.
Result<ProfilePlan> plan_profile(const SharedConfig& config, const Environment& environment);

/// The container endpoint that the environment names: the relative URI beats the full one. Nothing where neither is set;
/// `Reason::bad_request` for one that may not be asked.
Result<std::optional<ContainerEndpoint>> container_endpoint(const Environment& environment);

}  // namespace portcullis
