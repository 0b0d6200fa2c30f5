// Section 2F, continued: texts of many keys, and what a source brings over time.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/snapshot.h"
#include "keystore/key_text.h"
#include "keystore/refresh/round.h"
#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

using std::chrono::hours;

Reason verdict_on_pem(std::string_view pem, TimePoint now = kNow) {
  const Result<Key> key = read_pem("k1", pem, now);
  return key.ok() ? Reason::allowed : key.error().reason;
}

std::string json_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return "\"" + out + "\"";
}

/// The source's state after a round that brought `text`.
SourceState after_round(const SourceState& before, std::string_view text, std::uint64_t generation, TimePoint now) {
  return finish_round(before, read_secret(text, now), generation, now).next;
}

SourceState first_state(std::string_view text) {
  SourceState empty;
  empty.name = "file";
  empty.max_stale = hours(24);
  return after_round(empty, text, 1, kNow);
}

TEST(Attacks2F, K7_ReadsOnePemBlockAndNothingElse) {
  const std::string pem = key_pair("P-256").public_pem();
  std::string crlf = pem;
  for (std::size_t at = 0; (at = crlf.find('\n', at)) != std::string::npos; at += 2) crlf.replace(at, 1, "\r\n");
  EXPECT_REASON(verdict_on_pem(pem), Reason::allowed);
  EXPECT_REASON(verdict_on_pem(crlf), Reason::allowed);
  EXPECT_REASON(verdict_on_pem(key_pair("RSA-2048").public_pkcs1_pem()), Reason::allowed);

  for (const std::string& wrong : {pem + pem, "text\n" + pem, pem + "text\n", pem + std::string(1, '\0'), pem.substr(0, pem.size() / 2),
                                   pem + std::string(1'048'576, '\n'), std::string(1'048'576, 'A'), std::string(),
                                   std::string("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n") + pem,
                                   std::string("-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"),
                                   std::string("-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n")}) {
    EXPECT_REASON(verdict_on_pem(wrong), Reason::key_malformed) << wrong.substr(0, 60);
  }
  // An encrypted key never asks for a password on the terminal.
  EXPECT_REASON(verdict_on_pem("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGb\n-----END ENCRYPTED PRIVATE KEY-----\n"), Reason::key_private);
  EXPECT_REASON(verdict_on_pem("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIGb\n-----END RSA PRIVATE KEY-----\n"),
                Reason::key_private);
}

TEST(Attacks2F, K7_HoldsACertificateToItsValidity) {
  const std::string certificate = key_pair("P-256").certificate_pem(kNow - hours(1), kNow + hours(1));

  EXPECT_REASON(verdict_on_pem(certificate), Reason::allowed);
  EXPECT_REASON(verdict_on_pem(certificate, kNow + hours(2)), Reason::key_certificate_invalid);
  EXPECT_REASON(verdict_on_pem(certificate, kNow - hours(2)), Reason::key_certificate_invalid);
}

TEST(Attacks2F, K10_RefusesTwoKeysUnderOneName) {
  const KeyPair& first = key_pair("ED25519");
  const KeyPair& second = key_pair("ED25519", "second");
  const std::string jwks = jwks_json({{"k1", &first}, {"k1", &second}});
  const Result<ParsedKeys> different = read_jwks(jwks, "k1");
  ASSERT_FALSE(different.ok());
  EXPECT_REASON(different.error().reason, Reason::key_duplicate);
  const Result<ParsedKeys> across =
      read_secret(R"({"k1":)" + json_text(first.public_pem()) + R"(,"set":)" + jwks_json({{"k1", &second}, {"k2", &second}}) + "}", kNow);
  ASSERT_FALSE(across.ok());
  EXPECT_REASON(across.error().reason, Reason::key_duplicate);
  EXPECT_FALSE(read_secret(R"({"k1":)" + json_text(first.public_pem()) + R"(,"k1":)" + json_text(second.public_pem()) + "}", kNow).ok());

  // The round failed, and the good set stays.
  const SourceState before = first_state(secret_json({{"k1", &first}}));
  const SourceState after = after_round(before, jwks, 2, kNow);
  EXPECT_EQ(after.keys, before.keys);
  EXPECT_EQ(after.generation, before.generation);
  EXPECT_EQ(after.freshness(kNow), Freshness::stale);
}

TEST(Attacks2F, K11_KeepsGoodKeysBesideBadOnes) {
  TestGate gate =
      gate_with_keys_text(R"({"bad":"x","worse":{"kty":"oct","k":"AAAA"},"worst":7,"k1":)" + key_pair("ED25519").public_jwk() + "}");

  expect_token_allowed(gate, good_token());
  EXPECT_EQ(gate.state().source.keys->quarantined().size(), 3U);
}

