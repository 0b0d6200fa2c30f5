// policy/cel/functions/arithmetic.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelArithmetic, NumbersOfOneKindAreAddedSubtractedMultipliedAndDivided) {
  constexpr Row kRows[] = {{"1 + 2", "3"},       {"1u + 2u", "3"},
                           {"1.5 + 2.0", "3.5"}, {"3 - 5", "-2"},
                           {"5u - 3u", "2"},     {"2 * 3", "6"},
                           {"7 / 2", "3"},       {"-7 / 2", "-3"},
                           {"7 % 3", "1"},       {"-7 % 3", "-1"},
                           {"7u % 4u", "3"},     {"-(5)", "-5"},
                           {"-(1.5)", "-1.5"},   {"1.0 / 0.0 > 1e300", "true"}};
  expect_rows(kRows);
}

TEST(CelArithmetic, WhatLeavesSixtyFourBitsIsAnError) {
  constexpr Row kRows[] = {{"9223372036854775806 + 1", "9223372036854775807"},
                           {"9223372036854775807 + 1", "eval: integer overflow"},
                           {"-9223372036854775807 - 1", "-9223372036854775808"},
                           {"-9223372036854775808 - 1", "eval: integer overflow"},
                           {"9223372036854775807 * 2", "eval: integer overflow"},
                           {"-9223372036854775808 / -1", "eval: integer overflow"},
                           {"-9223372036854775808 % -1", "eval: integer overflow"},
                           {"-(-9223372036854775808)", "eval: integer overflow"},
                           {"18446744073709551614u + 1u", "18446744073709551615"},
                           {"18446744073709551615u + 1u", "eval: unsigned integer overflow"},
                           {"1u - 1u", "0"},
                           {"1u - 2u", "eval: unsigned integer overflow"}};
  expect_rows(kRows);
}

TEST(CelArithmetic, NothingIsDividedByZeroButADouble) {
  constexpr Row kRows[] = {{"1 / 0", "eval: division by zero"},
                           {"1u / 0u", "eval: division by zero"},
                           {"1 % 0", "eval: modulus by zero"},
                           {"1u % 0u", "eval: modulus by zero"}};
  expect_rows(kRows);
}

TEST(CelArithmetic, TextsBytesAndListsAreJoined) {
  constexpr Row kRows[] = {
      {"\"a\" + \"b\"", R"("ab")"}, {"b\"a\" + b\"b\" == b\"ab\"", "true"}, {"[1] + [2, 3]", "[1,2,3]"}, {"[] + []", "[]"}};
  expect_rows(kRows);
}

TEST(CelArithmetic, TimesAndDurationsAreAddedAndSubtracted) {
  constexpr Row kRows[] = {{"timestamp(\"2026-01-01T00:00:00Z\") + duration(\"1h\")", R"("2026-01-01T01:00:00Z")"},
                           {"duration(\"1h\") + timestamp(\"2026-01-01T00:00:00Z\")", R"("2026-01-01T01:00:00Z")"},
                           {"timestamp(\"2026-01-01T00:00:00Z\") - duration(\"1ns\")", R"("2025-12-31T23:59:59.999999999Z")"},
                           {"timestamp(\"2026-01-02T00:00:00Z\") - timestamp(\"2026-01-01T00:00:00Z\")", R"("86400s")"},
                           {"duration(\"1h\") - duration(\"30m\")", R"("1800s")"},
                           {"duration(\"200000h\") + duration(\"2500000h\")", "eval: duration out of range"},
                           {"timestamp(\"9999-12-31T23:59:59Z\") + duration(\"1s\")", "eval: timestamp out of range"},
                           {"timestamp(\"0001-01-01T00:00:00Z\") - duration(\"1ns\")", "eval: timestamp out of range"},
                           {"timestamp(\"9999-12-31T23:59:59Z\") - timestamp(\"0001-01-01T00:00:00Z\")", "eval: duration out of range"}};
  expect_rows(kRows);
}

TEST(CelArithmetic, OtherPairsHaveNoOverload) {
  constexpr Row kRows[] = {{"1 + 1u", "eval: no such overload"},    {"1 + 1.0", "eval: no such overload"},
                           {"\"a\" + 1", "eval: no such overload"}, {"true + true", "eval: no such overload"},
                           {"-true", "eval: no such overload"},     {"-1u", "eval: no such overload"},
                           {"1.0 % 2.0", "eval: no such overload"}, {"null - null", "eval: no such overload"},
                           {"\"a\" * 2", "eval: no such overload"}, {"timestamp(0) - 1", "eval: no such overload"}};
  expect_unchecked_rows(kRows);
}

}  // namespace
}  // namespace portcullis::cel
