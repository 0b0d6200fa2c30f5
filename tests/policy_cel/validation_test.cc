#include "policy/cel/check/validation.h"

#include <gtest/gtest.h>

#include "tests/policy_cel/checking.h"

namespace portcullis::cel {
namespace {

std::string lenient_type_of(std::string_view source) {
  Environment environment = sample_environment();
  environment.homogeneous = false;
  return type_of(source, environment);
}

TEST(Validation, RefusesMixedLiterals) {
  EXPECT_EQ(type_of("['a', 1]"), "1:7: expected type 'string' but found 'int'");
  EXPECT_EQ(type_of("['a', claims.x]"), "1:13: expected type 'string' but found 'dyn'");
  EXPECT_EQ(type_of("{'a': 1, 2: 3}"), "1:10: expected type 'string' but found 'int'");
  EXPECT_EQ(type_of("{'a': 1, 'b': 'x'}"), "1:15: expected type 'int' but found 'string'");
  EXPECT_EQ(type_of("[1, null]"), "1:5: expected type 'int' but found 'null'");
  EXPECT_EQ(type_of("[[1], ['a']]"), "1:7: expected type 'list(int)' but found 'list(string)'");
}

TEST(Validation, TakesMixedLiteralsWhereTheEnvironmentDoes) {
  EXPECT_EQ(lenient_type_of("['a', 1]"), "list(dyn)");
  EXPECT_EQ(lenient_type_of("['a', claims.x]"), "list(dyn)");
}

TEST(Validation, TakesLiteralsOfOneType) {
  EXPECT_EQ(type_of("[claims.x, claims.y]"), "list(dyn)");
  EXPECT_EQ(type_of("[dyn('a'), dyn(1)]"), "list(dyn)");
  EXPECT_EQ(type_of("['a', ?optional.of('b')]"), "list(string)");
  EXPECT_EQ(type_of("[[], [1]]"), "list(list(int))");
}

TEST(Validation, LooksAtNoLiteralWithinACallOfFormat) {
  EXPECT_EQ(type_of("'%s %d'.format(['a', 1])"), "string");
  EXPECT_EQ(type_of("'%s'.format([['a', 1]])"), "string");
  EXPECT_EQ(type_of("['%s %d'.format(['a', 1]), 1]"), "1:28: expected type 'string' but found 'int'");
}

TEST(Validation, ComparesAFormatWithItsArguments) {
  EXPECT_EQ(type_of("'%d of %s, %.2f%%'.format([1, 'x', 2.5])"), "string");
  EXPECT_EQ(type_of("'%d %d %d'.format([0, 1])"), "1:18: index 2 out of range");
  EXPECT_EQ(type_of("'%d'.format([0, 1])"), "1:12: too many arguments supplied to string.format (expected 1, got 2)");
  EXPECT_EQ(type_of("'%a'.format([1])"), "1:12: could not parse formatting clause: unrecognized formatting clause \"a\"");
  EXPECT_EQ(type_of("'%é'.format([1])"), "1:12: could not parse formatting clause: unrecognized formatting clause \"é\"");
  EXPECT_EQ(type_of("'50%'.format([1])"), "1:13: could not parse formatting clause: unexpected end of string");
}

TEST(Validation, APrecisionIsANumberUpToAHundred) {
  EXPECT_EQ(type_of("'%.100f'.format([1.0])"), "string");
  const std::string fault = "could not parse formatting clause: error while parsing precision: it is a number from 0 to 100";
  EXPECT_EQ(type_of("'%.101f'.format([1.0])"), "1:16: " + fault);
  EXPECT_EQ(type_of("'%.f'.format([1.0])"), "1:13: " + fault);
  EXPECT_EQ(type_of("'%.99999999999999999999f'.format([1.0])"), "1:33: " + fault);
}

TEST(Validation, AClauseShowsTheTypesThatItCan) {
  EXPECT_EQ(type_of("'%d'.format(['x'])"),
            "1:14: error during formatting: decimal clause can only be used on ints, uints, and doubles, was given string");
  EXPECT_EQ(type_of("'%o'.format([1.5])"),
            "1:14: error during formatting: octal clause can only be used on ints and uints, was given double");
  EXPECT_EQ(type_of("'%x'.format([null])"),
            "1:14: error during formatting: only ints, uints, bytes, and strings can be formatted as hex, was given null_type");
  EXPECT_EQ(type_of("'%x %b %d'.format([b'x', true, claims.n])"), "string");
}

TEST(Validation, LeavesAFormatThatIsNotLiteralToTheEvaluation) {
  EXPECT_EQ(type_of("s.format([1])"), "string");
  EXPECT_EQ(type_of("'%d %d'.format(any)"), "string");
}

}  // namespace
}  // namespace portcullis::cel