TEST(Attacks2F, K12_BoundsTheSizeOfAJwks) {
  const std::string key = key_pair("ED25519").public_jwk();
  std::string many = "{\"keys\":[" + key;
  for (int i = 0; i < 10'000; ++i) many += ",{\"kty\":\"x\"}";
  EXPECT_FALSE(read_jwks(many + "]}", "k1").ok());
  EXPECT_FALSE(read_jwks("{\"keys\":[" + key + "]}" + std::string(1'048'576, ' '), "k1").ok());
  for (const char* text : {"<html><body>502 Bad Gateway</body></html>", "", "\x1f\x8b\x08", "null", "{\"error\":\"not found\"}"})
    EXPECT_FALSE(read_jwks(text, "k1").ok()) << text;
}

TEST(Attacks2F, K14_NeverDropsKeysForAFailedRound) {
  const SourceState before = first_state(secret_json({{"k1", &key_pair("ED25519")}}));

  for (const char* text : {"", "{}", "null", "[]", "garbage", "{\"keys\":[]}", R"({"k1":"x"})", R"({"k1":{"kty":"oct","k":"AAAA"}})"}) {
    const SourceState after = after_round(before, text, 2, kNow + hours(1));
    EXPECT_EQ(after.keys, before.keys) << text;
    EXPECT_EQ(after.generation, before.generation) << text;
    EXPECT_TRUE(after.last_error.has_value()) << text;
  }
}

TEST(Attacks2F, K15_FollowsARotationInBothOrders) {
  const KeyPair& old_pair = key_pair("ED25519");
  const KeyPair& new_pair = key_pair("ED25519", "second");
  TestGate gate = gate_with({{"k1", &old_pair}});
  const GateQuestion by_old = nginx_asks("GET", kWanted, bearer(good_token()));
  const GateQuestion by_new = nginx_asks("GET", kWanted, bearer(mint(good_payload(kNow), new_pair, "EdDSA", "k2")));
  std::uint64_t generation = 1;
  const auto rotate_to = [&](const std::string& text) { gate.state().source = after_round(gate.state().source, text, ++generation, kNow); };

  expect_allowed(gate.ask(by_old));
  expect_refused(gate.ask(by_new), Reason::key_unknown);
  rotate_to(secret_json({{"k1", &old_pair}, {"k2", &new_pair}}));
  expect_allowed(gate.ask(by_old));
  expect_allowed(gate.ask(by_new));
  rotate_to(secret_json({{"k2", &new_pair}}));
  // The cached token of the removed key stops with it.
  expect_refused(gate.ask(by_old), Reason::key_unknown);
  expect_allowed(gate.ask(by_new));
  rotate_to(secret_json({{"k1", &old_pair}}));
  expect_allowed(gate.ask(by_old));
  expect_refused(gate.ask(by_new), Reason::key_unknown);
  // The same name, another key.
  rotate_to(secret_json({{"k1", &new_pair}}));
  expect_refused(gate.ask(by_old), Reason::bad_signature);
}

TEST(Attacks2F, K16_StopsServingKeysThatAreTooOld) {
  TestGate gate;  // maxStale is 24h by default
  const std::string late = token_of(R"({"exp":253402300799,"access":[{"type":"repository","name":"team/app","actions":["pull"]}]})");
  GateQuestion question = nginx_asks("GET", kWanted, bearer(late));
  gate.state().source = after_round(gate.state().source, "garbage", 2, kNow);

  question.now = kNow + hours(24);
  expect_allowed(gate.ask(question));
  question.now = kNow + hours(24) + Milliseconds(1);
  const GateAnswer stopped = gate.ask(question);
  expect_refused(stopped, Reason::keys_stale);
  EXPECT_TRUE(header_of(stopped, "Retry-After").has_value());
}

TEST(Attacks2F, K17_ReadsASecretOfOneShape) {
  const std::string key = key_pair("ED25519").public_jwk();

  for (const std::string& text : {std::string(), std::string("{}"), std::string("[]"), std::string("null"), std::string("7"),
                                  std::string("\"text\""), "[" + key + "]", "\xef\xbb\xbf{\"k1\":" + key + "}", "{\"k1\":" + key + "} x",
                                  std::string("\x00\x01\x02", 3), std::string(R"({"k1":7})"), std::string(R"({"k1":null})"),
                                  std::string(R"({"k1":[]})"), "{\"" + std::string(257, 'k') + "\":" + key + "}"}) {
    EXPECT_FALSE(read_secret(text, kNow).ok()) << text.substr(0, 40);
  }
  EXPECT_TRUE(read_secret("{\"" + std::string(256, 'k') + "\":" + key + "}", kNow).ok());
  EXPECT_TRUE(read_secret("{\"../../etc/passwd\":" + key + ",\"\xc3\xa9 '\\\"\":" + key + "}", kNow).ok());
}

TEST(Attacks2F, K20_ShowsEachRequestOneWholeSetWhileKeysRotate) {
  const std::string even = secret_json({{"k1", &key_pair("ED25519")}});
  const std::string odd = secret_json({{"k1", &key_pair("ED25519", "second")}});
  TestGate gate = gate_with_keys_text(even);
  const auto world = [&](const std::string& keys, std::uint64_t generation) {
    return std::make_shared<const SourceState>(after_round(first_state(even), keys, generation, kNow));
  };
  Snapshot<SourceState> published(world(even, 1));
  const std::string by_even = good_token();
  const std::string by_odd = mint(good_payload(kNow), key_pair("ED25519", "second"), "EdDSA", "k1");
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  const auto ask = [&] {
    while (!stop) {
      const std::shared_ptr<const SourceState> seen = published.read();
      const KeyView view{.keys = seen->keys.get(), .kid_required = true, .generation = seen->generation};
      const bool first = verify_token(by_even, view, gate.state().rules.tokens, Revocations(), kNow, nullptr).ok();
      const bool second = verify_token(by_odd, view, gate.state().rules.tokens, Revocations(), kNow, nullptr).ok();
      if (first == second) ++wrong;
    }
  };

  std::vector<std::thread> askers;
  for (int i = 0; i < 3; ++i) askers.emplace_back(ask);
  for (std::uint64_t generation = 2; generation < 300; ++generation) published.publish(world(generation % 2 == 0 ? odd : even, generation));
  stop = true;
  for (std::thread& asker : askers) asker.join();

  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace portcullis::attacks
