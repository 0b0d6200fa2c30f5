// Section G of the compatibility table: keys from AWS Secrets Manager. Each test is one row; its first line says what zot does. The rows
// run without a thread: a round is what the source brings and `finish_round` makes of it, and requests see the state that it leaves. What
// threads add is shown in tests/plugin (requests that wait, rounds on their own thread); G4 is a row of the configuration
// (tests/config/secrets_manager_section_test.cc, TheIntervalIsZotsAndNeverANumber), and G22 is tests/aws/chain_*_test.cc.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/codec/base64url.h"
#include "keystore/refresh/nudge.h"
#include "keystore/refresh/schedule.h"
#include "keystore/refresh/secrets_source.h"
#include "tests/support/aws_host.h"
#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using namespace test;                  // NOLINT(google-build-using-namespace): every name of the fixture is used here
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr const char* kAsked = "/v2/team/app/tags/list";

std::string good() { return bearer(good_token()); }
std::string by_second_key(std::string_view kid = "k2") {
  return bearer(mint(good_payload(kNow), key_pair("ED25519", "second"), "EdDSA", kid));
}
std::string first_secret() { return secret_json({{"k1", &key_pair("ED25519")}}); }
std::string second_secret() { return secret_json({{"k2", &key_pair("ED25519", "second")}}); }

/// A gate whose keys come from Secrets Manager.
class ZotRowsG : public testing::Test {
 protected:
  ZotRowsG() {
    SourceState& source = gate_.state().source;
    source = SourceState();
    source.name = source_->name();
    source.max_stale = 24h;
  }

  /// One round at `now`.
  void round(TimePoint now = kNow) {
    SourceState& source = gate_.state().source;
    source = finish_round(source, source_->fetch(now), ++generation_, now).next;
  }
  void round_with(std::string_view secret) {
    aws_.has_secret(secret);
    round();
  }
  GateAnswer ask(const std::string& authorization, TimePoint now = kNow) {
    GateQuestion question = nginx_asks("GET", kAsked, authorization);
    question.now = now;
    return gate_.ask(question);
  }
  [[nodiscard]] std::size_t calls() const { return aws_.http.asked().size(); }
  [[nodiscard]] const SourceState& source() { return gate_.state().source; }
  [[nodiscard]] std::string fault() { return source().last_error ? source().last_error->detail : ""; }

  AwsHost aws_;
  FixedCredentials credentials_;
  AwsClient client_{aws_.tools(), AwsHost::endpoint(AwsService::secrets_manager), &credentials_};
  std::unique_ptr<KeySource> source_ =
      make_secrets_source([this]() -> Result<AwsClient*> { return &client_; }, {.secret_id = "zot/keys", .stages = {"AWSCURRENT"}});
  TestGate gate_;
  std::uint64_t generation_ = 0;
};

void expect_pass(const GateAnswer& answer) { EXPECT_EQ(answer.http.status, 200) << describe(answer); }

void expect_refused(const GateAnswer& answer, int status, Reason reason, std::string_view detail = {}) {
  EXPECT_EQ(answer.http.status, status) << describe(answer);
  EXPECT_EQ(reason_of(answer), reason);
  if (detail.empty()) return;
  EXPECT_EQ(answer.decision->refusal->detail, detail);
}

// zot: starts, and every token gets 401. Ours: 503, which no client takes for a bad token, until the first good round.
TEST_F(ZotRowsG, G1_AGateThatStartsWithoutAwsIsReadyOnceAwsIsBack) {
  for (int attempt = 0; attempt < 3; ++attempt) aws_.http.fail("no route");
  round();
  expect_refused(ask(good()), 503, Reason::keys_not_loaded);

  round_with(first_secret());
  expect_pass(ask(good()));
}

// zot: one call, inside the request. Ours: one call, and never inside a request.
TEST_F(ZotRowsG, G2_TheFirstTokenCostsOneCall) {
  round_with(first_secret());
  expect_pass(ask(good()));
  ASSERT_EQ(calls(), 1U);
  EXPECT_EQ(aws_.http.asked()[0].body, R"({"SecretId":"zot/keys","VersionStage":"AWSCURRENT"})");
}

// zot: cached within the interval. Ours: requests never call.
TEST_F(ZotRowsG, G3_FurtherTokensCostNoCall) {
  round_with(first_secret());
  for (int i = 0; i < 100; ++i) expect_pass(ask(good()));
  EXPECT_EQ(calls(), 1U);
}

// zot: passes.
TEST_F(ZotRowsG, G5_AGoodKidPasses) {
  round_with(first_secret());
  expect_pass(ask(good()));
}

