// `type`, `dyn`, `size`, and from one type to another.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/codec/utf8.h"
#include "policy/cel/functions/calendar.h"
#include "policy/cel/functions/code_points.h"
#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;
constexpr std::size_t kLongestNumber = 400;
// Steps to read or write a double: many digits are read with numbers of as many.
constexpr std::size_t kNumberSteps = 40;
constexpr std::size_t kDigitSteps = 3;

bool give(Value value, Value& result) {
  result = std::move(value);
  return true;
}

/// The text itself may be a claim: it is not quoted.
bool fail_conversion(const Arguments& arguments, std::string_view to) {
  return arguments.evaluation.fail("type conversion error from '" + std::string(value_type_name(arguments[0])) + "' to '" +
                                   std::string(to) + "'");
}

template <class Number>
bool from_text(const Arguments& arguments, std::string_view text, std::string_view to, Value& result) {
  Number number = 0;
  if (!arguments.evaluation.charge(text.size())) return false;  // it may be zeros without end
  if (std::is_signed_v<Number> && text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) return fail_conversion(arguments, to);
  return give(Value::of(number), result);
}

bool to_int(const Arguments& arguments, Value& result) {
  const Value& value = arguments[0];
  if (value.as<std::int64_t>() != nullptr) return give(value, result);
  if (const auto* number = value.as<std::uint64_t>()) {
    if (*number > static_cast<std::uint64_t>(INT64_MAX)) return arguments.evaluation.fail("integer overflow");
    return give(Value::of(static_cast<std::int64_t>(*number)), result);
  }
  if (const auto* number = value.as<double>()) {
    // CEL: both ends of the range are outside, since a double there stands for many integers.
    if (!(*number > -kTwo63 && *number < kTwo63)) return arguments.evaluation.fail("integer overflow");
    return give(Value::of(static_cast<std::int64_t>(*number)), result);
  }
  if (const auto* text = value.as<std::string>()) return from_text<std::int64_t>(arguments, *text, "int", result);
  if (const auto* timestamp = value.as<Timestamp>()) return give(Value::of(timestamp->seconds), result);
  if (const auto* duration = value.as<Duration>()) {
    const auto nanos = nanos_of(*duration);
    return nanos ? give(Value::of(*nanos), result) : arguments.evaluation.fail("duration out of range");
  }
  return arguments.evaluation.fail_overload();
}

bool to_uint(const Arguments& arguments, Value& result) {
  const Value& value = arguments[0];
  if (value.as<std::uint64_t>() != nullptr) return give(value, result);
  if (const auto* number = value.as<std::int64_t>()) {
    if (*number < 0) return arguments.evaluation.fail("unsigned integer overflow");
    return give(Value::of(static_cast<std::uint64_t>(*number)), result);
  }
  if (const auto* number = value.as<double>()) {
    if (!(*number >= 0 && *number < kTwo64)) return arguments.evaluation.fail("unsigned integer overflow");
    return give(Value::of(static_cast<std::uint64_t>(*number)), result);
  }
  if (const auto* text = value.as<std::string>()) return from_text<std::uint64_t>(arguments, *text, "uint", result);
  return arguments.evaluation.fail_overload();
}

/// Decimal, or one of Go's names for what is not finite. A locale is never set, so strtod's point is a point.
std::optional<double> parse_double(std::string_view text) {
  if (text.empty() || text.size() > kLongestNumber) return std::nullopt;
  std::string lower(text);
  lower_ascii(lower);
  const std::string_view bare = lower[0] == '-' || lower[0] == '+' ? std::string_view(lower).substr(1) : std::string_view(lower);
  const bool named = bare == "inf" || bare == "infinity" || (bare == "nan" && bare.size() == lower.size());
  if (!named && (bare.find_first_not_of("0123456789.e+-") != std::string_view::npos || bare.empty() || bare[0] == '+' || bare[0] == '-')) {
    return std::nullopt;
  }
  char* end = nullptr;
  const double number = std::strtod(lower.c_str(), &end);
  if (end != lower.c_str() + lower.size() || (!named && std::isinf(number))) return std::nullopt;
  return number;
}

bool to_double(const Arguments& arguments, Value& result) {
  const Value& value = arguments[0];
  if (value.as<double>() != nullptr) return give(value, result);
  if (const auto* number = value.as<std::int64_t>()) return give(Value::of(static_cast<double>(*number)), result);
  if (const auto* number = value.as<std::uint64_t>()) return give(Value::of(static_cast<double>(*number)), result);
  if (const auto* text = value.as<std::string>()) {
    if (!arguments.evaluation.charge(kNumberSteps + kDigitSteps * std::min(text->size(), kLongestNumber))) return false;
    const auto number = parse_double(*text);
    return number ? give(Value::of(*number), result) : fail_conversion(arguments, "double");
  }
  return arguments.evaluation.fail_overload();
}

