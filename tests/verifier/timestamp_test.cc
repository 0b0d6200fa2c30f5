// RFC 3339 timestamps.
#include "verifier/timestamp.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace portcullis {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using test::kNow;

TEST(Timestamp, ReadsUtcAndOffsets) {
  EXPECT_EQ(parse_timestamp("2026-03-01T12:00:00Z"), kNow);
  EXPECT_EQ(parse_timestamp("2026-03-01T13:30:00+01:30"), kNow);
  EXPECT_EQ(parse_timestamp("2026-03-01T04:00:00-08:00"), kNow);
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00Z"), TimePoint{});
  EXPECT_EQ(parse_timestamp("2024-02-29T23:59:59Z"), parse_timestamp("2024-03-01T00:00:00Z").value() - std::chrono::seconds(1));
}

TEST(Timestamp, CutsFractionsToMilliseconds) {
  EXPECT_EQ(parse_timestamp("2026-03-01T12:00:00.5Z"), kNow + milliseconds(500));
  EXPECT_EQ(parse_timestamp("2026-03-01T12:00:00.0019Z"), kNow + milliseconds(1));
  EXPECT_EQ(parse_timestamp("2026-03-01T12:00:00.123456789123456789Z"), kNow + milliseconds(123));
}

TEST(Timestamp, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-03-01",
                                      "2026-03-01T12:00:00",
                                      "2026-03-01 12:00:00Z",
                                      "2026-03-01t12:00:00z",
                                      "2026-3-1T12:00:00Z",
                                      "26-03-01T12:00:00Z",
                                      "2026-02-29T12:00:00Z",
                                      "2026-13-01T12:00:00Z",
                                      "2026-00-01T12:00:00Z",
                                      "2026-03-00T12:00:00Z",
                                      "2026-03-01T24:00:00Z",
                                      "2026-03-01T12:60:00Z",
                                      "2026-03-01T12:00:60Z",
                                      "2026-03-01T12:00Z",
                                      "2026-03-01T12:00:00.Z",
                                      "2026-03-01T12:00:00,5Z",
                                      "2026-03-01T12:00:00+1:00",
                                      "2026-03-01T12:00:00+0100",
                                      "2026-03-01T12:00:00+24:00",
                                      "2026-03-01T12:00:00+01:60",
                                      "2026-03-01T12:00:00Zx",
                                      "2026-03-01T12:00:00+01:00x",
                                      "2026-0x-01T12:00:00Z",
                                      "2026-03-0xT12:00:00Z",
                                      "2026-03-01T1x:00:00Z",
                                      "2026-03-01T12:0",
                                      "1772366400",
                                      "-026-03-01T12:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace portcullis
