// policy/cel/eval/evaluation: bounds. What an attacker of the table 2K sends ends in an error, and nothing makes that error disappear.
#include "policy/cel/eval/evaluation.h"

#include <gtest/gtest.h>

#include "tests/policy_cel/evaluating.h"
#include "tests/policy_cel/hostile.h"

namespace portcullis::cel {
namespace {

const Sample& hostile() {
  static const Sample kSample = [] {
    Sample sample("{}");
    sample.add("claims", hostile_claims(), *type_from_name("map(string, dyn)"));
    return sample;
  }();
  return kSample;
}

constexpr std::string_view kSteps = "eval: cost limit exceeded: the expression took more than 1000000 steps";
constexpr std::string_view kText = "eval: a text would be larger than 65536 bytes";
constexpr std::string_view kElements = "eval: a list or map would have more than 10000 elements";

TEST(CelBounds, NestedComprehensionsEnd) {  // L3, L6
  std::string nested = "true";
  for (char name = 'a'; name < 'i'; ++name) nested = "[0,1,2,3,4,5,6,7,8,9].all(" + std::string(1, name) + "," + nested + ")";

  EXPECT_EQ(outcome_with(nested, hostile()), kSteps);
  for (const std::string_view source :
       {"claims.huge.all(x, claims.huge.exists(y, x == y + 'z') == false)", "claims.huge.all(x, x in claims.huge)",
        "sets.equivalent(claims.huge, claims.huge)", "claims.huge.map(x, claims.huge.map(y, x + y)).size() > 0",
        "claims.huge.all(x, claims.huge.exists_one(y, x == y))",
        "claims.huge.filter(x, claims.huge.filter(y, y == x).size() == 1).size() == 0"}) {
    EXPECT_EQ(outcome_with(source, hostile()), kSteps) << source;
  }
}

TEST(CelBounds, TextsDoNotGrowBeyondTheirBound) {  // L5
  for (const std::string_view source :
       {"claims.s64 + 'a'", "claims.s32 + claims.s32 + 'a'", "claims.s64.replace('a', 'bb')", "claims.s32.replace('', 'bb')",
        "[claims.s64, claims.s64].join()", "'%s%s'.format([claims.s64, claims.s64])", "claims.huge.join(claims.s32)",
        "base64.encode(bytes(claims.s64))", "strings.quote(claims.s64)", "bytes(claims.s64) + b'a'", "'%x'.format([claims.s64])"}) {
    EXPECT_EQ(outcome_with(source, hostile()), kText) << source;
  }
  EXPECT_EQ(outcome_with("(claims.s32 + claims.s32).size()", hostile()), "65536");
}

TEST(CelBounds, ListsDoNotGrowBeyondTheirBound) {  // L4
  for (const std::string_view source : {"claims.huge + ['a']", "claims.huge + claims.huge", "claims.s64.split('')"}) {
    EXPECT_EQ(outcome_with(source, hostile()), kElements) << source;
  }
  EXPECT_EQ(outcome_with("(claims.huge + []).size()", hostile()), "10000");
}

TEST(CelBounds, NothingIsDoneAgainAndAgainWithoutBeingPaidFor) {  // L3 to L6
  constexpr std::string_view kPattern = "eval: invalid regular expression: too large";
  for (const std::string_view work : kHostileWork) {
    const std::string outcome = outcome_with(again_and_again(work), hostile());
    EXPECT_TRUE(outcome == kSteps || outcome == kElements || outcome == kText || outcome == kPattern) << work << ": " << outcome;
  }
}

TEST(CelBounds, NothingLargeIsMadeOfWhatIsThere) {
  for (const std::string_view whole : kHostileWholes) EXPECT_EQ(outcome_with(whole, hostile()), kSteps) << whole;
}

/// With as many steps as it takes, and without the last.
TEST(CelBounds, EachKindOfWorkHasItsPrice) {
  const auto steps_of = [](std::string_view source) {
    std::size_t low = 0;
    std::size_t high = 1'000'000;
    while (low + 1 < high) {
      const std::size_t middle = (low + high) / 2;
      (outcome_with(source, hostile(), {.steps = middle}).starts_with("eval: cost limit") ? low : high) = middle;
    }
    return high;
  };

  EXPECT_GT(steps_of("int(claims.zeros)"), 65'536U);           // digit by digit, and zeros are digits
  EXPECT_GT(steps_of("double(claims.digits)"), 1'200U);        // numbers of as many digits
  EXPECT_GT(steps_of("claims.map == claims.map2"), 200'000U);  // each key is looked for
  EXPECT_GT(steps_of("timestamp(0).getHours('No/Where') > 0 || true"), 1'500U);
  EXPECT_GT(steps_of("'%x'.format([claims.s32]).size()"), 65'536U);
  // A class is a table of hundreds of ranges, and {900} makes nine hundred instructions of six bytes.
  EXPECT_GT(steps_of(R"('a'.matches(claims.huge[0] + '\\pL'))"), 50'000U);
  EXPECT_GT(steps_of(R"('a'.matches(claims.huge[0] + '{900}'))"), 50'000U);
  EXPECT_LT(steps_of(R"('a'.matches(claims.huge[0] + '+'))"), 5'000U);
}

TEST(CelBounds, APatternThatMultipliesItselfIsForgivenByNothing) {
  EXPECT_EQ(outcome_with(R"('a'.matches(claims.huge[0] + '(\\pL{1,9}){1,99}') || true)", hostile()),
            "eval: invalid regular expression: too large");
}

TEST(CelBounds, NothingForgivesABound) {
  for (const std::string_view source :
       {"claims.s64 + 'a' == '' || true", "true && (claims.s64 + 'a' == '' || true)", "!(claims.s64 + 'a' == '' && false)",
        "[1].exists(x, claims.s64 + 'a' == '') || true", "[1, 2].exists(x, x == 2 || claims.s64 + 'a' == '')"}) {
    EXPECT_EQ(outcome_with(source, hostile()), kText) << source;
  }
  EXPECT_EQ(outcome_with("claims.huge.all(x, claims.huge.all(y, claims.missing || true)) || true", hostile()), kSteps);
}

TEST(CelBounds, TheLastStepIsAllowedAndTheNextIsNot) {
  const Sample sample(R"({"c": {"a": true}})");

  EXPECT_EQ(outcome_with("!c.a", sample, {.steps = 4}), "false");  // three nodes, and the value that leaves
  EXPECT_EQ(outcome_with("!c.a", sample, {.steps = 3}), "eval: cost limit exceeded: the expression took more than 3 steps");
}

TEST(CelBounds, ALimitOfTextIsExact) {
  const Sample sample(R"({"c": {"a": "12345", "b": "123456"}})");

  EXPECT_EQ(outcome_with("c.a + c.a", sample, {.text_bytes = 10}), R"("1234512345")");
  EXPECT_EQ(outcome_with("c.a + c.b", sample, {.text_bytes = 10}), "eval: a text would be larger than 10 bytes");
}

TEST(CelBounds, TheAnswerIsTheSameEachTime) {  // L11
  const Sample sample(R"({"c": {"z": 1, "a": 2, "m": 3}})");
  const std::string first = outcome_with("'%s'.format([c]) + c.map(k, k).join()", sample);

  for (int i = 0; i < 10; ++i) EXPECT_EQ(outcome_with("'%s'.format([c]) + c.map(k, k).join()", sample), first);
}

}  // namespace
}  // namespace portcullis::cel