bool to_bool(const Arguments& arguments, Value& result) {
  const Value& value = arguments[0];
  if (value.as<bool>() != nullptr) return give(value, result);
  const auto* text = value.as<std::string>();
  if (text == nullptr) return arguments.evaluation.fail_overload();
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (*text == yes) return give(Value::of(true), result);
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (*text == no) return give(Value::of(false), result);
  }
  return fail_conversion(arguments, "bool");
}

bool to_bytes(const Arguments& arguments, Value& result) {
  if (arguments[0].as<Bytes>() != nullptr) return give(arguments[0], result);
  const auto* text = arguments[0].as<std::string>();
  if (text == nullptr) return arguments.evaluation.fail_overload();
  return arguments.evaluation.allow_text(text->size()) && give(Value::view(BytesView{*text}), result);
}

bool to_string(const Arguments& arguments, Value& result) {
  const Value& value = arguments[0];
  if (value.as<std::string>() != nullptr) return give(value, result);
  if (!arguments.evaluation.allow_value()) return false;
  if (const auto* flag = value.as<bool>()) return give(Value::of(*flag ? "true" : "false"), result);
  if (const auto* number = value.as<std::int64_t>()) return give(Value::of(std::to_string(*number)), result);
  if (const auto* number = value.as<std::uint64_t>()) return give(Value::of(std::to_string(*number)), result);
  if (const auto* number = value.as<double>())
    return arguments.evaluation.charge(kNumberSteps) && give(Value::of(double_text(*number)), result);
  if (const auto* timestamp = value.as<Timestamp>()) return give(Value::of(timestamp_text(*timestamp)), result);
  if (const auto* duration = value.as<Duration>()) return give(Value::of(duration_text(*duration)), result);
  const auto* bytes = value.as<Bytes>();
  if (bytes == nullptr) return arguments.evaluation.fail_overload();
  if (!arguments.evaluation.charge_scan(bytes->bytes.size()) || !arguments.evaluation.allow_text(bytes->bytes.size())) return false;
  if (!is_utf8(bytes->bytes)) return arguments.evaluation.fail("invalid UTF-8 in bytes, cannot convert to string");
  return give(Value::view(bytes->bytes), result);
}

bool to_duration(const Arguments& arguments, Value& result) {
  if (arguments[0].as<Duration>() != nullptr) return give(arguments[0], result);
  const auto* text = arguments[0].as<std::string>();
  if (text == nullptr) return arguments.evaluation.fail_overload();
  if (!arguments.evaluation.charge_scan(text->size())) return false;
  const auto duration = parse_duration(*text);
  return duration ? give(Value::of(*duration), result) : arguments.evaluation.fail("invalid duration, or out of range");
}

bool to_timestamp(const Arguments& arguments, Value& result) {
  if (arguments[0].as<Timestamp>() != nullptr) return give(arguments[0], result);
  std::optional<Timestamp> timestamp;
  if (const auto* seconds = arguments[0].as<std::int64_t>()) {
    timestamp = timestamp_from_seconds(*seconds);
  } else if (const auto* text = arguments[0].as<std::string>()) {
    if (!arguments.evaluation.charge_scan(text->size())) return false;
    timestamp = parse_timestamp(*text);
  } else {
    return arguments.evaluation.fail_overload();
  }
  return timestamp ? give(Value::of(*timestamp), result) : arguments.evaluation.fail("invalid timestamp, or out of range (year 1 to 9999)");
}

bool type_of(const Arguments& arguments, Value& result) {
  if (!arguments.evaluation.allow_value()) return false;
  return give(Value::view(TypeView{value_type_name(arguments[0])}), result);
}

bool to_dyn(const Arguments& arguments, Value& result) { return give(arguments[0], result); }

bool size_of(const Arguments& arguments, Value& result) {
  const Value& value = arguments[0];
  std::size_t size = 0;
  if (const auto* text = value.as<std::string>()) {
    if (!arguments.evaluation.charge_scan(text->size())) return false;
    size = count_code_points(*text);
  } else if (const auto* list = value.as<List>()) {
    size = list->size();
  } else if (const auto* map = value.as<Mapping>()) {
    size = map->entries().size();
  } else if (const auto* bytes = value.as<Bytes>()) {
    size = bytes->bytes.size();
  } else {
    return arguments.evaluation.fail_overload();
  }
  return give(Value::of(static_cast<std::int64_t>(size)), result);
}

constexpr FunctionEntry kEntries[] = {
    {"int", 1, to_int},     {"uint", 1, to_uint},     {"double", 1, to_double},     {"bool", 1, to_bool},
    {"bytes", 1, to_bytes}, {"string", 1, to_string}, {"duration", 1, to_duration}, {"timestamp", 1, to_timestamp},
    {"type", 1, type_of},   {"dyn", 1, to_dyn},       {"size", 1, size_of}};

}  // namespace

std::span<const FunctionEntry> conversion_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
