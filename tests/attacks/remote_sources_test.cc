// Section 2F, continued: sources that are asked over a network, and what makes a gate ask them.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "keystore/refresh/jwks_source.h"
#include "keystore/refresh/nudge.h"
#include "keystore/refresh/schedule.h"
#include "keystore/refresh/secrets_source.h"
#include "tests/attacks/attack.h"
#include "tests/support/aws_host.h"

namespace portcullis::attacks {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

SourceState before_any_round() {
  SourceState state;
  state.max_stale = 24h;
  return state;
}

/// Secrets Manager at the other end.
struct Secrets {
  std::unique_ptr<KeySource> source(std::vector<std::string> stages = {"AWSCURRENT"}) {
    return make_secrets_source([this]() -> Result<AwsClient*> { return &client; }, {.secret_id = "zot/keys", .stages = std::move(stages)});
  }

  AwsHost aws;
  FixedCredentials credentials;
  AwsClient client{aws.tools(), AwsHost::endpoint(AwsService::secrets_manager), &credentials};
};

TEST(Attacks2F, K12_KeepsGoodKeysWhateverAServerOfKeysAnswers) {
  FakeHttp http;
  const std::unique_ptr<KeySource> source = make_jwks_source(http, "https://keys.example/jwks.json");
  http.answer(200, jwks_json({{"k1", &key_pair("ED25519")}}));
  const SourceState good = finish_round(before_any_round(), source->fetch(kNow), 1, kNow).next;
  ASSERT_NE(good.keys, nullptr);
  std::string many = "{\"keys\":[{\"kty\":\"x\"}";
  for (int i = 0; i < 100'000; ++i) many += ",{\"kty\":\"x\"}";

  http.answer(200, many + "]}");
  http.answer(200, std::string(1'048'577, ' '));
  http.answer(200, "<html>sign in</html>", {{"Content-Type", "text/html"}});
  http.answer(200, "\x1f\x8b\x08", {{"Content-Encoding", "gzip"}});
  http.answer(204, "");
  http.answer(304, "");
  http.answer(302, "", {{"Location", "https://evil.example/jwks.json"}});
  http.fail("keys.example: the answer is too large");
  http.fail("keys.example: timed out");
  for (int i = 0; i < 9; ++i) {
    const SourceState after = finish_round(good, source->fetch(kNow), 2, kNow).next;
    EXPECT_EQ(after.keys, good.keys) << i;
    EXPECT_EQ(after.freshness(kNow), Freshness::stale) << i;
  }
  for (const OutgoingRequest& asked : http.asked()) {
    EXPECT_EQ(asked.url, "https://keys.example/jwks.json");
    EXPECT_EQ(asked.body_limit, 1'048'576U);
    EXPECT_LE(asked.timeout, 5s);
  }
}

TEST(Attacks2F, K13_AsksOnceInACooldownHoweverManyKeyIdsAreMadeUp) {
  Secrets secrets;
  const std::unique_ptr<KeySource> source = secrets.source();
  const std::string texts[] = {secret_json({{"k1", &key_pair("ED25519")}}), "{}", "garbage"};  // good, empty, failing
  TestGate gate = gate_with({{"k1", &key_pair("ED25519")}});
  const std::string forged = mint(good_payload(kNow), key_pair("ED25519", "second"), "EdDSA", "made-up");
  Nudge nudge(10s);

  for (int request = 0; request < 10'000; ++request) {  // one a millisecond: within one cool-down
    if (request % 100 == 0) expect_token_refused(gate, forged, Reason::key_unknown);
    if (nudge.ask(secrets.aws.clock.steady_now()) == NudgeAnswer::start) {
      secrets.aws.has_secret(texts[secrets.aws.http.asked().size() % 3]);
      nudge.begin_round();
      (void)source->fetch(kNow);
      nudge.end_round();
    }
    secrets.aws.clock.advance(1ms);
  }
  EXPECT_EQ(secrets.aws.http.asked().size(), 1U);
  EXPECT_EQ(nudge.suppressed(), 9'999U);
  expect_token_allowed(gate, good_token());

  EXPECT_EQ(nudge.ask(secrets.aws.clock.steady_now()), NudgeAnswer::start) << "time alone opens the next slot";
}

TEST(Attacks2F, K18_BacksOffAndNeverLeavesTheEndpoint) {
  Secrets secrets;
  const std::unique_ptr<KeySource> source = secrets.source();
  secrets.aws.has_secret(secret_json({{"k1", &key_pair("ED25519")}}));
  const SourceState good = finish_round(before_any_round(), source->fetch(kNow), 1, kNow).next;
  ASSERT_NE(good.keys, nullptr);

  secrets.aws.http.answer(307, "", {{"Location", "https://evil.example/"}});
  EXPECT_EQ(finish_round(good, source->fetch(kNow), 2, kNow).next.keys, good.keys);
  secrets.aws.http.answer(200, R"({"ARN":"arn:aws:secretsmanager:eu-west-1:1:secret:other-AbCdEf","Name":"other","SecretString":"{}"})");
  const SourceState another = finish_round(good, source->fetch(kNow), 2, kNow).next;
  EXPECT_NE(another.last_error->detail.find("another secret"), std::string::npos);
  secrets.aws.says(400, "ThrottlingException");
  secrets.aws.http.answer(500, "");
  secrets.aws.http.answer(503, "");
  EXPECT_EQ(finish_round(good, source->fetch(kNow), 2, kNow).next.keys, good.keys);
  secrets.credentials.fault = "failed to load AWS configuration: no IMDS";
  EXPECT_EQ(finish_round(good, source->fetch(kNow), 2, kNow).next.keys, good.keys);

  for (const OutgoingRequest& asked : secrets.aws.http.asked()) {
    EXPECT_EQ(asked.url, "https://secretsmanager.eu-west-1.amazonaws.com/");
    EXPECT_EQ(asked.body.find("canary"), std::string::npos);
  }
  const RefreshRules rules{.interval = 1min, .max_stale = 24h};
  for (unsigned failures = 1; failures < 6; ++failures)
    EXPECT_LT(wait_after_failure(rules, failures, 0.9), wait_after_failure(rules, failures + 1, 0.9));
}

TEST(Attacks2F, K18_SignsAgainWithTheClockOfTheService) {
  Secrets secrets;
  secrets.aws.http.answer(403, R"({"__type":"InvalidSignatureException","message":"Signature expired"})",
                          {{"Date", "Sun, 01 Mar 2026 12:10:00 GMT"}});
  secrets.aws.has_secret(secret_json({{"k1", &key_pair("ED25519")}}));

  EXPECT_TRUE(secrets.source()->fetch(kNow).ok());
  EXPECT_EQ(secrets.aws.http.asked().size(), 2U);
}

TEST(Attacks2F, K19_ReadsTheCurrentVersionAndNoOtherUnlessToldTo) {
  Secrets secrets;
  secrets.aws.has_secret(secret_json({{"k1", &key_pair("ED25519")}}), "current");
  ASSERT_TRUE(secrets.source()->fetch(kNow).ok());
  ASSERT_EQ(secrets.aws.http.asked().size(), 1U);
  EXPECT_NE(secrets.aws.http.asked()[0].body.find("AWSCURRENT"), std::string::npos);

  secrets.aws.has_secret(secret_json({{"k1", &key_pair("ED25519")}}), "current");
  secrets.aws.has_secret(secret_json({{"k0", &key_pair("P-256")}}), "previous");
  const Result<ParsedKeys> both = secrets.source({"AWSCURRENT", "AWSPREVIOUS"})->fetch(kNow);
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both->keys.size(), 2U);
  for (const OutgoingRequest& asked : secrets.aws.http.asked()) EXPECT_EQ(asked.body.find("AWSPENDING"), std::string::npos);
}

}  // namespace
}  // namespace portcullis::attacks
