// Comprehensions: the folds that macros write are recognised by their shape, and run without an accumulator.
#include <utility>

#include "policy/cel/eval/planner.h"

namespace portcullis::cel {

bool Planner::is_accumulator(const Comprehension& fold, NodeId id) const {
  const auto* identifier = node<Identifier>(id);
  return identifier != nullptr && identifier->name == fold.accumulator;
}

const Call* Planner::call_of(NodeId id, std::string_view function) const {
  const Call* call = node<Call>(id);
  return call != nullptr && call->function == function && call->target == kNoNode ? call : nullptr;
}

NodeId Planner::predicate_of(const Comprehension& fold, std::string_view function) const {
  const Call* step = call_of(fold.step, function);
  if (step == nullptr || step->arguments.size() != 2 || !is_accumulator(fold, step->arguments[0])) return kNoNode;
  return step->arguments[1];
}

NodeId Planner::appended_by(const Comprehension& fold, NodeId id) const {
  const Call* sum = call_of(id, "_+_");
  if (sum == nullptr || sum->arguments.size() != 2 || !is_accumulator(fold, sum->arguments[0])) return kNoNode;
  const auto* list = node<ListLiteral>(sum->arguments[1]);
  if (list == nullptr || list->elements.size() != 1 || (!list->optional.empty() && list->optional[0])) return kNoNode;
  return list->elements[0];
}

Step Planner::plan_quantifier(NodeId predicate, Step::Test test, Step range, std::uint32_t slot) {
  Step step = test_step_of(test, {});
  step.slot = slot;
  step.children.push_back(std::move(range));
  step.children.push_back(plan(predicate));
  return step;
}

Step Planner::plan_collect(NodeId element, NodeId filter, Step range, std::uint32_t slot) {
  Step step = value_step(run_collect, {});
  step.slot = slot;
  step.children.push_back(std::move(range));
  step.children.push_back(plan(element));
  if (filter != kNoNode) step.children.push_back(plan(filter));
  return step;
}

Step Planner::plan_fold(const Comprehension& fold, Step range, std::uint32_t slot) {
  Step step = value_step(run_fold, {});
  step.slot = slot;
  step.children.push_back(std::move(range));
  // The start stands outside: it sees neither variable. The result sees the accumulator alone.
  scope_.resize(scope_.size() - 2);
  step.children.push_back(plan(fold.start));
  scope_.emplace_back(fold.accumulator, slot + 1);
  Step result = plan(fold.result);
  scope_.pop_back();
  scope_.emplace_back(fold.accumulator, slot + 1);
  scope_.emplace_back(fold.variable, slot);
  step.children.push_back(plan(fold.condition));
  step.children.push_back(plan(fold.step));
  step.children.push_back(std::move(result));
  return step;
}

Step Planner::plan_comprehension(const Comprehension& fold) {
  Step range = plan(fold.range);
  const std::uint32_t slot = slots_;
  slots_ += 2;
  scope_.emplace_back(fold.accumulator, slot + 1);
  scope_.emplace_back(fold.variable, slot);
  Step step = [&]() -> Step {
    const bool plain = is_accumulator(fold, fold.result);
    const auto* start = node<Literal>(fold.start);
    const auto* empty = node<ListLiteral>(fold.start);
    if (plain && start != nullptr && call_of(fold.condition, "@not_strictly_false") != nullptr) {
      const bool from = start->value.as<bool>() != nullptr && *start->value.as<bool>();
      const NodeId every = predicate_of(fold, "_&&_");
      const NodeId some = predicate_of(fold, "_||_");
      if (from && every != kNoNode) return plan_quantifier(every, test_all, std::move(range), slot);
      if (!from && some != kNoNode) return plan_quantifier(some, test_exists, std::move(range), slot);
    }
    if (plain && empty != nullptr && empty->elements.empty()) {
      if (const NodeId element = appended_by(fold, fold.step); element != kNoNode)
        return plan_collect(element, kNoNode, std::move(range), slot);
      const Call* choice = call_of(fold.step, "_?_:_");
      const NodeId element = choice != nullptr && choice->arguments.size() == 3 ? appended_by(fold, choice->arguments[1]) : kNoNode;
      if (element != kNoNode && is_accumulator(fold, choice->arguments[2])) {
        return plan_collect(element, choice->arguments[0], std::move(range), slot);
      }
    }
    return plan_fold(fold, std::move(range), slot);
  }();
  scope_.resize(scope_.size() - 2);
  return step;
}

}  // namespace portcullis::cel
