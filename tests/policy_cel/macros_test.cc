#include "policy/cel/parse/macros.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/policy_cel/rendering.h"

namespace portcullis::cel {
namespace {

TEST(Macros, HasTestsTheLastFieldAlone) {
  EXPECT_EQ(parsed("has(a.b.c)"), "has(a.b.c)");
  EXPECT_EQ(parsed("has(a)"), "ERROR: <input>:1:5: invalid argument to has() macro");
  EXPECT_EQ(parsed("has(a['b'])"), "ERROR: <input>:1:6: invalid argument to has() macro");
  EXPECT_EQ(parsed("has(has(a.b))"), "ERROR: <input>:1:8: invalid argument to has() macro");
}

TEST(Macros, FoldsForEachQuestion) {
  EXPECT_EQ(parsed("r.all(x, p)"), "fold(x in r, @result = true, while @not_strictly_false(@result), _&&_(@result, p), @result)");
  EXPECT_EQ(parsed("r.exists(x, p)"), "fold(x in r, @result = false, while @not_strictly_false(!_(@result)), _||_(@result, p), @result)");
  EXPECT_EQ(parsed("r.exists_one(x, p)"), "fold(x in r, @result = 0, while true, _?_:_(p, _+_(@result, 1), @result), _==_(@result, 1))");
}

TEST(Macros, FoldsForEachNewList) {
  EXPECT_EQ(parsed("r.map(x, t)"), "fold(x in r, @result = [], while true, _+_(@result, [t]), @result)");
  EXPECT_EQ(parsed("r.map(x, p, t)"), "fold(x in r, @result = [], while true, _?_:_(p, _+_(@result, [t]), @result), @result)");
  EXPECT_EQ(parsed("r.filter(x, p)"), "fold(x in r, @result = [], while true, _?_:_(p, _+_(@result, [x]), @result), @result)");
}

TEST(Macros, AnOptionalIsEvaluatedOnceWhenItIsMapped) {
  EXPECT_EQ(parsed("o.optMap(x, t)"),
            "fold(@unused in [], @target = o, while false, @target, _?_:_(@target.hasValue(), optional.of(fold(@unused in [], x = "
            "@target.value(), while false, x, t)), optional.none()))");
  EXPECT_EQ(parsed("o.optFlatMap(x, t)"),
            "fold(@unused in [], @target = o, while false, @target, _?_:_(@target.hasValue(), fold(@unused in [], x = @target.value(), "
            "while false, x, t), optional.none()))");
}

TEST(Macros, AVariableIsASimpleName) {
  EXPECT_EQ(parsed("r.all(a.b, p)"), "ERROR: <input>:1:8: argument must be a simple name");
  EXPECT_EQ(parsed("r.exists(1, p)"), "ERROR: <input>:1:10: argument must be a simple name");
  EXPECT_EQ(parsed("r.exists_one(.a, p)"), "ERROR: <input>:1:15: argument must be a simple name");
  EXPECT_EQ(parsed("r.map(f(), p)"), "ERROR: <input>:1:8: argument is not an identifier");
  EXPECT_EQ(parsed("r.filter('a', p)"), "ERROR: <input>:1:10: argument is not an identifier");
  EXPECT_EQ(parsed("o.optMap(a.b, t)"), "ERROR: <input>:1:11: optMap() variable name must be a simple identifier");
  EXPECT_EQ(parsed("o.optFlatMap(1, t)"), "ERROR: <input>:1:14: optFlatMap() variable name must be a simple identifier");
}

TEST(Macros, TheAccumulatorCannotBeWritten) {
  EXPECT_EQ(parsed("r.map(__result__, 1)"), "ERROR: <input>:1:7: iteration variable overwrites accumulator variable");
  EXPECT_EQ(parsed("r.map(@result, 1)"), "ERROR: <input>:1:7: Syntax error: token recognition error at: '@'");
}

TEST(Macros, AnotherNumberOfArgumentsIsAnOrdinaryCall) {
  EXPECT_EQ(parsed("has(a.b, c)"), "has(a.b, c)");
  EXPECT_EQ(parsed("r.all(x)"), "r.all(x)");
  EXPECT_EQ(parsed("r.map(a, b, c, d)"), "r.map(a, b, c, d)");
  EXPECT_EQ(parsed("all(r, x)"), "all(r, x)") << "a macro with a target needs one";
  EXPECT_EQ(parsed("r.existsOne(x, p)"), "r.existsOne(x, p)") << "not of this environment";
  EXPECT_EQ(parsed("cel.bind(x, 1, x)"), "cel.bind(x, 1, x)");
}

TEST(Macros, ExpandInsideOneAnother) {
  EXPECT_EQ(
      parsed("a.map(x, b.filter(y, has(y.c)))"),
      "fold(x in a, @result = [], while true, _+_(@result, [fold(y in b, @result = [], while true, _?_:_(has(y.c), _+_(@result, [y]), "
      "@result), @result)]), @result)");
}

TEST(Macros, PartsThatTheyAddAreCounted) {
  ParseLimits limits;
  limits.nodes = 11;  // r, x, p and the fold with 7 parts of its own
  EXPECT_TRUE(parse("r.all(x, p)", limits).ok());
  limits.nodes = 8;
  EXPECT_EQ(parsed("r.all(x, p)", limits), "ERROR: <input>:1:6: the expression is too large: it has more than 8 parts");
}

}  // namespace
}  // namespace portcullis::cel
