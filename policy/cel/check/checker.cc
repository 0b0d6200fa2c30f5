#include "policy/cel/check/checker.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "policy/cel/check/declarations.h"
#include "policy/cel/check/inference.h"
#include "policy/cel/check/messages.h"
#include "policy/cel/check/names.h"
#include "policy/cel/check/validation.h"
#include "policy/cel/parse/faults.h"

namespace portcullis::cel {
namespace {

Type plain(Kind kind) { return Type{kind, {}, {}}; }
Type optional_of(Type type) { return Type{Kind::optional, {std::move(type)}, {}}; }
bool is_open(const Type& type) { return type.kind == Kind::dyn || type.kind == Kind::error; }

Type literal_type(const Value& value) {
  if (value.kind() == Kind::type) return plain(Kind::type);
  return plain(value.kind());
}

/// Gives each node its type, from the leaves up. Recursion is as deep as the tree, which the parser bounds.
class Checker {
 public:
  Checker(Ast ast, const Environment& environment, Faults& faults)
      : checked_{std::move(ast), {}, {}}, names_(environment), faults_(faults) {
    checked_.types.resize(checked_.ast.nodes.size());
    checked_.overloads.resize(checked_.ast.nodes.size());
  }

  CheckedAst run() {
    visit(checked_.ast.root);
    for (Type& type : checked_.types) type = inference_.resolved(type, true);
    if (inference_.exhausted()) faults_.replace(offset(checked_.ast.root), "the types of the expression are too complex");
    return std::move(checked_);
  }

 private:
  [[nodiscard]] std::uint32_t offset(NodeId id) const { return checked_.ast.nodes[id].offset; }
  [[nodiscard]] const Type& type_of(NodeId id) const { return checked_.types[id]; }
  void set(NodeId id, Type type) { checked_.types[id] = std::move(type); }
  /// As a message shows it: what is not known yet is dyn.
  std::string shown(const Type& type) { return type_name(inference_.resolved(type, true)); }
  void mismatch(NodeId id, const Type& expected, const Type& found) {
    faults_.add(offset(id), "expected type '" + shown(expected) + "' but found '" + shown(found) + "'");
  }
  void undeclared(NodeId id, const std::string& name) {
    faults_.add(offset(id), "undeclared reference to '" + name + "' (in container '')");
    set(id, plain(Kind::error));
  }

  // Nodes are copied before their children are visited: resolving a name writes to the tree.
  void visit(NodeId id) {
    const Node node = checked_.ast.nodes[id];
    std::visit([&](const auto& content) { check(id, content); }, node.content);
  }
  void check(NodeId id, const Literal& literal) { set(id, literal_type(literal.value)); }
  void check(NodeId id, const Identifier& identifier);
  void check(NodeId id, const Select& select);
  void check(NodeId id, const Call& call);
  void check(NodeId id, const ListLiteral& list);
  void check(NodeId id, const MapLiteral& map);
  void check(NodeId id, const MessageLiteral& message);
  void check(NodeId id, const Comprehension& fold);

  Type selected(NodeId id, NodeId operand, bool optional);
  void check_optional_select(NodeId id, const Call& call);
  void check_overloads(NodeId id, const Call& call);
  void check_logical(NodeId id, const Call& call);
  void no_overload(NodeId id, const Call& call, const std::vector<Type>& arguments);
  /// The type of an element that may be optional: `[?x]`.
  Type element_type(NodeId element, bool optional);
  Type joined(const std::optional<Type>& before, const Type& type);
  void must_be(NodeId id, const Type& type) {
    if (!inference_.assignable(type, type_of(id))) mismatch(id, type, type_of(id));
  }

