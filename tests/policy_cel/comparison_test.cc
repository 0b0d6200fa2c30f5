// policy/cel/functions/comparison.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelComparison, NumbersOfAnyKindAreOrdered) {
  constexpr Row kRows[] = {{"1 < 2.5", "true"},   {"1u < 2", "true"},    {"-1 < 0u", "true"}, {"2.5 >= 2", "true"},
                           {"3u > 3.0", "false"}, {"3u >= 3.0", "true"}, {"1 <= 1", "true"},  {"2 < 1", "false"}};
  expect_rows(kRows);
}

TEST(CelComparison, OtherOrderedTypesAreComparedWithThemselves) {
  constexpr Row kRows[] = {{"\"a\" < \"b\"", "true"},
                           {"b\"a\" >= b\"b\"", "false"},
                           {"false < true", "true"},
                           {"duration(\"1s\") < duration(\"1.5s\")", "true"},
                           {"timestamp(1) > timestamp(0)", "true"}};
  expect_rows(kRows);
}

TEST(CelComparison, NaNIsInNoOrder) {
  constexpr Row kRows[] = {
      {"double(\"NaN\") < 1.0", "false"}, {"double(\"NaN\") >= 1.0", "false"}, {"double(\"NaN\") == double(\"NaN\")", "false"}};
  expect_rows(kRows);
}

TEST(CelComparison, OtherPairsHaveNoOverload) {
  constexpr Row kRows[] = {{"1 < \"a\"", "eval: no such overload"},
                           {"null < null", "eval: no such overload"},
                           {"[1] < [2]", "eval: no such overload"},
                           {"timestamp(0) < duration(\"1s\")", "eval: no such overload"}};
  expect_unchecked_rows(kRows);
}

}  // namespace
}  // namespace portcullis::cel
