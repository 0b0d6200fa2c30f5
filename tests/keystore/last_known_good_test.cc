#include "keystore/refresh/last_known_good.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/keystore/keys.h"
#include "tests/support/key_sets.h"
#include "tests/support/printing.h"
#include "tests/support/temp_folder.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::key_pair;
using test::kNow;

constexpr const char* kPath = "/keys.json";

AwsSecretsManagerConfig production() {
  AwsSecretsManagerConfig config;
  config.region = "eu-west-1";
  config.secret_name = "zot/keys";
  config.version_stages = {"AWSCURRENT"};
  return config;
}

SourceIdentity identity() { return identity_of(production(), "123456789012"); }

KeySet first_keys() { return test::key_set({{"k1", &key_pair("ED25519")}, {"k2", &key_pair("P-256")}}); }

SourceState start() {
  SourceState state;
  state.name = "awsSecretsManager";
  state.max_stale = 24h;
  return state;
}

SourceState after_good_round(TimePoint at) {
  ParsedKeys parsed;
  parsed.keys = first_keys().keys();
  return finish_round(start(), parsed, 7, at).next;
}

Reason refusal(std::string_view text, TimePoint now = kNow) {
  const Result<RememberedKeys> found = read_remembered(text, identity(), now);
  return found ? Reason::allowed : found.error().reason;
}

std::string good_text(TimePoint at = kNow) { return write_remembered(identity(), first_keys(), at); }

std::string replaced(std::string text, std::string_view old, std::string_view with) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return at == std::string::npos ? text : text.replace(at, old.size(), with);
}

TEST(LastKnownGood, WhatIsWrittenIsReadBack) {
  const Result<RememberedKeys> found = read_remembered(good_text(), identity(), kNow);

  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->keys.digest(), first_keys().digest());
  EXPECT_EQ(found->last_success, kNow);
}

TEST(LastKnownGood, KeysOfEveryTypeAndRestrictionAreReadBack) {
  std::vector<Key> keys;
  for (const char* kind : {"RSA-2048", "P-256", "P-384", "P-521", "ED25519"}) keys.push_back(test::verification_key(key_pair(kind), kind));
  keys.push_back(test::verification_key(key_pair("RSA-2048"), "narrow", AlgorithmSet{Algorithm::ps256}));
  keys.push_back(test::verification_key(key_pair("ED25519"), ""));
  keys.push_back(test::verification_key(key_pair("ED25519"), "k\"\\\xc3\xa9\n"));
  const KeySet set = test::key_set_of(keys);
  const Result<RememberedKeys> found = read_remembered(write_remembered(identity(), set, kNow), identity(), kNow);

  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->keys.digest(), set.digest());
}

TEST(LastKnownGood, HoldsNothingButPublicKeys) {
  const std::string text = good_text();

  EXPECT_EQ(text.find("\"d\""), std::string::npos);
  EXPECT_EQ(text.find("zot/keys"), std::string::npos) << "of the source, the digest alone";
}

TEST(LastKnownGood, AFileOfAnotherSourceIsRefused) {
  AwsSecretsManagerConfig other = production();
  other.secret_name = "zot/keys2";
  EXPECT_NE(identity_of(other, "123456789012").identity, identity().identity);
  other = production();
  other.region = "eu-west-2";
  EXPECT_NE(identity_of(other, "123456789012").identity, identity().identity);
  other = production();
  other.role_arn = "arn:aws:iam::123456789012:role/reader";
  EXPECT_NE(identity_of(other, "").identity, identity().identity);
  other = production();
  other.endpoint = "http://127.0.0.1:4566";
  EXPECT_NE(identity_of(other, "123456789012").identity, identity().identity);
  other = production();
  other.version_stages = {"AWSPENDING"};
  EXPECT_NE(identity_of(other, "123456789012").identity, identity().identity);
  EXPECT_NE(identity_of_jwks("https://a/").identity, identity_of_jwks("https://b/").identity);

  const std::string staging = write_remembered(identity_of(production(), "210987654321"), first_keys(), kNow);
  EXPECT_EQ(refusal(staging), Reason::secret_malformed);
  EXPECT_EQ(refusal(write_remembered({"jwksURL", identity().identity, ""}, first_keys(), kNow)), Reason::secret_malformed);
}

TEST(LastKnownGood, AFileOfAnUnknownAccountIsToldApartOnceTheAccountIsKnown) {
  const std::string staging = write_remembered(identity_of(production(), "210987654321"), first_keys(), kNow);
  const Result<RememberedKeys> unknown = read_remembered(staging, identity_of(production(), ""), kNow);
  ASSERT_TRUE(unknown) << "a secret by plain name: nobody can say whose it is before AWS answers";
  EXPECT_EQ(unknown->account, "210987654321");

  const std::string nobodys = write_remembered(identity_of(production(), ""), first_keys(), kNow);
  EXPECT_EQ(refusal(nobodys), Reason::allowed);
}

