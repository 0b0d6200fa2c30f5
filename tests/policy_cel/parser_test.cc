#include "policy/cel/parse/parser.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/policy_cel/rendering.h"

namespace portcullis::cel {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

bool accepts(std::string_view source) { return parse(source).ok(); }

std::string message(std::string_view source) {
  const std::string text = parsed(source);
  return text.starts_with("ERROR: <input>:") ? text.substr(text.find(": ", 8) + 2) : "accepted: " + text;
}

TEST(Parser, BindsOperatorsByPrecedence) {
  EXPECT_EQ(parsed("1 + 2 * 3 - 4 / 5 % 6"), "_-_(_+_(1, _*_(2, 3)), _%_(_/_(4, 5), 6))");
  EXPECT_EQ(parsed("a || b && c == d + e"), "_||_(a, _&&_(b, _==_(c, _+_(d, e))))");
  EXPECT_EQ(parsed("(1 + 2) * 3"), "_*_(_+_(1, 2), 3)");
  EXPECT_EQ(parsed("a < b in c"), "@in(_<_(a, b), c)");
  EXPECT_EQ(parsed("!a.b"), "!_(a.b)");
  EXPECT_EQ(parsed("-a * b"), "_*_(-_(a), b)");
}

TEST(Parser, ChainsOfAConditionGoToTheRight) {
  EXPECT_EQ(parsed("a ? b : c ? d : e"), "_?_:_(a, b, _?_:_(c, d, e))");
  EXPECT_EQ(message("a ? b ? c : d : e"), "Syntax error: mismatched input '?' expecting ':'");
  EXPECT_EQ(parsed("a ? (b ? c : d) : e"), "_?_:_(a, _?_:_(b, c, d), e)");
}

TEST(Parser, BalancesLogicalChains) {
  EXPECT_EQ(parsed("a && b && c && d"), "_&&_(_&&_(a, b), _&&_(c, d))");
  EXPECT_EQ(parsed("a || b || c"), "_||_(_||_(a, b), c)");
}

TEST(Parser, PairsOfNegationsVanish) {
  EXPECT_EQ(parsed("!!a"), "a");
  EXPECT_EQ(parsed("!!!a"), "!_(a)");
  EXPECT_EQ(parsed("--a"), "a");
  EXPECT_EQ(message("!-a"), "Syntax error: mismatched input '-' expecting an expression");
  EXPECT_EQ(parsed("!-1"), "!_(-1)") << "the minus belongs to the number";
}

TEST(Parser, ReadsMembersIndicesAndCalls) {
  EXPECT_EQ(parsed("a.b['c'].d(e, f)[0]"), "_[_](_[_](a.b, \"c\").d(e, f), 0)");
  EXPECT_EQ(parsed(".a.b"), ".a.b");
  EXPECT_EQ(parsed(".f(x)"), "f(x)");
  EXPECT_EQ(parsed("'x'.size()"), "\"x\".size()");
}

TEST(Parser, ReadsOptionalSyntax) {
  EXPECT_EQ(parsed("a.?b.c[?d]"), "_[?_](_?._(a, \"b\").c, d)");
  EXPECT_EQ(parsed("[?a, b]"), "[?a, b]");
  EXPECT_EQ(parsed("{?'k': a, 'l': b}"), "{?\"k\": a, \"l\": b}");
  EXPECT_EQ(parsed("M{?f: a}"), "M{?f: a}");
}

TEST(Parser, ReadsMessagesOfQualifiedNames) {
  EXPECT_EQ(parsed("a.b.C{d: 1, e: 2}.f"), "a.b.C{d: 1, e: 2}.f");
  EXPECT_EQ(parsed(".a.B{}"), ".a.B{}");
  EXPECT_EQ(message("a(){}"), "Syntax error: mismatched input '{' expecting <EOF>");
  EXPECT_EQ(message("(a){}"), "Syntax error: mismatched input '{' expecting <EOF>");
  EXPECT_EQ(message("a{}{}"), "Syntax error: mismatched input '{' expecting <EOF>");
  EXPECT_EQ(parsed("M{if: 1}"), "M{if: 1}") << "a reserved word may be a field";
}

TEST(Parser, AllowsATrailingCommaWhereCelDoes) {
  EXPECT_EQ(parsed("[1, 2,]"), "[1, 2]");
  EXPECT_EQ(parsed("[,]"), "[]");
  EXPECT_EQ(parsed("{1: 2,}"), "{1: 2}");
  EXPECT_EQ(parsed("{,}"), "{}");
  EXPECT_EQ(parsed("M{a: 1,}"), "M{a: 1}");
  EXPECT_EQ(message("f(1,)"), "Syntax error: mismatched input ')' expecting an expression");
  EXPECT_EQ(message("[1,,]"), "Syntax error: mismatched input ',' expecting an expression");
  EXPECT_EQ(message("[,1]"), "Syntax error: mismatched input '1' expecting ']'");
}

TEST(Parser, ReservedWordsAreFieldsButNoNames) {
  EXPECT_EQ(parsed("a.if.while"), "a.if.while");
  EXPECT_EQ(message("if"), "reserved identifier: if");
  EXPECT_EQ(message("1 + package.b"), "reserved identifier: package");
  EXPECT_EQ(message("for(x)"), "reserved identifier: for");
  EXPECT_EQ(message("a.true"), "Syntax error: mismatched input 'true' expecting IDENTIFIER");
  EXPECT_EQ(message("a.in"), "Syntax error: mismatched input 'in' expecting IDENTIFIER");
}

TEST(Parser, SaysWhereASyntaxErrorIs) {
  const auto ast = parse("1 +\n  (2 * )");
  EXPECT_EQ(ast.error().reason, Reason::compile_error);
  EXPECT_EQ(ast.error().detail, "ERROR: <input>:2:8: Syntax error: mismatched input ')' expecting an expression\n |   (2 * )\n | .......^");
  EXPECT_EQ(message(""), "Syntax error: mismatched input '<EOF>' expecting an expression");
  EXPECT_EQ(message("a b"), "Syntax error: mismatched input 'b' expecting <EOF>");
  EXPECT_EQ(message("{1}"), "Syntax error: mismatched input '}' expecting ':'");
  EXPECT_EQ(message("[1"), "Syntax error: mismatched input '<EOF>' expecting ']'");
}

TEST(Parser, ListsEveryFaultThatDoesNotEndTheParsing) {
  const auto ast = parse("if + has(a) + 99999999999999999999");
  EXPECT_EQ(ast.error().detail,
            "ERROR: <input>:1:1: reserved identifier: if\n | if + has(a) + 99999999999999999999\n | ^\n"
            "ERROR: <input>:1:10: invalid argument to has() macro\n | if + has(a) + 99999999999999999999\n | .........^\n"
            "ERROR: <input>:1:15: invalid int literal\n | if + has(a) + 99999999999999999999\n | ..............^");
}

TEST(Parser, NestsThirtyTwoDeepAndNoDeeper) {
  for (const auto& [open, close] : {std::pair("(", ")"), std::pair("[", "]"), std::pair("f(", ")"), std::pair("{1: ", "}"),
                                    std::pair("a[", "]"), std::pair("M{a: ", "}")}) {
    EXPECT_TRUE(accepts(repeated(open, 32) + "1" + repeated(close, 32))) << open;
    EXPECT_EQ(message(repeated(open, 33) + "1" + repeated(close, 33)), "the expression is nested too deep: more than 32 open brackets")
        << open;
  }
}

TEST(Parser, MeetsTheRequiredMinimumOfTheLanguage) {
  for (const char* term : {" || true", " && true", " + 1", " * 1", " ? 1 : 1"}) EXPECT_TRUE(accepts("true" + repeated(term, 32))) << term;
  EXPECT_TRUE(accepts(repeated("!", 32) + "true"));
  EXPECT_TRUE(accepts(repeated("-", 32) + "19"));
  EXPECT_TRUE(accepts("a" + repeated(".b", 32) + repeated("[0]", 32)));
}

TEST(Parser, HoldsAThousandPartsAndNoMore) {
  const std::string fits = "[" + repeated("1,", 998) + "1]";
  EXPECT_TRUE(accepts(fits));
  EXPECT_EQ(message("[" + repeated("1,", 999) + "1]"), "the expression is too large: it has more than 1000 parts");
}

TEST(Parser, IsNoTallerThanItsBound) {
  EXPECT_TRUE(accepts("1" + repeated("+1", 255)));
  EXPECT_EQ(message("1" + repeated("+1", 256)), "the expression is too deep: more than 256 operations one upon another");
  EXPECT_TRUE(accepts("a" + repeated("||a", 499))) << "balanced: not tall";
}

TEST(Parser, TakesFourKibibytesAndNoMore) {
  EXPECT_TRUE(accepts("'" + std::string(4094, 'x') + "'"));
  EXPECT_EQ(message("'" + std::string(4095, 'x') + "'"), "the expression is too long: 4097 bytes, 4096 at most");
}

TEST(Parser, RefusesTextThatIsNotUtf8) { EXPECT_EQ(message("'\xff'"), "the expression is not UTF-8"); }

// Attacks L1 and L2: sources that make recursive or backtracking parsers explode.
TEST(Parser, AttacksOnItsDepthEndInAnErrorOrAFlatTree) {
  for (const char* open : {"(", "[", "{", "f(", "a[", "{a:", "[?", "!(", "-(", "a?(", "a.map(x,"})
    EXPECT_FALSE(accepts(repeated(open, 4096 / std::string(open).size()))) << open;
  EXPECT_FALSE(accepts(repeated("!!(!!!!!!(!!!!(((((!!(!!(!!!!((", 100)));
  EXPECT_TRUE(accepts(repeated("!", 4095) + "a"));
  EXPECT_TRUE(accepts(repeated("-", 4095) + "a"));
  EXPECT_FALSE(accepts("a" + repeated(".b", 2047)));
  EXPECT_FALSE(accepts(repeated("a?b:", 1023) + "c"));
  EXPECT_FALSE(accepts("a" + repeated("*a", 2047)));
  EXPECT_FALSE(accepts("a" + repeated("&&a", 1365)));
}

}  // namespace
}  // namespace portcullis::cel
