// Decisions: `&&`, `||`, `!`, `?:`, `==`, `in`, and what stands for an empty optional.
#include "policy/cel/eval/operators.h"

namespace portcullis::cel {
namespace {

const Value* fail_overload(Frame& frame) {
  frame.evaluation.fail_overload();
  return nullptr;
}

/// `decisive` is what one side needs to be to decide alone: false for `&&`, true for `||`.
const Value* run_junction(const Step& step, Frame& frame, Value& held, bool decisive) {
  const Value* left = run_step(step.children[0], frame, held);
  const bool* first = left == nullptr ? nullptr : left->as<bool>();
  if (first != nullptr && *first == decisive) return bool_value(decisive);
  if (left == nullptr && frame.evaluation.fatal()) return nullptr;
  if (left != nullptr && first == nullptr) frame.evaluation.fail_overload();
  std::string error = first == nullptr ? frame.evaluation.error() : std::string();
  const Value* right = run_step(step.children[1], frame, held);
  const bool* second = right == nullptr ? nullptr : right->as<bool>();
  if (second != nullptr && *second == decisive) return bool_value(decisive);
  if (right == nullptr && frame.evaluation.fatal()) return nullptr;
  if (first == nullptr) {
    frame.evaluation.set_error(std::move(error));
    return nullptr;
  }
  if (right == nullptr) return nullptr;
  return second == nullptr ? fail_overload(frame) : bool_value(!decisive);
}

/// Both sides and whether they are equal.
bool compare_children(const Step& step, Frame& frame, Value& held_left, bool& same) {
  Value held_right;
  const Value* left = run_step(step.children[0], frame, held_left);
  if (left == nullptr) return false;
  const Value* right = run_step(step.children[1], frame, held_right);
  return right != nullptr && frame.evaluation.equal(*left, *right, same);
}

/// The optional of child 0 where it holds something, in `out`; null in `out` where it is empty.
bool run_optional(const Step& step, Frame& frame, Value& held, const Optional*& out) {
  const Value* value = run_step(step.children[0], frame, held);
  if (value == nullptr) return false;
  out = value->as<Optional>();
  return out != nullptr || frame.evaluation.fail_overload();
}

}  // namespace

const Value* bool_value(bool value) noexcept {
  static const Value kTrue = Value::of(true);
  static const Value kFalse = Value::of(false);
  return value ? &kTrue : &kFalse;
}

const Value* run_and(const Step& step, Frame& frame, Value& held) { return run_junction(step, frame, held, false); }
const Value* run_or(const Step& step, Frame& frame, Value& held) { return run_junction(step, frame, held, true); }

const Value* run_not(const Step& step, Frame& frame, Value& held) {
  const Value* operand = run_step(step.children[0], frame, held);
  if (operand == nullptr) return nullptr;
  const bool* flag = operand->as<bool>();
  return flag == nullptr ? fail_overload(frame) : bool_value(!*flag);
}

const Value* run_conditional(const Step& step, Frame& frame, Value& held) {
  const Value* condition = run_step(step.children[0], frame, held);
  if (condition == nullptr) return nullptr;
  const bool* flag = condition->as<bool>();
  if (flag == nullptr) return fail_overload(frame);
  return run_step(step.children[*flag ? 1 : 2], frame, held);
}

const Value* run_equal(const Step& step, Frame& frame, Value& held) {
  bool same = false;
  return compare_children(step, frame, held, same) ? bool_value(same) : nullptr;
}

const Value* run_unequal(const Step& step, Frame& frame, Value& held) {
  bool same = false;
  return compare_children(step, frame, held, same) ? bool_value(!same) : nullptr;
}

const Value* run_in(const Step& step, Frame& frame, Value& held) {
  Value held_range;
  const Value* needle = run_step(step.children[0], frame, held);
  if (needle == nullptr) return nullptr;
  const Value* range = run_step(step.children[1], frame, held_range);
  if (range == nullptr) return nullptr;
  if (const auto* map = range->as<Mapping>()) {
    if (const auto text = needle->text(); text && !frame.evaluation.charge_copy(text->size())) return nullptr;
    return bool_value(map->find(*needle) != nullptr);
  }
  const auto* list = range->as<List>();
  if (list == nullptr) return fail_overload(frame);
  for (const Value& element : *list) {
    bool same = false;
    if (!frame.evaluation.equal(*needle, element, same)) return nullptr;
    if (same) return bool_value(true);
  }
  return bool_value(false);
}

const Value* run_or_value(const Step& step, Frame& frame, Value& held) {
  Value temporary;
  const Optional* optional = nullptr;
  if (!run_optional(step, frame, temporary, optional)) return nullptr;
  if (optional->value == nullptr) return run_step(step.children[1], frame, held);
  held = *optional->value;
  return &held;
}

const Value* run_or_optional(const Step& step, Frame& frame, Value& held) {
  Value temporary;
  const Optional* optional = nullptr;
  if (!run_optional(step, frame, temporary, optional)) return nullptr;
  if (optional->value != nullptr) {
    held = Value::of(*optional);
    return &held;
  }
  const Value* other = run_step(step.children[1], frame, held);
  if (other == nullptr) return nullptr;
  return other->as<Optional>() == nullptr ? fail_overload(frame) : other;
}

}  // namespace portcullis::cel
