// policy/cel/functions/conversion.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelConversion, NumbersBecomeOtherNumbersWithinTheirRange) {
  constexpr Row kRows[] = {{"int(1.9)", "1"},
                           {"int(-1.9)", "-1"},
                           {"int(5u)", "5"},
                           {"int(\"-12\")", "-12"},
                           {"int(\"+12\")", "12"},
                           {"uint(1.9)", "1"},
                           {"uint(\"12\")", "12"},
                           {"double(3)", "3"},
                           {"double(\"-1.5e3\")", "-1500"},
                           {"int(duration(\"2s\"))", "2000000000"},
                           {"int(timestamp(\"1970-01-01T00:01:00Z\"))", "60"},
                           {"uint(\"18446744073709551615\")", "18446744073709551615"},
                           {"double(\"Infinity\")", R"("Infinity")"},
                           {"double(\"1e-400\")", "0"}};
  expect_rows(kRows);
}

TEST(CelConversion, BeyondTheRangeIsAnError) {
  constexpr Row kRows[] = {{"int(9223372036854774784.0)", "9223372036854774784"},
                           {"int(9223372036854775808.0)", "eval: integer overflow"},
                           {"int(double(\"NaN\"))", "eval: integer overflow"},
                           {"int(9223372036854775808u)", "eval: integer overflow"},
                           {"int(\"9223372036854775808\")", "eval: type conversion error from 'string' to 'int'"},
                           {"uint(-1)", "eval: unsigned integer overflow"},
                           {"uint(-0.5)", "eval: unsigned integer overflow"},
                           {"uint(18446744073709551616.0)", "eval: unsigned integer overflow"},
                           {"double(\"1e400\")", "eval: type conversion error from 'string' to 'double'"}};
  expect_rows(kRows);
}

TEST(CelConversion, TextThatIsNoNumberIsRefused) {
  for (const std::string_view text : {"", " 1", "1 ", "1.5", "0x10", "--1", "+-1", "1_000"}) {
    EXPECT_EQ(outcome("int(\"" + std::string(text) + "\")"), "eval: type conversion error from 'string' to 'int'") << text;
  }
  for (const std::string_view text : {"", " 1", "0x1p3", "1e", "nan(1)", "+nan", "1,5", "--1", "+-1", "e5"}) {
    EXPECT_EQ(outcome("double(\"" + std::string(text) + "\")"), "eval: type conversion error from 'string' to 'double'") << text;
  }
}

TEST(CelConversion, EverythingSimpleBecomesText) {
  constexpr Row kRows[] = {{"string(true)", R"("true")"},
                           {"string(-1)", R"("-1")"},
                           {"string(1u)", R"("1")"},
                           {"string(1000000.0)", R"("1e+06")"},
                           {"string(b\"abc\")", R"("abc")"},
                           {"string(b\"\\xff\")", "eval: invalid UTF-8 in bytes, cannot convert to string"},
                           {"string(duration(\"1m\"))", R"("60s")"},
                           {"string(timestamp(0))", R"("1970-01-01T00:00:00Z")"},
                           {"string(\"a\")", R"("a")"},
                           {"bytes(\"é\") == b\"\\303\\251\"", "true"},
                           {"bytes(b\"a\") == b\"a\"", "true"}};
  expect_rows(kRows);
}

TEST(CelConversion, TextBecomesBool) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"})
    EXPECT_EQ(outcome("bool(\"" + std::string(yes) + "\")"), "true");
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"})
    EXPECT_EQ(outcome("bool(\"" + std::string(no) + "\")"), "false");
  EXPECT_EQ(outcome("bool(\"tRUE\")"), "eval: type conversion error from 'string' to 'bool'");
}

TEST(CelConversion, TimesAreReadFromText) {
  constexpr Row kRows[] = {{"duration(\"1h30m\")", R"("5400s")"},
                           {"duration(\"x\")", "eval: invalid duration, or out of range"},
                           {"timestamp(\"2026-11-22T10:00:00+01:00\")", R"("2026-11-22T09:00:00Z")"},
                           {"timestamp(\"2026-11-22\")", "eval: invalid timestamp, or out of range (year 1 to 9999)"},
                           {"timestamp(253402300799)", R"("9999-12-31T23:59:59Z")"},
                           {"timestamp(253402300800)", "eval: invalid timestamp, or out of range (year 1 to 9999)"}};
  expect_rows(kRows);
}

TEST(CelConversion, SizesCountCodePointsBytesElementsAndEntries) {
  constexpr Row kRows[] = {{"size(\"añ😀\")", "3"}, {"\"añ😀\".size()", "3"}, {"size(b\"añ\")", "3"},
                           {"size([1, 2])", "2"},  {"{1: 2}.size()", "1"},  {"size(\"\")", "0"}};
  expect_rows(kRows);
}

TEST(CelConversion, ATypeIsAValue) {
  constexpr Row kRows[] = {{"type(1) == int", "true"},
                           {"type(type(1)) == type", "true"},
                           {"type(null)", R"("null_type")"},
                           {"type(optional.none()) == optional_type", "true"},
                           {"type(timestamp(0)) == google.protobuf.Timestamp", "true"},
                           {"type(1) == type(1u)", "false"},
                           {"dyn(1)", "1"}};
  expect_rows(kRows);
}

TEST(CelConversion, OtherTypesHaveNoOverload) {
  constexpr Row kRows[] = {
      {"int(true)", "eval: no such overload"},   {"uint([])", "eval: no such overload"},       {"double(null)", "eval: no such overload"},
      {"bool(1)", "eval: no such overload"},     {"bytes(1)", "eval: no such overload"},       {"string([])", "eval: no such overload"},
      {"duration(1)", "eval: no such overload"}, {"timestamp(1.5)", "eval: no such overload"}, {"size(1)", "eval: no such overload"}};
  expect_unchecked_rows(kRows);
}

}  // namespace
}  // namespace portcullis::cel
