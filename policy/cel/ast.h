// An expression as a tree, macros expanded: what the parser makes, the checker annotates and the planner reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "policy/cel/value.h"

namespace portcullis::cel {

/// Index into `Ast::nodes`. A tree has 1,000 nodes at most.
using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = 0xFFFFFFFF;

struct Literal {
  Value value;  ///< null, bool, int, uint, double, string or bytes
};

/// A name as written, with a leading dot where it had one; qualified names are selects until the checker resolves them.
struct Identifier {
  std::string name;
};

struct Select {
  NodeId operand;
  std::string field;
  bool test_only = false;  ///< `has(operand.field)`
};

/// A function, a method (with a target) or an operator under its CEL name: `_+_`, `_&&_`, `!_`, `-_`, `_?_:_`, `_[_]`, `@in`, `_==_`, and
/// for optionals `_?._` and `_[?_]`.
struct Call {
  std::string function;
  NodeId target = kNoNode;
  std::vector<NodeId> arguments;
};

struct ListLiteral {
  std::vector<NodeId> elements;
  std::vector<bool> optional;  ///< `[?x]`, one for each element
};

struct MapEntry {
  NodeId key;
  NodeId value;
  bool optional = false;  ///< `{?k: v}`
};

struct MapLiteral {
  std::vector<MapEntry> entries;
};

struct MessageField {
  std::string name;
  NodeId value;
  std::uint32_t offset = 0;  ///< of its colon
  bool optional = false;     ///< `Message{?field: x}`
};

/// `google.protobuf.Int64Value{value: 1}`: only names of well-known types can pass the checker (check/messages.h).
struct MessageLiteral {
  std::string name;
  std::vector<MessageField> fields;
};

/// What `all`, `exists`, `map`, … expand to: a fold over a list, or the keys of a map. Names that macros make begin with `@`, which no
/// source can write.
struct Comprehension {
  std::string variable;
  NodeId range;
  std::string accumulator;
  NodeId start;
  NodeId condition;  ///< goes on while it is true
  NodeId step;
  NodeId result;
};

struct Node {
  std::uint32_t offset = 0;  ///< where it stands in the source, in code points from 0
  std::variant<Literal, Identifier, Select, Call, ListLiteral, MapLiteral, MessageLiteral, Comprehension> content;
};

/// Children stand before their parents in `nodes`; a node that a macro or the checker replaced stays behind, unreachable from `root`. No
/// path from the root is longer than `ParseLimits::height`.
struct Ast {
  std::vector<Node> nodes;
  NodeId root = kNoNode;
  std::string source;  ///< what was parsed, for messages
};

/// Calls `visit(NodeId)` for each child of `node`, in the order of the source.
template <class Visit>
void for_each_child(const Node& node, Visit visit) {
  if (const auto* select = std::get_if<Select>(&node.content)) {
    visit(select->operand);
  } else if (const auto* call = std::get_if<Call>(&node.content)) {
    if (call->target != kNoNode) visit(call->target);
    for (const NodeId argument : call->arguments) visit(argument);
  } else if (const auto* list = std::get_if<ListLiteral>(&node.content)) {
    for (const NodeId element : list->elements) visit(element);
  } else if (const auto* map = std::get_if<MapLiteral>(&node.content)) {
    for (const MapEntry& entry : map->entries) visit(entry.key), visit(entry.value);
  } else if (const auto* message = std::get_if<MessageLiteral>(&node.content)) {
    for (const MessageField& field : message->fields) visit(field.value);
  } else if (const auto* fold = std::get_if<Comprehension>(&node.content)) {
    for (const NodeId part : {fold->range, fold->start, fold->condition, fold->step, fold->result}) visit(part);
  }
}

}  // namespace portcullis::cel
