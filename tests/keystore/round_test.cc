#include "keystore/refresh/round.h"

#include <gtest/gtest.h>

#include "tests/keystore/keys.h"
#include "tests/support/key_sets.h"

namespace portcullis {
namespace {

using test::key_pair;
using test::kNow;

const Error kFault{Reason::io_failed, "why"};
constexpr Milliseconds kMaxStale = std::chrono::hours(24);

Result<ParsedKeys> brought(std::initializer_list<const char*> ids, std::vector<QuarantinedKey> quarantined = {}) {
  ParsedKeys parsed;
  for (const char* id : ids) parsed.keys.push_back(test::verification_key(key_pair("ED25519"), id));
  parsed.quarantined = std::move(quarantined);
  return parsed;
}

SourceState start() {
  SourceState state;
  state.name = "file";
  state.kid_required = false;
  state.max_stale = kMaxStale;
  return state;
}

SourceState loaded() { return finish_round(start(), brought({"a"}), 7, kNow).next; }

TEST(Round, TheFirstGoodOnePublishesItsKeys) {
  const RoundOutcome outcome = finish_round(start(), brought({"a"}), 7, kNow);
  EXPECT_TRUE(outcome.keys_changed);
  EXPECT_NE(outcome.next.keys->find("a"), nullptr);
  EXPECT_EQ(outcome.next.generation, 7U);
  EXPECT_EQ(outcome.next.last_success, kNow);
  EXPECT_FALSE(outcome.next.last_error || outcome.next.failing_since);
}

TEST(Round, WhatTheSourceIsStays) {
  const SourceState next = loaded();
  EXPECT_EQ(next.name, "file");
  EXPECT_FALSE(next.kid_required);
  EXPECT_EQ(next.max_stale, kMaxStale);
}

TEST(Round, WithOtherKeysMovesTheGeneration) {
  const RoundOutcome outcome = finish_round(loaded(), brought({"b"}), 8, kNow);
  EXPECT_TRUE(outcome.keys_changed);
  EXPECT_EQ(outcome.next.generation, 8U);
  EXPECT_EQ(outcome.next.keys->find("a"), nullptr);
  EXPECT_NE(outcome.next.keys->find("b"), nullptr);
}

TEST(Round, WithTheSameKeysKeepsSetAndGeneration) {
  const SourceState before = loaded();
  const RoundOutcome outcome = finish_round(before, brought({"a"}), 8, kNow + Milliseconds(5));
  EXPECT_FALSE(outcome.keys_changed);
  EXPECT_EQ(outcome.next.generation, 7U);
  EXPECT_EQ(outcome.next.keys, before.keys);
  EXPECT_EQ(outcome.next.last_success, kNow + Milliseconds(5));
}

TEST(Round, WithOtherQuarantinedKeysReportsThemUnderTheSameGeneration) {
  const RoundOutcome outcome = finish_round(loaded(), brought({"a"}, {{"bad", kFault}}), 8, kNow);
  EXPECT_FALSE(outcome.keys_changed);
  EXPECT_EQ(outcome.next.generation, 7U);
  EXPECT_EQ(outcome.next.keys->quarantined().at(0).id, "bad");
}

TEST(Round, ThatFailedKeepsTheLastGoodSet) {
  const SourceState before = loaded();
  const RoundOutcome outcome = finish_round(before, kFault, 8, kNow + Milliseconds(5));
  EXPECT_FALSE(outcome.keys_changed);
  EXPECT_EQ(outcome.next.keys, before.keys);
  EXPECT_EQ(outcome.next.generation, 7U);
  EXPECT_EQ(outcome.next.last_success, kNow);
  EXPECT_EQ(outcome.next.last_error, kFault);
  EXPECT_EQ(outcome.next.failing_since, kNow + Milliseconds(5));
}

TEST(Round, ThatBroughtNoKeyOrADuplicateFailed) {
  EXPECT_EQ(finish_round(loaded(), brought({}), 8, kNow).next.last_error->reason, Reason::keys_empty);
  ParsedKeys two;
  two.keys = {test::verification_key(key_pair("P-256"), "a"), test::verification_key(key_pair("ED25519"), "a")};
  const RoundOutcome outcome = finish_round(loaded(), two, 8, kNow);
  EXPECT_EQ(outcome.next.last_error->reason, Reason::key_duplicate);
  EXPECT_NE(outcome.next.keys, nullptr);
}

TEST(Round, FailuresCountFromTheFirst) {
  SourceState state = finish_round(loaded(), kFault, 8, kNow + Milliseconds(1)).next;
  state = finish_round(state, Error{Reason::keys_empty, "later"}, 9, kNow + Milliseconds(2)).next;
  EXPECT_EQ(state.failing_since, kNow + Milliseconds(1));
  EXPECT_EQ(state.last_error->reason, Reason::keys_empty);
}

TEST(Round, ThatIsGoodEndsTheFailure) {
  const SourceState failing = finish_round(loaded(), kFault, 8, kNow).next;
  const SourceState state = finish_round(failing, brought({"a"}), 9, kNow + Milliseconds(1)).next;
  EXPECT_FALSE(state.last_error || state.failing_since);
  EXPECT_EQ(state.freshness(kNow + Milliseconds(1)), Freshness::fresh);
}

TEST(Round, WithARenewedCertificateOfTheSameKeyReportsTheNewEndAndForgetsNothing) {
  const auto until = [](int seconds) {
    ParsedKeys parsed;
    const Key key = test::verification_key(key_pair("ED25519"), "a");
    parsed.keys.push_back(Key(key).certified_until(std::chrono::sys_seconds(std::chrono::seconds(seconds))));
    return parsed;
  };
  const SourceState before = finish_round(start(), until(1000), 7, kNow).next;
  const RoundOutcome renewed = finish_round(before, until(2000), 8, kNow);
  EXPECT_FALSE(renewed.keys_changed);
  EXPECT_EQ(renewed.next.generation, 7U);
  EXPECT_EQ(renewed.next.keys->keys().front().not_after(), std::chrono::sys_seconds(std::chrono::seconds(2000)));
  EXPECT_EQ(finish_round(before, until(1000), 8, kNow).next.keys, before.keys);
}

TEST(Round, CountsAgeFromTheTimeAtWhichTheOriginVouched) {
  const auto brought_at = [](std::optional<TimePoint> good_at) {
    Result<ParsedKeys> parsed = brought({"a"});
    parsed->origin.good_at = good_at;
    return finish_round(start(), std::move(parsed), 7, kNow).next.last_success;
  };
  EXPECT_EQ(brought_at(std::nullopt), kNow);
  EXPECT_EQ(brought_at(kNow - Milliseconds(1)), kNow - Milliseconds(1));
  EXPECT_EQ(brought_at(kNow + Milliseconds(1)), kNow) << "nothing is good before it was seen";
}

TEST(Round, SaysWhereTheKeysOfTheNewestGoodOneCameFrom) {
  Result<ParsedKeys> parsed = brought({"a"});
  parsed->origin.version = "AWSCURRENT v1";
  const SourceState state = finish_round(start(), std::move(parsed), 7, kNow).next;
  EXPECT_EQ(state.origin->version, "AWSCURRENT v1");
  EXPECT_EQ(finish_round(state, kFault, 8, kNow).next.origin->version, "AWSCURRENT v1");
  Result<ParsedKeys> moved = brought({"a"});
  moved->origin.version = "AWSCURRENT v2";
  const RoundOutcome outcome = finish_round(state, std::move(moved), 9, kNow);
  EXPECT_FALSE(outcome.keys_changed) << "another version of the same keys vouches for the same";
  EXPECT_EQ(outcome.next.origin->version, "AWSCURRENT v2");
}

TEST(Freshness, IsStaleWhileKeysAreOnlyRemembered) {
  SourceState state = loaded();
  state.remembered = true;
  EXPECT_EQ(state.freshness(kNow), Freshness::stale);
  EXPECT_EQ(state.freshness(kNow + kMaxStale + Milliseconds(1)), Freshness::expired);
  EXPECT_EQ(finish_round(state, brought({"a"}), 8, kNow).next.freshness(kNow), Freshness::fresh);
}

TEST(Freshness, IsEmptyBeforeTheFirstGoodRound) {
  EXPECT_EQ(start().freshness(kNow), Freshness::empty);
  EXPECT_EQ(finish_round(start(), kFault, 1, kNow).next.freshness(kNow), Freshness::empty);
}

TEST(Freshness, IsFreshWhileTheNewestRoundWasGood) { EXPECT_EQ(loaded().freshness(kNow), Freshness::fresh); }

TEST(Freshness, IsStaleWhileTheNewestRoundFailed) {
  EXPECT_EQ(finish_round(loaded(), kFault, 8, kNow).next.freshness(kNow), Freshness::stale);
}

TEST(Freshness, ExpiresPastMaxStaleAndNotAtIt) {
  EXPECT_EQ(loaded().freshness(kNow + kMaxStale), Freshness::fresh);
  EXPECT_EQ(loaded().freshness(kNow + kMaxStale + Milliseconds(1)), Freshness::expired);
  const SourceState failing = finish_round(loaded(), kFault, 8, kNow).next;
  EXPECT_EQ(failing.freshness(kNow + kMaxStale), Freshness::stale);
  EXPECT_EQ(failing.freshness(kNow + kMaxStale + Milliseconds(1)), Freshness::expired);
}

TEST(Freshness, AClockSetBackDoesNotExpireKeys) { EXPECT_EQ(loaded().freshness(kNow - kMaxStale - Milliseconds(1)), Freshness::fresh); }

TEST(Freshness, HasNames) {
  EXPECT_EQ(freshness_name(Freshness::empty), "empty");
  EXPECT_EQ(freshness_name(Freshness::fresh), "fresh");
  EXPECT_EQ(freshness_name(Freshness::stale), "stale");
  EXPECT_EQ(freshness_name(Freshness::expired), "expired");
}

}  // namespace
}  // namespace portcullis
