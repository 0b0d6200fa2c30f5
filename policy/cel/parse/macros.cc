#include "policy/cel/parse/macros.h"

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace portcullis::cel {
namespace {

constexpr std::string_view kAccumulator = "@result";
constexpr std::string_view kTarget = "@target";  // of optMap: looked at twice, evaluated once
constexpr std::string_view kUnused = "@unused";

/// One expansion: its nodes stand where the call does.
class Expansion {
 public:
  Expansion(const WrittenCall& call, Tree& tree, Faults& faults) : call_(call), tree_(tree), faults_(faults) {}

  NodeId has();
  NodeId all();
  NodeId exists();
  NodeId exists_one();
  NodeId map();
  NodeId filter();
  NodeId optional_map(bool flat);

 private:
  [[nodiscard]] NodeId argument(std::size_t index) const { return call_.arguments[index]; }
  NodeId accumulator() { return tree_.identifier(call_.offset, std::string(kAccumulator)); }
  NodeId boolean(bool value) { return tree_.literal(call_.offset, Value::of(value)); }
  NodeId integer(std::int64_t value) { return tree_.literal(call_.offset, Value::of(value)); }
  NodeId list(std::vector<NodeId> elements);
  NodeId call(std::string_view function, std::vector<NodeId> arguments) {
    return tree_.call(call_.offset, std::string(function), std::move(arguments));
  }
  NodeId method(std::string_view target, std::string_view function) {
    return tree_.method(call_.offset, tree_.identifier(call_.offset, std::string(target)), std::string(function), {});
  }

  /// The name that the first argument is; empty, and a fault, if it is none.
  std::string variable(const char* message);
  /// A fold over the target with the accumulator `@result`.
  NodeId fold(std::string name, NodeId start, NodeId condition, NodeId step, NodeId result);
  /// `start` under the name `name` in `result`: a fold over nothing.
  NodeId bind(std::string name, NodeId start, NodeId result);
  NodeId collect(NodeId condition, NodeId element, std::string name);

  const WrittenCall& call_;
  Tree& tree_;
  Faults& faults_;
};

NodeId Expansion::list(std::vector<NodeId> elements) {
  std::vector<bool> optional(elements.size(), false);
  return tree_.add(call_.offset, ListLiteral{std::move(elements), std::move(optional)});
}

std::string Expansion::variable(const char* message) {
  const Node& node = tree_.node(argument(0));
  const auto* identifier = std::get_if<Identifier>(&node.content);
  if (identifier == nullptr || identifier->name.starts_with('.')) {
    faults_.add(node.offset, message);
    return {};
  }
  // cel-go's older name for the accumulator: what would be refused there is refused here.
  if (identifier->name == "__result__") faults_.add(node.offset, "iteration variable overwrites accumulator variable");
  return identifier->name;
}

NodeId Expansion::fold(std::string name, NodeId start, NodeId condition, NodeId step, NodeId result) {
  return tree_.add(call_.offset, Comprehension{.variable = std::move(name),
                                               .range = call_.target,
                                               .accumulator = std::string(kAccumulator),
                                               .start = start,
                                               .condition = condition,
                                               .step = step,
                                               .result = result});
}

NodeId Expansion::bind(std::string name, NodeId start, NodeId result) {
  const NodeId step = tree_.identifier(call_.offset, name);
  return tree_.add(call_.offset, Comprehension{.variable = std::string(kUnused),
                                               .range = list({}),
                                               .accumulator = std::move(name),
                                               .start = start,
                                               .condition = boolean(false),
                                               .step = step,
                                               .result = result});
}

NodeId Expansion::has() {
  const Node& node = tree_.node(argument(0));
  const auto* select = std::get_if<Select>(&node.content);
  if (select == nullptr || select->test_only) {
    faults_.add(node.offset, "invalid argument to has() macro");
    return argument(0);
  }
  return tree_.add(call_.offset, Select{select->operand, select->field, true});
}

NodeId Expansion::all() {
  std::string name = variable("argument must be a simple name");
  const NodeId start = boolean(true);
  const NodeId condition = call("@not_strictly_false", {accumulator()});
  const NodeId step = call("_&&_", {accumulator(), argument(1)});
  return fold(std::move(name), start, condition, step, accumulator());
}

NodeId Expansion::exists() {
  std::string name = variable("argument must be a simple name");
  const NodeId start = boolean(false);
  const NodeId condition = call("@not_strictly_false", {call("!_", {accumulator()})});
  const NodeId step = call("_||_", {accumulator(), argument(1)});
  return fold(std::move(name), start, condition, step, accumulator());
}

NodeId Expansion::exists_one() {
  std::string name = variable("argument must be a simple name");
  const NodeId start = integer(0);
  const NodeId condition = boolean(true);
  const NodeId more = call("_+_", {accumulator(), integer(1)});
  const NodeId step = call("_?_:_", {argument(1), more, accumulator()});
  const NodeId result = call("_==_", {accumulator(), integer(1)});
  return fold(std::move(name), start, condition, step, result);
}

/// `[]`, then `@result + [element]` for each, or for each that `condition` (if there is one) holds for.
NodeId Expansion::collect(NodeId condition, NodeId element, std::string name) {
  const NodeId start = list({});
  const NodeId always = boolean(true);
  NodeId step = call("_+_", {accumulator(), list({element})});
  if (condition != kNoNode) step = call("_?_:_", {condition, step, accumulator()});
  return fold(std::move(name), start, always, step, accumulator());
}

NodeId Expansion::map() {
  std::string name = variable("argument is not an identifier");
  const bool filters = call_.arguments.size() == 3;
  return collect(filters ? argument(1) : kNoNode, argument(filters ? 2 : 1), std::move(name));
}

NodeId Expansion::filter() {
  std::string name = variable("argument is not an identifier");
  const NodeId element = tree_.identifier(call_.offset, name);
  return collect(argument(1), element, std::move(name));
}

/// cel-go writes the target twice, so that a chain of n evaluates it 2^n times; here it is bound to a name first.
NodeId Expansion::optional_map(bool flat) {
  std::string name =
      variable(flat ? "optFlatMap() variable name must be a simple identifier" : "optMap() variable name must be a simple identifier");
  const NodeId present = method(kTarget, "hasValue");
  NodeId mapped = bind(std::move(name), method(kTarget, "value"), argument(1));
  if (!flat) mapped = call("optional.of", {mapped});
  const NodeId result = call("_?_:_", {present, mapped, call("optional.none", {})});
  return bind(std::string(kTarget), call_.target, result);
}

struct Macro {
  std::string_view name;
  bool method;
  std::size_t arguments;
  NodeId (*expand)(Expansion&);
};

constexpr std::array kMacros = {
    Macro{"has", false, 1, [](Expansion& e) { return e.has(); }},
    Macro{"all", true, 2, [](Expansion& e) { return e.all(); }},
    Macro{"exists", true, 2, [](Expansion& e) { return e.exists(); }},
    Macro{"exists_one", true, 2, [](Expansion& e) { return e.exists_one(); }},
    Macro{"map", true, 2, [](Expansion& e) { return e.map(); }},
    Macro{"map", true, 3, [](Expansion& e) { return e.map(); }},
    Macro{"filter", true, 2, [](Expansion& e) { return e.filter(); }},
    Macro{"optMap", true, 2, [](Expansion& e) { return e.optional_map(false); }},
    Macro{"optFlatMap", true, 2, [](Expansion& e) { return e.optional_map(true); }},
};

}  // namespace

std::optional<NodeId> expand_macro(const WrittenCall& call, Tree& tree, Faults& faults) {
  for (const Macro& macro : kMacros) {
    if (macro.name != call.function || macro.method != (call.target != kNoNode) || macro.arguments != call.arguments.size()) continue;
    Expansion expansion(call, tree, faults);
    return macro.expand(expansion);
  }
  return std::nullopt;
}

}  // namespace portcullis::cel
