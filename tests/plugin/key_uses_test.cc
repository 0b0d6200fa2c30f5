#include "plugin/key_uses.h"

#include <gtest/gtest.h>

#include "tests/support/gate_fixture.h"

namespace portcullis::test {
namespace {

KeySet set_of(NamedKeys keys) {
  auto parsed = read_secret(secret_json(keys), kNow);
  return KeySet::make(std::move(parsed).value()).value();
}

/// A verified token of the key `k1`.
std::shared_ptr<const VerifiedToken> token_of_k1() {
  TestGate gate;
  return gate.ask(nginx_asks("GET", "/v2/", bearer(good_token()))).decision->token;
}

TEST(KeyUses, CountUsesOfTheKeyThatVouched) {
  const KeySet keys = set_of({{"k0", &key_pair("ED25519", "other")}, {"k1", &key_pair("ED25519")}});
  const KeyUses uses(&keys, {});

  uses.note(keys, *token_of_k1(), kNow);
  uses.note(keys, *token_of_k1(), kNow + std::chrono::seconds(5));

  EXPECT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses.at(0).count.load(), 0U);
  EXPECT_EQ(uses.at(0).last_used.load(), 0);
  EXPECT_EQ(uses.at(1).count.load(), 2U);
  EXPECT_EQ(uses.at(1).last_used.load(), unix_seconds(kNow) + 5);
}

TEST(KeyUses, StayWithAKeyThatStays) {
  const KeySet one = set_of({{"k1", &key_pair("ED25519")}});
  const KeySet two = set_of({{"k0", &key_pair("ED25519", "other")}, {"k1", &key_pair("ED25519")}});
  const KeyUses before(&one, {});
  before.note(one, *token_of_k1(), kNow);

  const KeyUses after(&two, before);

  EXPECT_EQ(after.at(0).count.load(), 0U);
  EXPECT_EQ(after.at(1).count.load(), 1U);
}

TEST(KeyUses, GoWithAKeyThatGoes) {
  const KeySet one = set_of({{"k1", &key_pair("ED25519")}});
  const KeySet other = set_of({{"k0", &key_pair("ED25519", "other")}});
  const KeyUses before(&one, {});
  before.note(one, *token_of_k1(), kNow);
  const KeyUses between(&other, before);

  const KeyUses back(&one, between);

  EXPECT_EQ(back.at(0).count.load(), 0U);
}

TEST(KeyUses, AreEmptyWithoutKeys) { EXPECT_EQ(KeyUses(nullptr, {}).size(), 0U); }

}  // namespace
}  // namespace portcullis::test
