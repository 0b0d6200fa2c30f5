#include "policy/cel/check/names.h"

#include <gtest/gtest.h>

#include "tests/policy_cel/checking.h"

namespace portcullis::cel {
namespace {

std::string resolved(std::string_view source) {
  const auto result = checked(source);
  return result.ok() ? rendered(result->ast, result->ast.root) : result.error().detail.substr(0, result.error().detail.find('\n'));
}

/// The kind of node that stands at the root.
template <class Content>
bool root_is(std::string_view source) {
  const auto result = checked(source);
  return result.ok() && std::holds_alternative<Content>(result->ast.nodes[result->ast.root].content);
}

TEST(Names, AQualifiedVariableIsOneIdentifier) {
  EXPECT_TRUE(root_is<Identifier>("a.b"));
  EXPECT_TRUE(root_is<Identifier>("y.z"));
  EXPECT_TRUE(root_is<Select>("claims.b"));
  EXPECT_EQ(resolved("a.b + 1"), "_+_(a.b, 1)");
  EXPECT_EQ(resolved("a"), "ERROR: <input>:1:1: undeclared reference to 'a' (in container '')") << "only a.b is there";
}

TEST(Names, ATypeIsALiteral) {
  EXPECT_EQ(resolved("int"), "type int");
  EXPECT_EQ(resolved("google.protobuf.Timestamp"), "type google.protobuf.Timestamp");
  EXPECT_EQ(resolved(".google.protobuf.Timestamp"), "type google.protobuf.Timestamp");
  EXPECT_EQ(type_of("optional_type"), "type(optional_type(dyn))");
  EXPECT_EQ(resolved("dyn"), "ERROR: <input>:1:1: undeclared reference to 'dyn' (in container '')");
}

TEST(Names, TheVariableOfAMacroWinsOverLongerNames) {
  EXPECT_EQ(type_of("[{'z': 0}].exists(y, y.z == 0)"), "bool");
  EXPECT_EQ(type_of("['x'].exists(y, .y.z == y)"), "bool");
  EXPECT_EQ(type_of("['x'].map(i, i)"), "list(string)") << "shadows a variable of the environment";
  EXPECT_EQ(type_of("['x'].map(i, .i)"), "list(int)") << "a leading dot steps over it";
  EXPECT_EQ(type_of("[1].map(int, int)"), "list(int)") << "and over a type";
}

TEST(Names, ALeadingDotStaysOnlyWhereItIsNeeded) {
  EXPECT_EQ(resolved(".i"), "i");
  EXPECT_NE(resolved("['x'].map(i, .i)").find("[.i]"), std::string::npos);
}

TEST(Names, AScopeEndsWithItsMacro) {
  EXPECT_EQ(resolved("[1].all(q, q > 0) && q"), "ERROR: <input>:1:22: undeclared reference to 'q' (in container '')");
  EXPECT_EQ(type_of("[[1]].map(q, q.map(q, string(q)))"), "list(list(string))");
}

TEST(Names, ANamespacedFunctionLosesItsTarget) {
  EXPECT_EQ(resolved("optional.none()"), "optional.none()");
  EXPECT_TRUE(root_is<Call>("sets.contains([1], [1])"));
  const auto call = checked("base64.encode(b'a')");
  EXPECT_EQ(std::get<Call>(call->ast.nodes[call->ast.root].content).target, kNoNode);
  EXPECT_EQ(resolved("[{'of': 1}].map(optional, optional.of(1))"), "ERROR: <input>:1:38: undeclared reference to 'of' (in container '')");
}

}  // namespace
}  // namespace portcullis::cel
