#include "verifier/timestamp.h"

#include <chrono>

namespace portcullis {
namespace {

/// Takes `digits` decimal digits, then the text `after`, off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits, std::string_view after) noexcept {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  if (!text.starts_with(after)) return std::nullopt;
  text.remove_prefix(after.size());
  return number;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) noexcept {
  const auto year = take_number(text, 4, "-");
  if (!year) return std::nullopt;
  const auto month = take_number(text, 2, "-");
  if (!month) return std::nullopt;
  const auto day = take_number(text, 2, "T");
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// Hours and minutes, as a time of day and an offset have them.
std::optional<std::chrono::minutes> take_clock(std::string_view& text, std::string_view after) noexcept {
  const auto hour = take_number(text, 2, ":");
  if (!hour || *hour > 23) return std::nullopt;
  const auto minute = take_number(text, 2, after);
  if (!minute || *minute > 59) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

/// `.` and at least one digit; digits behind the third do not count.
std::optional<Milliseconds> take_fraction(std::string_view& text) noexcept {
  Milliseconds fraction{0};
  if (!text.starts_with('.')) return fraction;
  text.remove_prefix(1);
  int weight = 100;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    fraction += Milliseconds(weight * (text[digits] - '0'));
    weight /= 10;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return fraction;
}

/// The rest of the text: `Z`, or `+hh:mm` or `-hh:mm` to be taken off.
std::optional<std::chrono::minutes> take_offset(std::string_view text) noexcept {
  if (text == "Z") return std::chrono::minutes(0);
  if (!text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
  const bool east = text.front() == '+';
  text.remove_prefix(1);
  const auto offset = take_clock(text, "");
  if (!offset || !text.empty()) return std::nullopt;
  return east ? *offset : -*offset;
}

}  // namespace

std::optional<TimePoint> parse_timestamp(std::string_view text) noexcept {
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  const auto clock = take_clock(text, ":");
  if (!clock) return std::nullopt;
  const auto second = take_number(text, 2, "");
  if (!second || *second > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset) return std::nullopt;
  return TimePoint(*date) + *clock + std::chrono::seconds(*second) + *fraction - *offset;
}

}  // namespace portcullis
