#include "keystore/key_endings.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/fake_clock.h"
#include "tests/support/key_sets.h"

namespace portcullis {
namespace {

using std::chrono::days;
using test::key_pair;
using test::kNow;

constexpr Milliseconds kMoment{1};

/// A set with one key of a certificate that ends at `kNow`, and one that came in none.
KeySet ending_now() {
  const Key plain = test::verification_key(key_pair("ED25519"), "plain");
  const auto end = std::chrono::floor<std::chrono::seconds>(kNow);
  return test::key_set_of({test::verification_key(key_pair("P-256"), "certified").certified_until(end), plain});
}

/// How many are told of at `now`, where this was looked at last at `seen`.
std::size_t told(std::optional<TimePoint> seen, TimePoint now) {
  const KeySet set = ending_now();
  return newly_ending(set, seen, now).size();
}

TEST(KeyEndings, NameTheKeyOfTheCertificateAlone) {
  const KeySet set = ending_now();
  const std::vector<const Key*> ending = newly_ending(set, std::nullopt, kNow);
  ASSERT_EQ(ending.size(), 1U);
  EXPECT_EQ(ending.front()->id(), "certified");
}

TEST(KeyEndings, OfASetThatNobodyLookedAtAreTheLast30Days) {
  EXPECT_EQ(told(std::nullopt, kNow - days(30) - kMoment), 0U);
  EXPECT_EQ(told(std::nullopt, kNow - days(30)), 1U);
  EXPECT_EQ(told(std::nullopt, kNow + days(1)), 1U) << "no round has set it aside yet";
}

TEST(KeyEndings, AreToldOnceAt30And7And1Days) {
  for (const days mark : {days(30), days(7), days(1)}) {
    const TimePoint at = kNow - mark;
    EXPECT_EQ(told(at - kMoment, at), 1U) << mark.count();
    EXPECT_EQ(told(at, at), 0U) << mark.count();
    EXPECT_EQ(told(at, at + kMoment), 0U) << mark.count();
    EXPECT_EQ(told(at - 2 * kMoment, at - kMoment), 0U) << mark.count();
  }
}

TEST(KeyEndings, AreToldOnceWhereSeveralMarksWentBy) { EXPECT_EQ(told(kNow - days(40), kNow), 1U); }

TEST(KeyEndings, AreNotToldAgainWhereTheClockWentBack) { EXPECT_EQ(told(kNow - days(5), kNow - days(6)), 0U); }

}  // namespace
}  // namespace portcullis
