#include "policy/cel/parse/faults.h"

#include <gtest/gtest.h>

namespace portcullis::cel {
namespace {

std::string detail(std::string_view source, std::uint32_t offset) {
  Faults faults(source);
  faults.add(offset, "no");
  return faults.error().detail;
}

TEST(Faults, ShowTheLineAndACaretBelowIt) {
  EXPECT_EQ(detail("1 + foo", 4), "ERROR: <input>:1:5: no\n | 1 + foo\n | ....^");
  EXPECT_EQ(detail("a\nbcd\ne", 3), "ERROR: <input>:2:2: no\n | bcd\n | .^");
}

TEST(Faults, StandAtTheEndToo) {
  EXPECT_EQ(detail("ab", 2), "ERROR: <input>:1:3: no\n | ab\n | ..^");
  EXPECT_EQ(detail("", 0), "ERROR: <input>:1:1: no\n | \n | ^");
  EXPECT_EQ(detail("ab\n", 3), "ERROR: <input>:2:1: no\n | \n | ^");
}

TEST(Faults, CountCodePointsAndKeepTheCaretBelowWideOnes) {
  EXPECT_EQ(detail("'é' + x", 6), "ERROR: <input>:1:7: no\n | 'é' + x\n | .\uff0e....^");
  EXPECT_EQ(detail("\té", 1), "ERROR: <input>:1:2: no\n |  é\n | .\uff3e");
}

TEST(Faults, AreInTheOrderOfTheSource) {
  Faults faults("abc");
  EXPECT_TRUE(faults.empty());
  faults.add(2, "second");
  faults.add(0, "first");
  faults.add(2, "third");
  const std::string text = faults.error().detail;
  EXPECT_LT(text.find("first"), text.find("second"));
  EXPECT_LT(text.find("second"), text.find("third"));
}

TEST(Faults, AreShownToTheTenthAndThenCounted) {
  Faults faults("a");
  for (int i = 0; i < 10; ++i) faults.add(0, "no");
  EXPECT_EQ(faults.error().detail.find("more errors"), std::string::npos);
  faults.add(0, "no");
  EXPECT_TRUE(faults.error().detail.ends_with("\n1 more errors"));
}

}  // namespace
}  // namespace portcullis::cel
