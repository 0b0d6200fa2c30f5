#include "keystore/key_ids.h"

#include <gtest/gtest.h>

#include "tests/keystore/keys.h"
#include "tests/support/key_sets.h"

namespace portcullis {
namespace {

using test::key_pair;
using test::verification_key;

TEST(KeyIds, Have256BytesAtMost) {
  EXPECT_TRUE(check_key_id(""));
  EXPECT_TRUE(check_key_id(std::string(256, 'a')));
  EXPECT_EQ(check_key_id(std::string(257, 'a')).error().reason, Reason::key_malformed);
}

TEST(KeyIds, KeysAreSortedByTheBytesOfTheirIds) {
  std::vector<Key> keys;
  for (const char* id : {"b", "", "a\xff", "a", "B"}) keys.push_back(verification_key(key_pair("ED25519"), id));
  const Result<std::vector<Key>> sorted = one_key_per_id(std::move(keys));
  std::vector<std::string> ids;
  for (const Key& key : *sorted) ids.push_back(key.id());
  EXPECT_EQ(ids, (std::vector<std::string>{"", "B", "a", "a\xff", "b"}));
}

TEST(KeyIds, OneIdMeansOneKey) {
  const Key first = verification_key(key_pair("P-256"), "a");
  const Key other = verification_key(key_pair("P-256", "second"), "a");
  EXPECT_EQ(one_key_per_id({first, first, first})->size(), 1U);
  EXPECT_EQ(one_key_per_id({first, other}).error().reason, Reason::key_duplicate);
  EXPECT_EQ(one_key_per_id({first, other.renamed("b")})->size(), 2U);
  EXPECT_TRUE(one_key_per_id({})->empty());
}

TEST(KeyIds, OneKeyServesWhatAnyOfItsEntriesServes) {
  const Key all = verification_key(key_pair("RSA-2048"), "a");
  const Key one = verification_key(key_pair("RSA-2048"), "a", AlgorithmSet{Algorithm::rs256});
  const Key other = verification_key(key_pair("RSA-2048"), "a", AlgorithmSet{Algorithm::ps256});
  const auto algorithms = [](std::vector<Key> keys) {
    const Result<std::vector<Key>> unique = one_key_per_id(std::move(keys));
    return unique && unique->size() == 1 ? unique->front().algorithms() : AlgorithmSet();
  };
  EXPECT_EQ(algorithms({one, other}), (AlgorithmSet{Algorithm::rs256, Algorithm::ps256}));
  EXPECT_EQ(algorithms({other, one, one}), (AlgorithmSet{Algorithm::rs256, Algorithm::ps256}));
  EXPECT_EQ(algorithms({one, all}), all.algorithms());
  EXPECT_EQ(algorithms({all, one}), all.algorithms());
}

TEST(KeyIds, AnotherKeyIsAFaultWhateverItServes) {
  const Key one = verification_key(key_pair("RSA-2048"), "a", AlgorithmSet{Algorithm::rs256});
  const Key stranger = verification_key(key_pair("RSA-2048", "second"), "a", AlgorithmSet{Algorithm::ps256});
  EXPECT_EQ(one_key_per_id({one, stranger}).error().reason, Reason::key_duplicate);
}

TEST(KeyIds, TheFaultNamesTheIdEscaped) {
  const Key first = verification_key(key_pair("P-256"), "a\n");
  const Key other = verification_key(key_pair("ED25519"), "a\n");
  EXPECT_EQ(one_key_per_id({first, other}).error().detail, "two different keys under the id \"a\\x0a\"");
}

TEST(KeyIds, AKeyThatIsThereTwiceLastsAsLongAsTheLongerForm) {
  const std::chrono::sys_seconds first(std::chrono::seconds(1000));
  const std::chrono::sys_seconds second(std::chrono::seconds(2000));
  const Key plain = verification_key(key_pair("P-256"), "a");
  const auto not_after = [](const Key& left, const Key& right) { return one_key_per_id({left, right})->front().not_after(); };
  EXPECT_EQ(not_after(Key(plain).certified_until(first), Key(plain).certified_until(second)), second);
  EXPECT_EQ(not_after(Key(plain).certified_until(second), Key(plain).certified_until(first)), second);
  EXPECT_EQ(not_after(Key(plain).certified_until(first), plain), std::nullopt);
  EXPECT_EQ(not_after(plain, Key(plain).certified_until(first)), std::nullopt);
}

}  // namespace
}  // namespace portcullis
