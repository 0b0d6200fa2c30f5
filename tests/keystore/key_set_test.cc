#include "keystore/key_set.h"

#include <gtest/gtest.h>

#include "tests/keystore/keys.h"
#include "tests/support/key_sets.h"

namespace portcullis {
namespace {

using test::key_pair;
using test::key_set_of;
using test::verification_key;

Key key(const char* kind, const char* id, const char* name = "first") { return verification_key(key_pair(kind, name), id); }

TEST(KeySet, FindsAKeyByItsIdToTheByte) {
  const KeySet set = key_set_of({key("P-256", "a"), key("ED25519", "b"), key("P-384", "")});
  ASSERT_NE(set.find("a"), nullptr);
  EXPECT_EQ(set.find("a")->type(), KeyType::ec_p256);
  EXPECT_EQ(set.find("")->type(), KeyType::ec_p384);
  for (const std::string& id : {std::string("A"), std::string("a "), std::string("a\0", 2), std::string("c")})
    EXPECT_EQ(set.find(id), nullptr) << id;
}

TEST(KeySet, WithoutAKeyThereIsNone) {
  EXPECT_EQ(KeySet::make({}).error().reason, Reason::keys_empty);
  EXPECT_EQ(KeySet::make({{}, {{"a", {Reason::key_weak, ""}}}}).error().reason, Reason::keys_empty);
}

TEST(KeySet, TwoDifferentKeysUnderOneIdMakeNone) {
  EXPECT_EQ(KeySet::make({{key("P-256", "a"), key("P-256", "a", "second")}, {}}).error().reason, Reason::key_duplicate);
  EXPECT_EQ(KeySet::make({{key("P-256", "a"), key("P-256", "a")}, {}})->keys().size(), 1U);
}

TEST(KeySet, OnlyIsTheKeyOfASetOfOne) {
  const KeySet one = key_set_of({key("P-256", "a")});
  EXPECT_EQ(one.only(), one.find("a"));
  EXPECT_EQ(key_set_of({key("P-256", "a"), key("P-256", "b")}).only(), nullptr);
}

TEST(KeySet, IsSortedAndKeepsWhatWasSetAside) {
  const Result<KeySet> set = KeySet::make({{key("P-256", "b"), key("ED25519", "a")}, {{"c", {Reason::key_weak, "why"}}}});
  EXPECT_EQ(set->keys().at(0).id(), "a");
  EXPECT_EQ(set->keys().at(1).id(), "b");
  EXPECT_EQ(set->quarantined().at(0).id, "c");
}

TEST(KeySet, FindStillWorksAfterTheSetWasMoved) {
  KeySet first = key_set_of({key("P-256", "a"), key("ED25519", "b")});
  const KeySet second = std::move(first);
  EXPECT_EQ(second.find("b")->type(), KeyType::ed25519);
}

TEST(KeySetDigest, IsTheSameForTheSameVerdicts) {
  const KeySet set = key_set_of({key("P-256", "a"), key("ED25519", "b")});
  EXPECT_EQ(set.digest().size(), 64U);
  EXPECT_EQ(set.digest(), key_set_of({key("ED25519", "b"), key("P-256", "a"), key("P-256", "a")}).digest());
  EXPECT_EQ(set.digest(), KeySet::make({{key("P-256", "a"), key("ED25519", "b")}, {{"c", {Reason::key_weak, ""}}}})->digest());
}

TEST(KeySetDigest, MovesWithIdsKeysAndAlgorithms) {
  const Key rsa = key("RSA-2048", "a");
  const std::string digest = key_set_of({rsa}).digest();
  EXPECT_NE(digest, key_set_of({rsa.renamed("b")}).digest());
  EXPECT_NE(digest, key_set_of({key("RSA-2048", "a", "second")}).digest());
  EXPECT_NE(digest, key_set_of({rsa, rsa.renamed("b")}).digest());
  EXPECT_NE(digest, key_set_of({verification_key(key_pair("RSA-2048"), "a", AlgorithmSet{Algorithm::rs256})}).digest());
}

}  // namespace
}  // namespace portcullis
