// policy/cel/eval/plan.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelPlan, ConstantsAreComputedOnceAndMeanTheSame) {
  constexpr Row kRows[] = {{"1 + 2 * 3", "7"},
                           {"[1, 2, 3][1] + {\"a\": 5}.a", "7"},
                           {"\"a\" in [\"a\", \"b\"]", "true"},
                           {"timestamp(\"2026-01-01T00:00:00Z\").getFullYear()", "2026"},
                           {"true ? 1 : 2", "1"},
                           {"\"ab\".matches(\"^a\")", "true"}};
  expect_rows(kRows);
}

TEST(CelPlan, AComputedConstantCostsOneStep) {
  const Sample sample("{}");

  EXPECT_EQ(outcome_with("(1 + 2) * (3 + 4) == 21", sample, {.steps = 2}), "true");
}

TEST(CelPlan, AConstantThatFailsFailsWhenItRuns) {
  constexpr Row kRows[] = {{"1 / 0", "eval: division by zero"},
                           {"1 / 0 == 1 || true", "true"},
                           {"false ? 1 / 0 : 2", "2"},
                           {"timestamp(\"x\") == timestamp(\"x\") || true", "true"}};
  expect_rows(kRows);
}

TEST(CelPlan, ANameWithADotInFrontStepsOverTheVariableOfAMacro) {
  EXPECT_EQ(outcome("[1].exists(c, .c.v == 7.0)", R"({"c": {"v": 7}})"), "true");
}

}  // namespace
}  // namespace portcullis::cel
