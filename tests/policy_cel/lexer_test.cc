#include "policy/cel/parse/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portcullis::cel {
namespace {

/// Kind and text of each token but the last.
std::vector<std::pair<TokenKind, std::string>> tokens(std::string_view source) {
  Faults faults(source);
  std::vector<std::pair<TokenKind, std::string>> all;
  for (const Token& token : tokens_of(source, faults)) all.emplace_back(token.kind, token.text);
  EXPECT_TRUE(faults.empty()) << source;
  EXPECT_EQ(all.back().first, TokenKind::end);
  all.pop_back();
  return all;
}

std::string fault(std::string_view source) {
  Faults faults(source);
  (void)tokens_of(source, faults);
  return faults.empty() ? "" : faults.error().detail.substr(0, faults.error().detail.find('\n'));
}

using Tokens = std::vector<std::pair<TokenKind, std::string>>;
using enum TokenKind;

TEST(Lexer, TellsTheKindsOfNumbersApart) {
  EXPECT_EQ(tokens("12 0x1F 7u 0xAu 1.5 .5 1e9 1.0E-3"), (Tokens{{integer, "12"},
                                                                 {integer, "0x1F"},
                                                                 {uinteger, "7u"},
                                                                 {uinteger, "0xAu"},
                                                                 {floating, "1.5"},
                                                                 {floating, ".5"},
                                                                 {floating, "1e9"},
                                                                 {floating, "1.0E-3"}}));
}

TEST(Lexer, EndsANumberWhereItCannotGoOn) {
  EXPECT_EQ(tokens("1.a"), (Tokens{{integer, "1"}, {symbol, "."}, {identifier, "a"}}));
  EXPECT_EQ(tokens("1e"), (Tokens{{integer, "1"}, {identifier, "e"}}));
  EXPECT_EQ(tokens("0x"), (Tokens{{integer, "0"}, {identifier, "x"}}));
}

TEST(Lexer, PrefersTheLongerOperator) {
  EXPECT_EQ(tokens("<=<!=!"), (Tokens{{symbol, "<="}, {symbol, "<"}, {symbol, "!="}, {symbol, "!"}}));
}

TEST(Lexer, KnowsKeywordsOnlyAsWholeWords) {
  EXPECT_EQ(tokens("in inn true trueish null"),
            (Tokens{{keyword, "in"}, {identifier, "inn"}, {keyword, "true"}, {identifier, "trueish"}, {keyword, "null"}}));
}

TEST(Lexer, TakesPrefixesOfStringsInAnyCase) {
  EXPECT_EQ(tokens("'a' r'b' B\"c\" bR'd' rb"),
            (Tokens{{string, "'a'"}, {string, "r'b'"}, {bytes, "B\"c\""}, {bytes, "bR'd'"}, {identifier, "rb"}}));
}

TEST(Lexer, ReadsTripleQuotesAcrossLinesAndQuotes) {
  EXPECT_EQ(tokens("'''a'b\n''c'''"), (Tokens{{string, "'''a'b\n''c'''"}}));
  EXPECT_EQ(tokens("''''''"), (Tokens{{string, "''''''"}}));
  EXPECT_EQ(tokens("''"), (Tokens{{string, "''"}}));
}

TEST(Lexer, AnEscapedQuoteDoesNotEndAStringButARawBackslashDoes) {
  EXPECT_EQ(tokens(R"('a\'b')"), (Tokens{{string, R"('a\'b')"}}));
  EXPECT_EQ(tokens(R"(r'a\' b)"), (Tokens{{string, R"(r'a\')"}, {identifier, "b"}}));
}

TEST(Lexer, SkipsBlanksAndComments) {
  EXPECT_EQ(tokens("\t1 // 'two'\r\n\f+2//"), (Tokens{{integer, "1"}, {symbol, "+"}, {integer, "2"}}));
}

TEST(Lexer, CountsCodePointsNotBytes) {
  Faults faults("'é€' + x");
  const auto all = tokens_of("'é€' + x", faults);
  EXPECT_EQ(all[1].offset, 5U);
  EXPECT_EQ(all[2].offset, 7U);
}

TEST(Lexer, RefusesWhatIsNoToken) {
  EXPECT_EQ(fault("a = b"), "ERROR: <input>:1:3: Syntax error: token recognition error at: '='");
  EXPECT_EQ(fault("1 & 2"), "ERROR: <input>:1:3: Syntax error: token recognition error at: '&'");
  EXPECT_EQ(fault("'x' + é"), "ERROR: <input>:1:7: Syntax error: token recognition error at: 'é'");
  EXPECT_EQ(fault("@result"), "ERROR: <input>:1:1: Syntax error: token recognition error at: '@'");
  EXPECT_EQ(fault("a.`b`"), "ERROR: <input>:1:3: unsupported syntax: '`'");
}

TEST(Lexer, RefusesALiteralWithoutEnd) {
  for (const char* source : {"'abc", "\"abc", "'a\nb'", "'''abc''", "b'", "r'", "'\\", "'a\\'"}) {
    EXPECT_EQ(fault(source), "ERROR: <input>:1:1: Syntax error: the literal that begins here does not end") << source;
  }
}

TEST(Lexer, KnowsReservedWords) {
  for (const char* word : {"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
                           "namespace", "return", "var", "void", "while"}) {
    EXPECT_TRUE(is_reserved(word)) << word;
  }
  EXPECT_FALSE(is_reserved("in"));
  EXPECT_FALSE(is_reserved("variable"));
}

}  // namespace
}  // namespace portcullis::cel
