// policy/cel/eval/literals.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelLiterals, AMapTakesFourKindsOfKeysEachOnce) {
  constexpr Row kRows[] = {{"{\"a\": 1, \"b\": 2}", R"({"a":1,"b":2})"},
                           {"{1: \"a\", 1: \"b\"}", "eval: Failed with repeated key"},
                           {"{1: \"a\", 1u: \"b\"}", "eval: Failed with repeated key"},
                           {"{1.5: \"a\"}", "eval: unsupported key type: a map takes bool, int, uint and string"},
                           {"{null: 1}", "eval: unsupported key type: a map takes bool, int, uint and string"},
                           {"{true: 1, 2: 3, 4u: 5, \"a\": 6}.size()", "4"}};
  expect_unchecked_rows(kRows);
}

TEST(CelLiterals, OptionalPartsMustBeOptionals) {
  constexpr Row kRows[] = {{"[?1]", "eval: no such overload"}, {"{?\"a\": 1}", "eval: no such overload"}, {"[?optional.none()]", "[]"}};
  expect_unchecked_rows(kRows);
}

TEST(CelLiterals, AnErrorInAPartIsTheErrorOfTheWhole) {
  constexpr Row kRows[] = {{"[1, 1 / 0]", "eval: division by zero"},
                           {"{\"a\": 1 / 0}", "eval: division by zero"},
                           {"{1 / 0: 1}", "eval: division by zero"},
                           {"size([1 / 0])", "eval: division by zero"}};
  expect_rows(kRows);
}

TEST(CelLiterals, FunctionsThatAreNoneFailWhenTheyRun) {
  constexpr Row kRows[] = {
      {"nothing(1)", "eval: unbound function: nothing"}, {"nothing(1) || true", "true"}, {"size(1, 2)", "eval: no such overload"}};
  expect_unchecked_rows(kRows);
}

}  // namespace
}  // namespace portcullis::cel
