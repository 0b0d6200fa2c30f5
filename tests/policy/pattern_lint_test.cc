#include "policy/pattern/lint.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

Pattern pattern(std::string_view text) {
  auto parsed = Pattern::parse(text, Placeholders::known);
  if (!parsed) ADD_FAILURE() << parsed.error().detail;
  return std::move(parsed).value();
}

std::string notes(std::string_view text) {
  std::string all;
  for (const std::string& note : lint_pattern(pattern(text))) all += note + "\n";
  return all;
}

bool overlap(std::string_view left, std::string_view right) {
  EXPECT_EQ(may_overlap(pattern(left), pattern(right)), may_overlap(pattern(right), pattern(left)));
  return may_overlap(pattern(left), pattern(right));
}

TEST(PatternLint, HasNothingToSayOfPlainPatterns) {
  for (const char* text : {"**", "team/*", "team/app", "*/app", "home/${user}/*", "{a,b}/c", "**/c", "a/**/b", "{**,a}/b"})
    EXPECT_EQ(notes(text), "") << text;
}

TEST(PatternLint, TellsThatADoubleStarInASegmentIsAStar) {
  for (const char* text : {"team**", "**team", "team/a**/b"}) EXPECT_NE(notes(text).find("just *"), std::string::npos) << text;
}

TEST(PatternLint, TellsThatATrailingDoubleStarMatchesTheStemToo) {
  EXPECT_EQ(notes("org/**"), "matches org itself too; write org/*/** for what lies below it alone\n");
  EXPECT_EQ(notes("org/*/**"), "") << "who took the advice is left alone";
}

TEST(PatternLint, TellsThatNoRepositoryCanMatch) {
  for (const char* text : {"Team/*", "team/", "/team", "a//b", "a b", "te\\*am", "[a]X", "-x/y"})
    EXPECT_NE(notes(text).find("matches no repository"), std::string::npos) << text;
  EXPECT_EQ(notes("{Team,team}/*"), "");
}

TEST(PatternOverlap, IsSeenWhereOneNameFitsBoth) {
  EXPECT_TRUE(overlap("foo/*", "*/bar"));
  EXPECT_TRUE(overlap("a/**", "**/b"));
  EXPECT_TRUE(overlap("a/**/c", "a/b/*"));
  EXPECT_TRUE(overlap("foo*", "*oof"));
  EXPECT_TRUE(overlap("{a,b}/x", "b/*"));
  EXPECT_TRUE(overlap("home/${user}", "home/bob"));
  EXPECT_TRUE(overlap("**", "**"));
  EXPECT_TRUE(overlap("a/**/**", "a"));
}

TEST(PatternOverlap, IsDeniedWhereNoNameFitsBoth) {
  EXPECT_FALSE(overlap("foo/*", "bar/*"));
  EXPECT_FALSE(overlap("foo/*", "foo/*/*"));
  EXPECT_FALSE(overlap("foo*", "bar*"));
  EXPECT_FALSE(overlap("*foo", "*bar"));
  EXPECT_FALSE(overlap("a/**/c", "b/**"));
  EXPECT_FALSE(overlap("a/**/c", "a/**/d"));
  EXPECT_FALSE(overlap("a?", "abc"));
}

}  // namespace
}  // namespace portcullis
