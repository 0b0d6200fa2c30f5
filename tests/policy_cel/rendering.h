// A tree as one line of text, so that a test can say what it expects.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "policy/cel/ast.h"
#include "policy/cel/parse/parser.h"
#include "policy/cel/value.h"

namespace portcullis::cel {

inline std::string rendered(const Ast& ast, NodeId id);

inline std::string rendered_list(const Ast& ast, const std::vector<NodeId>& nodes) {
  std::string text;
  for (const NodeId node : nodes) text += (text.empty() ? "" : ", ") + rendered(ast, node);
  return text;
}

inline std::string rendered_literal(const Value& value) {
  if (const auto* type = value.as<TypeValue>()) return "type " + std::string(type->name);
  if (const auto* number = value.as<std::uint64_t>()) return std::to_string(*number) + "u";
  return (value.kind() == Kind::bytes ? "b" : "") + value_to_json(value);
}

/// Operators as calls (`_+_(1, 2)`), a method as `target.f(…)`, a presence test as `has(a.b)`.
inline std::string rendered(const Ast& ast, NodeId id) {
  const auto& content = ast.nodes.at(id).content;
  if (const auto* literal = std::get_if<Literal>(&content)) return rendered_literal(literal->value);
  if (const auto* identifier = std::get_if<Identifier>(&content)) return identifier->name;
  if (const auto* select = std::get_if<Select>(&content)) {
    const std::string path = rendered(ast, select->operand) + "." + select->field;
    return select->test_only ? "has(" + path + ")" : path;
  }
  if (const auto* call = std::get_if<Call>(&content)) {
    const std::string target = call->target == kNoNode ? "" : rendered(ast, call->target) + ".";
    return target + call->function + "(" + rendered_list(ast, call->arguments) + ")";
  }
  std::string text;
  if (const auto* list = std::get_if<ListLiteral>(&content)) {
    for (std::size_t i = 0; i < list->elements.size(); ++i) {
      text += (i > 0 ? ", " : "") + std::string(list->optional[i] ? "?" : "") + rendered(ast, list->elements[i]);
    }
    return "[" + text + "]";
  }
  if (const auto* map = std::get_if<MapLiteral>(&content)) {
    for (const MapEntry& entry : map->entries) {
      text += (text.empty() ? "" : ", ") + std::string(entry.optional ? "?" : "") + rendered(ast, entry.key) + ": " +
              rendered(ast, entry.value);
    }
    return "{" + text + "}";
  }
  if (const auto* message = std::get_if<MessageLiteral>(&content)) {
    for (const MessageField& field : message->fields) {
      text += (text.empty() ? "" : ", ") + std::string(field.optional ? "?" : "") + field.name + ": " + rendered(ast, field.value);
    }
    return message->name + "{" + text + "}";
  }
  const auto& fold = std::get<Comprehension>(content);
  return "fold(" + fold.variable + " in " + rendered(ast, fold.range) + ", " + fold.accumulator + " = " + rendered(ast, fold.start) +
         ", while " + rendered(ast, fold.condition) + ", " + rendered(ast, fold.step) + ", " + rendered(ast, fold.result) + ")";
}

/// The tree of `source`, or the first line of what is wrong with it.
inline std::string parsed(std::string_view source, const ParseLimits& limits = {}) {
  const auto ast = parse(source, limits);
  if (ast.ok()) return rendered(*ast, ast->root);
  return ast.error().detail.substr(0, ast.error().detail.find('\n'));
}

}  // namespace portcullis::cel
