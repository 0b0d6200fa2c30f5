// policy/cel/functions/pattern.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelPattern, AMatchMayStandAnywhere) {
  constexpr Row kRows[] = {{R"("hello".matches("l+"))", "true"},
                           {R"("hello".matches("^l"))", "false"},
                           {R"(matches("ñ", "^.$"))", "true"},
                           {R"("a".matches(""))", "true"},
                           {R"("a\nb".matches("a.b"))", "false"}};
  expect_rows(kRows);
}

TEST(CelPattern, APatternThatIsNoneDoesNotCompile) {
  const std::string said = outcome(R"("a".matches("[a"))");

  EXPECT_TRUE(said.starts_with("compile: ERROR: <input>:1:")) << said;
  EXPECT_NE(said.find("invalid regular expression: missing ]"), std::string::npos) << said;
}

TEST(CelPattern, APatternOfTheDataIsCompiledWhenItRuns) {
  EXPECT_EQ(outcome("\"abc\".matches(c.p)", R"({"c": {"p": "^a.c$"}})"), "true");
  EXPECT_EQ(outcome("\"abc\".matches(c.p)", R"({"c": {"p": "(a"}})"), "eval: invalid regular expression");
  EXPECT_EQ(outcome("\"abc\".matches(c.p)", R"({"c": {"p": 1}})"), "eval: no such overload");
  EXPECT_EQ(unchecked("1.matches(\"a\")"), "eval: no such overload");
}

TEST(CelPattern, APatternHasABoundOfLength) {
  EXPECT_EQ(outcome("\"a\".matches(\"" + std::string(1024, 'a') + "\")"), "false");
  EXPECT_TRUE(outcome("\"a\".matches(\"" + std::string(1025, 'a') + "\")").starts_with("compile: "));
}

}  // namespace
}  // namespace portcullis::cel