TEST(LastKnownGood, TheAccountInTheFileIsTheOneThatAnswered) {
  FakeFiles files;
  const SourceIdentity by_name = identity_of(production(), "");
  ParsedKeys brought;
  brought.keys = first_keys().keys();
  brought.origin.account = "123456789012";
  ASSERT_TRUE(save_last_known_good(files, kPath, by_name, finish_round(start(), brought, 7, kNow).next));

  const Result<SourceState> state = recall_last_known_good(files, kPath, by_name, start(), 3, kNow);
  ASSERT_TRUE(state) << state.error().detail;
  EXPECT_EQ(state->origin->account, "123456789012");
  EXPECT_FALSE(recall_last_known_good(files, kPath, identity_of(production(), "210987654321"), start(), 3, kNow))
      << "production is another";
  EXPECT_TRUE(recall_last_known_good(files, kPath, identity(), start(), 3, kNow));
}

TEST(LastKnownGood, WhatDoesNotChangeTheKeysIsNoOtherSource) {
  AwsSecretsManagerConfig same = production();
  same.refresh_interval = 5min;
  same.session_name = "other";
  same.external_id = "id";
  same.duration = 1h;

  EXPECT_EQ(identity_of(same, "123456789012").identity, identity().identity);
}

TEST(LastKnownGood, TheAccountIsThatOfTheSecretThenOfTheRoleThenTheCallers) {
  AwsSecretsManagerConfig by_arn = production();
  by_arn.secret_name = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:zot/keys-AbCdEf";
  EXPECT_EQ(identity_of(by_arn, "210987654321").account, "123456789012");
  AwsSecretsManagerConfig by_role = production();
  by_role.role_arn = "arn:aws:iam::123456789012:role/reader";
  EXPECT_EQ(identity_of(by_role, "210987654321").account, "123456789012");
  EXPECT_EQ(identity_of(production(), "210987654321").account, "210987654321");
  EXPECT_EQ(identity_of(production(), "").account, "");
}

TEST(LastKnownGood, ADamagedFileIsRefused) {
  const std::string text = good_text();

  EXPECT_EQ(refusal(replaced(text, "\"format\":2", "\"format\":1")), Reason::secret_malformed);
  EXPECT_EQ(refusal(replaced(text, "\"kid\":\"k1\"", "\"kid\":\"k3\"")), Reason::secret_malformed);
  EXPECT_EQ(refusal(replaced(text, "\"account\":\"123456789012\"", "\"account\":\"\"")), Reason::secret_malformed);
  EXPECT_EQ(refusal(replaced(text, "\"lastSuccess\":1", "\"lastSuccess\":2")), Reason::secret_malformed);
  EXPECT_EQ(refusal(replaced(text, "\"digest\":\"", "\"digest\":\"0")), Reason::secret_malformed);
  EXPECT_EQ(refusal(replaced(text, "\"lastSuccess\":", "\"lastSuccess\":-")), Reason::secret_malformed);
  EXPECT_EQ(refusal(replaced(text, "\"lastSuccess\":", "\"was\":")), Reason::secret_malformed);
  EXPECT_EQ(refusal(replaced(text, "\"keys\":{\"keys\"", "\"more\":{\"keys\"")), Reason::secret_malformed);
  EXPECT_EQ(refusal("{}"), Reason::secret_malformed);
}

TEST(LastKnownGood, AHalfWrittenFileIsRefused) {
  const std::string text = good_text();

  // What is behind the last brace is a line end.
  for (std::size_t length = 0; length + 2 <= text.size(); ++length)
    EXPECT_EQ(refusal(text.substr(0, length)), Reason::json_malformed) << length;
  EXPECT_EQ(refusal(text + "x"), Reason::json_malformed);
}

TEST(LastKnownGood, AFileFromTheFutureIsRefused) {
  EXPECT_EQ(refusal(good_text(kNow)), Reason::allowed);
  EXPECT_EQ(refusal(good_text(kNow + 1ms)), Reason::secret_malformed);
}

TEST(LastKnownGood, EveryKeyIsJudgedAnew) {
  // A file with a digest that fits and a key that nobody may use: only its maker could have written it, and it is refused all the same.
  EXPECT_EQ(refusal(write_remembered(identity(), KeySet(), kNow)), Reason::keys_empty);
}

