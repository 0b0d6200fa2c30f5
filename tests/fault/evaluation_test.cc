// CEL while memory runs out: an evaluation fails, or gives its usual answer.
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "policy/cel/expression.h"
#include "tests/fault/each_allocation.h"

namespace portcullis::test {
namespace {

TEST(EvaluationWithoutMemory, OfABudgetThatIsUsedUpIsAFailure) {
  const auto expression = cel::Expression::compile("[1, 2, 3, 4].all(x, x > 0)", {});
  ASSERT_TRUE(expression.ok());
  const cel::EvaluationLimits limits{.steps = 10};
  ASSERT_FALSE(expression->evaluate_bool({}, limits).ok());
  fail_all_allocations([&] { return expression->evaluate_bool({}, limits); },
                       [](const std::optional<Result<bool>>& given) { EXPECT_FALSE(given && given->ok()); });
}

TEST(EvaluationWithoutMemory, GivesTheUsualAnswerOrNone) {
  const std::string rule =
      "['a', 'b'].map(x, x + '" + std::string(3'000, '.') + "').exists(x, x.startsWith('b.'))";  // more than the arena has by itself
  const auto expression = cel::Expression::compile(rule, {});
  ASSERT_TRUE(expression.ok()) << expression.error().detail;
  fail_all_allocations([&] { return expression->evaluate_bool({}); },
                       [](const std::optional<Result<bool>>& given) { EXPECT_TRUE(!given || !given->ok() || **given); });
}

}  // namespace
}  // namespace portcullis::test
