#include "plugin/cli/time_text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace portcullis {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kFirstSecond = -62167219200;  ///< 0000-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253402300799;   ///< 9999-12-31T23:59:59Z
constexpr double kLongestSpan = 100.0 * 366 * 86400 * 1000;

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// Takes `width` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int number = 0;
  for (const char byte : text.substr(0, width)) {
    if (!is_digit(byte)) return std::nullopt;
    number = number * 10 + (byte - '0');
  }
  text.remove_prefix(width);
  return number;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// `.512` to milliseconds; digits behind the third are read and dropped.
std::optional<Milliseconds> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return Milliseconds{0};
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  int value = 0;
  for (int scale = 100; !text.empty() && is_digit(text.front()); scale /= 10, text.remove_prefix(1)) value += (text.front() - '0') * scale;
  return Milliseconds{value};
}

/// `Z`, `+01:00`, `-05:30`: what has to be taken away to reach UTC.
std::optional<minutes> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return minutes{0};
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const minutes offset = hours{*hour} + minutes{*minute};
  return west ? -offset : offset;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date};
}

std::optional<TimePoint> read_rfc3339(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !take(text, "Tt ")) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *second > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto offset = fraction ? take_offset(text) : std::nullopt;
  if (!offset || !text.empty()) return std::nullopt;
  return TimePoint{*date} + hours{*hour} + minutes{*minute} + seconds{*second} + *fraction - *offset;
}

std::optional<double> unit_milliseconds(std::string_view unit) {
  struct Unit {
    std::string_view name;
    double milliseconds;
  };
  static constexpr std::array kUnits = {Unit{"ns", 1e-6}, Unit{"us", 1e-3}, Unit{"ms", 1},
                                        Unit{"s", 1e3},   Unit{"m", 60e3},  Unit{"h", 3600e3}};
  for (const Unit& one : kUnits) {
    if (one.name == unit) return one.milliseconds;
  }
  return std::nullopt;
}

}  // namespace

Result<TimePoint> parse_time(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc{} && end == text.data() + text.size()) {
    if (number < kFirstSecond || number > kLastSecond) return Error{Reason::bad_request, "the time lies outside the years 0 to 9999"};
    return TimePoint{seconds{number}};
  }
  if (const auto time = read_rfc3339(text)) return *time;
  return Error{Reason::bad_request, "a time is RFC 3339, such as 2026-11-22T06:41:23Z, or seconds since 1970"};
}

Result<Milliseconds> parse_span(std::string_view text) {
  const Error malformed{Reason::bad_request, "a duration needs a unit, such as 15m, 90s or 1h30m"};
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text == "0") return Milliseconds{0};
  if (text.empty()) return malformed;
  double total = 0;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    double count = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + digits, count);
    if (code != std::errc{} || end != text.data() + digits) return malformed;
    text.remove_prefix(digits);
    const std::size_t letters = std::min(text.find_first_of("0123456789."), text.size());
    const auto scale = unit_milliseconds(text.substr(0, letters));
    if (!scale) return malformed;
    text.remove_prefix(letters);
    total += count * *scale;
  }
  if (total > kLongestSpan) return Error{Reason::bad_request, "a duration is at most 100 years"};
  const auto whole = static_cast<std::int64_t>(std::llround(total));
  return Milliseconds{negative ? -whole : whole};
}

}  // namespace portcullis
