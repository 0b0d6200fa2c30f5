#include "keystore/refresh/nudge.h"

#include <random>

#include <gtest/gtest.h>

namespace portcullis {
namespace {

using namespace std::chrono_literals;

constexpr SteadyPoint kStart{1h};

TEST(Nudge, TheFirstRequestStartsARound) {
  Nudge nudge(10s);

  EXPECT_EQ(nudge.ask(kStart), NudgeAnswer::start);
  EXPECT_TRUE(nudge.in_flight());
  EXPECT_EQ(nudge.suppressed(), 0U);
}

TEST(Nudge, OthersJoinTheRoundInFlight) {
  Nudge nudge(10s);
  nudge.ask(kStart);

  EXPECT_EQ(nudge.ask(kStart), NudgeAnswer::join);
  nudge.begin_round();
  EXPECT_EQ(nudge.ask(kStart + 5s), NudgeAnswer::join);
  EXPECT_EQ(nudge.suppressed(), 0U);
}

TEST(Nudge, JoinsAScheduledRoundToo) {
  Nudge nudge(10s);
  nudge.begin_round();

  EXPECT_EQ(nudge.ask(kStart), NudgeAnswer::join);
  nudge.end_round();
  EXPECT_EQ(nudge.ask(kStart), NudgeAnswer::start) << "a scheduled round takes no slot";
}

TEST(Nudge, ARoundThatRunsForLongIsNotStartedTwice) {
  Nudge nudge(10s);
  nudge.ask(kStart);

  EXPECT_EQ(nudge.ask(kStart + 1h), NudgeAnswer::join);
}

TEST(Nudge, IsRefusedUntilTheCooldownHasPassedSinceTheSlotWasClaimed) {
  Nudge nudge(10s);
  nudge.ask(kStart);
  nudge.begin_round();
  nudge.end_round();

  EXPECT_EQ(nudge.ask(kStart), NudgeAnswer::refused);
  EXPECT_EQ(nudge.ask(kStart + 10s - 1ns), NudgeAnswer::refused);
  EXPECT_EQ(nudge.suppressed(), 2U);
  EXPECT_EQ(nudge.ask(kStart + 10s), NudgeAnswer::start);
}

TEST(Nudge, AChangedCooldownCountsFromTheSameClaim) {
  Nudge nudge(10s);
  nudge.ask(kStart);
  nudge.end_round();
  nudge.set_cooldown(1s);

  EXPECT_EQ(nudge.ask(kStart + 1s - 1ns), NudgeAnswer::refused);
  EXPECT_EQ(nudge.ask(kStart + 1s), NudgeAnswer::start);
}

/// 10,000 requests within ten seconds, over several cool-downs, with rounds of any length beside scheduled ones.
TEST(Nudge, AFloodOfUnknownKeyIdsCostsOneRoundPerCooldown) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](unsigned most) { return static_cast<unsigned>(random() % most); };
    const Milliseconds cooldown(1 + below(3000));
    Nudge nudge(cooldown);
    SteadyPoint now = kStart;
    std::optional<SteadyPoint> started;
    std::uint64_t starts = 0;
    std::uint64_t refused = 0;
    for (int request = 0; request < 10'000; ++request) {
      now += Milliseconds(below(3));
      const bool flying = nudge.in_flight();
      switch (nudge.ask(now)) {
        case NudgeAnswer::start:
          ASSERT_FALSE(flying);
          ASSERT_TRUE(!started || now - *started >= cooldown);
          started = now;
          ++starts;
          break;
        case NudgeAnswer::join: ASSERT_TRUE(flying); break;
        case NudgeAnswer::refused:
          ASSERT_FALSE(flying);
          ++refused;
          break;
      }
      if (below(20) == 0) nudge.end_round();
      if (below(200) == 0) nudge.begin_round();
    }
    EXPECT_LE(starts, static_cast<std::uint64_t>((now - kStart) / cooldown) + 1) << "seed " << seed;
    EXPECT_GE(starts, 1U);
    EXPECT_EQ(nudge.suppressed(), refused);
  }
}

}  // namespace
}  // namespace portcullis
