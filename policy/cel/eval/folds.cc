// Comprehensions. The shapes that CEL's macros expand to run without an accumulator; any other fold as it is written.
#include <new>
#include <utility>

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
  const Elements* list_ = nullptr;
  const Mapping* map_ = nullptr;
};

/// `Decisive` ends it: no for `all`, yes for `exists`. An error on the way counts if nothing decides (CEL: as a chain of `&&`, `||`).
template <Truth Decisive>
Truth test_quantifier(const Step& step, Frame& frame) {
  Value held;
  const Range range(run_step(step.children[0], frame, held), frame);
  if (!range.ok()) return Truth::failed;
  bool failed = false;
  std::string error;
  for (std::size_t i = 0; i < range.size(); ++i) {
    frame.slots[step.slot] = range.at(i);
    if (!frame.evaluation.charge(kIterationSteps)) return Truth::failed;
    const Truth found = test_step(step.children[1], frame);
    if (found == Decisive) return Decisive;
    if (found != Truth::failed) continue;
    if (frame.evaluation.fatal()) return Truth::failed;
    if (!failed) error = frame.evaluation.error();
    failed = true;
  }
  if (!failed) return Decisive == Truth::yes ? Truth::no : Truth::yes;
  frame.evaluation.set_error(std::move(error));
  return Truth::failed;
}

/// Runs child `child` and makes its value the accumulator.
bool accumulate(const Step& step, std::size_t child, Frame& frame, Value& accumulator) {
  Value held;
  const Value* found = run_step(step.children[child], frame, held);
  if (found == nullptr) return false;
  accumulator = found->borrow();
  return true;
}

}  // namespace

Truth test_all(const Step& step, Frame& frame) { return test_quantifier<Truth::no>(step, frame); }
Truth test_exists(const Step& step, Frame& frame) { return test_quantifier<Truth::yes>(step, frame); }

const Value* run_collect(const Step& step, Frame& frame, Value& held) {
  const Range range(run_step(step.children[0], frame, held), frame);
  if (!range.ok() || !frame.evaluation.allow_elements(range.size())) return nullptr;
  const bool filters = step.children.size() > 2;
  Value* const list = frame.evaluation.arena().allocate_values(range.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < range.size(); ++i) {
    frame.slots[step.slot] = range.at(i);
    if (!frame.evaluation.charge(kIterationSteps)) return nullptr;
    const Truth wanted = filters ? test_step(step.children[2], frame) : Truth::yes;
    if (wanted == Truth::failed) return nullptr;
    if (wanted == Truth::no) continue;
    Value element_held;
    const Value* element = run_step(step.children[1], frame, element_held);
    if (element == nullptr) return nullptr;
    new (list + size++) Value(element->borrow());
  }
  held = Value::view(Elements(list, size));
  return &held;
}

const Value* run_fold(const Step& step, Frame& frame, Value& held) {
  const Range range(run_step(step.children[0], frame, held), frame);
  Value accumulator;
  if (!range.ok() || !accumulate(step, 1, frame, accumulator)) return nullptr;
  for (std::size_t i = 0; i < range.size(); ++i) {
    frame.slots[step.slot] = range.at(i);
    frame.slots[step.slot + 1] = &accumulator;
    if (!frame.evaluation.charge(kIterationSteps)) return nullptr;
    const Truth on = test_step(step.children[2], frame);
    if (on == Truth::failed) return nullptr;
    if (on == Truth::no) break;
    if (!accumulate(step, 3, frame, accumulator)) return nullptr;
  }
  frame.slots[step.slot + 1] = &accumulator;
  Value result_held;
  const Value* result = run_step(step.children[4], frame, result_held);
  if (result == nullptr) return nullptr;
  held = result->borrow();
  return &held;
}

}  // namespace portcullis::cel
