// policy/cel/functions/optional.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelOptional, AnOptionalHoldsAValueOrNone) {
  constexpr Row kRows[] = {{"optional.of(1).hasValue()", "true"},
                           {"optional.none().hasValue()", "false"},
                           {"optional.of(1).value()", "1"},
                           {"optional.none().value()", "eval: optional.none() dereference"},
                           {"optional.of(null).hasValue()", "true"},
                           {"optional.of(1).orValue(2)", "1"},
                           {"optional.none().orValue(2)", "2"},
                           {"optional.none().or(optional.of(3)).value()", "3"},
                           {"optional.of(1).or(optional.of(3)).value()", "1"},
                           {"optional.of(1) == optional.of(1)", "true"},
                           {"optional.of(1) == optional.none()", "false"}};
  expect_rows(kRows);
}

TEST(CelOptional, ZeroValuesAreNone) {
  for (const std::string_view zero : {"0", "0u", "0.0", "false", "\"\"", "b\"\"", "[]", "{}", "null", "duration(\"0\")"}) {
    EXPECT_EQ(outcome("optional.ofNonZeroValue(" + std::string(zero) + ").hasValue()"), "false") << zero;
  }
  for (const std::string_view value : {"1", "1u", "0.5", "true", "\"a\"", "b\"a\"", "[0]", "{0: 0}", "duration(\"1s\")"}) {
    EXPECT_EQ(outcome("optional.ofNonZeroValue(" + std::string(value) + ").hasValue()"), "true") << value;
  }
}

TEST(CelOptional, ListsGiveAndTakeThem) {
  constexpr Row kRows[] = {{"[1, 2].first().value()", "1"},
                           {"[1, 2].last().value()", "2"},
                           {"[].first().hasValue()", "false"},
                           {"optional.unwrap([optional.of(1), optional.none(), optional.of(2)])", "[1,2]"},
                           {"[optional.of(1), optional.none()].unwrapOpt()", "[1]"},
                           {"[?optional.of(1), ?optional.none(), 3]", "[1,3]"},
                           {"{?\"a\": optional.of(1), ?\"b\": optional.none()}", R"({"a":1})"}};
  expect_rows(kRows);
}

TEST(CelOptional, TheyAreMapped) {
  constexpr Row kRows[] = {{"optional.of(2).optMap(x, x * 2).value()", "4"},
                           {"optional.none().optMap(x, 1 / 0).hasValue()", "false"},
                           {"optional.of(2).optFlatMap(x, optional.none()).hasValue()", "false"},
                           {"optional.of(2).optMap(x, [x].map(y, y + x)).value()", "[4]"}};
  expect_rows(kRows);
}

TEST(CelOptional, OtherTypesHaveNoOverload) {
  constexpr Row kRows[] = {{"1.hasValue()", "eval: no such overload"},
                           {"1.value()", "eval: no such overload"},
                           {"1.orValue(2)", "eval: no such overload"},
                           {"optional.none().or(1)", "eval: no such overload"},
                           {"1.first()", "eval: no such overload"},
                           {"1.last()", "eval: no such overload"},
                           {"[1].unwrapOpt()", "eval: no such overload"},
                           {"optional.unwrap(1)", "eval: no such overload"},
                           {"[?1]", "eval: no such overload"}};
  expect_unchecked_rows(kRows);
}

}  // namespace
}  // namespace portcullis::cel
