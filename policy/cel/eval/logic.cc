// Decisions: `&&`, `||`, `!`, `?:`, comparisons, `in`, and what stands for an empty optional.
#include "policy/cel/eval/operators.h"
#include "policy/cel/functions/pattern.h"

namespace portcullis::cel {
namespace {

/// Steps that comparing two values costs beside their bytes, and a call beside what the function does.
constexpr std::size_t kPairSteps = 2;
constexpr std::size_t kCallSteps = 3;

const Value* fail_overload(Frame& frame) {
  frame.evaluation.fail_overload();
  return nullptr;
}

/// `Decisive` is what one side needs to be to decide alone: no for `&&`, yes for `||`.
template <Truth Decisive>
Truth test_junction(const Step& step, Frame& frame) {
  const Truth left = test_step(step.children[0], frame);
  if (left == Decisive) return Decisive;
  if (left != Truth::failed) [[likely]]
    return test_step(step.children[1], frame);
  if (frame.evaluation.fatal()) return Truth::failed;
  std::string error = frame.evaluation.error();
  if (test_step(step.children[1], frame) == Decisive) return Decisive;
  if (!frame.evaluation.fatal()) frame.evaluation.set_error(std::move(error));
  return Truth::failed;
}

/// The values of both children.
struct Pair {
  Pair(const Step& step, Frame& frame) : left(run_step(step.children[0], frame, held_left_)) {
    if (left != nullptr) right = run_step(step.children[1], frame, held_right_);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  [[nodiscard]] bool ok() const noexcept { return right != nullptr; }

 private:
  Value held_left_;
  Value held_right_;

 public:
  const Value* left;
  const Value* right = nullptr;
};

template <bool Wanted>
Truth test_same(const Step& step, Frame& frame) {
  const Pair pair(step, frame);
  bool same = false;
  if (!pair.ok() || !frame.evaluation.equal(*pair.left, *pair.right, same)) return Truth::failed;
  return truth(same == Wanted);
}

template <bool Wanted>
Truth test_same_text(const Step& step, Frame& frame) {
  Value held;
  const Value* value = run_step(step.children[0], frame, held);
  const std::string_view known = *step.constant.as<std::string>();
  if (value == nullptr || !frame.evaluation.charge(1 + kPairSteps + known.size() / 16)) return Truth::failed;
  const auto* text = value->as<std::string>();
  return truth((text != nullptr && same_text(*text, known)) == Wanted);
}

/// A pair with NaN is comparable, and no order holds of it.
template <bool Less, bool Equal, bool Greater>
Truth test_order(const Step& step, Frame& frame) {
  const Pair pair(step, frame);
  if (!pair.ok() || !frame.evaluation.charge(kCallSteps)) return Truth::failed;
  const auto* left = pair.left->as<double>();
  const auto* right = pair.right->as<double>();
  if (left != nullptr && right != nullptr)
    return truth((Less && *left < *right) || (Equal && *left == *right) || (Greater && *left > *right));
  if (!comparable(*pair.left, *pair.right)) return fail_test(frame);
  if (const auto text = pair.left->text(); text && !frame.evaluation.charge_copy(text->size())) return Truth::failed;
  const auto found = compare(*pair.left, *pair.right);
  return truth(found && ((Less && *found < 0) || (Equal && *found == 0) || (Greater && *found > 0)));
}

/// Both children's texts, paid for as every function of texts is.
template <class Test>
Truth test_texts(const Step& step, Frame& frame, const Test& test) {
  if (!frame.evaluation.charge(kCallSteps)) return Truth::failed;
  const Pair pair(step, frame);
  if (!pair.ok()) return Truth::failed;
  const auto* left = pair.left->as<std::string>();
  const auto* right = pair.right->as<std::string>();
  if (left == nullptr || right == nullptr) return fail_test(frame);
  if (!frame.evaluation.charge_scan(left->size() + right->size())) return Truth::failed;
  return truth(test(*left, *right));
}

bool same_start(std::string_view text, std::string_view start) noexcept {
  return text.size() >= start.size() && same_text(text.substr(0, start.size()), start);
}
bool same_end(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && same_text(text.substr(text.size() - end.size()), end);
}

/// The optional of child 0 where it holds something, in `out`; null in `out` where it is empty.
bool run_optional(const Step& step, Frame& frame, Value& held, const Optional*& out) {
  const Value* value = run_step(step.children[0], frame, held);
  if (value == nullptr) return false;
  out = value->as<Optional>();
  return out != nullptr || frame.evaluation.fail_overload();
}

}  // namespace

Truth test_by_running(const Step& step, Frame& frame) {
  Value held;
  const Value* value = step.run(step, frame, held);
  if (value == nullptr) return Truth::failed;
  const bool* flag = value->as<bool>();
  return flag == nullptr ? fail_test(frame) : truth(*flag);
}

const Value* run_by_testing(const Step& step, Frame& frame, Value& held) {
  const Truth found = step.test(step, frame);
  if (found == Truth::failed) return nullptr;
  held = Value::of(found == Truth::yes);
  return &held;
}

Truth test_and(const Step& step, Frame& frame) { return test_junction<Truth::no>(step, frame); }
Truth test_or(const Step& step, Frame& frame) { return test_junction<Truth::yes>(step, frame); }

Truth test_not(const Step& step, Frame& frame) {
  const Truth operand = test_step(step.children[0], frame);
  return operand == Truth::failed ? operand : truth(operand == Truth::no);
}

Truth test_equal(const Step& step, Frame& frame) { return test_same<true>(step, frame); }
Truth test_unequal(const Step& step, Frame& frame) { return test_same<false>(step, frame); }
Truth test_equal_text(const Step& step, Frame& frame) { return test_same_text<true>(step, frame); }
Truth test_unequal_text(const Step& step, Frame& frame) { return test_same_text<false>(step, frame); }
Truth test_less(const Step& step, Frame& frame) { return test_order<true, false, false>(step, frame); }
Truth test_less_equal(const Step& step, Frame& frame) { return test_order<true, true, false>(step, frame); }
Truth test_greater(const Step& step, Frame& frame) { return test_order<false, false, true>(step, frame); }
Truth test_greater_equal(const Step& step, Frame& frame) { return test_order<false, true, true>(step, frame); }
Truth test_starts_with(const Step& step, Frame& frame) { return test_texts(step, frame, same_start); }
Truth test_ends_with(const Step& step, Frame& frame) { return test_texts(step, frame, same_end); }

Truth test_in(const Step& step, Frame& frame) {
  const Pair pair(step, frame);
  if (!pair.ok()) return Truth::failed;
  if (const auto* map = pair.right->as<Mapping>()) {
    if (const auto text = pair.left->text(); text && !frame.evaluation.charge_copy(text->size())) return Truth::failed;
    return truth(map->find(*pair.left) != nullptr);
  }
  const auto* list = pair.right->as<List>();
  if (list == nullptr) return fail_test(frame);
  for (const Value& element : *list) {
    bool same = false;
    if (!frame.evaluation.equal(*pair.left, element, same)) return Truth::failed;
    if (same) return Truth::yes;
  }
  return Truth::no;
}

Truth test_in_texts(const Step& step, Frame& frame) {
  Value held;
  const Value* needle = run_step(step.children[0], frame, held);
  if (needle == nullptr || !frame.evaluation.charge(1 + kPairSteps)) return Truth::failed;
  const auto* text = needle->as<std::string>();
  if (text == nullptr) return Truth::no;
  if (!frame.evaluation.charge_copy(text->size())) return Truth::failed;
  return truth(step.constant.as<Mapping>()->find(*text) != nullptr);
}

Truth test_matches(const Step& step, Frame& frame) {
  Value held;
  const Value* subject = run_step(step.children[0], frame, held);
  if (subject == nullptr) return Truth::failed;
  const auto* text = subject->as<std::string>();
  if (text == nullptr) return fail_test(frame);
  bool found = false;
  return step.pattern->search(*text, frame.evaluation, found) ? truth(found) : Truth::failed;
}

const Value* run_conditional(const Step& step, Frame& frame, Value& held) {
  const Truth condition = test_step(step.children[0], frame);
  if (condition == Truth::failed) return nullptr;
  return run_step(step.children[condition == Truth::yes ? 1 : 2], frame, held);
}

const Value* run_or_value(const Step& step, Frame& frame, Value& held) {
  const Optional* optional = nullptr;
  if (!run_optional(step, frame, held, optional)) return nullptr;
  return optional->value != nullptr ? optional->value : run_step(step.children[1], frame, held);
}

const Value* run_or_optional(const Step& step, Frame& frame, Value& held) {
  const Optional* optional = nullptr;
  if (!run_optional(step, frame, held, optional)) return nullptr;
  if (optional->value != nullptr) {
    const Optional found = *optional;
    held = Value::view(found);
    return &held;
  }
  const Value* other = run_step(step.children[1], frame, held);
  if (other == nullptr) return nullptr;
  return other->as<Optional>() == nullptr ? fail_overload(frame) : other;
}

}  // namespace portcullis::cel