  CheckedAst checked_;
  Names names_;
  Inference inference_;
  Faults& faults_;
};

void Checker::check(NodeId id, const Identifier& identifier) {
  auto type = names_.resolve_name(checked_.ast, id);
  if (!type) return undeclared(id, identifier.name);
  set(id, *std::move(type));
}

void Checker::check(NodeId id, const Select& select) {
  if (auto type = names_.resolve_name(checked_.ast, id)) return set(id, *std::move(type));
  const Type type = selected(id, select.operand, false);
  set(id, select.test_only ? plain(Kind::boolean) : type);
}

Type Checker::selected(NodeId id, NodeId operand, bool optional) {
  visit(operand);
  Type target = inference_.resolved(type_of(operand), false);
  const bool unwrapped = target.kind == Kind::optional;
  if (unwrapped) target = Type(target.parameters[0]);
  Type result = plain(Kind::dyn);
  if (target.kind == Kind::map) {
    result = target.parameters[1];
  } else if (target.kind == Kind::parameter) {
    (void)inference_.assignable(plain(Kind::dyn), target);  // so that nothing later takes it for something narrower
  } else if (!is_open(target)) {
    faults_.add(offset(id), "type '" + shown(target) + "' does not support field selection");
  }
  return unwrapped || optional ? optional_of(inference_.resolved(result, false)) : inference_.resolved(result, false);
}

void Checker::check_optional_select(NodeId id, const Call& call) {
  visit(call.arguments[1]);
  set(id, selected(id, call.arguments[0], true));
  checked_.overloads[id] = {"select_optional_field"};
}

void Checker::check(NodeId id, const Call& call) {
  if (call.function == "_?._") return check_optional_select(id, call);
  for (const NodeId argument : call.arguments) visit(argument);
  names_.resolve_function(checked_.ast, id);
  const Call resolved = std::get<Call>(checked_.ast.nodes[id].content);
  if (resolved.target != kNoNode) visit(resolved.target);
  if (overloads_of(resolved.function).empty()) return undeclared(id, resolved.function);
  if (resolved.function == "_&&_" || resolved.function == "_||_") return check_logical(id, resolved);
  check_overloads(id, resolved);
}

void Checker::check_logical(NodeId id, const Call& call) {
  const Type boolean = plain(Kind::boolean);
  set(id, boolean);
  checked_.overloads[id] = {overloads_of(call.function)[0].id};
  for (const NodeId argument : call.arguments) {
    if (inference_.assignable(type_of(argument), boolean)) continue;
    mismatch(argument, boolean, type_of(argument));
    set(id, plain(Kind::error));
  }
}

/// Every overload that fits is kept. One result type of all is the type of the call; else it is dyn.
void Checker::check_overloads(NodeId id, const Call& call) {
  std::vector<Type> arguments;
  if (call.target != kNoNode) arguments.push_back(type_of(call.target));
  for (const NodeId argument : call.arguments) arguments.push_back(type_of(argument));
  std::optional<Type> result;
  for (const Overload& overload : overloads_of(call.function)) {
    if (overload.method != (call.target != kNoNode) || overload.parameters.size() != arguments.size()) continue;
    std::vector<Type> signature = overload.parameters;
    signature.push_back(overload.result);
    inference_.rename(signature);
    if (!inference_.assignable(arguments, std::span(signature).first(arguments.size()))) continue;
    checked_.overloads[id].push_back(overload.id);
    Type type = inference_.resolved(signature.back(), false);
    if (!result) {
      result = std::move(type);
    } else if (*result != type) {
      result = plain(Kind::dyn);
    }
  }
  if (!result) return no_overload(id, call, arguments);
  set(id, *std::move(result));
}

void Checker::no_overload(NodeId id, const Call& call, const std::vector<Type>& arguments) {
  std::string text;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool target = call.target != kNoNode && i == 0;
    const bool first = i == (call.target != kNoNode ? 1U : 0U);
    text += (target || first ? "" : ", ") + shown(arguments[i]) + (target ? ".(" : "");
  }
  text = (call.target == kNoNode ? "(" : "") + text + ")";
  faults_.add(offset(id), "found no matching overload for '" + call.function + "' applied to '" + text + "'");
  set(id, plain(Kind::error));
}

Type Checker::element_type(NodeId element, bool optional) {
  Type type = inference_.resolved(type_of(element), false);
  if (!optional) return type;
  if (type.kind == Kind::optional) return type.parameters[0];
  if (!is_open(type)) mismatch(element, optional_of(type), type);
  return type;
}

Type Checker::joined(const std::optional<Type>& before, const Type& type) {
  if (!before) return type;
  return inference_.assignable(*before, type) ? inference_.more_general(*before, type) : plain(Kind::dyn);
}

void Checker::check(NodeId id, const ListLiteral& list) {
  std::optional<Type> element;
  for (std::size_t i = 0; i < list.elements.size(); ++i) {
    visit(list.elements[i]);
    element = joined(element, element_type(list.elements[i], list.optional[i]));
  }
  set(id, Type{Kind::list, {element ? *element : inference_.fresh()}, {}});
}

void Checker::check(NodeId id, const MapLiteral& map) {
  std::optional<Type> key;
  std::optional<Type> value;
  for (const MapEntry& entry : map.entries) {
    visit(entry.key);
    key = joined(key, inference_.resolved(type_of(entry.key), false));
    visit(entry.value);
    value = joined(value, element_type(entry.value, entry.optional));
  }
  set(id, Type{Kind::map, {key ? *key : inference_.fresh(), value ? *value : inference_.fresh()}, {}});
}

void Checker::check(NodeId id, const MessageLiteral& message) {
  const std::string_view name = std::string_view(message.name).substr(message.name.starts_with('.') ? 1 : 0);
  const MessageType* known = message_type(name);
  set(id, known != nullptr ? known->type : plain(Kind::error));
  if (known == nullptr && denoted_type(name) != nullptr) {
    faults_.add(offset(id), "'" + message.name + "' is not a message type");
  } else if (known == nullptr) {
    undeclared(id, message.name);
  }
  for (const MessageField& field : message.fields) {
    visit(field.value);
    if (known == nullptr) continue;
    const auto wanted = std::find_if(known->fields.begin(), known->fields.end(), [&](const auto& one) { return one.name == field.name; });
    if (wanted == known->fields.end()) {
      faults_.add(field.offset, "undefined field '" + field.name + "'");
      continue;
    }
    const Type type = element_type(field.value, field.optional);
    if (inference_.assignable(wanted->type, type)) continue;
    faults_.add(field.offset,
                "expected type of field '" + field.name + "' is '" + shown(wanted->type) + "' but provided type is '" + shown(type) + "'");
  }
}

void Checker::check(NodeId id, const Comprehension& fold) {
  visit(fold.range);
  visit(fold.start);
  const Type range = inference_.resolved(type_of(fold.range), false);
  const Type accumulator = type_of(fold.start);
  Type variable = plain(Kind::dyn);
  if (range.kind == Kind::list || range.kind == Kind::map) {
    variable = range.parameters[0];
  } else if (range.kind == Kind::parameter) {
    (void)inference_.assignable(plain(Kind::dyn), range);
  } else if (!is_open(range)) {
    faults_.add(offset(fold.range),
                "expression of type '" + shown(range) + "' cannot be range of a comprehension (must be list, map, or dynamic)");
    variable = plain(Kind::error);
  }
  names_.enter(fold.accumulator, accumulator);
  names_.enter(fold.variable, variable);
  visit(fold.condition);
  must_be(fold.condition, plain(Kind::boolean));
  visit(fold.step);
  must_be(fold.step, accumulator);
  names_.leave();
  visit(fold.result);
  names_.leave();
  set(id, inference_.resolved(type_of(fold.result), false));
}

/// The walk of `resolve`: names alone.
void resolve_below(Ast& ast, Names& names, NodeId id) {
  if (names.resolve_name(ast, id)) return;
  if (std::holds_alternative<Call>(ast.nodes[id].content)) names.resolve_function(ast, id);
  const Node node = ast.nodes[id];
  const auto* fold = std::get_if<Comprehension>(&node.content);
  if (fold == nullptr) {
    for_each_child(node, [&](NodeId child) { resolve_below(ast, names, child); });
    return;
  }
  resolve_below(ast, names, fold->range);
  resolve_below(ast, names, fold->start);
  names.enter(fold->accumulator, Type{});
  names.enter(fold->variable, Type{});
  resolve_below(ast, names, fold->condition);
  resolve_below(ast, names, fold->step);
  names.leave();
  resolve_below(ast, names, fold->result);
  names.leave();
}

}  // namespace

Result<CheckedAst> check(Ast ast, const Environment& environment) {
  const std::string source = ast.source;
  Faults faults(source);
  CheckedAst checked = Checker(std::move(ast), environment, faults).run();
  if (faults.empty()) validate_literals(checked, environment, faults);
  if (!faults.empty()) return faults.error();
  return checked;
}

CheckedAst resolve(Ast ast, const Environment& environment) {
  CheckedAst resolved{std::move(ast), {}, {}};
  resolved.types.resize(resolved.ast.nodes.size());
  resolved.overloads.resize(resolved.ast.nodes.size());
  Names names(environment);
  resolve_below(resolved.ast, names, resolved.ast.root);
  return resolved;
}

}  // namespace portcullis::cel
