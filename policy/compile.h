// `accessControl` as it is written to rules that decide: every fault is found here, and all of them are listed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/access.h"
#include "config/load.h"
#include "policy/policy.h"

namespace portcullis {

/// Most patterns of one policy.
inline constexpr std::size_t kMostPatterns = 200'000;
/// Most `**` of one pattern of a policy.
inline constexpr std::size_t kMostDeepSegments = 16;

/// What the rest of the configuration says that matters here.
struct PolicyContext {
  std::string_view path = "http.accessControl";  ///< where it stands
  bool tag_lookup = false;                       ///< one of create and update is enough for a push
  bool tokens_name_groups = true;                ///< some source of tokens maps groups
  bool decisions_logged = false;                 ///< with the claims that conditions read, by their names
};

struct CompiledPolicy {
  std::shared_ptr<const Policy> policy;  ///< null exactly if some finding is an error
  std::vector<Finding> findings;
};

/// Compiles. Errors: patterns and conditions that are none, with the place and a caret; unknown actions; a user called "*" or "". Warnings:
/// what is well formed and hardly meant. In time proportional to the size of `config`.
CompiledPolicy compile_policy(const AccessControlConfig& config, const PolicyContext& context);

}  // namespace portcullis
