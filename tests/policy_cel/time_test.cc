// policy/cel/functions/time.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelTime, EachPartIsReadInUtc) {
  constexpr Row kRows[] = {{"timestamp(\"2026-11-22T10:11:12.345Z\").getFullYear()", "2026"},
                           {"timestamp(\"2026-11-22T10:11:12.345Z\").getMonth()", "10"},
                           {"timestamp(\"2026-11-22T10:11:12.345Z\").getDate()", "22"},
                           {"timestamp(\"2026-11-22T10:11:12.345Z\").getDayOfMonth()", "21"},
                           {"timestamp(\"2026-11-22T10:11:12.345Z\").getDayOfWeek()", "0"},
                           {"timestamp(\"2026-01-01T00:00:00Z\").getDayOfYear()", "0"},
                           {"timestamp(\"2024-12-31T00:00:00Z\").getDayOfYear()", "365"},
                           {"timestamp(\"2026-11-22T10:11:12.345Z\").getHours()", "10"},
                           {"timestamp(\"2026-11-22T10:11:12.345Z\").getMinutes()", "11"},
                           {"timestamp(\"2026-11-22T10:11:12.345Z\").getSeconds()", "12"},
                           {"timestamp(\"2026-11-22T10:11:12.345Z\").getMilliseconds()", "345"},
                           {"timestamp(\"1969-12-31T23:59:59Z\").getHours()", "23"}};
  expect_rows(kRows);
}

TEST(CelTime, AZoneShowsItsOwnClocks) {
  constexpr Row kRows[] = {{"timestamp(\"2026-07-01T23:00:00Z\").getDate(\"Europe/Berlin\")", "2"},
                           {"timestamp(\"2026-07-01T12:00:00Z\").getHours(\"Europe/Berlin\")", "14"},
                           {"timestamp(\"2026-01-01T12:00:00Z\").getHours(\"Europe/Berlin\")", "13"},
                           {"timestamp(\"2026-01-01T12:00:00Z\").getHours(\"-03:30\")", "8"},
                           {"timestamp(\"2026-01-01T12:00:00Z\").getMinutes(\"-03:30\")", "30"},
                           {"timestamp(\"2026-01-01T12:00:00Z\").getHours(\"UTC\")", "12"}};
  expect_rows(kRows);
}

TEST(CelTime, AZoneThatIsNoneIsAnErrorAndNoFile) {  // L13
  for (const std::string_view zone :
       {"../../etc/passwd", "/etc/passwd", "Mars/Olympus", "+25:00", "+1:60", "1:", ":30", "++1:00", "+001:00", "Europe/Berlin "}) {
    EXPECT_EQ(outcome("timestamp(0).getHours(\"" + std::string(zone) + "\")"), "eval: unknown time zone") << zone;
  }
}

TEST(CelTime, ADurationIsCountedInWholeUnits) {
  constexpr Row kRows[] = {{"duration(\"3h30m\").getHours()", "3"},
                           {"duration(\"3h30m\").getMinutes()", "210"},
                           {"duration(\"1m1.5s\").getSeconds()", "61"},
                           {"duration(\"61.345s\").getMilliseconds()", "345"},
                           {"duration(\"-90m\").getHours()", "-1"}};
  expect_rows(kRows);
}

TEST(CelTime, OtherTypesHaveNoOverload) {
  constexpr Row kRows[] = {{"\"a\".getHours()", "eval: no such overload"},
                           {"duration(\"1s\").getFullYear()", "eval: no such overload"},
                           {"timestamp(0).getHours(1)", "eval: no such overload"},
                           {"duration(\"1s\").getHours(\"UTC\")", "eval: no such overload"}};
  expect_unchecked_rows(kRows);
}

}  // namespace
}  // namespace portcullis::cel
