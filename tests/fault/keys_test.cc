// Keys, configuration and what lies on disk, read while memory runs out: what was there, or less of it, or nothing.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "config/load.h"
#include "keystore/key_text.h"
#include "keystore/refresh/last_known_good.h"
#include "tests/fault/each_allocation.h"
#include "tests/support/gate_fixture.h"
#include "tests/support/key_sets.h"

namespace portcullis::test {
namespace {

const std::vector<std::pair<std::string_view, const KeyPair*>>& all_pairs() {
  static const std::vector<std::pair<std::string_view, const KeyPair*>> pairs = {{"rsa", &key_pair("RSA-2048")},
                                                                                 {"p256", &key_pair("P-256")},
                                                                                 {"p384", &key_pair("P-384")},
                                                                                 {"p521", &key_pair("P-521")},
                                                                                 {"ed", &key_pair("ED25519")}};
  return pairs;
}

/// Every key is one of the text's own, under its own id and for its own algorithms.
void expect_some_of(const ParsedKeys& some, const ParsedKeys& all) {
  for (const Key& key : some.keys) {
    const auto same = std::find_if(all.keys.begin(), all.keys.end(), [&](const Key& one) { return one.id() == key.id(); });
    ASSERT_NE(same, all.keys.end());
    EXPECT_EQ(to_jwks({key}), to_jwks({*same}));
    EXPECT_EQ(key.algorithms(), same->algorithms());
  }
}

template <class Read>
void expect_never_other_keys(Read read) {
  const Result<ParsedKeys> all = read();
  ASSERT_TRUE(all.ok()) << all.error().detail;
  ASSERT_FALSE(all->keys.empty());
  fail_all_allocations(read, [&](const std::optional<Result<ParsedKeys>>& outcome) {
    if (outcome && outcome->ok()) expect_some_of(**outcome, *all);
  });
}

TEST(KeysWithoutMemory, OfAPemAreThatKeyOrNone) {
  for (const auto& [id, pair] : all_pairs()) {
    const std::string pem = pair->public_pem();
    expect_never_other_keys([&]() -> Result<ParsedKeys> {
      Result<Key> key = read_pem(std::string(id), pem, kNow);
      if (!key.ok()) return key.error();
      ParsedKeys keys;
      keys.keys.push_back(std::move(key).value());
      return keys;
    });
  }
}

TEST(KeysWithoutMemory, OfACertificateAreThatKeyOrNone) {
  const std::string pem = key_pair("P-256").certificate_pem(kNow - Milliseconds(1000), kNow + Milliseconds(1000));
  expect_never_other_keys([&] { return read_key_text(pem, kNow); });
}

TEST(KeysWithoutMemory, OfAJwksAreSomeOfIt) {
  const std::string jwks = jwks_json({{"rsa", &key_pair("RSA-2048")}, {"p256", &key_pair("P-256")}, {"ed", &key_pair("ED25519")}});
  expect_never_other_keys([&] { return read_jwks(jwks, "fallback"); });
}

TEST(KeysWithoutMemory, OfASecretAreSomeOfIt) {
  const std::string secret = secret_json({{"rsa", &key_pair("RSA-2048")}, {"p384", &key_pair("P-384")}, {"ed", &key_pair("ED25519")}});
  expect_never_other_keys([&] { return read_secret(secret, kNow); });
}

TEST(ConfigWithoutMemory, IsTheWholeOrNone) {
  const std::string text = gate_config(
      R"("limits":{"tokenBytes":8192},"extraRoutes":[{"path":"/v2/_zot/ext/search","methods":["GET"],"scope":"registry:catalog:*","action":"read"}])");
  const LoadedConfig whole = load_config_text(text, "/etc/portcullis", {});
  ASSERT_TRUE(whole.config.has_value()) << format_findings(whole.findings);
  fail_all_allocations([&] { return load_config_text(text, "/etc/portcullis", {}); },
                       [&](const std::optional<LoadedConfig>& outcome) {
                         if (!outcome || !outcome->config) return;
                         EXPECT_EQ(outcome->findings, whole.findings);
                         EXPECT_EQ(outcome->config->digest, whole.config->digest);
                         EXPECT_EQ(outcome->config->limits.token_bytes, whole.config->limits.token_bytes);
                         EXPECT_EQ(outcome->config->proxy.trusted, whole.config->proxy.trusted);
                         EXPECT_EQ(outcome->config->extra_routes.size(), whole.config->extra_routes.size());
                       });
}

TEST(LastKnownGoodWithoutMemory, HasKeysThatWereWrittenOrNone) {
  const KeySet keys = key_set({{"rsa", &key_pair("RSA-2048")}, {"ed", &key_pair("ED25519")}});
  const SourceIdentity source = identity_of_jwks("https://keys.example/jwks.json");
  const std::string text = write_remembered(source, keys, kNow);
  fail_all_allocations([&] { return read_remembered(text, source, kNow); },
                       [&](const std::optional<Result<RememberedKeys>>& outcome) {
                         if (!outcome || !outcome->ok()) return;
                         for (const Key& key : (*outcome)->keys.keys()) {
                           ASSERT_NE(keys.find(key.id()), nullptr);
                           EXPECT_EQ(to_jwks({key}), to_jwks({*keys.find(key.id())}));
                         }
                         EXPECT_EQ((*outcome)->last_success, kNow);
                       });
}

TEST(LastKnownGoodWithoutMemory, IsWrittenWholeOrNotAtAll) {
  SourceState state;
  state.name = "jwksURL";
  state.keys = std::make_shared<const KeySet>(key_set({{"rsa", &key_pair("RSA-2048")}, {"ed", &key_pair("ED25519")}}));
  state.last_success = kNow;
  const SourceIdentity source = identity_of_jwks("https://keys.example/jwks.json");
  FakeFiles files;
  ASSERT_TRUE(files.write("/keys", "before", 0600).ok());
  const std::string whole = write_remembered(source, *state.keys, kNow);
  fail_all_allocations([&] { return save_last_known_good(files, "/keys", source, state).ok(); },
                       [&](const std::optional<bool>& saved) {
                         const std::string now = files.read("/keys", kMaxRememberedBytes).value();
                         EXPECT_TRUE(now == whole || (now == "before" && saved != true));
                         (void)files.write("/keys", "before", 0600);
                       });
}

}  // namespace
}  // namespace portcullis::test
