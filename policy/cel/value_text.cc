// Values and text: JSON in and out, and how numbers and times are written.
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/codec/base64url.h"
#include "base/codec/json_writer.h"
#include "policy/cel/value.h"

namespace portcullis::cel {
namespace {

constexpr std::int64_t kSecondsADay = 86'400;
// Go's strconv, format 'g' with the fewest digits: an exponent outside these is written out.
constexpr int kLeastFixedExponent = -4;
constexpr int kFirstScientificExponent = 6;

void append_padded(std::string& out, std::int64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

/// `.5` for half a second; nothing for none.
void append_fraction(std::string& out, std::int32_t nanos) {
  if (nanos == 0) return;
  out += '.';
  append_padded(out, nanos, 9);
  while (out.back() == '0') out.pop_back();
}

void write(JsonWriter& json, const Value& value);

void write_number(JsonWriter& json, double number) {
  if (std::isfinite(number)) {
    json.number(number);
  } else {
    json.string(std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
  }
}

std::string key_text(const Value& key) {
  if (const auto* text = key.as<std::string>()) return std::string(*text);
  if (const auto* flag = key.as<bool>()) return *flag ? "true" : "false";
  if (const auto* number = key.as<std::int64_t>()) return std::to_string(*number);
  if (const auto* number = key.as<std::uint64_t>()) return std::to_string(*number);
  return {};
}

void write_map(JsonWriter& json, const Mapping& map) {
  json.begin_object();
  for (const auto& [key, value] : map.entries()) {
    json.key(key_text(key));
    write(json, value);
  }
  json.end_object();
}

void write_list(JsonWriter& json, const Elements& list) {
  json.begin_array();
  for (const Value& element : list) write(json, element);
  json.end_array();
}

void write_optional(JsonWriter& json, const Optional& optional) {
  if (optional.value == nullptr) {
    json.null();
  } else {
    write(json, *optional.value);
  }
}

void write(JsonWriter& json, const Value& value) {
  if (const auto* flag = value.as<bool>()) return (void)json.boolean(*flag);
  if (const auto* number = value.as<std::int64_t>()) return (void)json.integer(*number);
  if (const auto* number = value.as<std::uint64_t>()) return (void)json.raw(std::to_string(*number));
  if (const auto* number = value.as<double>()) return write_number(json, *number);
  if (const auto* text = value.as<std::string>()) return (void)json.string(*text);
  if (const auto* bytes = value.as<Bytes>()) return (void)json.string(base64_encode(bytes->bytes));
  if (const auto* list = value.as<List>()) return write_list(json, *list);
  if (const auto* map = value.as<Mapping>()) return write_map(json, *map);
  if (const auto* timestamp = value.as<Timestamp>()) return (void)json.string(timestamp_text(*timestamp));
  if (const auto* duration = value.as<Duration>()) return (void)json.string(duration_text(*duration));
  if (const auto* optional = value.as<Optional>()) return write_optional(json, *optional);
  if (const auto* type = value.as<TypeValue>()) return (void)json.string(type->name);
  json.null();
}

}  // namespace

Value value_from_json(JsonView json) {
  if (json.is_object()) {
    Mapping map;
    map.reserve(json.size());
    for (const auto& [name, member] : json.members()) (void)map.add(Value::of(std::string(name)), value_from_json(member));
    return Value::of(std::move(map));
  }
  if (json.is_array()) {
    List list;
    list.reserve(json.size());
    for (const JsonView element : json.elements()) list.push_back(value_from_json(element));
    return Value::of(std::move(list));
  }
  if (const auto text = json.string()) return Value::of(std::string(*text));
  if (const auto flag = json.boolean()) return Value::of(*flag);
  if (const auto number = json.number()) return Value::of(*number);
  return {};
}

std::string value_to_json(const Value& value) {
  JsonWriter json;
  write(json, value);
  return std::move(json).text();
}

std::string timestamp_text(Timestamp timestamp) {
  const std::int64_t day = (timestamp.seconds - (timestamp.seconds < 0 ? kSecondsADay - 1 : 0)) / kSecondsADay;
  const std::int64_t second = timestamp.seconds - day * kSecondsADay;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  std::string out;
  append_padded(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, second / 3600, 2);
  out += ':';
  append_padded(out, second / 60 % 60, 2);
  out += ':';
  append_padded(out, second % 60, 2);
  append_fraction(out, timestamp.nanos);
  return out + 'Z';
}

std::string duration_text(Duration duration) {
  std::string out = duration.seconds < 0 || duration.nanos < 0 ? "-" : "";
  out += std::to_string(duration.seconds < 0 ? -duration.seconds : duration.seconds);
  append_fraction(out, duration.nanos < 0 ? -duration.nanos : duration.nanos);
  return out + 's';
}

std::string double_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  const std::size_t mark = text.find('e');
  int exponent = 0;
  const std::size_t digits_at = text[mark + 1] == '+' ? mark + 2 : mark + 1;  // from_chars reads no plus
  (void)std::from_chars(text.data() + digits_at, text.data() + text.size(), exponent);
  if (exponent < kLeastFixedExponent || exponent >= kFirstScientificExponent) return std::string(text);
  std::array<char, 32> fixed{};
  const auto end = std::to_chars(fixed.data(), fixed.data() + fixed.size(), number, std::chars_format::fixed);
  return {fixed.data(), static_cast<std::size_t>(end.ptr - fixed.data())};
}

}  // namespace portcullis::cel
