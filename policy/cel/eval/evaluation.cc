#include "policy/cel/eval/evaluation.h"

namespace portcullis::cel {

bool Evaluation::exhaust() noexcept {
  left_ = 0;
  fatal_ = true;
  error_ = "cost limit exceeded: the expression took more than " + std::to_string(limits_.steps) + " steps";
  return false;
}

bool Evaluation::allow_text(std::size_t bytes) {
  if (bytes > limits_.text_bytes) return fail_fatally("a text would be larger than " + std::to_string(limits_.text_bytes) + " bytes");
  return charge(kAllocationSteps) && charge_copy(bytes);
}

bool Evaluation::allow_elements(std::size_t elements) {
  if (elements > limits_.elements)
    return fail_fatally("a list or map would have more than " + std::to_string(limits_.elements) + " elements");
  return charge(kAllocationSteps + 2 * elements);
}

bool Evaluation::fail(std::string_view text) {
  error_.assign(text);
  (void)charge(kFailureSteps);  // where that was the last, the error is the budget's
  return false;
}

bool Evaluation::fail_fatally(std::string_view text) {
  fatal_ = true;
  error_.assign(text);
  return false;
}

bool Evaluation::equal(const Value& left, const Value& right, bool& same) noexcept {
  const auto* text = left.as<std::string>();
  const auto* other = right.as<std::string>();
  if (text != nullptr && other != nullptr) {  // by far the most, and short; texts of one length are read
    if (!charge(2 + (text->size() == other->size() ? text->size() / 16 : 0))) return false;
    same = *text == *other;
    return true;
  }
  std::size_t budget = left_;
  const std::optional<bool> found = equal_within(left, right, budget);
  if (!found) return exhaust();
  same = *found;
  left_ = budget;
  return true;
}

}  // namespace portcullis::cel
