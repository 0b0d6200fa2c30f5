// `+ - * / %` and the unary minus. Integers never wrap; doubles follow IEEE 754.
#include <algorithm>
#include <cstdint>
#include <new>

#include "policy/cel/functions/calendar.h"
#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

constexpr std::string_view kIntOverflow = "integer overflow";
constexpr std::string_view kUintOverflow = "unsigned integer overflow";
constexpr std::string_view kDurationRange = "duration out of range";
constexpr std::string_view kTimestampRange = "timestamp out of range";

/// One operator, for each kind of number that has it.
struct NumberOperator {
  bool (*integers)(std::int64_t, std::int64_t, Evaluation&, Value&);
  bool (*naturals)(std::uint64_t, std::uint64_t, Evaluation&, Value&);
  double (*reals)(double, double);  ///< null where doubles lack it
};

/// Both operands of one kind of number; nothing in `handled` otherwise.
bool run_numbers(const Arguments& arguments, const NumberOperator& chosen, Value& result, bool& handled) {
  handled = true;
  const Value& left = arguments[0];
  const Value& right = arguments[1];
  if (const auto* a = left.as<std::int64_t>()) {
    if (const auto* b = right.as<std::int64_t>()) return chosen.integers(*a, *b, arguments.evaluation, result);
  } else if (const auto* c = left.as<std::uint64_t>()) {
    if (const auto* d = right.as<std::uint64_t>()) return chosen.naturals(*c, *d, arguments.evaluation, result);
  } else if (const auto* e = left.as<double>(); e != nullptr && chosen.reals != nullptr) {
    if (const auto* f = right.as<double>()) {
      result = Value::of(chosen.reals(*e, *f));
      return true;
    }
  }
  handled = false;
  return false;
}

template <class Number>
bool give(bool overflow, Number number, Evaluation& evaluation, Value& result) {
  if (overflow) return evaluation.fail(std::is_signed_v<Number> ? kIntOverflow : kUintOverflow);
  result = Value::of(number);
  return true;
}

template <class Number>
bool add_numbers(Number a, Number b, Evaluation& evaluation, Value& result) {
  Number sum = 0;
  const bool overflow = __builtin_add_overflow(a, b, &sum);
  return give(overflow, sum, evaluation, result);
}

template <class Number>
bool subtract_numbers(Number a, Number b, Evaluation& evaluation, Value& result) {
  Number difference = 0;
  const bool overflow = __builtin_sub_overflow(a, b, &difference);
  return give(overflow, difference, evaluation, result);
}

template <class Number>
bool multiply_numbers(Number a, Number b, Evaluation& evaluation, Value& result) {
  Number product = 0;
  const bool overflow = __builtin_mul_overflow(a, b, &product);
  return give(overflow, product, evaluation, result);
}

/// INT64_MIN / -1 has no value in 64 bits, and traps on the machine.
template <class Number>
bool leaves_range(Number a, Number b) noexcept {
  if constexpr (std::is_signed_v<Number>) return a == INT64_MIN && b == -1;
  return false;
}

template <class Number>
bool divide_numbers(Number a, Number b, Evaluation& evaluation, Value& result) {
  if (b == 0) return evaluation.fail("division by zero");
  const bool overflow = leaves_range(a, b);
  return give<Number>(overflow, overflow ? a : a / b, evaluation, result);
}

template <class Number>
bool take_modulus(Number a, Number b, Evaluation& evaluation, Value& result) {
  if (b == 0) return evaluation.fail("modulus by zero");
  const bool overflow = leaves_range(a, b);
  return give<Number>(overflow, overflow ? a : a % b, evaluation, result);
}

constexpr NumberOperator kAdd{add_numbers<std::int64_t>, add_numbers<std::uint64_t>, [](double a, double b) { return a + b; }};
constexpr NumberOperator kSubtract{subtract_numbers<std::int64_t>, subtract_numbers<std::uint64_t>,
                                   [](double a, double b) { return a - b; }};
constexpr NumberOperator kMultiply{multiply_numbers<std::int64_t>, multiply_numbers<std::uint64_t>,
                                   [](double a, double b) { return a * b; }};
constexpr NumberOperator kDivide{divide_numbers<std::int64_t>, divide_numbers<std::uint64_t>, [](double a, double b) { return a / b; }};
constexpr NumberOperator kModulus{take_modulus<std::int64_t>, take_modulus<std::uint64_t>, nullptr};

template <class T>
bool give_or(std::optional<T> found, std::string_view error, Evaluation& evaluation, Value& result) {
  if (!found) return evaluation.fail(error);
  result = Value::of(*found);
  return true;
}

bool add_time(Timestamp timestamp, Duration duration, Evaluation& evaluation, Value& result) {
  const std::optional<std::int64_t> nanos = nanos_of(duration);
  if (!nanos) return evaluation.fail(kDurationRange);
  return give_or(add(timestamp, *nanos), kTimestampRange, evaluation, result);
}