TEST(LastKnownGood, ServesStaleUntilTheFirstGoodRound) {
  FakeFiles files;
  ASSERT_TRUE(save_last_known_good(files, kPath, identity(), after_good_round(kNow - 1h)));
  const Result<SourceState> state = recall_last_known_good(files, kPath, identity(), start(), 3, kNow);

  ASSERT_TRUE(state) << state.error().detail;
  EXPECT_EQ(state->keys->digest(), first_keys().digest());
  EXPECT_EQ(state->generation, 3U);
  EXPECT_EQ(state->last_success, kNow - 1h);
  EXPECT_EQ(state->freshness(kNow), Freshness::stale);

  ParsedKeys same;
  same.keys = first_keys().keys();
  const RoundOutcome outcome = finish_round(*state, same, 4, kNow);
  EXPECT_FALSE(outcome.keys_changed) << "tokens that were verified with them stay verified";
  EXPECT_EQ(outcome.next.freshness(kNow), Freshness::fresh);
}

TEST(LastKnownGood, AFailedRoundKeepsWhatWasRemembered) {
  FakeFiles files;
  ASSERT_TRUE(save_last_known_good(files, kPath, identity(), after_good_round(kNow)));
  const SourceState state = recall_last_known_good(files, kPath, identity(), start(), 3, kNow).value();
  const SourceState after = finish_round(state, Error{Reason::io_failed, "away"}, 4, kNow).next;

  EXPECT_EQ(after.keys, state.keys);
  EXPECT_TRUE(after.remembered);
  EXPECT_EQ(after.freshness(kNow), Freshness::stale);
}

TEST(LastKnownGood, IsAsOldAsItsLastSuccess) {
  FakeFiles files;
  ASSERT_TRUE(save_last_known_good(files, kPath, identity(), after_good_round(kNow - 24h)));
  const SourceState state = recall_last_known_good(files, kPath, identity(), start(), 3, kNow).value();

  EXPECT_EQ(state.freshness(kNow), Freshness::stale);
  EXPECT_EQ(state.freshness(kNow + 1ms), Freshness::expired);
}

TEST(LastKnownGood, IsNotReadOnceTheSourceHasAnswered) {
  FakeFiles files;
  ASSERT_TRUE(files.write(kPath, "garbage", 0600));
  const SourceState answered = after_good_round(kNow);
  const Result<SourceState> state = recall_last_known_good(files, kPath, identity(), answered, 9, kNow);

  ASSERT_TRUE(state);
  EXPECT_EQ(state->keys, answered.keys);
  EXPECT_FALSE(state->remembered);
}

TEST(LastKnownGood, IsReadWhileTheSourceHasFailedAlone) {
  FakeFiles files;
  ASSERT_TRUE(save_last_known_good(files, kPath, identity(), after_good_round(kNow)));
  const SourceState failing = finish_round(start(), Error{Reason::io_failed, "away"}, 1, kNow).next;

  EXPECT_TRUE(recall_last_known_good(files, kPath, identity(), failing, 3, kNow)->keys);
}

TEST(LastKnownGood, FaultsNameTheFile) {
  FakeFiles files;
  const Error missing = recall_last_known_good(files, kPath, identity(), start(), 3, kNow).error();
  EXPECT_EQ(missing, (Error{Reason::io_failed, "last known good keys /keys.json: /keys.json: No such file or directory"}));
  ASSERT_TRUE(files.write(kPath, "garbage", 0600));
  EXPECT_TRUE(
      recall_last_known_good(files, kPath, identity(), start(), 3, kNow).error().detail.starts_with("last known good keys /keys.json: "));
  ASSERT_TRUE(files.write(kPath, std::string(kMaxRememberedBytes + 1, ' '), 0600));
  EXPECT_EQ(recall_last_known_good(files, kPath, identity(), start(), 3, kNow).error().reason, Reason::io_failed);
}

TEST(LastKnownGood, OnlyAGoodRoundIsSaved) {
  FakeFiles files;
  EXPECT_TRUE(save_last_known_good(files, kPath, identity(), start()));
  EXPECT_FALSE(files.read(kPath, 1)) << "nothing was ever good";

  ASSERT_TRUE(save_last_known_good(files, kPath, identity(), after_good_round(kNow - 1h)));
  const std::string before = *files.read(kPath, kMaxRememberedBytes);
  const SourceState remembered = recall_last_known_good(files, kPath, identity(), start(), 3, kNow).value();
  ASSERT_TRUE(save_last_known_good(files, kPath, identity(), remembered));
  EXPECT_EQ(*files.read(kPath, kMaxRememberedBytes), before);
}

TEST(LastKnownGood, IsForItsOwnerAlone) {
  const test::TempFolder folder;
  const std::string path = folder.path("known.json");
  SystemFiles files;
  ASSERT_TRUE(save_last_known_good(files, path, identity(), after_good_round(kNow)));

  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_FALSE(save_last_known_good(files, folder.path("none/known.json"), identity(), after_good_round(kNow)));
}

}  // namespace
}  // namespace portcullis
