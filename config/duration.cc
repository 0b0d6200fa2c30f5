#include "config/duration.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "config/read/report.h"

namespace portcullis {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kNanosecondsAMillisecond = 1'000'000;

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
// Longer names first where one begins another.
constexpr std::array kUnits = {
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"\u00b5s", 1'000},  // micro sign
    Unit{"\u03bcs", 1'000},  // Greek mu
    Unit{"ms", kNanosecondsAMillisecond},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
};

struct Step {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array kSteps = {Step{"h", 3'600'000}, Step{"m", 60'000}, Step{"s", 1'000}, Step{"ms", 1}};

Error fault(std::string_view text, std::string_view what) {
  return {Reason::config_invalid, in_quotes(text) + " is no duration: " + std::string(what)};
}

std::string_view take_digits(std::string_view& rest) noexcept {
  std::size_t end = 0;
  while (end < rest.size() && rest[end] >= '0' && rest[end] <= '9') ++end;
  const std::string_view digits = rest.substr(0, end);
  rest.remove_prefix(end);
  return digits;
}

const Unit* take_unit(std::string_view& rest) noexcept {
  for (const Unit& unit : kUnits) {
    if (!rest.starts_with(unit.name)) continue;
    rest.remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

/// `whole` times the unit and `fraction` of it, in nanoseconds; nothing where that is beyond 64 bits or finer than one.
std::optional<std::int64_t> scaled(std::string_view whole, std::string_view fraction, std::int64_t unit) noexcept {
  std::int64_t sum = 0;
  for (const char c : whole) {
    const std::int64_t digit = c - '0';
    if (sum > (kMost - digit) / 10) return std::nullopt;
    sum = sum * 10 + digit;
  }
  if (sum > kMost / unit) return std::nullopt;
  sum *= unit;
  std::int64_t place = unit;
  for (const char c : fraction) {
    const std::int64_t digit = c - '0';
    if (digit == 0) {
      place = place % 10 == 0 ? place / 10 : 0;
      continue;
    }
    if (place % 10 != 0 || place == 0) return std::nullopt;
    place /= 10;
    if (sum > kMost - digit * place) return std::nullopt;
    sum += digit * place;
  }
  return sum;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return Duration{0};
  if (rest.empty()) return fault(text, "write a number and a unit, such as \"30s\" or \"1h30m\"");
  std::int64_t total = 0;
  while (!rest.empty()) {
    const std::string_view whole = take_digits(rest);
    std::string_view fraction;
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      fraction = take_digits(rest);
    }
    if (whole.empty() && fraction.empty()) return fault(text, "write a number and a unit, such as \"30s\" or \"1h30m\"");
    if (rest.empty()) return fault(text, "the unit is missing; write \"" + std::string(text.substr(0, 32)) + "s\" for seconds");
    const Unit* unit = take_unit(rest);
    if (unit == nullptr) return fault(text, "units are ns, us, ms, s, m and h");
    const auto part = scaled(whole, fraction, unit->nanoseconds);
    if (!part || *part > kMost - total) return fault(text, "it is too long or too fine");
    total += *part;
  }
  if (total % kNanosecondsAMillisecond != 0) return fault(text, "it is finer than a millisecond");
  const std::int64_t milliseconds = total / kNanosecondsAMillisecond;
  return Duration{negative ? -milliseconds : milliseconds};
}

std::string format_duration(Duration duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text;
  if (rest < 0) {
    text += '-';
    rest = -rest;
  }
  for (const Step& step : kSteps) {
    if (rest >= step.milliseconds) text += std::to_string(rest / step.milliseconds) + std::string(step.name);
    rest %= step.milliseconds;
  }
  return text;
}

}  // namespace portcullis
