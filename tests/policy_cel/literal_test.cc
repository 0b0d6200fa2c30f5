#include "policy/cel/parse/literal.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/policy_cel/rendering.h"

namespace portcullis::cel {
namespace {

std::string bytes_of(std::string_view source) {
  const auto ast = parse(source);
  if (!ast.ok()) return ast.error().detail.substr(0, ast.error().detail.find('\n'));
  return std::string(std::get<Literal>(ast->nodes[ast->root].content).value.as<Bytes>()->bytes);
}

std::string text_of(std::string_view source) {
  const auto ast = parse(source);
  if (!ast.ok()) return ast.error().detail.substr(0, ast.error().detail.find('\n'));
  return std::string(std::get<Literal>(ast->nodes[ast->root].content).value.text().value());
}

TEST(Literal, IntegersReachTheirBoundsAndNoFurther) {
  EXPECT_EQ(parsed("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(parsed("9223372036854775808"), "ERROR: <input>:1:1: invalid int literal");
  EXPECT_EQ(parsed("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(parsed("-9223372036854775809"), "ERROR: <input>:1:2: invalid int literal");
  EXPECT_EQ(parsed("0x7FFFFFFFFFFFFFFF"), "9223372036854775807");
  EXPECT_EQ(parsed("-0x8000000000000000"), "-9223372036854775808");
  EXPECT_EQ(parsed("0x8000000000000000"), "ERROR: <input>:1:1: invalid int literal");
  EXPECT_EQ(parsed("18446744073709551615u"), "18446744073709551615u");
  EXPECT_EQ(parsed("18446744073709551616u"), "ERROR: <input>:1:1: invalid uint literal");
  EXPECT_EQ(parsed("0xFFFFFFFFFFFFFFFFU"), "18446744073709551615u");
}

TEST(Literal, ADoubleBeyondItsRangeIsRefusedAndATinyOneIsZero) {
  EXPECT_EQ(parsed("1.5e308"), "1.5e+308");
  EXPECT_EQ(parsed("1.5e309"), "ERROR: <input>:1:1: invalid double literal");
  EXPECT_EQ(parsed("1e-400 == 0.0"), "_==_(0, 0)");
}

TEST(Literal, AMinusBeforeANumberBelongsToIt) {
  EXPECT_EQ(parsed("-5"), "-5");
  EXPECT_EQ(parsed("- 5"), "-5");
  EXPECT_EQ(parsed("-1.5"), "-1.5");
  EXPECT_EQ(parsed("-5u"), "-_(5u)");
  EXPECT_EQ(parsed("--5"), "5");
  EXPECT_EQ(parsed("4--4"), "_-_(4, -4)");
}

TEST(Literal, EscapesOfAString) {
  EXPECT_EQ(text_of(R"('\a\b\f\n\r\t\v\\\'\"\`\?')"), "\a\b\f\n\r\t\v\\'\"`?");
  EXPECT_EQ(text_of(R"('\x41\X42\103\u0044\U00000045')"), "ABCDE");
  EXPECT_EQ(text_of(R"('\xff')"), "\xc3\xbf") << "a code point, not a byte";
  EXPECT_EQ(text_of(R"('\377\u20ac\U0001F431')"), "ÿ€🐱");
}

TEST(Literal, EscapesOfBytes) {
  EXPECT_EQ(bytes_of(R"(b'\xff\377A')"),
            "\xff\xff"
            "A");
  EXPECT_EQ(bytes_of("b'é'"), "é");
  EXPECT_EQ(bytes_of(R"(b'\u0041')"), R"(ERROR: <input>:1:3: Syntax error: invalid escape sequence: '\u')");
}

TEST(Literal, RawStringsKeepTheirBackslashes) {
  EXPECT_EQ(text_of(R"(r'\n\x4')"), R"(\n\x4)");
  EXPECT_EQ(bytes_of(R"(bR"\d+")"), R"(\d+)");
}

TEST(Literal, RefusesUnknownAndCutEscapes) {
  EXPECT_EQ(parsed(R"('ab\q')"), R"(ERROR: <input>:1:4: Syntax error: invalid escape sequence: '\q')");
  EXPECT_EQ(parsed(R"('\x4')"), "ERROR: <input>:1:2: Syntax error: invalid escape sequence: it needs 2 hexadecimal digits");
  EXPECT_EQ(parsed(R"('\u12g4')"), "ERROR: <input>:1:2: Syntax error: invalid escape sequence: it needs 4 hexadecimal digits");
  EXPECT_EQ(parsed(R"('\18')"), "ERROR: <input>:1:2: Syntax error: invalid escape sequence: it needs 3 octal digits");
  EXPECT_EQ(parsed(R"('\400')"), R"(ERROR: <input>:1:2: Syntax error: invalid escape sequence: '\4')");
}

TEST(Literal, RefusesSurrogatesAndWhatLiesBeyondUnicode) {
  EXPECT_EQ(text_of(R"('\ud7ff')"), "\xed\x9f\xbf");
  EXPECT_EQ(text_of(R"('\ud800')"), "ERROR: <input>:1:2: invalid unicode code point");
  EXPECT_EQ(text_of(R"('\udfff')"), "ERROR: <input>:1:2: invalid unicode code point");
  EXPECT_EQ(text_of(R"('\ue000')"), "\xee\x80\x80");
  EXPECT_EQ(text_of(R"('\U0010FFFF')"), "\xf4\x8f\xbf\xbf");
  EXPECT_EQ(text_of(R"('\U00110000')"), "ERROR: <input>:1:2: invalid unicode code point");
}

}  // namespace
}  // namespace portcullis::cel
