#include "policy/cel/parse/tree.h"

#include <algorithm>
#include <utility>

namespace portcullis::cel {

Tree::Tree(std::string_view source, const ParseLimits& limits, Faults& faults) : limits_(limits), faults_(faults) { ast_.source = source; }

NodeId Tree::refuse(std::uint32_t offset, std::string message) {
  if (!refused_) faults_.add(offset, std::move(message));
  refused_ = true;
  return kNoNode;
}

NodeId Tree::add(std::uint32_t offset, Content content) {
  Node node{offset, std::move(content)};
  std::size_t height = 0;
  bool whole = true;
  for_each_child(node, [&](NodeId child) {
    whole = whole && child != kNoNode;
    if (whole) height = std::max(height, heights_[child]);
  });
  if (!whole) return kNoNode;
  if (ast_.nodes.size() >= limits_.nodes) {
    return refuse(offset, "the expression is too large: it has more than " + std::to_string(limits_.nodes) + " parts");
  }
  if (height + 1 > limits_.height) {
    return refuse(offset, "the expression is too deep: more than " + std::to_string(limits_.height) + " operations one upon another");
  }
  ast_.nodes.push_back(std::move(node));
  heights_.push_back(height + 1);
  return static_cast<NodeId>(ast_.nodes.size() - 1);
}

NodeId Tree::method(std::uint32_t offset, NodeId target, std::string function, std::vector<NodeId> arguments) {
  if (target == kNoNode) return kNoNode;
  return add(offset, Call{std::move(function), target, std::move(arguments)});
}

Ast Tree::take(NodeId root) {
  ast_.root = root;
  return std::move(ast_);
}

}  // namespace portcullis::cel
