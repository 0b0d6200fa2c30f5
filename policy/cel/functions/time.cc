// The parts of a timestamp, in UTC or a zone, and of a duration.
#include <chrono>

#include "policy/cel/functions/function_table.h"
#include "policy/cel/functions/zone.h"

namespace portcullis::cel {
namespace {

constexpr std::int64_t kSecondsADay = 86'400;
constexpr std::int32_t kNanosAMillisecond = 1'000'000;
/// Steps for finding a zone by its name, and its offset at a time.
constexpr std::size_t kZoneSteps = 100;
/// More for a name that is none: the library says so by throwing.
constexpr std::size_t kNoZoneSteps = 1500;

/// A time on the clocks of a zone.
struct LocalTime {
  std::chrono::year_month_day date;
  std::int64_t day = 0;     ///< since 1970-01-01
  std::int64_t second = 0;  ///< of the day
  std::int32_t nanos = 0;
};

LocalTime local_time(Timestamp timestamp, std::int64_t offset) noexcept {
  const std::int64_t local = timestamp.seconds + offset;
  const std::int64_t day = (local - (local < 0 ? kSecondsADay - 1 : 0)) / kSecondsADay;
  return {std::chrono::sys_days(std::chrono::days(day)), day, local - day * kSecondsADay, timestamp.nanos};
}

using Part = std::int64_t (*)(const LocalTime& time);
using Total = std::int64_t (*)(const Duration& duration);

std::int64_t year(const LocalTime& time) { return static_cast<int>(time.date.year()); }
std::int64_t month(const LocalTime& time) { return static_cast<std::int64_t>(static_cast<unsigned>(time.date.month())) - 1; }
std::int64_t day(const LocalTime& time) { return static_cast<unsigned>(time.date.day()); }
std::int64_t day_from_zero(const LocalTime& time) { return day(time) - 1; }
std::int64_t week_day(const LocalTime& time) { return std::chrono::weekday(std::chrono::sys_days(time.date)).c_encoding(); }
std::int64_t year_day(const LocalTime& time) {
  return time.day - std::chrono::sys_days(time.date.year() / std::chrono::January / 1).time_since_epoch().count();
}
std::int64_t hour(const LocalTime& time) { return time.second / 3600; }
std::int64_t minute(const LocalTime& time) { return time.second / 60 % 60; }
std::int64_t second(const LocalTime& time) { return time.second % 60; }
std::int64_t millisecond(const LocalTime& time) { return time.nanos / kNanosAMillisecond; }

std::int64_t total_hours(const Duration& duration) { return duration.seconds / 3600; }
std::int64_t total_minutes(const Duration& duration) { return duration.seconds / 60; }
std::int64_t total_seconds(const Duration& duration) { return duration.seconds; }
std::int64_t part_milliseconds(const Duration& duration) { return duration.nanos / kNanosAMillisecond; }

/// The offset that the second argument asks for; 0 without one.
bool read_zone(const Arguments& arguments, Timestamp timestamp, std::int64_t& offset) {
  if (arguments.size() < 2) return true;
  const auto* name = arguments[1].as<std::string>();
  if (name == nullptr) return arguments.evaluation.fail_overload();
  if (!arguments.evaluation.charge(kZoneSteps)) return false;
  const auto found = zone_offset(*name, timestamp.seconds);
  if (!found) {
    return arguments.evaluation.charge(kNoZoneSteps) && arguments.evaluation.fail("unknown time zone");
  }
  offset = *found;
  return true;
}

template <Part Wanted>
bool part_of_time(const Arguments& arguments, Value& result) {
  const auto* timestamp = arguments[0].as<Timestamp>();
  if (timestamp == nullptr) return arguments.evaluation.fail_overload();
  std::int64_t offset = 0;
  if (!read_zone(arguments, *timestamp, offset)) return false;
  result = Value::of(Wanted(local_time(*timestamp, offset)));
  return true;
}

template <Part Wanted, Total OfDuration>
bool part_of_either(const Arguments& arguments, Value& result) {
  const auto* duration = arguments[0].as<Duration>();
  if (duration == nullptr) return part_of_time<Wanted>(arguments, result);
  result = Value::of(OfDuration(*duration));
  return true;
}

constexpr FunctionEntry kEntries[] = {{"getFullYear", 1, part_of_time<year>},
                                      {"getFullYear", 2, part_of_time<year>},
                                      {"getMonth", 1, part_of_time<month>},
                                      {"getMonth", 2, part_of_time<month>},
                                      {"getDayOfYear", 1, part_of_time<year_day>},
                                      {"getDayOfYear", 2, part_of_time<year_day>},
                                      {"getDayOfMonth", 1, part_of_time<day_from_zero>},
                                      {"getDayOfMonth", 2, part_of_time<day_from_zero>},
                                      {"getDate", 1, part_of_time<day>},
                                      {"getDate", 2, part_of_time<day>},
                                      {"getDayOfWeek", 1, part_of_time<week_day>},
                                      {"getDayOfWeek", 2, part_of_time<week_day>},
                                      {"getHours", 1, part_of_either<hour, total_hours>},
                                      {"getHours", 2, part_of_time<hour>},
                                      {"getMinutes", 1, part_of_either<minute, total_minutes>},
                                      {"getMinutes", 2, part_of_time<minute>},
                                      {"getSeconds", 1, part_of_either<second, total_seconds>},
                                      {"getSeconds", 2, part_of_time<second>},
                                      {"getMilliseconds", 1, part_of_either<millisecond, part_milliseconds>},
                                      {"getMilliseconds", 2, part_of_time<millisecond>}};

}  // namespace

std::span<const FunctionEntry> time_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
