// Comprehensions. The shapes that CEL's macros expand to run without an accumulator; any other fold as it is written.
#include "policy/cel/eval/operators.h"

namespace portcullis::cel {
namespace {

/// Steps for one round of a comprehension beside what runs in it.
constexpr std::size_t kIterationSteps = 2;

/// What a comprehension walks: the elements of a list or the keys of a map.
class Range {
 public:
  /// Null in `value` is a failure that is told already.
  Range(const Value* value, Frame& frame) {
    if (value == nullptr) return;
    list_ = value->as<List>();
    map_ = value->as<Mapping>();
    if (list_ == nullptr && map_ == nullptr) frame.evaluation.fail_overload();
  }
  [[nodiscard]] bool ok() const noexcept { return list_ != nullptr || map_ != nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return list_ != nullptr ? list_->size() : map_->entries().size(); }
  [[nodiscard]] const Value* at(std::size_t i) const noexcept { return list_ != nullptr ? &(*list_)[i] : &map_->entries()[i].first; }

 private:
  const List* list_ = nullptr;
  const Mapping* map_ = nullptr;
};

/// `decisive` ends it: false for `all`, true for `exists`. An error on the way counts if nothing decides (CEL: as a chain of `&&`, `||`).
const Value* run_quantifier(const Step& step, Frame& frame, Value& held, bool decisive) {
  Value own;
  const Range range(run_step(step.children[0], frame, own), frame);
  if (!range.ok()) return nullptr;
  bool failed = false;
  std::string error;
  for (std::size_t i = 0; i < range.size(); ++i) {
    frame.slots[step.slot] = range.at(i);
    if (!frame.evaluation.charge(kIterationSteps)) return nullptr;
    const Value* found = run_step(step.children[1], frame, held);
    const bool* flag = found == nullptr ? nullptr : found->as<bool>();
    if (flag != nullptr && *flag == decisive) return bool_value(decisive);
    if (flag != nullptr) continue;
    if (found != nullptr) frame.evaluation.fail_overload();
    if (frame.evaluation.fatal()) return nullptr;
    if (!failed) error = frame.evaluation.error();
    failed = true;
  }
  if (!failed) return bool_value(!decisive);
  frame.evaluation.set_error(std::move(error));
  return nullptr;
}

/// Whether the filter of a `map` or `filter` lets the element in `slot` through.
bool passes(const Step& step, Frame& frame, bool& out) {
  if (step.children.size() < 3) return out = true;
  Value held;
  const Value* found = run_step(step.children[2], frame, held);
  const bool* flag = found == nullptr ? nullptr : found->as<bool>();
  if (flag != nullptr) out = *flag;
  return flag != nullptr || (found != nullptr && frame.evaluation.fail_overload());
}

/// The condition of a fold.
bool goes_on(const Step& step, Frame& frame, bool& out) {
  Value held;
  const Value* found = run_step(step.children[2], frame, held);
  const bool* flag = found == nullptr ? nullptr : found->as<bool>();
  out = flag != nullptr && *flag;
  return flag != nullptr || (found != nullptr && frame.evaluation.fail_overload());
}

/// Runs child `child` and makes its value the accumulator.
bool accumulate(const Step& step, std::size_t child, Frame& frame, Value& accumulator) {
  Value held;
  const Value* found = run_step(step.children[child], frame, held);
  if (found == nullptr) return false;
  Value next = *found;  // may be part of the accumulator itself
  accumulator = std::move(next);
  return true;
}

}  // namespace

const Value* run_all(const Step& step, Frame& frame, Value& held) { return run_quantifier(step, frame, held, false); }
const Value* run_exists(const Step& step, Frame& frame, Value& held) { return run_quantifier(step, frame, held, true); }

const Value* run_collect(const Step& step, Frame& frame, Value& held) {
  Value own;
  const Range range(run_step(step.children[0], frame, own), frame);
  if (!range.ok() || !frame.evaluation.allow_elements(range.size())) return nullptr;
  List list;
  for (std::size_t i = 0; i < range.size(); ++i) {
    frame.slots[step.slot] = range.at(i);
    bool wanted = false;
    if (!frame.evaluation.charge(kIterationSteps)) return nullptr;
    if (!passes(step, frame, wanted)) return nullptr;
    if (!wanted) continue;
    Value element_held;
    const Value* element = run_step(step.children[1], frame, element_held);
    if (element == nullptr) return nullptr;
    list.push_back(*element);
  }
  held = Value::of(std::move(list));
  return &held;
}

const Value* run_fold(const Step& step, Frame& frame, Value& held) {
  Value own;
  const Range range(run_step(step.children[0], frame, own), frame);
  Value accumulator;
  if (!range.ok() || !accumulate(step, 1, frame, accumulator)) return nullptr;
  for (std::size_t i = 0; i < range.size(); ++i) {
    frame.slots[step.slot] = range.at(i);
    frame.slots[step.slot + 1] = &accumulator;
    bool on = false;
    if (!frame.evaluation.charge(kIterationSteps)) return nullptr;
    if (!goes_on(step, frame, on)) return nullptr;
    if (!on) break;
    if (!accumulate(step, 3, frame, accumulator)) return nullptr;
  }
  frame.slots[step.slot + 1] = &accumulator;
  Value result_held;
  const Value* result = run_step(step.children[4], frame, result_held);
  if (result == nullptr) return nullptr;
  Value kept = *result;  // may be part of the accumulator or of the range
  held = std::move(kept);
  return &held;
}

}  // namespace portcullis::cel
