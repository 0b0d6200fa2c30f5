// A claim mapping, compiled: claims to user and groups, by zot's order and in zot's words.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/oidc.h"
#include "policy/cel/expression.h"
#include "policy/cel/value.h"

namespace portcullis {

/// Who a token speaks for.
struct Identity {
  std::string username;  ///< empty where the default claim `sub` of a traditional token is absent
  std::vector<std::string> groups;

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Immutable; safe from many threads. One run takes a bounded number of steps an expression (`cel::EvaluationLimits`).
class ClaimProgram {
 public:
  /// `default_username` is the expression where the mapping has none; without both the user is `claims.sub`, or nobody where that is
  /// absent. `Reason::compile_error`, naming the place as zot does: `failed to parse CEL expression for variable[0] (name: org): …`.
  static Result<std::shared_ptr<const ClaimProgram>> compile(const ClaimMapping& mapping,
                                                             const std::optional<std::string>& default_username);

  /// Whether an expression gives the user name; else it may be empty.
  [[nodiscard]] bool names_user() const noexcept { return username_.has_value(); }

  /// Variables in their order (a later one sees the earlier ones; an optional is unwrapped, and null where it is empty), then validations,
  /// user name, groups. Reasons: claim_mapping_failed where an expression errs or gives another type, with zot's words; and
  /// claim_validation_failed with the validation's message. Details hold no claim. Names are as the expressions gave them: `map_identity`
  /// judges those.
  [[nodiscard]] Result<Identity> run(const cel::Value& claims) const;

 private:
  struct NamedExpression {
    std::string name;
    cel::Expression expression;
  };

  ClaimProgram() = default;
  [[nodiscard]] Result<void> run_variables(cel::Bindings& bindings, const cel::Value& claims) const;
  [[nodiscard]] Result<void> run_validations(const cel::Bindings& bindings) const;

  std::vector<NamedExpression> variables_;
  std::vector<NamedExpression> validations_;  ///< their name is the message
  std::optional<cel::Expression> username_;
  std::optional<cel::Expression> groups_;
};

/// CEL text of the user name of an OIDC token whose mapping has none: zot's `claims.iss + '/' + claims.sub`; where the token's `iss` is not
/// checked, the configured issuer stands in its place, so that no token chooses it.
std::string default_username_of(const OidcIssuerConfig& issuer);

}  // namespace portcullis
