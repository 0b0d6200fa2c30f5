#include "plugin/cli/time_text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace portcullis {
namespace {

TimePoint unix_time(std::int64_t count) { return TimePoint(std::chrono::seconds(count)); }

TEST(CliTimeText, ReadsUnixSeconds) {
  EXPECT_EQ(parse_time("1772366400").value(), unix_time(1772366400));
  EXPECT_EQ(parse_time("-1").value(), unix_time(-1));
  EXPECT_EQ(parse_time("0").value(), unix_time(0));
}

TEST(CliTimeText, ReadsRfc3339) {
  EXPECT_EQ(parse_time("2026-03-01T12:00:00Z").value(), unix_time(1772366400));
  EXPECT_EQ(parse_time("2026-03-01T13:30:00+01:30").value(), unix_time(1772366400));
}

TEST(CliTimeText, KeepsWithinTheYears0To9999) {
  EXPECT_TRUE(parse_time("253402300799").ok());
  EXPECT_FALSE(parse_time("253402300800").ok());
  EXPECT_TRUE(parse_time("-62167219200").ok());
  EXPECT_FALSE(parse_time("-62167219201").ok());
}

TEST(CliTimeText, RefusesWhatIsNoTime) {
  for (const char* text : {"", "now", "2026-03-01", "2026-03-01T12:00:00", "2026-02-29T00:00:00Z", "12.5", "12s", "99999999999999999999"}) {
    const Result<TimePoint> time = parse_time(text);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_EQ(time.error().reason, Reason::bad_request) << text;
  }
}

}  // namespace
}  // namespace portcullis
