#include "policy/cel/eval/plan.h"

#include <algorithm>
#include <utility>

#include "policy/cel/eval/planner.h"
#include "policy/cel/functions/function_table.h"
#include "policy/cel/functions/message_builders.h"
#include "policy/cel/functions/pattern.h"
#include "policy/cel/functions/zone.h"

namespace portcullis::cel {
namespace {

/// What computing one constant may cost when an expression is compiled.
constexpr EvaluationLimits kFoldingLimits{.steps = 10'000, .text_bytes = 4096, .elements = 1'000};

struct Operator {
  std::string_view name;
  std::size_t operands;
  Step::Run run;
};

constexpr Operator kOperators[] = {{"_&&_", 2, run_and},
                                   {"_||_", 2, run_or},
                                   {"!_", 1, run_not},
                                   {"_?_:_", 3, run_conditional},
                                   {"_==_", 2, run_equal},
                                   {"_!=_", 2, run_unequal},
                                   {"@in", 2, run_in},
                                   {"_[_]", 2, run_index},
                                   {"_[?_]", 2, run_optional_index},
                                   {"_?._", 2, run_optional_index},
                                   {"orValue", 2, run_or_value},
                                   {"or", 2, run_or_optional}};

Step step_of(Step::Run run, std::vector<Step> children) {
  Step step;
  step.run = run;
  step.children = std::move(children);
  return step;
}

bool is_constant(const Step& step) noexcept { return step.run == run_constant; }

}  // namespace

Step constant_step(Value value) {
  Step step;
  step.run = run_constant;
  step.constant = std::move(value);
  return step;
}

Step folded(Step step) {
  if (!std::all_of(step.children.begin(), step.children.end(), is_constant)) return step;
  const Bindings nothing;
  Evaluation evaluation(kFoldingLimits);
  Frame frame{evaluation, nothing, {}};
  Value held;
  const Value* value = run_step(step, frame, held);
  return value == nullptr ? std::move(step) : constant_step(*value);
}

Result<Plan> make_plan(const CheckedAst& checked) {
  Planner planner(checked.ast);
  Plan plan{planner.plan(checked.ast.root), 0};
  plan.slots = planner.slots();
  if (!planner.faults().empty()) return planner.faults().error();
  return plan;
}

Step Planner::plan(NodeId id) {
  const Node& node = ast_.nodes[id];
  if (const auto* literal = std::get_if<Literal>(&node.content)) return constant_step(literal->value);
  if (const auto* identifier = std::get_if<Identifier>(&node.content)) return plan_identifier(*identifier);
  if (const auto* select = std::get_if<Select>(&node.content)) return plan_select(*select);
  if (const auto* call = std::get_if<Call>(&node.content)) return plan_call(*call, node.offset);
  if (const auto* list = std::get_if<ListLiteral>(&node.content)) return plan_list(*list);
  if (const auto* map = std::get_if<MapLiteral>(&node.content)) return plan_map(*map);
  if (const auto* message = std::get_if<MessageLiteral>(&node.content)) return plan_message(*message);
  return plan_comprehension(std::get<Comprehension>(node.content));
}

Step Planner::plan_identifier(const Identifier& identifier) {
  std::string_view name = identifier.name;
  const bool global = name.starts_with('.');
  if (global) name.remove_prefix(1);
  for (auto bound = scope_.rbegin(); !global && bound != scope_.rend(); ++bound) {
    if (bound->first != name) continue;
    Step step = step_of(run_slot, {});
    step.slot = bound->second;
    return step;
  }
  Step step = step_of(run_variable, {});
  step.name = name;
  return step;
}

Step Planner::plan_select(const Select& select) {
  std::vector<Step> children;
  children.push_back(plan(select.operand));
  Step step = step_of(select.test_only ? run_has : run_select, std::move(children));
  step.constant = Value::of(select.field);
  return folded(std::move(step));
}

Step Planner::plan_call(const Call& call, std::uint32_t offset) {
  std::vector<Step> children;
  children.reserve(call.arguments.size() + 1);
  if (call.target != kNoNode) children.push_back(plan(call.target));
  for (const NodeId argument : call.arguments) children.push_back(plan(argument));
  for (const Operator& one : kOperators) {
    if (one.name == call.function && one.operands == children.size()) return folded(step_of(one.run, std::move(children)));
  }
  return plan_function(call, std::move(children), offset);
}

Step Planner::plan_function(const Call& call, std::vector<Step> children, std::uint32_t offset) {
  const Function function = find_function(call.function, children.size());
  if (function == nullptr) {
    Step step = step_of(is_function(call.function) ? run_wrong_arguments : run_unbound_function, std::move(children));
    step.name = call.function;
    return step;
  }
  if (call.function.starts_with("get") && children.size() == 2) load_zones();
  if (call.function == "matches" && is_constant(children[1]) && children[1].constant.text()) {
    Result<std::shared_ptr<const Pattern>> pattern = Pattern::compile(*children[1].constant.text());
    if (!pattern.ok()) {
      faults_.add(offset, pattern.error().detail);
      return constant_step({});
    }
    children.pop_back();
    Step step = step_of(run_matches, std::move(children));
    step.pattern = std::move(pattern).value();
    return folded(std::move(step));
  }
  Step step = step_of(run_call, std::move(children));
  step.function = function;
  return folded(std::move(step));
}

Step Planner::plan_list(const ListLiteral& list) {
  std::vector<Step> children;
  children.reserve(list.elements.size());
  for (const NodeId element : list.elements) children.push_back(plan(element));
  Step step = step_of(run_list, std::move(children));
  step.optional = list.optional;
  step.optional.resize(list.elements.size());
  return folded(std::move(step));
}

Step Planner::plan_map(const MapLiteral& map) {
  std::vector<Step> children;
  children.reserve(2 * map.entries.size());
  Step step = step_of(run_map, {});
  for (const MapEntry& entry : map.entries) {
    children.push_back(plan(entry.key));
    children.push_back(plan(entry.value));
    step.optional.push_back(entry.optional);
  }
  step.children = std::move(children);
  return folded(std::move(step));
}

Step Planner::plan_message(const MessageLiteral& message) {
  const MessageBuilder* builder = find_message_builder(message.name);
  if (builder == nullptr) {
    Step step = step_of(run_unbound_function, {});
    step.name = message.name;
    return step;
  }
  std::vector<Step> children;
  for (const MessageDefault& field : builder->fields) {
    Step child = constant_step(field.value());
    for (const MessageField& given : message.fields) {
      if (given.name != field.name) continue;
      std::vector<Step> operands;
      operands.push_back(plan(given.value));
      if (given.optional) operands.push_back(std::move(child));
      child = given.optional ? step_of(run_or_value, std::move(operands)) : std::move(operands.front());
    }
    children.push_back(std::move(child));
  }
  Step step = step_of(run_call, std::move(children));
  step.function = builder->build;
  return folded(std::move(step));
}

}  // namespace portcullis::cel
