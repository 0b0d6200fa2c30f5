#include "aws/dates.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/printing.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

TEST(AwsTimes, AreReadStrictly) {
  EXPECT_EQ(parse_aws_time("2023-11-14T22:13:20Z"), TimePoint(1700000000s));
  EXPECT_EQ(parse_aws_time("2023-11-14T22:13:20.123Z"), TimePoint(1700000000s));
  for (const char* text :
       {"", "2023-11-14", "2023-13-14T22:13:20Z", "2023-11-14T24:13:20Z", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z"}) {
    EXPECT_FALSE(parse_aws_time(text).has_value()) << text;
  }
  EXPECT_EQ(parse_http_date("Tue, 14 Nov 2023 22:13:20 GMT"), TimePoint(1700000000s));
  EXPECT_FALSE(parse_http_date("Tue, 14 Xxx 2023 22:13:20 GMT").has_value());
}

TEST(HttpDate, HasDigitsAloneAndItsBounds) {
  EXPECT_EQ(parse_http_date("Tue, 14 Nov 2023 23:59:60 GMT"), parse_http_date("Wed, 15 Nov 2023 00:00:00 GMT"));
  EXPECT_EQ(parse_http_date("Fri, 01 Dec 2023 00:00:00 GMT"), TimePoint(1701388800s));
  for (const char* bad : {"", "Tue, 14 Nov 2023 22:13:20 UTC", "Tue, 14 Nov 2023 22:13:20  GMT", "Tue, 31 Nov 2023 22:13:20 GMT",
                          "Tue, 14 Nov 2023 24:00:00 GMT", "Tue, 14 Nov 2023 22:60:20 GMT", "Tue, 14 Nov 2023 22:13:61 GMT",
                          "Tue, 1x Nov 2023 22:13:20 GMT", "Tue, 14 anF 2023 22:13:20 GMT", "Tue, 14 Nov 2x23 22:13:20 GMT",
                          "Tue, 14 Nov 2023 -1:13:20 GMT", "Tue, 14 Nov 2023 22:-1:20 GMT", "Tue, 14 Nov 2023 22:13:-1 GMT"})
    EXPECT_FALSE(parse_http_date(bad).has_value()) << bad;
}

TEST(AwsTime, HasDigitsAloneAndItsBounds) {
  const TimePoint second = *parse_aws_time("2026-03-01T12:00:00Z");
  EXPECT_EQ(second, test::kNow);
  EXPECT_EQ(parse_aws_time("2026-03-01T12:00:00+00:00"), second);
  EXPECT_EQ(parse_aws_time("2026-03-01T12:00:00.999999Z"), second);
  EXPECT_EQ(parse_aws_time("2026-03-01T23:59:60Z"), second + 12h);
  for (const char* bad : {"",
                          "2026-03-01T12:00:00",
                          "2026-03-01T12:00:0Z",
                          "2026-03-01T24:00:00Z",
                          "2026-03-01T12:60:00Z",
                          "2026-03-01T12:00:61Z",
                          "2026-02-29T12:00:00Z",
                          "2026-13-01T12:00:00Z",
                          "2026-03-01 12:00:00Z",
                          "2026/03-01T12:00:00Z",
                          "2026-03/01T12:00:00Z",
                          "2026-03-01T12-00:00Z",
                          "2026-03-01T12:00-00Z",
                          "2026-03-01T12:00:00+01:00",
                          "2026-03-01T12:00:00.1x",
                          "2026-03-01T-1:00:00Z",
                          "2026-03-01T12:-1:00Z",
                          "2026-03-01T12:00:-1Z",
                          "-026-03-01T12:00:00Z",
                          "2026-03-01T1x:00:00Z"})
    EXPECT_FALSE(parse_aws_time(bad).has_value()) << bad;
}

TEST(Rfc3339, IsReadWithEveryOffset) {
  for (const char* text : {"2026-03-01T12:00:00Z", "2026-03-01t12:00:00z", "2026-03-01T12:00:00.999Z", "2026-03-01T12:00:00+00:00",
                           "2026-03-01T14:30:00+02:30", "2026-03-01T04:00:00-08:00"}) {
    EXPECT_EQ(parse_rfc3339(text), test::kNow) << text;
  }
  for (const char* text : {"", "2026-03-01T12:00:00", "2026-03-01T12:00:00+0200", "2026-03-01T12:00:00+24:00", "2026-03-01T12:00:00+02:60",
                           "2026-03-01T12:00:00+-2:00", "2026-03-01T12:00:00+-0:30", "2026-03-01T12:00:00+02:-0",
                           "2026-03-01T12:00:00*02:00", "+00:00", "2026-02-30T12:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace portcullis
