// policy/cel/value_text: JSON in and out, and how numbers and times are written.
#include <gtest/gtest.h>

#include <limits>

#include "policy/cel/value.h"
#include "tests/policy_cel/evaluating.h"

namespace portcullis::cel {
namespace {

TEST(CelValueText, DoublesAreWrittenAsGoDoes) {
  EXPECT_EQ(double_text(0), "0");
  EXPECT_EQ(double_text(-0.5), "-0.5");
  EXPECT_EQ(double_text(123456), "123456");
  EXPECT_EQ(double_text(1000000), "1e+06");
  EXPECT_EQ(double_text(12345678), "1.2345678e+07");
  EXPECT_EQ(double_text(0.0001), "0.0001");
  EXPECT_EQ(double_text(0.00001), "1e-05");
  EXPECT_EQ(double_text(1e300), "1e+300");
  EXPECT_EQ(double_text(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(double_text(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(double_text(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(CelValueText, TimesAreWrittenWithTheDigitsThatTheyNeed) {
  EXPECT_EQ(timestamp_text({0, 0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(timestamp_text({-1, 500'000'000}), "1969-12-31T23:59:59.5Z");
  EXPECT_EQ(timestamp_text({253'402'300'799, 1}), "9999-12-31T23:59:59.000000001Z");
  EXPECT_EQ(timestamp_text({-62'135'596'800, 0}), "0001-01-01T00:00:00Z");
  EXPECT_EQ(duration_text({3600, 0}), "3600s");
  EXPECT_EQ(duration_text({-1, -500'000'000}), "-1.5s");
  EXPECT_EQ(duration_text({0, -1}), "-0.000000001s");
}

TEST(CelValueText, JsonNumbersAreDoubles) {
  const auto document = parse_json(R"({"a": 1, "b": [true, null, "x"], "c": {"d": 2.5}})", kSampleLimits);

  const Value value = value_from_json(document->root());

  EXPECT_EQ(value.member("a")->kind(), Kind::floating);
  EXPECT_EQ(value_to_json(value), R"({"a":1,"b":[true,null,"x"],"c":{"d":2.5}})");
}

TEST(CelValueText, WhatJsonLacksIsWrittenAsText) {
  EXPECT_EQ(value_to_json(Value::of(Bytes{"\x01\xff"})), R"("Af8=")");
  EXPECT_EQ(value_to_json(Value::of(Duration{3, 0})), R"("3s")");
  EXPECT_EQ(value_to_json(Value::of(Timestamp{})), R"("1970-01-01T00:00:00Z")");
  EXPECT_EQ(value_to_json(Value::of(TypeValue{"int"})), R"("int")");
  EXPECT_EQ(value_to_json(Value::none()), "null");
  EXPECT_EQ(value_to_json(Value::of(std::numeric_limits<double>::infinity())), R"("Infinity")");
  EXPECT_EQ(value_to_json(Value::of(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
  EXPECT_EQ(value_to_json(Value::of(Map{{Value::of(std::int64_t{1}), Value()}, {Value::of(true), Value()}})), R"({"1":null,"true":null})");
}

}  // namespace
}  // namespace portcullis::cel