// zot: 401 without challenge, after a fetch. Ours: with a challenge, and no fetch.
TEST_F(ZotRowsG, G6_ATokenWithoutKidIsRefused) {
  round_with(first_secret());
  const std::string token = mint(R"({"alg":"EdDSA","typ":"JWT"})", good_payload(kNow), key_pair("ED25519"), "EdDSA");
  const GateAnswer answer = ask(bearer(token));
  expect_refused(answer, 401, Reason::kid_missing, "token missing 'kid' header");
  EXPECT_EQ(header_of(answer, "WWW-Authenticate"), invalid_token_challenge_of("repository:team/app:pull"));
  EXPECT_EQ(calls(), 1U);
}

// zot: 401 without challenge.
TEST_F(ZotRowsG, G7_AKidThatIsNoStringIsRefused) {
  round_with(first_secret());
  for (const std::string kid : {"1", "null", "{}", "[\"k1\"]", "true"}) {
    const std::string token = mint("{\"alg\":\"EdDSA\",\"kid\":" + kid + "}", good_payload(kNow), key_pair("ED25519"), "EdDSA");
    expect_refused(ask(bearer(token)), 401, Reason::kid_invalid, "token 'kid' header is not a string");
  }
}

// zot: 401, and a new kid is unusable until the interval passes. Ours: a nudge brings it at once, at most one for each cool-down.
TEST_F(ZotRowsG, G8_AnUnknownKidIsRefusedAndANewOneServesAfterTheRoundItAskedFor) {
  round_with(first_secret());
  expect_refused(ask(by_second_key()), 401, Reason::key_unknown, "no public key found for kid k2");
  Nudge nudge(10s);
  const SteadyPoint now = aws_.clock.steady_now();
  ASSERT_EQ(nudge.ask(now), NudgeAnswer::start);
  round_with(second_secret());
  nudge.end_round();
  expect_pass(ask(by_second_key()));
  EXPECT_EQ(nudge.ask(now + 9s), NudgeAnswer::refused);
}

// zot: matches.
TEST_F(ZotRowsG, G9_AnEmptyKidMatchesAnEmptyKey) {
  round_with(secret_json({{"", &key_pair("ED25519")}}));
  expect_pass(ask(bearer(mint(good_payload(kNow), key_pair("ED25519"), "EdDSA", ""))));
}

// zot: the map key rules.
TEST_F(ZotRowsG, G10_TheNameOfTheEntryRulesOverTheKidInside) {
  const std::string jwks = jwks_json({{"inner", &key_pair("ED25519")}});
  std::string escaped;
  for (const char c : jwks) escaped += c == '"' ? std::string("\\\"") : std::string(1, c);
  round_with("{\"k1\":\"" + escaped + "\"}");
  expect_pass(ask(good()));
  expect_refused(ask(bearer(mint(good_payload(kNow), key_pair("ED25519"), "EdDSA", "inner"))), 401, Reason::key_unknown);
}

// zot: 401. Ours: 503, because the token is not to blame.
TEST_F(ZotRowsG, G11_WithoutKeysAnErrorOfAwsIsNotTheTokensFault) {
  aws_.says(400, "AccessDeniedException", "not authorized");
  round();
  const GateAnswer answer = ask(good());
  expect_refused(answer, 503, Reason::keys_not_loaded);
  EXPECT_NE(fault().find("failed to retrieve secret"), std::string::npos) << fault();
  EXPECT_EQ(answer.http.body.find("AccessDenied"), std::string::npos) << "what AWS said is for the operator";
}

// zot: every token is refused although good keys are in memory, and each request calls AWS again. Ours: not one refusal for a day, rounds
// ever further apart, and no call by a request.
TEST_F(ZotRowsG, G12_WithKeysAnErrorOfAwsRefusesNobody) {
  round_with(first_secret());
  for (int minute = 1; minute <= 60; ++minute) {
    const TimePoint now = kNow + std::chrono::minutes(minute);
    for (int attempt = 0; attempt < 3; ++attempt) aws_.http.answer(503, "");
    round(now);
    EXPECT_EQ(source().freshness(now), Freshness::stale);
    GateQuestion question = nginx_asks("GET", kAsked, bearer(mint(good_payload(now), key_pair("ED25519"), "EdDSA", "k1")));
    question.now = now;
    expect_pass(gate_.ask(question));
  }
  EXPECT_LE(calls(), 181U) << "an hour of rounds and their retries, and no call more";
  const TimePoint too_late = kNow + 24h + 1ms;
  GateQuestion question = nginx_asks("GET", kAsked, bearer(mint(good_payload(too_late), key_pair("ED25519"), "EdDSA", "k1")));
  question.now = too_late;
  expect_refused(gate_.ask(question), 503, Reason::keys_stale);
}

// zot: 401 for every token. Ours: the round failed, and the old keys serve.
TEST_F(ZotRowsG, G13_ASecretThatIsNoJsonIsAFailedRound) {
  round_with(first_secret());
  round_with("not JSON");
  EXPECT_NE(fault().find("failed to parse secret JSON"), std::string::npos) << fault();
  expect_pass(ask(good()));
}

