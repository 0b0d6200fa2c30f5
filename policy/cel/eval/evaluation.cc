#include "policy/cel/eval/evaluation.h"

#include <utility>

namespace portcullis::cel {

bool Evaluation::exhaust() noexcept {
  left_ = 0;
  fatal_ = true;
  try {
    error_ = "cost limit exceeded: the expression took more than " + std::to_string(limits_.steps) + " steps";
  } catch (...) {
    error_.clear();  // it has failed without words too
  }
  return false;
}

bool Evaluation::allow_text(std::size_t bytes) {
  if (bytes > limits_.text_bytes) return fail_fatally("a text would be larger than " + std::to_string(limits_.text_bytes) + " bytes");
  return charge(kAllocationSteps) && charge_copy(bytes);
}

bool Evaluation::allow_elements(std::size_t elements) {
  if (elements > limits_.elements)
    return fail_fatally("a list or map would have more than " + std::to_string(limits_.elements) + " elements");
  return charge(kAllocationSteps + kElementSteps * elements);
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
    same = same_text(*text, *other);
    return true;
  }
  std::size_t budget = left_;
  const std::optional<bool> found = equal_within(left, right, budget);
  if (!found) return exhaust();
  same = *found;
  left_ = budget;
  return true;
}

bool Evaluation::own(const Value& value, Value& out) {
  if (!charge(1)) return false;
  if (const auto* list = value.as<List>()) return own_list(*list, out);
  if (const auto* map = value.as<Mapping>()) return own_map(*map, out);
  if (const auto* optional = value.as<Optional>()) {
    Value inner;
    if (optional->value != nullptr && !own(*optional->value, inner)) return false;
    out = optional->value == nullptr ? Value::none() : Value::some(std::move(inner));
    return true;
  }
  if (value.is_owner()) {
    if (!charge(kSharedSteps)) return false;
    out = value;
    return true;
  }
  const auto* text = value.as<std::string>();
  const auto* bytes = value.as<Bytes>();
  const auto* type = value.as<TypeValue>();
  if (text == nullptr && bytes == nullptr && type == nullptr) {
    out = value;
    return true;
  }
  if (!charge(kOwnedSteps) || !charge_copy(text != nullptr ? text->size() : bytes != nullptr ? bytes->bytes.size() : 0)) return false;
  if (text != nullptr) {
    out = Value::of(*text);
  } else if (bytes != nullptr) {
    out = Value::of(Bytes{std::string(bytes->bytes)});
  } else {
    out = Value::of(TypeValue{std::string(type->name)});
  }
  return true;
}

bool Evaluation::own_list(const Elements& elements, Value& out) {
  if (!charge(kOwnedSteps + kElementSteps * elements.size())) return false;
  List list;
  list.reserve(elements.size());
  for (const Value& element : elements) {
    Value own_element;
    if (!own(element, own_element)) return false;
    list.push_back(std::move(own_element));
  }
  out = Value::of(std::move(list));
  return true;
}

bool Evaluation::own_map(const Mapping& entries, Value& out) {
  if (!charge(2 * kOwnedSteps + (2 * kElementSteps + kEntrySteps) * entries.entries().size())) return false;
  Mapping map;
  map.reserve(entries.entries().size());
  for (const auto& [key, value] : entries.entries()) {
    Value own_key;
    Value own_value;
    if (!own(key, own_key) || !own(value, own_value)) return false;
    (void)map.add(std::move(own_key), std::move(own_value));
  }
  out = Value::of(std::move(map));
  return true;
}

}  // namespace portcullis::cel
