// policy/cel/eval/logic.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

constexpr std::string_view kData = R"({"c": {"t": true, "f": false, "one": 1}})";

TEST(CelLogic, OneSideThatDecidesForgivesTheOther) {  // L7
  constexpr Row kRows[] = {{"c.x == 1 || true", "true"},
                           {"true || c.x == 1", "true"},
                           {"c.x == 1 && false", "false"},
                           {"false && c.x == 1", "false"},
                           {"c.x == 1 || false", "eval: no such key: x"},
                           {"false || c.x == 1", "eval: no such key: x"},
                           {"c.x == 1 && true", "eval: no such key: x"},
                           {"true && c.x == 1", "eval: no such key: x"},
                           {"c.x == 1 || c.y == 1", "eval: no such key: x"},
                           {"c.one || true", "true"},
                           {"true && c.t", "true"}};
  expect_rows(kRows, kData);
}

TEST(CelLogic, OnlyBoolsDecide) {  // L8
  constexpr Row kRows[] = {{"1 && true", "eval: no such overload"},
                           {"true && 1", "eval: no such overload"},
                           {"\"true\" || false", "eval: no such overload"},
                           {"null || false", "eval: no such overload"},
                           {"1 && false", "false"},
                           {"!1", "eval: no such overload"},
                           {"1 ? 2 : 3", "eval: no such overload"}};
  expect_unchecked_rows(kRows, kData);
}

TEST(CelLogic, OneBranchRuns) {
  constexpr Row kRows[] = {{"c.t ? 1 : 1 / 0", "1"}, {"c.f ? 1 / 0 : 2", "2"}, {"c.x ? 1 : 2", "eval: no such key: x"}, {"!c.t", "false"}};
  expect_rows(kRows, kData);
}

TEST(CelLogic, EqualityAsksAcrossTypes) {
  constexpr Row kRows[] = {{"c.one == 1", "true"},
                           {"c.one != 1u", "false"},
                           {"c.t == 1", "false"},
                           {"dyn(\"1\") == dyn(1)", "false"},
                           {"[[1], [2]] == [[1], [2]]", "true"},
                           {"{\"a\": [1]} == {\"a\": [1]}", "true"},
                           {"null == null", "true"},
                           {"c.one == null", "false"}};
  expect_rows(kRows, kData);
}

TEST(CelLogic, InLooksThroughListsAndKeys) {
  constexpr Row kRows[] = {{"1 in [1, 2]", "true"}, {"c.one in [1, 2]", "true"}, {"3 in [1, 2]", "false"},
                           {"\"t\" in c", "true"},  {"\"zz\" in c", "false"},    {"1 in {1: 2}", "true"}};
  expect_rows(kRows, kData);
  EXPECT_EQ(unchecked("1 in 1"), "eval: no such overload");
}

}  // namespace
}  // namespace portcullis::cel
