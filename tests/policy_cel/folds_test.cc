// policy/cel/eval/folds.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

constexpr std::string_view kData = R"({"c": {"l": [1, 2, 3], "m": {"a": 1, "b": 2}, "e": [], "mixed": [1, "x", 2]}})";

TEST(CelFolds, QuantifiersAskEachElementOrKey) {
  constexpr Row kRows[] = {{"c.l.all(x, x > 0)", "true"},
                           {"c.l.all(x, x > 1)", "false"},
                           {"c.e.all(x, 1 / 0 > x)", "true"},
                           {"c.l.exists(x, x == 2)", "true"},
                           {"c.l.exists(x, x == 9)", "false"},
                           {"c.e.exists(x, true)", "false"},
                           {"c.m.all(k, k in [\"a\", \"b\"])", "true"},
                           {"c.m.exists(k, c.m[k] == 2)", "true"},
                           {"c.l.exists_one(x, x > 2)", "true"},
                           {"c.l.exists_one(x, x > 1)", "false"}};
  expect_rows(kRows, kData);
}

TEST(CelFolds, AnErrorIsForgivenWhereAnotherElementDecides) {
  constexpr Row kRows[] = {{"c.mixed.exists(x, x > 1)", "true"},
                           {"c.mixed.exists(x, x > 5)", "eval: no such overload"},
                           {"c.mixed.all(x, x > 1)", "false"},
                           {"c.mixed.all(x, x > 0)", "eval: no such overload"},
                           {"c.mixed.exists_one(x, x > 1)", "eval: no such overload"}};
  expect_rows(kRows, kData);
  EXPECT_EQ(unchecked("[1].all(x, x)"), "eval: no such overload");
  EXPECT_EQ(unchecked("[1].map(x, x, x)"), "eval: no such overload");
  EXPECT_EQ(unchecked("1.all(x, true)"), "eval: no such overload");
}

TEST(CelFolds, ListsAreMappedAndFiltered) {
  constexpr Row kRows[] = {{"c.l.map(x, x * 2.0)", "[2,4,6]"},
                           {"c.l.map(x, x > 1, x * 2.0)", "[4,6]"},
                           {"c.l.filter(x, x != 2)", "[1,3]"},
                           {"c.m.map(k, k + \"!\")", R"(["a!","b!"])"},
                           {"c.l.map(x, c.l.map(y, y))", "[[1,2,3],[1,2,3],[1,2,3]]"},
                           {"c.l.map(x, c.l.filter(y, y > x).size())", "[2,1,0]"},
                           {"c.l.map(x, [x].map(x, x + 1.0)[0])", "[2,3,4]"},
                           {"c.l.map(x, 1 / 0)", "eval: division by zero"}};
  expect_rows(kRows, kData);
}

TEST(CelFolds, MoreFoldsThanUsualRun) {
  EXPECT_EQ(outcome("[1].map(a, [a].map(b, [b].map(c, [c].map(d, [d].map(e, [e].map(f, a + b + c + d + e + f))))))"), "[[[[[[6]]]]]]");
}

}  // namespace
}  // namespace portcullis::cel
