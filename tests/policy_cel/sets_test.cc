// policy/cel/functions/sets.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelSets, ListsAreComparedAsSets) {
  constexpr Row kRows[] = {
      {"sets.contains([1, 2, 3], [2, 1])", "true"},   {"sets.contains([1], [1, 2])", "false"},   {"sets.contains([], [])", "true"},
      {"sets.equivalent([1, 2, 2], [2, 1])", "true"}, {"sets.equivalent([1], [1, 2])", "false"}, {"sets.equivalent([1, 2], [1])", "false"},
      {"sets.intersects([1, 2], [2, 3])", "true"},    {"sets.intersects([1], [2])", "false"},    {"sets.intersects([], [1])", "false"}};
  expect_rows(kRows);
  EXPECT_EQ(unchecked("sets.contains(1, [1])"), "eval: no such overload");
  EXPECT_EQ(unchecked("sets.contains([1, 1u, 1.0], [1.0])"), "true");
}

}  // namespace
}  // namespace portcullis::cel
