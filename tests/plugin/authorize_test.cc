// The pure line: route, credential, keys, token, scope, in this order.
#include "plugin/authorize.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using test::good_payload;
using test::good_token;
using test::kNow;
using test::TestGate;

const std::string kDigest = "sha256:" + std::string(64, 'a');

Decision ask(TestGate& gate, std::string_view method, std::string_view uri, std::optional<std::string_view> token, TimePoint now = kNow) {
  return authorize({.method = method, .uri = uri, .token = token, .client = {}}, gate.state(), &gate.cache(), now, nullptr);
}

std::vector<std::string> steps_of(const Trace& trace) {
  std::vector<std::string> steps;
  for (const TraceStep& step : trace.steps()) steps.emplace_back(step.step);
  return steps;
}

std::string first_failed(const Trace& trace) {
  for (const TraceStep& step : trace.steps()) {
    if (!step.passed) return std::string(step.step);
  }
  return "";
}

TEST(Authorize, AllowsWhatTheTokenGrants) {
  TestGate gate;
  const std::string token = good_token("team/app", "pull");

  const Decision decision = ask(gate, "GET", "/v2/team/app/tags/list", token);

  EXPECT_TRUE(decision.allowed());
  EXPECT_EQ(decision.reason(), Reason::allowed);
  EXPECT_EQ(decision.access->repository, "team/app");
  EXPECT_EQ(decision.token->subject, "alice");
  EXPECT_FALSE(decision.drop_mount);
}

TEST(Authorize, JudgesTheRouteBeforeTheCredential) {
  TestGate gate;
  EXPECT_EQ(ask(gate, "GET", "/v2/a%2fb/tags/list", std::nullopt).reason(), Reason::path_not_canonical);
  EXPECT_EQ(ask(gate, "GET", "/x", "junk").reason(), Reason::route_unknown);
  EXPECT_EQ(ask(gate, "GET", "/x", "junk").access, std::nullopt);
}

TEST(Authorize, JudgesTheCredentialBeforeTheKeys) {
  test::GateTexts texts;
  TestGate gate(texts);
  EXPECT_EQ(ask(gate, "GET", "/v2/", std::nullopt).reason(), Reason::token_missing);
  EXPECT_EQ(ask(gate, "GET", "/v2/", good_token()).reason(), Reason::keys_not_loaded);
}

TEST(Authorize, NamesTheScopeInEveryRefusalOfAReadableRoute) {
  TestGate gate;
  for (const std::optional<std::string_view> token : {std::optional<std::string_view>(), std::optional<std::string_view>("a.b.c")}) {
    const Decision decision = ask(gate, "PUT", "/v2/team/app/manifests/v1", token);
    ASSERT_TRUE(decision.access.has_value());
    EXPECT_EQ(decision.access->challenge_scope, std::vector<std::string>{"repository:team/app:pull,push"});
  }
}

TEST(Authorize, KeepsTheIdentityOfATokenWhoseScopeIsTooSmall) {
  TestGate gate;
  const Decision decision = ask(gate, "PUT", "/v2/team/app/manifests/v1", good_token("team/app", "pull"));
  EXPECT_EQ(decision.reason(), Reason::scope_insufficient);
  ASSERT_NE(decision.token, nullptr);
  EXPECT_EQ(decision.token->subject, "alice");
}

TEST(Authorize, RefusesAMountWhoseSourceMayNotBeRead) {
  TestGate gate;
  const std::string uri = "/v2/team/app/blobs/uploads/?mount=" + kDigest;
  const std::string token = good_token("team/app", "pull,push");
  EXPECT_EQ(ask(gate, "POST", uri + "&from=secret", token).reason(), Reason::mount_source_denied);
  EXPECT_EQ(ask(gate, "POST", uri, token).reason(), Reason::mount_source_denied);
  EXPECT_EQ(ask(gate, "POST", uri + "&from=team/app", token).reason(), Reason::allowed);
  EXPECT_EQ(ask(gate, "POST", uri + "&from=team/app", good_token("team/app", "push")).reason(), Reason::mount_source_denied);
}

