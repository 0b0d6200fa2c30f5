#include "policy/pattern/perfect_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace portcullis {
namespace {

std::vector<std::uint64_t> some_keys(std::size_t count) {
  std::mt19937_64 random(20260301);
  std::vector<std::uint64_t> keys(count);
  std::generate(keys.begin(), keys.end(), random);
  return keys;
}

TEST(PerfectHash, GivesEveryKeyAPlaceOfItsOwn) {
  for (const std::size_t count : {1U, 2U, 3U, 19U, 20U, 21U, 1000U, 100'000U}) {
    const std::vector<std::uint64_t> keys = some_keys(count);
    PerfectHash hash;
    const std::vector<std::uint32_t> places = hash.build(keys);

    ASSERT_EQ(places.size(), count);
    std::vector<bool> taken(hash.places(), false);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_LT(places[i], hash.places()) << count;
      ASSERT_EQ(places[i], hash.place_of(keys[i])) << count;
      ASSERT_FALSE(taken[places[i]]) << count;
      taken[places[i]] = true;
    }
    EXPECT_LE(hash.places(), count + count / 20 + 1);
    EXPECT_LE(hash.bytes(), count / 2 + 2);
  }
}

TEST(PerfectHash, HasSomePlaceForAKeyThatIsNotThere) {
  PerfectHash hash;
  (void)hash.build(some_keys(10));

  for (const std::uint64_t key : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 63U})
    EXPECT_LT(hash.place_of(key), hash.places());
}

TEST(PerfectHash, HasNoPlaceForAKeyThatStandsThereTwice) {
  PerfectHash hash;
  const std::vector<std::uint64_t> keys = {7, 9, 7, 7};

  const std::vector<std::uint32_t> places = hash.build(keys);

  EXPECT_EQ(places[0], hash.place_of(7));
  EXPECT_EQ(places[1], hash.place_of(9));
  EXPECT_EQ(places[2], PerfectHash::kNoPlace);
  EXPECT_EQ(places[3], PerfectHash::kNoPlace);
}

TEST(PerfectHash, HasNoPlacesForNoKeys) {
  PerfectHash hash;

  EXPECT_TRUE(hash.build({}).empty());
  EXPECT_EQ(hash.places(), 0U);
}

/// What somebody chose so that all fall into one bucket costs time, bounded, and the places of some; never a place of two.
TEST(PerfectHash, NeverGivesOnePlaceToTwoKeysOfOneBucket) {
  std::vector<std::uint64_t> keys;
  for (std::uint64_t high = 0; high < 300; ++high) keys.push_back(high << 32U);
  PerfectHash hash;
  const std::vector<std::uint32_t> places = hash.build(keys);

  std::vector<std::uint32_t> given;
  std::copy_if(places.begin(), places.end(), std::back_inserter(given), [](std::uint32_t place) { return place != PerfectHash::kNoPlace; });
  std::sort(given.begin(), given.end());
  EXPECT_EQ(std::adjacent_find(given.begin(), given.end()), given.end());
}

}  // namespace
}  // namespace portcullis
