// Types of a tree, as CEL's checker infers them ("Gradual Type Checking"): faults at compile time instead of at the first request.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/cel/ast.h"
#include "policy/cel/expression.h"
#include "policy/cel/type.h"

namespace portcullis::cel {

/// A tree whose names are resolved:
/// - an `Identifier` is a variable of the environment under its full name (`a.b` is one identifier if it was declared so) or one of an
///   enclosing comprehension, whichever scope is nearest; a leading dot is left only where it steps over a comprehension's variable;
/// - the name of a type (`int`, `google.protobuf.Timestamp`) is a `Literal` with a `TypeValue`;
/// - a namespaced function (`optional.of`, `sets.contains`) is a `Call` under its full name, without a target.
struct CheckedAst {
  Ast ast;
  std::vector<Type> types;                               ///< of each node; `dyn` where it is not known, or was not checked
  std::vector<std::vector<std::string_view>> overloads;  ///< of each call: ids that its static types leave possible; empty if not checked

  [[nodiscard]] const Type& type() const { return types[ast.root]; }
};

/// Checks `ast` against `environment`. `Reason::compile_error`: every fault, in the order of the source, as `parse` writes them, in
/// cel-go's words: `undeclared reference to 'foo' (in container '')`, `found no matching overload for '_+_' applied to '(int, string)'`.
Result<CheckedAst> check(Ast ast, const Environment& environment);

/// Resolves names alone: every type is `dyn`, an unknown name stays as it is.
CheckedAst resolve(Ast ast, const Environment& environment);

}  // namespace portcullis::cel
