// What a name in an expression means: a variable, a type, or a namespaced function ("Name Resolution" of the language definition).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/cel/ast.h"
#include "policy/cel/expression.h"
#include "policy/cel/type.h"

namespace portcullis::cel {

/// The names of one environment, and of the comprehensions that enclose the node that is looked at.
class Names {
 public:
  /// `environment` outlives the object.
  explicit Names(const Environment& environment) : environment_(environment) {}

  void enter(std::string local, Type type) { locals_.emplace_back(std::move(local), std::move(type)); }
  void leave() { locals_.pop_back(); }

  /// If `node`, an identifier or a select, is a known name, writes it down in its resolved form (checker.h) and gives its type. The longest
  /// name wins, but a comprehension's variable wins over all that begin with it.
  std::optional<Type> resolve_name(Ast& ast, NodeId node) const;
  /// If `call` has a target and both together name a function (`optional.of`), makes it a call of that function without a target.
  void resolve_function(Ast& ast, NodeId call) const;

 private:
  [[nodiscard]] const Type* local(std::string_view name) const;
  [[nodiscard]] const Type* variable(std::string_view name) const;

  const Environment& environment_;
  std::vector<std::pair<std::string, Type>> locals_;
};

}  // namespace portcullis::cel
