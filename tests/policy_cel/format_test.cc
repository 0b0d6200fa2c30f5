// policy/cel/functions/format.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelFormat, EachClauseFormatsWhatItTakes) {
  constexpr Row kRows[] = {{R"("%s %s".format(["a", "b"]))", R"("a b")"},
                           {R"("%d".format([-5]))", R"("-5")"},
                           {R"("%d".format([5u]))", R"("5")"},
                           {R"("%f".format([1.5]))", R"("1.500000")"},
                           {R"("%.2f".format([1.005]))", R"("1.00")"},
                           {R"("%.0f".format([2.5]))", R"("2")"},
                           {R"("%e".format([1234.5]))", R"("1.234500e+03")"},
                           {R"("%.1e".format([0.0]))", R"("0.0e+00")"},
                           {R"("%b".format([5]))", R"("101")"},
                           {R"("%b".format([-5]))", R"("-101")"},
                           {R"("%b".format([true]))", R"("1")"},
                           {R"("%o".format([8u]))", R"("10")"},
                           {R"("%x".format([255]))", R"("ff")"},
                           {R"("%X".format([255]))", R"("FF")"},
                           {R"("%x".format(["az"]))", R"("617a")"},
                           {R"("%X".format([b"\xff"]))", R"("FF")"},
                           {R"("100%%".format([]))", R"("100%")"},
                           {R"("%d".format([double("NaN")]))", R"("NaN")"},
                           {R"("%f".format([double("-Infinity")]))", R"("-Infinity")"}};
  expect_rows(kRows);
}

TEST(CelFormat, AnyValueIsText) {
  constexpr Row kRows[] = {{R"("%s".format([[1, 2]]))", R"("[1, 2]")"},
                           {R"("%s".format([{"b": 1, "a": 2}]))", R"("{a: 2, b: 1}")"},
                           {R"("%s".format([1.5]))", R"("1.5")"},
                           {R"("%s".format([1e21]))", R"("1000000000000000000000")"},
                           {R"("%s".format([null]))", R"("null")"},
                           {R"("%s".format([true]))", R"("true")"},
                           {R"("%s".format([duration("90s")]))", R"("90s")"},
                           {R"("%s".format([timestamp(0)]))", R"("1970-01-01T00:00:00Z")"},
                           {R"("%s".format([int]))", R"("int")"},
                           {R"("%s".format([b"a"]))", R"("a")"}};
  expect_rows(kRows);
}

TEST(CelFormat, WhatDoesNotFitIsAnError) {
  constexpr Row kRows[] = {
      {R"("%d".format([1.5]))", "eval: error during formatting: decimal clause can only be used on integers, was given double"},
      {R"("%f".format(["a"]))", "eval: error during formatting: fixed-point clause can only be used on doubles, was given string"},
      {R"("%e".format([1]))", "eval: error during formatting: scientific clause can only be used on doubles, was given int"},
      {R"("%b".format([1.5]))", "eval: error during formatting: only integers and bools can be formatted as binary, was given double"},
      {R"("%o".format([true]))", "eval: error during formatting: octal clause can only be used on integers, was given bool"},
      {R"("%x".format([1.5]))",
       "eval: error during formatting: only integers, byte buffers, and strings can be formatted as hex, was given double"},
      {R"("%q".format([1]))", "eval: could not parse formatting clause: unrecognized formatting clause"},
      {R"("%".format([1]))", "eval: could not parse formatting clause: unexpected end of string"},
      {R"("%.".format([1]))", "eval: could not parse formatting clause: a precision is 0 to 100"},
      {R"("%.101f".format([1.0]))", "eval: could not parse formatting clause: a precision is 0 to 100"},
      {R"("%s %s".format(["a"]))", "eval: index 1 out of range"},
      {R"("%s".format([b"\xff"]))", "eval: invalid UTF-8 in bytes"}};
  expect_unchecked_rows(kRows);
  EXPECT_EQ(unchecked(R"("%.100f".format([0.0]).size())"), "102");
  EXPECT_EQ(unchecked("1.format([1])"), "eval: no such overload");
}

}  // namespace
}  // namespace portcullis::cel
