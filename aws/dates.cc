#include "aws/dates.h"

#include <chrono>
#include <string>

namespace portcullis {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// The number that the `length` digits at `place` write, at most nine of them; nothing where one is no digit, or the text ends before.
std::optional<int> digits_at(std::string_view text, std::size_t place, std::size_t length) noexcept {
  if (place + length > text.size()) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(place, length)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// What a date's digits say; a month or an hour may be one that there is not.
struct Fields {
  int year;
  int month;
  int day;
  int hour;
  int minute;
  int second;
};

/// A leap second is the first of the next minute.
std::optional<TimePoint> point_of(const Fields& fields) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace)
  const year_month_day date{year(fields.year), month(static_cast<unsigned>(fields.month)), day(static_cast<unsigned>(fields.day))};
  if (!date.ok() || fields.hour > 23 || fields.minute > 59 || fields.second > 60) return std::nullopt;
  return TimePoint(sys_days(date)) + hours(fields.hour) + minutes(fields.minute) + seconds(fields.second);
}

}  // namespace

std::optional<TimePoint> parse_aws_time(std::string_view text) {
  const auto year = digits_at(text, 0, 4);
  const auto month = digits_at(text, 5, 2);
  const auto day = digits_at(text, 8, 2);
  const auto hour = digits_at(text, 11, 2);
  const auto minute = digits_at(text, 14, 2);
  const auto second = digits_at(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  std::string_view rest = text.substr(19);
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') rest.remove_prefix(1);
  }
  if (rest != "Z" && rest != "+00:00") return std::nullopt;
  return point_of({*year, *month, *day, *hour, *minute, *second});
}

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::string plain(text);
  for (char& c : plain) {
    if (c == 't') c = 'T';
    if (c == 'z') c = 'Z';
  }
  if (plain.ends_with('Z')) return parse_aws_time(plain);
  if (plain.size() < 25) return std::nullopt;
  const std::string_view offset = std::string_view(plain).substr(plain.size() - 6);
  const auto hours = digits_at(offset, 1, 2);
  const auto minutes = digits_at(offset, 4, 2);
  if ((offset[0] != '+' && offset[0] != '-') || offset[3] != ':' || !hours || *hours > 23 || !minutes || *minutes > 59) return std::nullopt;
  const auto local = parse_aws_time(plain.substr(0, plain.size() - 6) + "Z");
  if (!local) return std::nullopt;
  const auto shift = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return offset[0] == '+' ? *local - shift : *local + shift;
}

std::optional<TimePoint> parse_http_date(std::string_view text) {
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const std::size_t month = kMonths.find(text.substr(8, 3));
  const auto day = digits_at(text, 5, 2);
  const auto year = digits_at(text, 12, 4);
  const auto hour = digits_at(text, 17, 2);
  const auto minute = digits_at(text, 20, 2);
  const auto second = digits_at(text, 23, 2);
  if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !hour || !minute || !second) return std::nullopt;
  return point_of({*year, static_cast<int>(month / 3) + 1, *day, *hour, *minute, *second});
}

}  // namespace portcullis
