// policy/cel/functions/calendar, zone and code_points.
#include "policy/cel/functions/calendar.h"

#include <gtest/gtest.h>

#include "policy/cel/functions/code_points.h"
#include "policy/cel/functions/zone.h"

namespace portcullis::cel {
namespace {

TEST(CelCalendar, DurationsAreReadInGoSyntax) {
  EXPECT_EQ(parse_duration("0"), Duration{});
  EXPECT_EQ(parse_duration("1h30m10s"), (Duration{5410, 0}));
  EXPECT_EQ(parse_duration("-1.5s"), (Duration{-1, -500'000'000}));
  EXPECT_EQ(parse_duration("+3s"), (Duration{3, 0}));
  EXPECT_EQ(parse_duration("1.5h"), (Duration{5400, 0}));
  EXPECT_EQ(parse_duration("0.1m"), (Duration{6, 0}));
  EXPECT_EQ(parse_duration(".5s"), (Duration{0, 500'000'000}));
  EXPECT_EQ(parse_duration("5ms3us7ns"), (Duration{0, 5'003'007}));
  EXPECT_EQ(parse_duration("1µs"), (Duration{0, 1'000}));
  EXPECT_EQ(parse_duration("1.0000000001s"), (Duration{1, 0}));
}

TEST(CelCalendar, OtherDurationsAreNone) {
  for (const std::string_view text :
       {"", "-", "1", "s", "1d", "1 s", "1s ", ".s", "1..5s", "--1s", "1h-1m", "1e3s", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(CelCalendar, ADurationFitsInSixtyFourBitsOfNanoseconds) {
  EXPECT_TRUE(parse_duration("9223372036854775807ns").has_value());
  EXPECT_FALSE(parse_duration("9223372036854775808ns").has_value());
  EXPECT_TRUE(parse_duration("-9223372036854775808ns").has_value());
  EXPECT_FALSE(parse_duration("-9223372036854775809ns").has_value());
  EXPECT_FALSE(nanos_of({9'223'372'037, 0}).has_value());
  EXPECT_EQ(nanos_of({9'223'372'036, 854'775'807}), INT64_MAX);
}

TEST(CelCalendar, TimestampsAreReadStrictly) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00Z"), (Timestamp{0, 0}));
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.5Z"), (Timestamp{0, 500'000'000}));
  EXPECT_EQ(parse_timestamp("1970-01-01T01:30:00+01:30"), (Timestamp{0, 0}));
  EXPECT_EQ(parse_timestamp("1969-12-31T23:00:00-01:00"), (Timestamp{0, 0}));
  EXPECT_EQ(parse_timestamp("2024-02-29T00:00:00Z")->seconds, 1'709'164'800);
  for (const std::string_view text : {"",
                                      "2026-11-22",
                                      "2026-11-22T10:00:00",
                                      "2026-11-22 10:00:00Z",
                                      "2026-11-22t10:00:00Z",
                                      "2026-11-22T10:00:00z",
                                      "2023-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-01-32T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:60:00Z",
                                      "2026-01-01T00:00:60Z",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00+24:00",
                                      "2026-01-01T00:00:00+0100",
                                      "0000-01-01T00:00:00Z",
                                      "10000-01-01T00:00:00Z",
                                      "0001-01-01T00:00:00+00:01",
                                      "2026-1-1T00:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
  }
}

TEST(CelCalendar, TimesStayWithinTheirYears) {
  EXPECT_TRUE(timestamp_from_seconds(kLastSecond).has_value());
  EXPECT_FALSE(timestamp_from_seconds(kLastSecond + 1).has_value());
  EXPECT_TRUE(timestamp_from_seconds(kFirstSecond).has_value());
  EXPECT_FALSE(timestamp_from_seconds(kFirstSecond - 1).has_value());
  EXPECT_FALSE(add({kLastSecond, 999'999'999}, 1).has_value());
  EXPECT_EQ(add({0, 0}, -1), (Timestamp{-1, 999'999'999}));
  EXPECT_FALSE(between({kLastSecond, 0}, {kFirstSecond, 0}).has_value());
}

TEST(CelZone, NamesAndOffsetsAreKnown) {
  EXPECT_EQ(zone_offset("UTC", 0), 0);
  EXPECT_EQ(zone_offset("", 0), 0);
  EXPECT_EQ(zone_offset("+02:30", 0), 9000);
  EXPECT_EQ(zone_offset("-00:30", 0), -1800);
  EXPECT_EQ(zone_offset("Asia/Kathmandu", 1'700'000'000), 20'700);
  EXPECT_FALSE(zone_offset("Nowhere/City", 0).has_value());
  EXPECT_FALSE(zone_offset("24:00", 0).has_value());
}

TEST(CelCodePoints, PositionsCountWhatAReaderSees) {
  EXPECT_EQ(count_code_points("añ😀"), 3U);
  EXPECT_EQ(byte_of_code_point("añ😀", 2), 3U);
  EXPECT_EQ(byte_of_code_point("añ😀", 3), 7U);
  EXPECT_FALSE(byte_of_code_point("añ😀", 4).has_value());
  EXPECT_EQ(code_point_at("😀", 0), 0x1F600U);
  EXPECT_EQ(code_point_length("😀a", 0), 4U);
  EXPECT_TRUE(is_white_space(0x2003));
  EXPECT_FALSE(is_white_space(0x200B));
}

}  // namespace
}  // namespace portcullis::cel