bool add_durations(Duration left, Duration right, Evaluation& evaluation, Value& result) {
  const auto a = nanos_of(left);
  const auto b = nanos_of(right);
  std::int64_t sum = 0;
  if (!a || !b || __builtin_add_overflow(*a, *b, &sum)) return evaluation.fail(kDurationRange);
  result = Value::of(duration_from_nanos(sum));
  return true;
}

bool join_texts(std::string_view left, std::string_view right, Evaluation& evaluation, std::string_view& out) {
  const std::size_t size = left.size() + right.size();
  if (!evaluation.allow_text(size)) return false;
  char* const memory = evaluation.arena().allocate_text(size);
  std::copy(right.begin(), right.end(), std::copy(left.begin(), left.end(), memory));
  out = {memory, size};
  return true;
}

bool join_lists(const Elements& left, const Elements& right, Evaluation& evaluation, Value& result) {
  const std::size_t size = left.size() + right.size();
  if (!evaluation.allow_elements(size)) return false;
  Value* const memory = evaluation.arena().allocate_values(size);
  Value* next = memory;
  for (const Elements* const list : {&left, &right}) {
    for (const Value& element : *list) new (next++) Value(element.borrow());
  }
  result = Value::view(Elements(memory, size));
  return true;
}

bool add_times(const Arguments& arguments, Value& result) {
  const auto* left_duration = arguments[0].as<Duration>();
  const auto* right_duration = arguments[1].as<Duration>();
  const auto* left_time = arguments[0].as<Timestamp>();
  const auto* right_time = arguments[1].as<Timestamp>();
  if (left_duration != nullptr && right_duration != nullptr)
    return add_durations(*left_duration, *right_duration, arguments.evaluation, result);
  if (left_time != nullptr && right_duration != nullptr) return add_time(*left_time, *right_duration, arguments.evaluation, result);
  if (left_duration != nullptr && right_time != nullptr) return add_time(*right_time, *left_duration, arguments.evaluation, result);
  return arguments.evaluation.fail_overload();
}

bool plus(const Arguments& arguments, Value& result) {
  bool handled = false;
  const bool done = run_numbers(arguments, kAdd, result, handled);
  if (handled) return done;
  const Value& left = arguments[0];
  const Value& right = arguments[1];
  if (left.kind() != right.kind()) return add_times(arguments, result);
  std::string_view joined;
  if (const auto* text = left.as<std::string>()) {
    if (!join_texts(*text, *right.as<std::string>(), arguments.evaluation, joined)) return false;
    result = Value::view(joined);
    return true;
  }
  if (const auto* bytes = left.as<Bytes>()) {
    if (!join_texts(bytes->bytes, right.as<Bytes>()->bytes, arguments.evaluation, joined)) return false;
    result = Value::view(BytesView{joined});
    return true;
  }
  if (const auto* list = left.as<List>()) return join_lists(*list, *right.as<List>(), arguments.evaluation, result);
  return add_times(arguments, result);
}

bool minus(const Arguments& arguments, Value& result) {
  bool handled = false;
  const bool done = run_numbers(arguments, kSubtract, result, handled);
  if (handled) return done;
  const auto* duration = arguments[1].as<Duration>();
  if (const auto* left = arguments[0].as<Timestamp>()) {
    if (const auto* right = arguments[1].as<Timestamp>())
      return give_or(between(*left, *right), kDurationRange, arguments.evaluation, result);
    if (duration == nullptr) return arguments.evaluation.fail_overload();
    return add_time(*left, {-duration->seconds, -duration->nanos}, arguments.evaluation, result);
  }
  const auto* left = arguments[0].as<Duration>();
  if (left == nullptr || duration == nullptr) return arguments.evaluation.fail_overload();
  return add_durations(*left, {-duration->seconds, -duration->nanos}, arguments.evaluation, result);
}

template <const NumberOperator& Chosen>
bool numbers_alone(const Arguments& arguments, Value& result) {
  bool handled = false;
  const bool done = run_numbers(arguments, Chosen, result, handled);
  return handled ? done : arguments.evaluation.fail_overload();
}

bool negate(const Arguments& arguments, Value& result) {
  if (const auto* number = arguments[0].as<double>()) {
    result = Value::of(-*number);
    return true;
  }
  const auto* number = arguments[0].as<std::int64_t>();
  if (number == nullptr) return arguments.evaluation.fail_overload();
  return subtract_numbers<std::int64_t>(0, *number, arguments.evaluation, result);
}

constexpr FunctionEntry kEntries[] = {{"_+_", 2, plus},
                                      {"_-_", 2, minus},
                                      {"_*_", 2, numbers_alone<kMultiply>},
                                      {"_/_", 2, numbers_alone<kDivide>},
                                      {"_%_", 2, numbers_alone<kModulus>},
                                      {"-_", 1, negate}};

}  // namespace

std::span<const FunctionEntry> arithmetic_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