// zot: the whole secret is refused. Ours: a nested JWK is a key, and a number is set aside.
TEST_F(ZotRowsG, G14_ANestedJwkIsAKeyAndANumberIsSetAside) {
  round_with(R"({"k1":)" + key_pair("ED25519").public_jwk() + R"(,"n":1})");
  expect_pass(ask(good()));
  ASSERT_EQ(source().keys->quarantined().size(), 1U);
  EXPECT_EQ(source().keys->quarantined()[0].id, "n");
}

// zot: the whole refresh is refused. Ours: the bad key is set aside and named, the good ones serve.
TEST_F(ZotRowsG, G15_OneBadKeyAmongManyIsSetAside) {
  round_with(R"({"bad":"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n","k1":)" + key_pair("ED25519").public_jwk() + "}");
  expect_pass(ask(good()));
  ASSERT_EQ(source().keys->quarantined().size(), 1U);
  EXPECT_EQ(source().keys->quarantined()[0].id, "bad");
}

// zot: no keys, never fresh, a call for each request. Ours: a failed round, kept keys, and the back-off's time until the next.
TEST_F(ZotRowsG, G16_AnEmptySecretIsAFailedRoundWithABackOff) {
  round_with(first_secret());
  for (const std::string_view empty : {"{}", "null"}) {
    round_with(empty);
    EXPECT_TRUE(source().last_error) << empty;
    expect_pass(ask(good()));
  }
  EXPECT_EQ(calls(), 3U);
  EXPECT_GT(wait_after_failure({.interval = 1min, .max_stale = 24h}, 2, 0.5), 0ms);
}

// zot: a nil dereference, and 500. Ours: read.
TEST_F(ZotRowsG, G17_ABinarySecretIsRead) {
  std::string base64 = base64url_encode(first_secret());
  for (char& c : base64) c = c == '-' ? '+' : (c == '_' ? '/' : c);
  base64.append((4 - base64.size() % 4) % 4, '=');
  aws_.has_secret(base64, "v1", "SecretBinary");
  round();
  expect_pass(ask(good()));
}

// zot: as many calls as requests. Ours: one, which all wait for.
TEST_F(ZotRowsG, G18_ManyRequestsAtOnceCostOneCall) {
  Nudge nudge(10s);
  int rounds = 0;
  for (int request = 0; request < 1000; ++request) rounds += nudge.ask(aws_.clock.steady_now()) == NudgeAnswer::start ? 1 : 0;
  EXPECT_EQ(rounds, 1);
  EXPECT_EQ(nudge.suppressed(), 0U);
}

// zot: the fetch is cancelled with the request of a client that goes away. Ours: no request owns a fetch, so nothing is cancelled.
TEST_F(ZotRowsG, G19_AClientThatGoesAwayTakesNoRoundWithIt) {
  aws_.has_secret(first_secret());
  Nudge nudge(10s);
  ASSERT_EQ(nudge.ask(aws_.clock.steady_now()), NudgeAnswer::start);  // and its client is gone
  round();
  nudge.end_round();
  expect_pass(ask(good()));
}

// zot: an unauthenticated garbage token triggers a fetch whenever the cache is stale. Ours: requests never fetch; a kid that is not there
// asks for a round once in a cool-down, a broken token never.
TEST_F(ZotRowsG, G20_GarbageCostsNoCall) {
  round_with(first_secret());
  for (const std::string token : {"a.b.c", "garbage", "eyJhbGciOiJub25lIn0.e30.", ""}) EXPECT_EQ(ask("Bearer " + token).http.status, 401);
  EXPECT_EQ(calls(), 1U);
}

// zot: accepted until the next refresh. Ours: the same, and the cache of verified tokens forgets it in that moment.
TEST_F(ZotRowsG, G21_ARemovedKeyIsRefusedWithTheNextRoundCachedTokensToo) {
  round_with(first_secret());
  expect_pass(ask(good()));
  expect_pass(ask(good()));
  round_with(second_secret());
  expect_refused(ask(good()), 401, Reason::key_unknown);
  expect_pass(ask(by_second_key()));
}

// zot: allowed.
TEST_F(ZotRowsG, G23_TheSecretMayBeNamedByItsArn) {
  const std::string arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:zot/keys-AbCdEf";
  source_ = make_secrets_source([this]() -> Result<AwsClient*> { return &client_; }, {.secret_id = arn, .stages = {"AWSCURRENT"}});
  round_with(first_secret());
  expect_pass(ask(good()));
  EXPECT_NE(aws_.http.asked()[0].body.find(arn), std::string::npos);
}

}  // namespace
}  // namespace portcullis
