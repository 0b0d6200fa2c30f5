// The macros of CEL: calls that are rewritten while parsing ("Macros"), and those of the optionals library.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "policy/cel/ast.h"
#include "policy/cel/parse/faults.h"
#include "policy/cel/parse/tree.h"

namespace portcullis::cel {

/// A call as it was written. `offset` is that of its opening parenthesis.
struct WrittenCall {
  std::uint32_t offset;
  std::string_view function;
  NodeId target = kNoNode;
  std::vector<NodeId> arguments;
};

/// What `call` expands to: `has`, `all`, `exists`, `exists_one`, `map`, `filter`, `optMap`, `optFlatMap`; nothing if it is no macro. An
/// argument that the macro cannot take is added to `faults`.
std::optional<NodeId> expand_macro(const WrittenCall& call, Tree& tree, Faults& faults);

}  // namespace portcullis::cel
