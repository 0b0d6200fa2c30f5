// policy/cel/functions/text.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelText, TextIsSearched) {
  constexpr Row kRows[] = {{R"("tacocat".contains("coc"))", "true"}, {R"("a".contains(""))", "true"},
                           {R"("a".contains("b"))", "false"},        {R"("tacocat".startsWith("taco"))", "true"},
                           {R"("tacocat".endsWith("cat"))", "true"}, {R"("a".endsWith("ba"))", "false"},
                           {R"("ñaña".indexOf("a"))", "1"},          {R"("ñaña".indexOf("a", 2))", "3"},
                           {R"("ñaña".lastIndexOf("ñ"))", "2"},      {R"("ñaña".lastIndexOf("ñ", 1))", "0"},
                           {R"("abc".indexOf("x"))", "-1"},          {R"("abc".lastIndexOf("x"))", "-1"}};
  expect_rows(kRows);
}

TEST(CelText, PartsAreCutByCodePoints) {
  constexpr Row kRows[] = {
      {R"("ñandú".charAt(4))", R"("ú")"},    {R"("abc".charAt(3))", R"("")"},    {R"("ñandú".substring(1, 4))", R"("and")"},
      {R"("ñandú".substring(4))", R"("ú")"}, {R"("abc".substring(3))", R"("")"}, {R"("ñandú".reverse())", R"("údnañ")"},
      {R"("".reverse())", R"("")"}};
  expect_rows(kRows);
}

TEST(CelText, APositionOutsideTheTextIsAnError) {
  constexpr Row kRows[] = {{R"("abc".charAt(4))", "eval: index out of range"},
                           {R"("abc".charAt(-1))", "eval: index out of range"},
                           {R"("abc".substring(4))", "eval: index out of range"},
                           {R"("abc".substring(0, 4))", "eval: index out of range"},
                           {R"("abc".substring(2, 1))", "eval: invalid substring range: it ends before it starts"},
                           {R"("abc".indexOf("a", 3))", "eval: index out of range"},
                           {R"("abc".indexOf("", 3))", "3"},
                           {R"("abc".indexOf("a", -1))", "eval: index out of range"},
                           {R"("abc".lastIndexOf("a", 3))", "eval: index out of range"}};
  expect_rows(kRows);
}

TEST(CelText, CaseChangesForAsciiAlone) {
  constexpr Row kRows[] = {{R"("TacoÆ".lowerAscii())", R"("tacoÆ")"}, {R"("tacoæ".upperAscii())", R"("TACOæ")"}};
  expect_rows(kRows);
}

TEST(CelText, WhiteSpaceOfUnicodeIsTrimmed) {
  constexpr Row kRows[] = {{R"("  \t a b \n ".trim())", R"("a b")"},
                           {R"("\u00a0\u2003a\u3000".trim())", R"("a")"},
                           {R"("\u200ba".trim() == "\u200ba")", "true"},
                           {R"("   ".trim())", R"("")"}};
  expect_rows(kRows);
}

TEST(CelText, OccurrencesAreReplaced) {
  constexpr Row kRows[] = {{R"("a-b-c".replace("-", "+"))", R"("a+b+c")"}, {R"("a-b-c".replace("-", "+", 1))", R"("a+b-c")"},
                           {R"("a-b".replace("-", "+", 0))", R"("a-b")"},  {R"("a-b-c".replace("-", "+", -1))", R"("a+b+c")"},
                           {R"("ab".replace("", "."))", R"(".a.b.")"},     {R"("ab".replace("", ".", 2))", R"(".a.b")"},
                           {R"("".replace("", "x"))", R"("x")"},           {R"("aaa".replace("aa", "b"))", R"("ba")"}};
  expect_rows(kRows);
}

TEST(CelText, OtherTypesHaveNoOverload) {
  constexpr Row kRows[] = {
      {"1.contains(\"a\")", "eval: no such overload"},       {"\"a\".charAt(\"b\")", "eval: no such overload"},
      {"\"a\".replace(\"a\", 1)", "eval: no such overload"}, {"\"a\".replace(\"a\", \"b\", \"c\")", "eval: no such overload"},
      {"\"a\".trim(1)", "eval: no such overload"},           {"1.reverse()", "eval: no such overload"},
      {"1.indexOf(\"a\", 0)", "eval: no such overload"},     {"1.substring(0)", "eval: no such overload"},
      {"1.lastIndexOf(\"a\")", "eval: no such overload"}};
  expect_unchecked_rows(kRows);
}

}  // namespace
}  // namespace portcullis::cel
