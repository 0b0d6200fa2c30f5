// `a + b + c`: names are made of several texts, and none of those in between is wanted.
#include <algorithm>
#include <array>

#include "policy/cel/eval/operators.h"

namespace portcullis::cel {
namespace {

/// Steps for one `+` beside its operands.
constexpr std::size_t kSumSteps = 4;

/// `sum += summand`, whatever the two are.
bool add_to(Value& sum, const Value& summand, const Step& step, Frame& frame) {
  const Value left = sum.borrow();
  const std::array<const Value*, 2> both = {&left, &summand};
  Value next;
  if (!step.function({frame.evaluation, both}, next)) return false;
  sum = frame.evaluation.arena().keep(std::move(next));
  return true;
}

/// Adds in pairs from left to right: `known` are the values of the first children, at least two.
const Value* add_in_pairs(const Step& step, std::span<const Value* const> known, Frame& frame, Value& held) {
  Value sum = known[0]->borrow();
  for (std::size_t i = 1; i < known.size(); ++i) {
    if (!add_to(sum, *known[i], step, frame)) return nullptr;
  }
  for (std::size_t i = known.size(); i < step.children.size(); ++i) {
    Value own;
    const Value* summand = run_step(step.children[i], frame, own);
    if (summand == nullptr || !add_to(sum, *summand, step, frame)) return nullptr;
  }
  held = sum.borrow();
  return &held;
}

}  // namespace

const Value* run_sum(const Step& step, Frame& frame, Value& held) {
  std::array<Value, kMostSummands> own;
  std::array<const Value*, kMostSummands> values{};
  const std::size_t count = step.children.size();
  std::size_t size = 0;
  if (!frame.evaluation.charge(kSumSteps * (count - 1) - 1)) return nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = run_step(step.children[i], frame, own[i]);
    if (values[i] == nullptr) return nullptr;
    const auto* text = values[i]->as<std::string>();
    if (text == nullptr && i > 0) return add_in_pairs(step, {values.data(), i + 1}, frame, held);
    if (text != nullptr) size += text->size();
  }
  if (values[0]->kind() != Kind::string) return add_in_pairs(step, {values.data(), count}, frame, held);
  if (!frame.evaluation.allow_text(size)) return nullptr;
  char* const memory = frame.evaluation.arena().allocate_text(size);
  char* next = memory;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view text = *values[i]->as<std::string>();
    next = std::copy(text.begin(), text.end(), next);
  }
  held = Value::view(std::string_view(memory, size));
  return &held;
}

}  // namespace portcullis::cel