TEST(Authorize, AllowsThePlainUploadWhereTheProxyStripsTheMount) {
  TestGate gate;
  gate.state().rules.strips_mount = true;
  const std::string uri = "/v2/team/app/blobs/uploads/?from=secret&mount=" + kDigest;

  const Decision push = ask(gate, "POST", uri, good_token("team/app", "push"));
  const Decision pull = ask(gate, "POST", uri, good_token("team/app", "pull"));
  const Decision both =
      ask(gate, "POST", "/v2/team/app/blobs/uploads/?from=team/app&mount=" + kDigest, good_token("team/app", "pull,push"));

  EXPECT_TRUE(push.allowed());
  EXPECT_TRUE(push.drop_mount);
  EXPECT_EQ(pull.reason(), Reason::scope_insufficient);
  EXPECT_TRUE(both.allowed());
  EXPECT_FALSE(both.drop_mount);
}

TEST(CheckToken, AnswersFromTheCacheTheSecondTime) {
  TestGate gate;
  const std::string token = good_token();
  EXPECT_FALSE(ask(gate, "GET", "/v2/", token).from_cache);
  EXPECT_TRUE(ask(gate, "GET", "/v2/", token).from_cache);
  EXPECT_EQ(gate.cache().size(), 1U);
}

TEST(CheckToken, NeverCachesATokenThatDidNotVerify) {
  TestGate gate;
  EXPECT_EQ(ask(gate, "GET", "/v2/", good_token() + "x").allowed(), false);
  EXPECT_EQ(ask(gate, "GET", "/v2/", std::string(20000, 'a')).reason(), Reason::token_too_large);
  EXPECT_EQ(gate.cache().size(), 0U);
}

TEST(CheckToken, NeverCachesADecision) {
  TestGate gate;
  const std::string token = good_token("team/app", "pull");
  EXPECT_TRUE(ask(gate, "GET", "/v2/team/app/tags/list", token).allowed());
  EXPECT_EQ(ask(gate, "GET", "/v2/team/other/tags/list", token).reason(), Reason::scope_insufficient);
  EXPECT_EQ(ask(gate, "PUT", "/v2/team/app/manifests/x", token).reason(), Reason::scope_insufficient);
}

TEST(CheckToken, RechecksTheTimesOfACachedToken) {
  TestGate gate;
  gate.state().rules.tokens.claims.leeway = Milliseconds{10000};
  const std::string token = good_token();  // expires in five minutes
  const TimePoint edge = kNow + std::chrono::minutes{5} + std::chrono::seconds{10};

  EXPECT_TRUE(ask(gate, "GET", "/v2/", token).allowed());
  EXPECT_TRUE(ask(gate, "GET", "/v2/", token, edge - Milliseconds{1}).allowed());
  EXPECT_EQ(ask(gate, "GET", "/v2/", token, edge).reason(), Reason::token_expired);
  EXPECT_EQ(gate.cache().size(), 0U);
  EXPECT_EQ(ask(gate, "GET", "/v2/", token, edge).reason(), Reason::token_expired);
}

TEST(CheckToken, AsksTheRevocationsForACachedToken) {
  TestGate gate;
  const std::string token = good_token();
  EXPECT_TRUE(ask(gate, "GET", "/v2/", token).allowed());

  auto revoked = Revocations::parse(R"({"revocations":[{"kid":"k1","note":"leaked"}]})");
  ASSERT_TRUE(revoked.ok());
  gate.state().revocations = std::make_shared<const Revocations>(std::move(revoked).value());

  EXPECT_EQ(ask(gate, "GET", "/v2/", token).reason(), Reason::token_revoked);
}

TEST(CheckToken, ForgetsTokensOfARemovedKeyAtOnce) {
  TestGate gate;
  const std::string token = good_token();
  EXPECT_TRUE(ask(gate, "GET", "/v2/", token).allowed());

  auto other = read_secret(test::secret_json({{"k2", &test::key_pair("ED25519", "other")}}), kNow);
  gate.state().source = finish_round(gate.state().source, std::move(other), 2, kNow).next;

  EXPECT_EQ(ask(gate, "GET", "/v2/", token).reason(), Reason::key_unknown);
}

TEST(CheckToken, JudgesACachedTokenAnewWhereARuleMoved) {
  TestGate gate;
  const std::string token = good_token();
  EXPECT_TRUE(ask(gate, "GET", "/v2/", token).allowed());

  gate.state().rules.tokens.claims.issuers = {"https://issuer.example"};
  gate.state().rules.tokens.generation = 2;

  EXPECT_EQ(ask(gate, "GET", "/v2/", token).reason(), Reason::issuer_mismatch);
}

