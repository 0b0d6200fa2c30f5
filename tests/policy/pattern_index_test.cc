#include "policy/pattern/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace portcullis {
namespace {

/// Patterns that match, as texts, each once and sorted; another user's templates with a `!` before them.
class Found {
 public:
  explicit Found(const std::vector<std::string>& patterns, std::uint64_t hash_bits = ~std::uint64_t{0})
      : patterns_(patterns), index_(hash_bits) {
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      const auto pattern = Pattern::parse(patterns[i], Placeholders::known);
      if (!pattern) {
        ADD_FAILURE() << pattern.error().detail;
        continue;
      }
      parsed_.push_back(*pattern);
      index_.add(*pattern, static_cast<std::uint32_t>(i));
    }
    index_.build();
  }

  [[nodiscard]] std::vector<std::string> operator()(std::string_view name, std::string_view user = "") const {
    PatternMatches matches;
    index_.find(name, user, matches);
    std::vector<std::string> found;
    for (const PatternMatch& match : matches) found.push_back((match.for_caller ? "" : "!") + patterns_[match.pattern]);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

  [[nodiscard]] const std::vector<Pattern>& parsed() const { return parsed_; }
  [[nodiscard]] const PatternIndex& index() const { return index_; }

 private:
  std::vector<std::string> patterns_;
  std::vector<Pattern> parsed_;
  PatternIndex index_;
};

using Texts = std::vector<std::string>;

TEST(PatternIndex, FindsEveryPatternThatMatches) {
  const Found found({"**", "team/*", "team/app", "team/**", "*/app", "other/app", "team/a*", "t?am/{app,web}"});

  EXPECT_EQ(found("team/app"), (Texts{"**", "*/app", "t?am/{app,web}", "team/*", "team/**", "team/a*", "team/app"}));
  EXPECT_EQ(found("team"), (Texts{"**", "team/**"}));
  EXPECT_EQ(found("team/app/x"), (Texts{"**", "team/**"}));
  EXPECT_EQ(found("elsewhere"), Texts{"**"});
}

TEST(PatternIndex, FindsNothingInAnEmptyOne) {
  EXPECT_TRUE(Found({})("team/app").empty());
  EXPECT_TRUE(Found({})("").empty());
}

TEST(PatternIndex, NeverTakesOneSegmentTwice) {
  EXPECT_TRUE(Found({"a/**/a"})("a").empty());
  EXPECT_EQ(Found({"a/**/a"})("a/a"), Texts{"a/**/a"});
  EXPECT_TRUE(Found({"**/a/**/a"})("b/a").empty());
}

TEST(PatternIndex, TellsTheCallersPlaceholderFromAnothers) {
  const Found found({"home/${user}/**", "home/${user}/x/${user}"});

  EXPECT_EQ(found("home/alice/y", "alice"), Texts{"home/${user}/**"});
  EXPECT_EQ(found("home/alice/y", "bob"), Texts{"!home/${user}/**"});
  EXPECT_EQ(found("home/alice/y"), Texts{"!home/${user}/**"});
  EXPECT_EQ(found("home/alice/x/alice", "alice"), (Texts{"home/${user}/**", "home/${user}/x/${user}"}));
  EXPECT_EQ(found("home/alice/x/bob", "alice"), (Texts{"!home/${user}/x/${user}", "home/${user}/**"}));
}

TEST(PatternIndex, SaysWhichSegmentsAreWrittenOut) {
  const auto match_of = [](const std::string& pattern, std::string_view name) {
    PatternMatches matches;
    Found({pattern}).index().find(name, "", matches);
    return matches.empty() ? PatternMatch{} : matches[0];
  };

  EXPECT_EQ(match_of("a/*/c/**", "a/b/c/d").written_out, 0b101U);
  EXPECT_EQ(match_of("a/**/c", "a/b/c").written_out, 0b1U);
  EXPECT_EQ(match_of("a/b*", "a/b").placeholder, PatternMatch::kNoPlaceholder);
  EXPECT_EQ(match_of("a/${user}/b/${user}", "a/x/b/y").placeholder, 1U);
}

TEST(PatternIndex, FindsGlobsByWhateverIsRarestAboutThem) {
  Texts patterns;
  for (int i = 0; i < 50; ++i) {
    const std::string number = std::to_string(i);
    for (const char* shape : {"p#-*/x", "*-s#/x", "a*-t#/x", "*in#ner*/x", "?#/x", "[xy]#*z/x"}) {
      std::string pattern(shape);
      pattern.replace(pattern.find('#'), 1, number);
      patterns.push_back(pattern);
    }
  }
  const Found found(patterns);

  EXPECT_EQ(found("p7-any/x"), Texts{"p7-*/x"});
  EXPECT_EQ(found("any-s49/x"), Texts{"*-s49/x"});
  EXPECT_EQ(found("any-t5/x"), Texts{"a*-t5/x"});
  EXPECT_EQ(found("beginner-in3nerly/x"), Texts{"*in3ner*/x"});
  EXPECT_EQ(found("b31/x"), Texts{"?31/x"});
  EXPECT_EQ(found("y8whatz/x"), (Texts{"[xy]8*z/x"}));
  EXPECT_TRUE(found("nothing/x").empty());
}

/// Random patterns and names: whatever of the hashes counts, an index says what each pattern says by itself.
void compare_with_single_patterns(std::uint64_t hash_bits) {
  std::mt19937 random(20260301);
  const auto below = [&](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  const Texts pieces = {"a", "b", "ab", "*", "?", "[^a]", "{a,b}", "{a,b/a,*}", "a", "b"};
  const auto segment = [&] {
    if (below(6) == 0) return std::string("**");
    std::string text;
    for (unsigned i = 0; i <= below(3); ++i) text += pieces[below(static_cast<unsigned>(pieces.size()))];
    return text;
  };
  std::size_t hits = 0;
  for (int round = 0; round < 200; ++round) {
    Texts patterns;
    for (int i = 0; i < 30; ++i) {
      std::string pattern = segment();
      for (unsigned j = 0; j < below(4); ++j) pattern += "/" + segment();
      if (Pattern::parse(pattern).ok()) patterns.push_back(pattern);
    }
    const Found found(patterns, hash_bits);
    for (int i = 0; i < 20; ++i) {
      std::string name(1, "ab"[below(2)]);
      for (unsigned j = 0; j < below(7); ++j) name += below(3) == 0 ? "/a" : "b";
      Texts expected;
      for (const Pattern& pattern : found.parsed())
        if (pattern.matches(name)) expected.push_back(pattern.text());
      std::sort(expected.begin(), expected.end());
      expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
      hits += expected.size();
      ASSERT_EQ(found(name), expected) << name;
    }
  }
  EXPECT_GT(hits, 1000U);
}

TEST(PatternIndex, AgreesWithEachPatternByItself) { compare_with_single_patterns(~std::uint64_t{0}); }

TEST(PatternIndex, TellsWaysOfOneHashApart) {
  compare_with_single_patterns(0);
  compare_with_single_patterns(3);
}

TEST(PatternIndex, KnowsLongTexts) {
  // On both sides of what a node holds itself.
  Texts patterns;
  for (std::size_t length = 24; length < 30; ++length) patterns.push_back("a/" + std::string(length, 'x') + "/b");
  const Found found(patterns);

  for (const std::string& pattern : patterns) EXPECT_EQ(found(pattern), Texts{pattern});
  EXPECT_TRUE(found("a/" + std::string(30, 'x') + "/b").empty());
  EXPECT_TRUE(found("a/" + std::string(27, 'x') + "y/b").empty());
}

TEST(PatternIndex, KnowsNamesOfMoreSegmentsThanItForesees) {
  const Found found({"1/2/3/4/5/6/7/8/9/10", "1/2/3/4/5/6/7/8", "1/2/3/4/5/6/7/8/9/*"});

  EXPECT_EQ(found("1/2/3/4/5/6/7/8"), Texts{"1/2/3/4/5/6/7/8"});
  EXPECT_EQ(found("1/2/3/4/5/6/7/8/9/10"), (Texts{"1/2/3/4/5/6/7/8/9/*", "1/2/3/4/5/6/7/8/9/10"}));
  EXPECT_TRUE(found("1/2/3/4/5/6/7/8/9").empty());
}

TEST(PatternIndex, HoldsAnyNumberOfPatternsThatEndAtOnePlace) {
  for (const std::size_t count : {1U, 2U, 3U, 9U}) {
    Texts patterns;
    for (std::size_t i = 0; i < count; ++i)
      patterns.push_back("a/" + std::string(i + 1, '\\').substr(0, i % 2) + std::string(1, 'b') + (i % 3 == 2 ? "/**" : ""));
    std::sort(patterns.begin(), patterns.end());
    patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
    const Found found(patterns);

    EXPECT_EQ(found("a/b"), patterns) << count;
    EXPECT_EQ(found("a/b/c").size(), static_cast<std::size_t>(std::count_if(patterns.begin(), patterns.end(),
                                                                            [](const std::string& one) { return one.ends_with("**"); })));
  }
}

TEST(PatternIndex, TellsGlobsApartWhoseGroupsAreCutElsewhere) {
  // So many groups that they are not written out.
  const std::string many = "{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}";
  const std::string outer = "r{a,b{c}d}" + many;
  const std::string inner = "r{a{b,c}d}" + many;
  const Found found({outer, inner});

  EXPECT_EQ(found("ra010101"), Texts{outer});
  EXPECT_EQ(found("rbcd010101"), Texts{outer});
  EXPECT_EQ(found("rabd010101"), Texts{inner});
}

TEST(PatternIndex, FollowsManyDoubleStars) {
  // More of them than are numbered.
  Texts patterns;
  for (int i = 0; i < 600; ++i) patterns.push_back("n" + std::to_string(i) + "/**/end");
  const Found found(patterns);

  EXPECT_EQ(found("n599/x/y/end"), Texts{"n599/**/end"});
  EXPECT_EQ(found("n3/end"), Texts{"n3/**/end"});
  EXPECT_TRUE(found("n3/endless").empty());
  EXPECT_GT(found.index().bytes(), 600U * 64U);
}

}  // namespace
}  // namespace portcullis
