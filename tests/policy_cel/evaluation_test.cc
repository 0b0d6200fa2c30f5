// policy/cel/eval/evaluation: bounds. What an attacker of the table 2K sends ends in an error, and nothing makes that error disappear.
#include "policy/cel/eval/evaluation.h"

#include <gtest/gtest.h>

#include "tests/policy_cel/evaluating.h"

namespace portcullis::cel {
namespace {

/// Claims as large as a token could make them, and larger.
const Sample& hostile() {
  static const Sample kSample = [] {
    Sample sample("{}");
    List groups;
    for (int i = 0; i < 10'000; ++i) groups.push_back(Value::of("group-" + std::to_string(i)));
    std::string commas;
    for (int i = 0; i < 9'000; ++i) commas += "a,";
    Map claims{{Value::of("huge"), Value::of(std::move(groups))},
               {Value::of("s64"), Value::of(std::string(65'536, 'a'))},
               {Value::of("s32"), Value::of(std::string(32'768, 'a'))},
               {Value::of("other"), Value::of(std::string(65'536, 'a'))},
               {Value::of("commas"), Value::of(std::move(commas))}};
    sample.add("claims", Value::of(std::move(claims)), *type_from_name("map(string, dyn)"));
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

TEST(CelBounds, WorkOnLargeTextsIsPaidFor) {  // L5
  for (const std::string_view work :
       {"claims.s64 == claims.other", "claims.s64 <= claims.other", "!claims.s64.contains(claims.s32 + 'b')",
        "claims.s64.lastIndexOf(claims.s32) < 0", "(claims.s32 + x) != ''", "claims.s64.reverse() != ''", "claims.s64.upperAscii() != ''",
        "claims.s64.trim() != ''", "claims.s64.size() > 0", "claims.commas.split(',').size() > 0", "'%s'.format([claims.s64]) != ''",
        "string(bytes(claims.s64)) != ''", "claims.s64 in {'b': 1} == false", "claims.s64.replace('a', 'b') != ''",
        "claims.s64.matches('(a|b|ab)*c') == false", "claims.s64.matches('(a{1,20}){1,20}b') == false", "x.matches('(' + x + ')*') || true",
        "claims.huge == claims.huge.map(z, z)"}) {
    EXPECT_EQ(outcome_with("claims.huge.all(x, " + std::string(work) + ")", hostile()), kSteps) << work;
  }
}

TEST(CelBounds, AValueThatSharesItsPartsIsPaidForInFull) {
  EXPECT_EQ(outcome_with("claims.huge.map(x, claims.huge)", hostile()), kSteps);
  EXPECT_EQ(outcome_with("claims.huge.map(x, claims.huge) == claims.huge.map(x, claims.huge)", hostile()), kSteps);
  EXPECT_EQ(outcome_with("'%s'.format([claims.huge.map(x, claims.huge)])", hostile()), kSteps);
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
