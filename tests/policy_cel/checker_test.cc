#include "policy/cel/check/checker.h"

#include <gtest/gtest.h>

#include "tests/policy_cel/checking.h"

namespace portcullis::cel {
namespace {

TEST(Checker, GivesLiteralsTheirTypes) {
  EXPECT_EQ(type_of("null"), "null");
  EXPECT_EQ(type_of("1u"), "uint");
  EXPECT_EQ(type_of("b'x'"), "bytes");
  EXPECT_EQ(type_of("[1, 2]"), "list(int)");
  EXPECT_EQ(type_of("[]"), "list(dyn)");
  EXPECT_EQ(type_of("{'a': 1.5}"), "map(string, double)");
  EXPECT_EQ(type_of("[[], ['a']]"), "list(list(string))");
}

TEST(Checker, PicksTheOverloadThatFits) {
  EXPECT_EQ(type_of("1 + i"), "int");
  EXPECT_EQ(type_of("t - t"), "duration");
  EXPECT_EQ(type_of("t + duration('1s')"), "timestamp");
  EXPECT_EQ(type_of("s.split('-').first().value().lowerAscii()"), "string");
  EXPECT_EQ(type_of("size(l) > 0 && l[0] == 'x'"), "bool");
  EXPECT_EQ(type_of("b ? 1 : 2"), "int");
  EXPECT_EQ(type_of("type(1) == int"), "bool");
}

TEST(Checker, SaysWhichArgumentsNoOverloadTakes) {
  EXPECT_EQ(type_of("1 + 'a'"), "1:3: found no matching overload for '_+_' applied to '(int, string)'");
  EXPECT_EQ(type_of("i.startsWith('a')"), "1:13: found no matching overload for 'startsWith' applied to 'int.(string)'");
  EXPECT_EQ(type_of("s.trim(1)"), "1:7: found no matching overload for 'trim' applied to 'string.(int)'");
  EXPECT_EQ(type_of("startsWith(s, 'a')"), "1:11: found no matching overload for 'startsWith' applied to '(string, string)'");
  EXPECT_EQ(type_of("t + t"), "1:3: found no matching overload for '_+_' applied to '(timestamp, timestamp)'");
}

TEST(Checker, ComparesNumbersOfDifferentTypesButDoesNotEquateThem) {
  for (const char* source : {"1 < 2.5", "1u < 2", "2.5 >= 1u", "1 > 1u", "d <= i"}) EXPECT_EQ(type_of(source), "bool") << source;
  EXPECT_EQ(type_of("1 == 1.0"), "1:3: found no matching overload for '_==_' applied to '(int, double)'");
  EXPECT_EQ(type_of("'a' < 1"), "1:5: found no matching overload for '_<_' applied to '(string, int)'");
}

TEST(Checker, LogicalOperatorsNameTheArgumentThatIsNoBool) {
  EXPECT_EQ(type_of("b && 32"), "1:6: expected type 'bool' but found 'int'");
  EXPECT_EQ(type_of("s || 1"), "1:1: expected type 'bool' but found 'string'; 1:6: expected type 'bool' but found 'int'");
  EXPECT_EQ(type_of("any && claims.x"), "bool") << "dyn may be one";
}

TEST(Checker, ReportsUndeclaredNamesAllAtOnceAndInOrder) {
  EXPECT_EQ(type_of("foo"), "1:1: undeclared reference to 'foo' (in container '')");
  EXPECT_EQ(type_of("foo.bar(baz, i) + qux()"),
            "1:1: undeclared reference to 'foo' (in container ''); 1:8: undeclared reference to 'bar' (in container ''); 1:9: undeclared "
            "reference to 'baz' (in container ''); 1:22: undeclared reference to 'qux' (in container '')");
  EXPECT_EQ(checked("1 + foo").error().reason, Reason::compile_error);
  EXPECT_EQ(checked("1 + foo").error().detail, "ERROR: <input>:1:5: undeclared reference to 'foo' (in container '')\n | 1 + foo\n | ....^");
}

TEST(Checker, SelectsOfClaimsAreDyn) {
  EXPECT_EQ(type_of("claims.email_verified"), "dyn");
  EXPECT_EQ(type_of("claims.email_verified == true"), "bool");
  EXPECT_EQ(type_of("claims['a/b'].c[0]"), "dyn");
  EXPECT_EQ(type_of("has(claims.a)"), "bool");
  EXPECT_EQ(type_of("claims[1]"), "1:7: found no matching overload for '_[_]' applied to '(map(string, dyn), int)'");
  EXPECT_EQ(type_of("s.length"), "1:2: type 'string' does not support field selection");
  EXPECT_EQ(type_of("w.value"), "1:2: type 'wrapper(int)' does not support field selection");
}

TEST(Checker, OptionalsWrapWhatTheySelect) {
  EXPECT_EQ(type_of("claims.?groups"), "optional_type(dyn)");
  EXPECT_EQ(type_of("claims.?groups.orValue([])"), "dyn");
  EXPECT_EQ(type_of("{'a': 1}.?a"), "optional_type(int)");
  EXPECT_EQ(type_of("l[?0].orValue('x')"), "string");
  EXPECT_EQ(type_of("optional.of({'a': 1}).a"), "optional_type(int)");
  EXPECT_EQ(type_of("optional.of(1).optMap(x, string(x))"), "optional_type(string)");
  EXPECT_EQ(type_of("optional.of(s).optFlatMap(x, optional.of(1))"), "optional_type(int)");
  EXPECT_EQ(type_of("[?optional.of(1), 2]"), "list(int)");
  EXPECT_EQ(type_of("{?'a': optional.of(1)}"), "map(string, int)");
  EXPECT_EQ(type_of("[?1]"), "1:3: expected type 'optional_type(int)' but found 'int'");
  EXPECT_EQ(type_of("optional.of(1).optMap(x, x + 'a')"), "1:28: found no matching overload for '_+_' applied to '(int, string)'");
}

TEST(Checker, FoldsOverListsAndKeys) {
  EXPECT_EQ(type_of("l.map(x, size(x))"), "list(int)");
  EXPECT_EQ(type_of("{1: 'a'}.filter(k, k > 0)"), "list(int)");
  EXPECT_EQ(type_of("claims.groups.exists(g, g == 'admin')"), "bool");
  EXPECT_EQ(type_of("l.exists_one(x, x == 'a')"), "bool");
  EXPECT_EQ(type_of("[].map(x, x)"), "list(dyn)");
  EXPECT_EQ(type_of("i.all(x, true)"), "1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)");
  EXPECT_EQ(type_of("l.all(x, 1)"), "1:10: expected type 'bool' but found 'int'");
  EXPECT_EQ(type_of("l.map(x, x) + [1]"), "1:13: found no matching overload for '_+_' applied to '(list(string), list(int))'");
}

TEST(Checker, NullStandsForWrappersAndTimesAndForNothingElse) {
  EXPECT_EQ(type_of("w + 1"), "int");
  EXPECT_EQ(type_of("w == null"), "bool");
  EXPECT_EQ(type_of("t == null"), "bool");
  EXPECT_EQ(type_of("s == null"), "1:3: found no matching overload for '_==_' applied to '(string, null)'");
  EXPECT_EQ(type_of("b ? w : null"), "wrapper(int)");
}

TEST(Checker, KnowsTheWellKnownMessages) {
  EXPECT_EQ(type_of("google.protobuf.Int64Value{value: 1}"), "wrapper(int)");
  EXPECT_EQ(type_of("google.protobuf.Duration{seconds: 1, nanos: 2}"), "duration");
  EXPECT_EQ(type_of("google.protobuf.Struct{fields: {'a': 1}}"), "map(string, dyn)");
  EXPECT_EQ(type_of("google.protobuf.Value{number_value: 1.0}"), "dyn");
  EXPECT_EQ(type_of("google.protobuf.Int64Value{value: 'x'}"),
            "1:33: expected type of field 'value' is 'int' but provided type is 'string'");
  EXPECT_EQ(type_of("google.protobuf.Int64Value{number: 1}"), "1:34: undefined field 'number'");
  EXPECT_EQ(type_of("google.protobuf.Any{}"), "1:20: undeclared reference to 'google.protobuf.Any' (in container '')");
  EXPECT_EQ(type_of("int{}"), "1:4: 'int' is not a message type");
}

TEST(Checker, KeepsTheOverloadsThatAreStillPossible) {
  const auto one = checked("i + 1");
  EXPECT_EQ(one->overloads[one->ast.root], std::vector<std::string_view>{"add_int64"});
  const auto many = checked("any + 1");
  EXPECT_EQ(many->overloads[many->ast.root], std::vector<std::string_view>{"add_int64"});
  const auto open = checked("size(any)");
  EXPECT_EQ(open->overloads[open->ast.root].size(), 4U);
}

// Attack: a chain in which each step doubles the type.
TEST(Checker, TypesThatDoubleEndInAnError) {
  std::string source = "[1]";
  for (int i = 0; i < 60; ++i) source += ".map(x,{x:x})";
  EXPECT_TRUE(type_of(source).ends_with(": the types of the expression are too complex")) << type_of(source);
  EXPECT_EQ(type_of("[1].map(x, {x: x}).map(x, [x])"), "list(list(map(int, int)))");
}

TEST(Checker, ResolvesNamesWithoutTypesWhereItIsNotToCheck) {
  auto ast = parse("optional.of(a.b) == unknown.x && type(1) == int");
  const CheckedAst resolved = resolve(*std::move(ast), sample_environment());
  EXPECT_EQ(rendered(resolved.ast, resolved.ast.root), "_&&_(_==_(optional.of(a.b), unknown.x), _==_(type(1), type int))");
  EXPECT_EQ(resolved.type(), Type{});
}

}  // namespace
}  // namespace portcullis::cel
