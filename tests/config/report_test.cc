#include "config/read/report.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

TEST(FormatFindings, WritesOneLineForEachFinding) {
  EXPECT_EQ(format_findings({{Severity::error, "a.b", "is bad"}, {Severity::warning, "c", "is odd"}, {Severity::notice, "", "is all"}}),
            "error: a.b: is bad\nwarning: c: is odd\nnotice: is all\n");
  EXPECT_EQ(format_findings({}), "");
}

TEST(FormatFindings, WritesAPlaceAndItsCaretBelow) {
  EXPECT_EQ(format_findings({{Severity::error, "a.b", "is bad (at byte 1)\n  x[\n   ^"}, {Severity::warning, "c", "is odd"}}),
            "error: a.b: is bad (at byte 1)\n      x[\n       ^\nwarning: c: is odd\n");
}

TEST(FormatFindings, KeepsAHostileKeyOnItsLine) {
  EXPECT_EQ(format_findings({{Severity::error, "a", "x\nerror: b\r: c"}}), "error: a: x\n    error: b\\x0d: c\n")
      << "nobody takes it for a finding";
  EXPECT_EQ(format_findings({{Severity::error, "a\nerror: b", "x\x1b[2J\x7f"}}), "error: a\\x0aerror: b: x\\x1b[2J\\x7f\n");
}

TEST(InQuotes, EscapesAndCutsBetweenCharacters) {
  EXPECT_EQ(in_quotes("a\"b\n"), "\"a\\\"b\\n\"");
  EXPECT_EQ(in_quotes(std::string(64, 'a')), "\"" + std::string(64, 'a') + "\"");
  EXPECT_EQ(in_quotes(std::string(65, 'a')), "\"" + std::string(64, 'a') + "\"…");
  EXPECT_EQ(in_quotes(std::string(63, 'a') + "é"), "\"" + std::string(63, 'a') + "\"…");
}

TEST(Report, HasErrorsOnlyWithAnError) {
  Report report;
  report.warning("a", "b");
  report.notice("", "c");
  EXPECT_FALSE(report.has_errors());

  report.error("d", "e");

  EXPECT_TRUE(report.has_errors());
  EXPECT_EQ(report.findings().size(), 3U);
}

}  // namespace
}  // namespace portcullis
