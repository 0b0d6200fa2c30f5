// Lists as sets: `sets.contains`, `sets.equivalent`, `sets.intersects`. Each pair that is compared is paid for.
#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

/// Whether `list` holds `element`. False is a failure.
bool look_for(const Value& element, const Elements& list, Evaluation& evaluation, bool& found) {
  for (const Value& other : list) {
    if (!evaluation.equal(element, other, found)) return false;
    if (found) return true;
  }
  found = false;
  return true;
}

/// Whether every element of `part` is in `whole`.
bool look_for_all(const Elements& part, const Elements& whole, Evaluation& evaluation, bool& all) {
  all = true;
  for (const Value& element : part) {
    if (!look_for(element, whole, evaluation, all)) return false;
    if (!all) return true;
  }
  return true;
}

using Question = bool (*)(const Elements& left, const Elements& right, Evaluation& evaluation, bool& answer);

template <Question Asked>
bool ask(const Arguments& arguments, Value& result) {
  const auto* left = arguments[0].as<List>();
  const auto* right = arguments[1].as<List>();
  if (left == nullptr || right == nullptr) return arguments.evaluation.fail_overload();
  bool answer = false;
  if (!Asked(*left, *right, arguments.evaluation, answer)) return false;
  result = Value::of(answer);
  return true;
}

bool contains(const Elements& left, const Elements& right, Evaluation& evaluation, bool& answer) {
  return look_for_all(right, left, evaluation, answer);
}

bool equivalent(const Elements& left, const Elements& right, Evaluation& evaluation, bool& answer) {
  if (!look_for_all(right, left, evaluation, answer)) return false;
  return !answer || look_for_all(left, right, evaluation, answer);
}

bool intersects(const Elements& left, const Elements& right, Evaluation& evaluation, bool& answer) {
  answer = false;
  for (const Value& element : left) {
    if (!look_for(element, right, evaluation, answer)) return false;
    if (answer) return true;
  }
  return true;
}

constexpr FunctionEntry kEntries[] = {
    {"sets.contains", 2, ask<contains>}, {"sets.equivalent", 2, ask<equivalent>}, {"sets.intersects", 2, ask<intersects>}};

}  // namespace

std::span<const FunctionEntry> set_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
