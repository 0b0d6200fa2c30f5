// What every attack test asks and expects: a question about one repository, and an answer that gives nothing away.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/gate_fixture.h"
#include "tests/support/tokens.h"

namespace portcullis::attacks {

using namespace portcullis::test;

/// What the attacker wants: a manifest of the repository that `good_token` grants.
inline constexpr std::string_view kWanted = "/v2/team/app/manifests/v1";

/// A gate of these texts.
inline GateTexts texts_of(std::string config, std::string keys) {
  GateTexts texts;
  texts.config = std::move(config);
  texts.keys = std::move(keys);
  return texts;
}
/// A gate that holds these keys and no other.
inline TestGate gate_with(NamedKeys keys) { return TestGate(texts_of(gate_config(), secret_json(keys))); }
/// The same with more members of the `portcullis` section, and the Ed25519 key `k1`.
inline TestGate gate_configured(std::string_view portcullis) {
  return TestGate(texts_of(gate_config(portcullis), secret_json({{"k1", &key_pair("ED25519")}})));
}
/// The keys as text: `{"k1": …}` with any JSON value.
inline TestGate gate_with_keys_text(std::string keys) { return TestGate(texts_of(gate_config(), std::move(keys))); }
/// The public half of `pair` as a JWK with this `alg`.
inline std::string jwk_with_alg(const KeyPair& pair, std::string_view alg) {
  JwkOptions options;
  options.alg = alg;
  return pair.public_jwk(options);
}

/// The question, with `token` behind `Bearer`. Uncached: each attack is judged from the start.
inline GateAnswer try_token(TestGate& gate, std::string_view token) { return gate.ask_uncached(nginx_asks("GET", kWanted, bearer(token))); }

/// A refusal of this kind, closed in every respect: status, one challenge exactly where it belongs, the word in the header, and nothing of
/// the token.
inline void expect_refused(const GateAnswer& answer, Reason reason, std::string_view token = {}) {
  EXPECT_EQ(reason_name(reason_of(answer)), reason_name(reason)) << describe(answer);
  EXPECT_EQ(answer.http.status, http_status(reason_row(reason).outcome)) << describe(answer);
  EXPECT_EQ(header_count(answer, "WWW-Authenticate"), answer.http.status == 401 ? 1U : 0U) << describe(answer);
  EXPECT_EQ(header_of(answer, "X-Portcullis-Decision"), "deny") << describe(answer);
  EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store") << describe(answer);
  EXPECT_EQ(header_count(answer, "X-Auth-Request-User"), 0U) << describe(answer);
  if (token.size() < 32) return;
  // A part of a token that is long enough to be no coincidence.
  const std::string_view piece = token.substr(token.size() / 2, 16);
  for (const auto& [name, value] : answer.http.headers) EXPECT_EQ(value.find(piece), std::string::npos) << name;
  EXPECT_EQ(answer.http.body.find(piece), std::string::npos);
}

inline void expect_token_refused(TestGate& gate, std::string_view token, Reason reason) {
  expect_refused(try_token(gate, token), reason, token);
}

inline void expect_allowed(const GateAnswer& answer) { EXPECT_EQ(answer.http.status, 200) << describe(answer); }
inline void expect_token_allowed(TestGate& gate, std::string_view token) { expect_allowed(try_token(gate, token)); }

/// The verdict on a text that HTTP could not carry, or that the header grammar would stop before the token is looked at.
inline Reason verdict_on(TestGate& gate, std::string_view token, TimePoint now = kNow) {
  const Result<CheckedToken> checked = check_token(token, gate.state(), nullptr, now, nullptr);
  return checked.ok() ? Reason::allowed : checked.error().reason;
}

#define EXPECT_REASON(found, expected) EXPECT_EQ(reason_name(found), reason_name(expected))

}  // namespace portcullis::attacks
