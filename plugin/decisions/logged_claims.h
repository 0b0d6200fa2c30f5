// Which claims the conditions of a policy read: what the decision log keeps of a token, and no more.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec/json.h"
#include "policy/cel/value.h"
#include "policy/policy.h"

namespace portcullis {

struct LoggedClaims {
  bool all = false;                ///< it cannot be told which: every claim counts
  std::vector<std::string> names;  ///< of top-level claims, sorted

  void add(const LoggedClaims& other);
  [[nodiscard]] bool none() const noexcept { return !all && names.empty(); }
  /// Whether each of them is told of by a line with `claims` and `absent`. Where all count that can never be known.
  [[nodiscard]] bool are_in(JsonView claims, const std::vector<std::string_view>& absent) const;
};

/// What the conditions of all rules of `policy` read.
LoggedClaims claims_read_by(const Policy& policy);

/// Those claims of a token as JSON text, empty where it has none of them, and the names of those that it does not have.
std::string pick_claims(const cel::Value& claims, const LoggedClaims& wanted, std::vector<std::string>& absent);

}  // namespace portcullis
