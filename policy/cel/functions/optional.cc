// Optionals, and the list functions that give or take them.
#include <new>

#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

bool give(Evaluation& evaluation, const Value* value, Value& result) {
  if (!evaluation.allow_value()) return false;
  result = Value::none();
  if (value != nullptr) result = Value::view(Optional{new (evaluation.arena().allocate_values(1)) Value(value->borrow())});
  return true;
}

/// False, 0, "", empty, null: what an unset field of a message would be.
bool is_zero(const Value& value) noexcept {
  if (const auto* flag = value.as<bool>()) return !*flag;
  if (const auto* number = value.as<std::int64_t>()) return *number == 0;
  if (const auto* number = value.as<std::uint64_t>()) return *number == 0;
  if (const auto* number = value.as<double>()) return *number == 0;
  if (const auto* text = value.as<std::string>()) return text->empty();
  if (const auto* bytes = value.as<Bytes>()) return bytes->bytes.empty();
  if (const auto* list = value.as<List>()) return list->empty();
  if (const auto* map = value.as<Mapping>()) return map->entries().empty();
  if (const auto* duration = value.as<Duration>()) return *duration == Duration{};
  if (const auto* timestamp = value.as<Timestamp>()) return *timestamp == Timestamp{};
  if (const auto* optional = value.as<Optional>()) return optional->value == nullptr;
  return value.is_null();
}

bool of(const Arguments& arguments, Value& result) { return give(arguments.evaluation, &arguments[0], result); }

bool none(const Arguments& arguments, Value& result) { return give(arguments.evaluation, nullptr, result); }

bool of_non_zero(const Arguments& arguments, Value& result) {
  return give(arguments.evaluation, is_zero(arguments[0]) ? nullptr : &arguments[0], result);
}

bool has_value(const Arguments& arguments, Value& result) {
  const auto* optional = arguments[0].as<Optional>();
  if (optional == nullptr) return arguments.evaluation.fail_overload();
  result = Value::of(optional->value != nullptr);
  return true;
}

bool value_of(const Arguments& arguments, Value& result) {
  const auto* optional = arguments[0].as<Optional>();
  if (optional == nullptr) return arguments.evaluation.fail_overload();
  if (optional->value == nullptr) return arguments.evaluation.fail("optional.none() dereference");
  result = optional->value->borrow();
  return true;
}

bool first(const Arguments& arguments, Value& result) {
  const auto* list = arguments[0].as<List>();
  if (list == nullptr) return arguments.evaluation.fail_overload();
  return give(arguments.evaluation, list->empty() ? nullptr : &list->front(), result);
}

bool last(const Arguments& arguments, Value& result) {
  const auto* list = arguments[0].as<List>();
  if (list == nullptr) return arguments.evaluation.fail_overload();
  return give(arguments.evaluation, list->empty() ? nullptr : &list->back(), result);
}

/// The values of those that hold one.
bool unwrap(const Arguments& arguments, Value& result) {
  const auto* list = arguments[0].as<List>();
  if (list == nullptr) return arguments.evaluation.fail_overload();
  if (!arguments.evaluation.allow_elements(list->size())) return false;
  List values;
  for (const Value& element : *list) {
    const auto* optional = element.as<Optional>();
    if (optional == nullptr) return arguments.evaluation.fail_overload();
    if (optional->value != nullptr) values.push_back(optional->value->borrow());
  }
  result = Value::of(std::move(values));
  return true;
}

constexpr FunctionEntry kEntries[] = {
    {"optional.of", 1, of},         {"optional.none", 0, none}, {"optional.ofNonZeroValue", 1, of_non_zero},
    {"optional.unwrap", 1, unwrap}, {"unwrapOpt", 1, unwrap},   {"hasValue", 1, has_value},
    {"value", 1, value_of},         {"first", 1, first},        {"last", 1, last}};

}  // namespace

std::span<const FunctionEntry> optional_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
