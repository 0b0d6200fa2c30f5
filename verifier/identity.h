// Who the token speaks for: user and groups by the configured mapping.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/codec/json.h"
#include "base/result.h"

namespace portcullis {

/// Names of top-level claims; CEL expressions come later.
struct IdentityRules {
  std::string username_claim;
  std::optional<std::string> groups_claim;
  std::string username_prefix;
  std::string groups_prefix;
};

struct Identity {
  std::string username;  ///< empty where the default claim `sub` is absent
  std::vector<std::string> groups;

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Maps; the prefixes are put before each name that is not empty. A groups claim may be absent (no groups), a string or an array of
/// strings. A claim of another type, a control character, or an empty group is `claim_invalid`; a configured user name claim other than
/// `sub` that is absent or empty is `identity_empty`.
Result<Identity> map_identity(JsonView payload, const IdentityRules& rules);

}  // namespace portcullis
