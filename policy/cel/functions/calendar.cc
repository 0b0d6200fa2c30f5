#include "policy/cel/functions/calendar.h"

#include <charconv>
#include <chrono>

namespace portcullis::cel {
namespace {

constexpr std::size_t kFractionDigits = 9;

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};

// Longer names first, so that `ms` is not read as minutes.
constexpr Unit kUnits[] = {{"ns", 1},
                           {"us", 1'000},
                           {"µs", 1'000},
                           {"μs", 1'000},
                           {"ms", 1'000'000},
                           {"s", kNanosASecond},
                           {"m", 60 * kNanosASecond},
                           {"h", 3600 * kNanosASecond}};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The digits that `text` begins with, which are taken from it.
std::string_view take_digits(std::string_view& text) noexcept {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

/// `digits` behind a point, in units of which one has `scale` parts; more digits than matter are left out, as Go does.
std::int64_t fraction(std::string_view digits, std::int64_t scale) noexcept {
  double value = 0;
  double place = static_cast<double>(scale);
  std::int64_t exact = 0;
  for (const char digit : digits) {
    if (scale % 10 != 0) {  // hours and minutes end in odd parts: in floating point from here, as Go does
      place /= 10;
      value += place * (digit - '0');
      continue;
    }
    scale /= 10;
    place = static_cast<double>(scale);
    exact += scale * (digit - '0');
  }
  return exact + static_cast<std::int64_t>(value);
}

const Unit* take_unit(std::string_view& text) noexcept {
  for (const Unit& unit : kUnits) {
    // `m` begins `ms` too, but that was tried before.
    if (text.starts_with(unit.name)) {
      text.remove_prefix(unit.name.size());
      return &unit;
    }
  }
  return nullptr;
}

/// One number with its unit, added to `nanos`.
bool take_term(std::string_view& text, std::uint64_t& nanos) noexcept {
  const std::string_view whole = take_digits(text);
  std::string_view parts;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    parts = take_digits(text);
  }
  if (whole.empty() && parts.empty()) return false;
  const Unit* unit = take_unit(text);
  if (unit == nullptr) return false;
  std::uint64_t number = 0;
  if (!whole.empty() && std::from_chars(whole.data(), whole.data() + whole.size(), number).ec != std::errc()) return false;
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(number, static_cast<std::uint64_t>(unit->nanos), &product)) return false;
  return !__builtin_add_overflow(nanos, product, &nanos) &&
         !__builtin_add_overflow(nanos, static_cast<std::uint64_t>(fraction(parts, unit->nanos)), &nanos);
}

/// Exactly `width` digits as a number, then `behind` where that is not NUL; both are taken from `text`.
std::optional<int> take_field(std::string_view& text, std::size_t width, char behind) noexcept {
  if (text.size() < width + (behind == '\0' ? 0 : 1)) return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  if (behind != '\0' && text[width] != behind) return std::nullopt;
  text.remove_prefix(width + (behind == '\0' ? 0 : 1));
  return number;
}

/// `.5` at the beginning of `text`, as nanoseconds; 0 where there is none; nothing for a point without digits.
std::optional<std::int32_t> take_fraction(std::string_view& text) noexcept {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  const std::string_view digits = take_digits(text);
  if (digits.empty()) return std::nullopt;
  return static_cast<std::int32_t>(fraction(digits.substr(0, kFractionDigits), kNanosASecond));
}

/// `Z` or `+01:00`, all of `text`, in seconds east of UTC.
std::optional<std::int64_t> read_offset(std::string_view text) noexcept {
  if (text == "Z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool west = text[0] == '-';
  text.remove_prefix(1);
  const auto hours = take_field(text, 2, ':');
  const auto minutes = take_field(text, 2, '\0');
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = 3600 * *hours + 60 * *minutes;
  return west ? -seconds : seconds;
}

}  // namespace

std::optional<std::int64_t> nanos_of(Duration duration) noexcept {
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(duration.seconds, kNanosASecond, &nanos)) return std::nullopt;
  if (__builtin_add_overflow(nanos, std::int64_t{duration.nanos}, &nanos)) return std::nullopt;
  return nanos;
}

Duration duration_from_nanos(std::int64_t nanos) noexcept {
  return {nanos / kNanosASecond, static_cast<std::int32_t>(nanos % kNanosASecond)};
}

std::optional<Timestamp> timestamp_from_seconds(std::int64_t seconds) noexcept {
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return Timestamp{seconds, 0};
}

std::optional<Timestamp> add(Timestamp timestamp, std::int64_t nanos) noexcept {
  std::int64_t seconds = timestamp.seconds + nanos / kNanosASecond;
  std::int64_t rest = timestamp.nanos + nanos % kNanosASecond;
  if (rest < 0) {
    rest += kNanosASecond;
    --seconds;
  } else if (rest >= kNanosASecond) {
    rest -= kNanosASecond;
    ++seconds;
  }
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return Timestamp{seconds, static_cast<std::int32_t>(rest)};
}

std::optional<Duration> between(Timestamp left, Timestamp right) noexcept {
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(left.seconds - right.seconds, kNanosASecond, &nanos)) return std::nullopt;
  if (__builtin_add_overflow(nanos, std::int64_t{left.nanos} - right.nanos, &nanos)) return std::nullopt;
  return duration_from_nanos(nanos);
}

std::optional<Duration> parse_duration(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return Duration{};
  if (text.empty()) return std::nullopt;
  std::uint64_t nanos = 0;
  while (!text.empty()) {
    if (!take_term(text, nanos)) return std::nullopt;
  }
  if (nanos > static_cast<std::uint64_t>(INT64_MAX) + (negative ? 1 : 0)) return std::nullopt;
  return duration_from_nanos(static_cast<std::int64_t>(negative ? 0 - nanos : nanos));
}

std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept {
  const auto year = take_field(text, 4, '-');
  const auto month = take_field(text, 2, '-');
  const auto day = take_field(text, 2, 'T');
  const auto hour = take_field(text, 2, ':');
  const auto minute = take_field(text, 2, ':');
  const auto second = take_field(text, 2, '\0');
  if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const auto nanos = take_fraction(text);
  const auto offset = read_offset(text);
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!nanos || !offset || !date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  std::optional<Timestamp> found =
      timestamp_from_seconds(days * 86'400 + std::int64_t{3600} * *hour + std::int64_t{60} * *minute + *second - *offset);
  if (found) found->nanos = *nanos;
  return found;
}

}  // namespace portcullis::cel
