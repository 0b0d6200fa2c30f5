// Grows an `Ast` node by node, within its bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/cel/ast.h"
#include "policy/cel/parse/faults.h"
#include "policy/cel/parse/parser.h"

namespace portcullis::cel {

/// Makes nodes. A node over a bound is not made: the fault is reported once, and `kNoNode` comes back, as it does for a node one of whose
/// children is `kNoNode`. So a caller may build on without looking, and look at the end.
class Tree {
 public:
  using Content = decltype(Node::content);

  /// `faults` outlives the tree.
  Tree(std::string_view source, const ParseLimits& limits, Faults& faults);

  NodeId add(std::uint32_t offset, Content content);
  NodeId literal(std::uint32_t offset, Value value) { return add(offset, Literal{std::move(value)}); }
  NodeId identifier(std::uint32_t offset, std::string name) { return add(offset, Identifier{std::move(name)}); }
  NodeId call(std::uint32_t offset, std::string function, std::vector<NodeId> arguments) {
    return add(offset, Call{std::move(function), kNoNode, std::move(arguments)});
  }
  NodeId method(std::uint32_t offset, NodeId target, std::string function, std::vector<NodeId> arguments);

  [[nodiscard]] const Node& node(NodeId id) const { return ast_.nodes[id]; }
  /// The tree below `root`. Ends the use of the object.
  Ast take(NodeId root);

 private:
  NodeId refuse(std::uint32_t offset, std::string message);

  const ParseLimits limits_;
  Faults& faults_;
  Ast ast_;
  std::vector<std::size_t> heights_;
  bool refused_ = false;
};

}  // namespace portcullis::cel
