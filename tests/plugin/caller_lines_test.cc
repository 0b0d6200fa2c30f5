// The budget of callers of /v1/credentials, and the line in which their logins wait.
#include "plugin/broker/caller_lines.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace portcullis {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMany = 1000;  ///< at once, where the line is not what is tested

LoginTarget target(int number) {
  LoginTarget target{.config = nullptr, .registry = nullptr, .session_policy = {}, .key = sha256(std::to_string(number))};
  return target;
}

struct Lines {
  explicit Lines(std::size_t at_once = kMany) : lines(at_once) {}

  Result<bool> enter(const std::string& caller) { return lines.enter(caller, target(++number), now); }
  bool enters(const std::string& caller) { return enter(caller).ok(); }
  void take_whole_budget(const std::string& caller) {
    for (std::size_t i = 0; i < CallerLines::kBurst; ++i) {
      EXPECT_TRUE(enters(caller));
      (void)lines.leave(caller);
    }
  }

  CallerLines lines;
  SteadyPoint now{1h};
  int number = 0;
};

TEST(CallerLines, EndABudgetAfterItsLastLogin) {
  Lines one;
  for (std::size_t i = 0; i < CallerLines::kBurst; ++i) EXPECT_TRUE(one.enters("ada")) << i;

  const Result<bool> refused = one.enter("ada");

  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::overloaded);
  EXPECT_NE(refused.error().detail.find("the caller ada has asked for 32 new logins"), std::string::npos) << refused.error().detail;
  EXPECT_TRUE(one.enters("bob")) << "another caller has its own";
}

TEST(CallerLines, GiveOneMoreEachHalfMinute) {
  Lines one;
  one.take_whole_budget("ada");
  one.now += CallerLines::kOneMoreEvery - 1ns;
  EXPECT_FALSE(one.enters("ada"));
  one.now += 1ns;
  EXPECT_TRUE(one.enters("ada"));
  EXPECT_FALSE(one.enters("ada"));
  one.now += CallerLines::kOneMoreEvery + CallerLines::kOneMoreEvery / 2;
  EXPECT_TRUE(one.enters("ada"));
  EXPECT_FALSE(one.enters("ada"));
  one.now += CallerLines::kOneMoreEvery / 2;
  EXPECT_TRUE(one.enters("ada")) << "a half that was left over counts";
}

TEST(CallerLines, NeverGiveMoreThanABudgetHoweverLongNobodyAsked) {
  Lines one;
  one.take_whole_budget("ada");
  one.now += 1000h;
  one.take_whole_budget("ada");
  EXPECT_FALSE(one.enters("ada"));
}

TEST(CallerLines, StartSoManyAtOnceAndTheRestInTheirOrder) {
  Lines one(2);
  EXPECT_TRUE(*one.enter("ada"));
  EXPECT_TRUE(*one.enter("ada"));
  EXPECT_FALSE(*one.enter("ada"));
  EXPECT_FALSE(*one.enter("ada"));
  EXPECT_TRUE(*one.enter("bob")) << "who stands in no line of ada's";

  EXPECT_EQ(one.lines.leave("ada")->key, target(3).key);
  EXPECT_EQ(one.lines.leave("ada")->key, target(4).key);
  EXPECT_FALSE(*one.enter("ada")) << "two are under way still";
  EXPECT_EQ(one.lines.leave("ada")->key, target(6).key);
  EXPECT_FALSE(one.lines.leave("ada").has_value());
  EXPECT_TRUE(*one.enter("ada"));
}

TEST(CallerLines, TakeNothingFromWhoIsRefused) {
  Lines one(1);
  for (std::size_t i = 0; i < CallerLines::kBurst; ++i) EXPECT_TRUE(one.enters("ada"));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(one.enters("ada"));
  for (std::size_t i = 1; i < CallerLines::kBurst; ++i) EXPECT_TRUE(one.lines.leave("ada").has_value());
  EXPECT_FALSE(one.lines.leave("ada").has_value()) << "what was refused stands in no line";
}

TEST(CallerLines, ForgetCallersWithAWholeBudgetAndRefuseWhereThereAreNone) {
  Lines one;
  for (std::size_t i = 0; i < CallerLines::kCallers; ++i) {
    ASSERT_TRUE(one.enters(std::to_string(i)));
    if (i != 0) (void)one.lines.leave(std::to_string(i));
  }
  EXPECT_FALSE(one.enters("one more"));

  one.now += CallerLines::kOneMoreEvery;

  EXPECT_TRUE(one.enters("one more"));
  EXPECT_EQ(one.lines.callers(), 2U) << "the new one, and who has a login under way";
}

TEST(CallerLines, KnowNobodyWhoNeverEntered) {
  Lines one;
  EXPECT_FALSE(one.lines.leave("ada").has_value());
  EXPECT_EQ(one.lines.callers(), 0U);
}

TEST(CallerLines, WriteACallersNameEscaped) {
  Lines one;
  one.take_whole_budget("a\nb");
  EXPECT_EQ(one.enter("a\nb").error().detail.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace portcullis
