// The session policy of a login that is given away: no more than the repositories that its caller may use. Pure.
#pragma once

#include <string>
#include <vector>

#include "aws/ecr_host.h"
#include "base/result.h"

namespace portcullis {

/// Repositories as patterns of IAM: `*` any run of characters, slashes included. What is in `not_…` is taken away from what is given.
struct SessionReach {
  std::vector<std::string> pull;
  std::vector<std::string> push;
  std::vector<std::string> not_pull;
  std::vector<std::string> not_push;

  [[nodiscard]] bool empty() const noexcept { return pull.empty() && push.empty(); }
};

/// The policy (JSON) for a session that may log in to `host` and use what `reach` holds. Of the public registry, whose repositories anyone
/// may read, it is a login alone, and nobody can push with it. `Reason::bad_request` where it is longer than STS takes (2048 bytes).
Result<std::string> session_policy(const EcrHost& host, const SessionReach& reach);

}  // namespace portcullis
