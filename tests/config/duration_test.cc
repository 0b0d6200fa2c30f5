#include "config/duration.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

using namespace std::chrono_literals;

Duration good(std::string_view text) {
  const auto parsed = parse_duration(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed ? *parsed : Duration{-12345};
}

bool refused(std::string_view text) {
  const auto parsed = parse_duration(text);
  return !parsed && parsed.error().reason == Reason::config_invalid;
}

TEST(Duration, ReadsWhatGoReads) {
  EXPECT_EQ(good("30s"), 30s);
  EXPECT_EQ(good("5m"), 5min);
  EXPECT_EQ(good("1h30m"), 90min);
  EXPECT_EQ(good("1.5h"), 90min);
  EXPECT_EQ(good(".5s"), 500ms);
  EXPECT_EQ(good("1.s"), 1s);
  EXPECT_EQ(good("250ms"), 250ms);
  EXPECT_EQ(good("2000us"), 2ms);
  EXPECT_EQ(good("2000µs"), 2ms);
  EXPECT_EQ(good("2000μs"), 2ms);
  EXPECT_EQ(good("3000000ns"), 3ms);
  EXPECT_EQ(good("+1s"), 1s);
  EXPECT_EQ(good("-1m30s"), -90s);
  EXPECT_EQ(good("0"), 0s);
  EXPECT_EQ(good("1m1m"), 2min);
  EXPECT_EQ(good("1.500s"), 1500ms);
}

TEST(Duration, RefusesANumberWithoutUnitAndSaysSo) {
  const auto parsed = parse_duration("60");

  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.error().detail.find("write \"60s\" for seconds"), std::string::npos) << parsed.error().detail;
}

TEST(Duration, RefusesWhatIsNoDuration) {
  for (const std::string_view text :
       {"", "s", "-", "+", ".", ".s", "1x", "1 s", " 1s", "1s ", "1d", "1S", "1e3s", "--1s", "1s-1s", "00", "1.2.3s"}) {
    EXPECT_TRUE(refused(text)) << text;
  }
}

TEST(Duration, RefusesWhatIsFinerThanAMillisecond) {
  EXPECT_TRUE(refused("1us"));
  EXPECT_TRUE(refused("1999us"));
  EXPECT_TRUE(refused("0.0001s"));
  EXPECT_TRUE(refused("0.00000000001s"));
  EXPECT_EQ(good("0.001s"), 1ms);
}

TEST(Duration, RefusesMoreThanSixtyFourBitsOfNanoseconds) {
  EXPECT_EQ(good("9223372036s"), 9223372036s);
  EXPECT_TRUE(refused("9223372037s"));
  EXPECT_TRUE(refused("2562047h2562047h"));
  EXPECT_TRUE(refused("99999999999999999999s"));
}

TEST(Duration, IsWrittenAsItIsRead) {
  for (const std::string_view text : {"0s", "1ms", "30s", "1h30m", "1h", "-1m30s", "8760h", "1s500ms"})
    EXPECT_EQ(format_duration(good(text)), text);
}

}  // namespace
}  // namespace portcullis
