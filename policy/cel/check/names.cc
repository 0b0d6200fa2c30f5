#include "policy/cel/check/names.h"

#include <algorithm>
#include <memory>
#include <variant>

#include "policy/cel/check/declarations.h"

namespace portcullis::cel {
namespace {

/// `a.b.c` as written; empty where `id` is more than names and dots.
std::string qualified_name(const Ast& ast, NodeId id) {
  std::vector<std::string_view> fields;
  for (const Select* select = std::get_if<Select>(&ast.nodes[id].content); select != nullptr;
       select = std::get_if<Select>(&ast.nodes[id].content)) {
    if (select->test_only) return {};
    fields.push_back(select->field);
    id = select->operand;
  }
  const auto* identifier = std::get_if<Identifier>(&ast.nodes[id].content);
  if (identifier == nullptr) return {};
  std::string name = identifier->name;
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) name.append(".").append(*field);
  return name;
}

Literal type_literal(std::string_view name) { return Literal{Value::of(TypeValue{std::string(name)})}; }

}  // namespace

const Type* Names::local(std::string_view name) const {
  const auto found = std::find_if(locals_.rbegin(), locals_.rend(), [&](const auto& known) { return known.first == name; });
  return found == locals_.rend() ? nullptr : &found->second;
}

const Type* Names::variable(std::string_view name) const {
  const auto found =
      std::find_if(environment_.variables.begin(), environment_.variables.end(), [&](const Variable& known) { return known.name == name; });
  return found == environment_.variables.end() ? nullptr : &found->type;
}

std::optional<Type> Names::resolve_name(Ast& ast, NodeId node) const {
  std::string name = qualified_name(ast, node);
  if (name.empty()) return std::nullopt;
  const bool global = name.starts_with('.');
  const std::string_view plain = std::string_view(name).substr(global ? 1 : 0);
  const std::string_view first = plain.substr(0, plain.find('.'));
  const Type* shadow = local(first);
  if (shadow != nullptr && !global) return first == plain ? std::optional(*shadow) : std::nullopt;
  if (const Type* type = variable(plain)) {
    ast.nodes[node].content = Identifier{std::string(global && shadow != nullptr ? name : plain)};
    return *type;
  }
  if (const Type* type = denoted_type(plain)) {
    ast.nodes[node].content = type_literal(plain);
    return Type{Kind::type, {*type}, {}};
  }
  return std::nullopt;
}

void Names::resolve_function(Ast& ast, NodeId call) const {
  const Call written = std::get<Call>(ast.nodes[call].content);
  if (written.target == kNoNode) return;
  std::string name = qualified_name(ast, written.target);
  if (name.empty()) return;
  if (name.starts_with('.')) {
    name.erase(0, 1);
  } else if (local(std::string_view(name).substr(0, name.find('.'))) != nullptr) {
    return;
  }
  name += "." + written.function;
  if (!overloads_of(name).empty()) ast.nodes[call].content = Call{name, kNoNode, written.arguments};
}

}  // namespace portcullis::cel
