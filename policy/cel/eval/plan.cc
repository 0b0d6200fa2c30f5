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
  Step::Test test;  ///< of an operator that decides
};

constexpr Operator kOperators[] = {{"_&&_", 2, run_by_testing, test_and},
                                   {"_||_", 2, run_by_testing, test_or},
                                   {"!_", 1, run_by_testing, test_not},
                                   {"_?_:_", 3, run_conditional, test_by_running},
                                   {"_==_", 2, run_by_testing, test_equal},
                                   {"_!=_", 2, run_by_testing, test_unequal},
                                   {"_<_", 2, run_by_testing, test_less},
                                   {"_<=_", 2, run_by_testing, test_less_equal},
                                   {"_>_", 2, run_by_testing, test_greater},
                                   {"_>=_", 2, run_by_testing, test_greater_equal},
                                   {"startsWith", 2, run_by_testing, test_starts_with},
                                   {"endsWith", 2, run_by_testing, test_ends_with},
                                   {"@in", 2, run_by_testing, test_in},
                                   {"_[_]", 2, run_index, test_by_running},
                                   {"_[?_]", 2, run_optional_index, test_by_running},
                                   {"_?._", 2, run_optional_index, test_by_running},
                                   {"orValue", 2, run_or_value, test_by_running},
                                   {"or", 2, run_or_optional, test_by_running}};

bool is_constant(const Step& step) noexcept { return step.run == run_constant; }

bool is_constant_text(const Step& step) noexcept { return is_constant(step) && step.constant.kind() == Kind::string; }

Field field_of(const std::string& name) { return Field(Value::of(name)); }

/// `x == 'text'`, whichever side the text stands on.
Step join_equality(Step step) {
  if (is_constant_text(step.children[0])) std::swap(step.children[0], step.children[1]);
  if (!is_constant_text(step.children[1])) return step;
  step.test = step.test == test_equal ? test_equal_text : test_unequal_text;
  step.constant = std::move(step.children[1].constant);
  step.children.pop_back();
  return step;
}

/// `x in ['a', 'b']`.
Step join_texts(Step step) {
  const auto* texts = is_constant(step.children[1]) ? step.children[1].constant.as<List>() : nullptr;
  const auto is_text = [](const Value& value) { return value.kind() == Kind::string; };
  if (texts == nullptr || !std::all_of(texts->begin(), texts->end(), is_text)) return step;
  Mapping known;
  for (const Value& text : *texts) (void)known.add(text, Value());
  step.test = test_in_texts;
  step.constant = Value::of(std::move(known));
  step.children.pop_back();
  return step;
}

/// What an operator and the constants beside it are together.
Step joined(Step step) {
  if (step.test == test_equal || step.test == test_unequal) return join_equality(std::move(step));
  if (step.test == test_in) return join_texts(std::move(step));
  return step;
}

/// `a + b`; where `a` is a sum itself, one more summand.
Step sum_of(Function plus, std::vector<Step> children) {
  if (children[0].run == run_sum && children[0].children.size() < kMostSummands) {
    Step step = std::move(children[0]);
    step.children.push_back(std::move(children[1]));
    return step;
  }
  Step step = value_step(run_sum, std::move(children));
  step.function = plus;
  return step;
}

}  // namespace

Step value_step(Step::Run run, std::vector<Step> children) {
  Step step;
  step.run = run;
  step.test = test_by_running;
  step.children = std::move(children);
  return step;
}

Step test_step_of(Step::Test test, std::vector<Step> children) {
  Step step;
  step.run = run_by_testing;
  step.test = test;
  step.children = std::move(children);
  return step;
}

Step constant_step(Value value) {
  Step step = value_step(run_constant, {});
  step.constant = std::move(value);
  return step;
}

Step folded(Step step) {
  if (!std::all_of(step.children.begin(), step.children.end(), is_constant)) return step;
  const Bindings nothing;
  Evaluation evaluation(kFoldingLimits);
  Frame frame{evaluation, nothing, {}};
  Value held;
  Value own;
  const Value* value = run_step(step, frame, held);
  if (value == nullptr || !evaluation.own(*value, own)) return step;
  return constant_step(std::move(own));
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
    Step step = value_step(run_slot, {});
    step.slot = bound->second;
    return step;
  }
  Step step = value_step(run_variable, {});
  step.name = name;
  step.slot = slot_of(step.name);
  return step;
}

std::uint32_t Planner::slot_of(const std::string& variable) {
  for (const auto& [name, slot] : variables_) {
    if (name == variable) return slot;
  }
  variables_.emplace_back(variable, slots_);
  return slots_++;
}

Step Planner::plan_select(const Select& select) {
  Step operand = plan(select.operand);
  const bool variable = operand.run == run_variable || operand.run == run_variable_path;
  const bool slot = operand.run == run_slot || operand.run == run_slot_path;
  if (!select.test_only && (variable || slot)) {
    operand.run = variable ? run_variable_path : run_slot_path;
    operand.path.push_back(field_of(select.field));
    return operand;
  }
  std::vector<Step> children;
  children.push_back(std::move(operand));
  Step step = select.test_only ? test_step_of(test_has, std::move(children)) : value_step(run_select, std::move(children));
  step.path.push_back(field_of(select.field));
  return folded(std::move(step));
}

Step Planner::plan_call(const Call& call, std::uint32_t offset) {
  std::vector<Step> children;
  children.reserve(call.arguments.size() + 1);
  if (call.target != kNoNode) children.push_back(plan(call.target));
  for (const NodeId argument : call.arguments) children.push_back(plan(argument));
  for (const Operator& one : kOperators) {
    if (one.name != call.function || one.operands != children.size()) continue;
    Step step = value_step(one.run, std::move(children));
    step.test = one.test;
    step = folded(std::move(step));
    return is_constant(step) ? step : joined(std::move(step));
  }
  return plan_function(call, std::move(children), offset);
}

Step Planner::plan_function(const Call& call, std::vector<Step> children, std::uint32_t offset) {
  const Function function = find_function(call.function, children.size());
  if (function == nullptr) {
    Step step = value_step(is_function(call.function) ? run_wrong_arguments : run_unbound_function, std::move(children));
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
    Step step = test_step_of(test_matches, std::move(children));
    step.pattern = std::move(pattern).value();
    return folded(std::move(step));
  }
  Step step = call.function == "_+_" ? sum_of(function, std::move(children)) : value_step(run_call, std::move(children));
  step.function = function;
  return folded(std::move(step));
}

Step Planner::plan_list(const ListLiteral& list) {
  std::vector<Step> children;
  children.reserve(list.elements.size());
  for (const NodeId element : list.elements) children.push_back(plan(element));
  Step step = value_step(run_list, std::move(children));
  step.optional = list.optional;
  step.optional.resize(list.elements.size());
  return folded(std::move(step));
}

Step Planner::plan_map(const MapLiteral& map) {
  std::vector<Step> children;
  children.reserve(2 * map.entries.size());
  Step step = value_step(run_map, {});
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
    Step step = value_step(run_unbound_function, {});
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
      child = given.optional ? value_step(run_or_value, std::move(operands)) : std::move(operands.front());
    }
    children.push_back(std::move(child));
  }
  Step step = value_step(run_call, std::move(children));
  step.function = builder->build;
  return folded(std::move(step));
}

}  // namespace portcullis::cel
