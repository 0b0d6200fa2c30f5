#include "plugin/http/status.h"

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "tests/support/fake_clock.h"
#include "tests/support/key_sets.h"

namespace portcullis::test {
namespace {

/// What `/status` says of the source of a gate in this state.
JsonDocument source_status(SourceState source) {
  LiveState live;
  live.state.revocations = std::make_shared<const Revocations>();
  live.state.source = std::move(source);
  live.key_uses = KeyUses(live.state.source.keys.get(), {});
  FakeFiles files;
  FakeClock clock;
  SystemEntropy entropy;
  Log log(clock, -1, LogForm::json, LogLevel::error);
  const BrokerService broker({.files = files, .clock = clock, .entropy = entropy, .log = log, .threads = 1});
  auto whole = parse_json(status_json(live, GateMetrics(), TokenCache(16), broker, false, kNow), {65536, 16, 1000});
  EXPECT_TRUE(whole.ok());
  return parse_json(whole->root().get("sources").elements().at(0).dump(), {65536, 16, 1000}).value();
}

SourceState loaded(KeysOrigin origin) {
  ParsedKeys parsed;
  parsed.keys = {verification_key(key_pair("ED25519"), "k1"), verification_key(key_pair("P-256"), "k2")};
  parsed.origin = std::move(origin);
  SourceState before;
  before.name = "awsSecretsManager";
  before.max_stale = std::chrono::hours(24);
  return finish_round(before, std::move(parsed), 1, kNow).next;
}

TEST(Status, SaysOfWhichVersionEachKeyIs) {
  const JsonDocument status = source_status(
      loaded({.version = "AWSCURRENT v2, AWSPREVIOUS v1", .of_keys = {{"k1", "AWSCURRENT v2"}}, .good_at = {}, .max_age = {}}));

  EXPECT_EQ(status.root().get("version").string(), "AWSCURRENT v2, AWSPREVIOUS v1");
  EXPECT_EQ(status.root().get("keys").elements().at(0).get("version").string(), "AWSCURRENT v2");
  EXPECT_TRUE(status.root().get("keys").elements().at(1).get("version").is_null());
}

TEST(Status, SaysWhenTheCertificateOfAKeyEnds) {
  const auto end = std::chrono::floor<std::chrono::seconds>(kNow) + std::chrono::days(3);
  ParsedKeys parsed;
  parsed.keys = {verification_key(key_pair("ED25519"), "k1"), verification_key(key_pair("P-256"), "k2").certified_until(end)};
  const JsonDocument status = source_status(finish_round({}, std::move(parsed), 1, kNow).next);

  EXPECT_TRUE(status.root().get("keys").elements().at(0).get("certificateNotAfter").is_null());
  EXPECT_EQ(status.root().get("keys").elements().at(1).get("certificateNotAfter").string(), "2026-03-04T12:00:00.000Z");
}

TEST(Status, OfASourceWithoutVersionsNamesNone) {
  const JsonDocument file = source_status(loaded({}));
  const JsonDocument empty = source_status({});

  EXPECT_TRUE(file.root().get("version").is_null());
  EXPECT_TRUE(file.root().get("keys").elements().at(0).get("version").is_null());
  EXPECT_TRUE(empty.root().get("version").is_null());
}

TEST(Status, SaysWhetherKeysAreOnlyRemembered) {
  SourceState remembered = loaded({});
  remembered.remembered = true;
  const JsonDocument status = source_status(remembered);
  const JsonDocument fresh = source_status(loaded({}));

  EXPECT_EQ(status.root().get("remembered").boolean(), true);
  EXPECT_EQ(status.root().get("state").string(), "stale");
  EXPECT_TRUE(status.root().get("lastError").is_null());
  EXPECT_EQ(fresh.root().get("remembered").boolean(), false);
}

}  // namespace
}  // namespace portcullis::test