TEST(CheckToken, ServesAStaleSetUntilItIsTooOld) {
  TestGate gate;
  const std::string token = test::token_of(R"({"sub":"a","exp":253402300799})");
  gate.state().source.max_stale = std::chrono::hours{1};
  gate.state().source = finish_round(gate.state().source, Error{Reason::io_failed, "gone"}, 2, kNow + Milliseconds{1000}).next;
  const TimePoint edge = kNow + std::chrono::hours{1};

  EXPECT_TRUE(ask(gate, "GET", "/v2/", token, edge - std::chrono::seconds{1}).allowed());
  EXPECT_EQ(ask(gate, "GET", "/v2/", token, edge + std::chrono::seconds{1}).reason(), Reason::keys_stale);
  EXPECT_EQ(ask(gate, "GET", "/v2/", "a.b.c", edge + std::chrono::seconds{1}).reason(), Reason::token_malformed) << "needs no key";
}

TEST(CheckToken, WorksWithoutACache) {
  TestGate gate;
  const auto checked = check_token(good_token(), gate.state(), nullptr, kNow, nullptr);
  ASSERT_TRUE(checked.ok());
  EXPECT_FALSE(checked->from_cache);
}

Trace trace_of(TestGate& gate, std::string_view method, std::string_view uri, std::optional<std::string_view> token, TimePoint now = kNow) {
  Trace trace;
  (void)authorize({.method = method, .uri = uri, .token = token, .client = {}}, gate.state(), &gate.cache(), now, &trace);
  return trace;
}

TEST(AuthorizeTrace, BeginsWithTheRouteAndEndsWithTheScope) {
  TestGate gate;
  const std::string token = good_token("team/app", "pull");
  (void)ask(gate, "GET", "/v2/", token);  // cached: the trace tells every step all the same

  const std::vector<std::string> steps = steps_of(trace_of(gate, "GET", "/v2/team/app/tags/list", token));

  ASSERT_GE(steps.size(), 5U);
  EXPECT_EQ(steps[0], "route");
  EXPECT_EQ(steps[1], "credential");
  EXPECT_EQ(steps[2], "header");
  const auto keys = std::find(steps.begin(), steps.end(), "keys");
  ASSERT_NE(keys, steps.end());
  EXPECT_NE(std::find(keys, steps.end(), "signature"), steps.end());
  EXPECT_EQ(steps.back(), "scope");
}

TEST(AuthorizeTrace, SaysWhatTheRouteNeeds) {
  TestGate gate;
  const auto route_of = [&](std::string_view method, const std::string& uri) {
    return trace_of(gate, method, uri, std::nullopt).steps().at(0).detail;
  };
  EXPECT_EQ(route_of("GET", "/v2/"), "/v2/ needs a valid token");
  EXPECT_EQ(route_of("PUT", "/v2/a/manifests/v1"), "/v2/<name>/manifests/<reference> needs repository:a:push");
  EXPECT_EQ(route_of("POST", "/v2/a/blobs/uploads/?from=b"), "/v2/<name>/blobs/uploads/ needs repository:a:push repository:b:pull");
}

TEST(AuthorizeTrace, NamesWhatToMendByItsFirstFailedStep) {
  TestGate gate;
  const std::string token = good_token("team/app", "pull");
  EXPECT_EQ(first_failed(trace_of(gate, "GET", "/v2/team/app/tags/list", token)), "");
  EXPECT_EQ(first_failed(trace_of(gate, "GET", "/v2//x", token)), "route");
  EXPECT_EQ(first_failed(trace_of(gate, "GET", "/v2/", std::nullopt)), "credential");
  EXPECT_EQ(first_failed(trace_of(gate, "PUT", "/v2/team/app/manifests/x", token)), "scope");
  gate.state().source.keys = nullptr;
  gate.state().source.last_success.reset();
  EXPECT_EQ(first_failed(trace_of(gate, "GET", "/v2/", token)), "keys");
}

TEST(Refuse, KeepsTheAccessForTheChallenge) {
  const Decision decision = refuse({Reason::multiple_credentials, "two"}, Access{});
  EXPECT_FALSE(decision.allowed());
  EXPECT_EQ(decision.reason(), Reason::multiple_credentials);
  EXPECT_TRUE(decision.access.has_value());
  EXPECT_EQ(decision.token, nullptr);
}

}  // namespace
}  // namespace portcullis
