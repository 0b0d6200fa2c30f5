// Whole questions and whole answers, without a socket.
#include "plugin/gate.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

TEST(Answer, OpensTheSameDoorsForEveryProxy) {
  TestGate gate;
  const std::string token = bearer(good_token("team/app", "pull"));
  for (const GateQuestion& question :
       {nginx_asks("GET", "/v2/team/app/tags/list", token), forward_asks("GET", "/v2/team/app/tags/list", token),
        envoy_asks("GET", "/v2/team/app/tags/list", token)}) {
    const GateAnswer answer = gate.ask(question);
    EXPECT_EQ(answer.http.status, 200) << describe(answer);
    EXPECT_EQ(header_of(answer, "X-Portcullis-Decision"), "allow");
    EXPECT_EQ(header_of(answer, "X-Auth-Request-User"), "alice");
  }
}

TEST(Answer, ClosesTheSameDoorsForEveryProxy) {
  TestGate gate;
  const std::string token = bearer(good_token("team/app", "pull"));
  for (const GateQuestion& question :
       {nginx_asks("PUT", "/v2/team/app/manifests/v1", token), forward_asks("PUT", "/v2/team/app/manifests/v1", token),
        envoy_asks("PUT", "/v2/team/app/manifests/v1", token)}) {
    const GateAnswer answer = gate.ask(question);
    EXPECT_EQ(answer.http.status, 401) << describe(answer);
    EXPECT_EQ(header_of(answer, "WWW-Authenticate"), scope_challenge_of("repository:team/app:pull,push"));
  }
}

TEST(Answer, SaysWhichEndpointWasAsked) {
  TestGate gate;
  EXPECT_EQ(gate.ask(nginx_asks("GET", "/v2/")).endpoint, Endpoint::auth);
  EXPECT_EQ(gate.ask(forward_asks("GET", "/v2/")).endpoint, Endpoint::forward);
  EXPECT_EQ(gate.ask(envoy_asks("GET", "/v2/")).endpoint, Endpoint::envoy);
  EXPECT_EQ(gate.ask(verify_asks("{}")).endpoint, Endpoint::verify);
  EXPECT_EQ(gate.ask(introspect_asks("")).endpoint, Endpoint::introspect);
}

TEST(Answer, ChallengesABadCredentialWithTheRoutesScope) {
  TestGate gate;
  const std::string token = bearer(good_token());
  const GateAnswer two = gate.ask(nginx_asks("DELETE", "/v2/team/app/manifests/v1", token).with("Authorization", token));
  const GateAnswer basic = gate.ask(nginx_asks("GET", "/v2/", "Basic dXNlcjpwYXNz"));

  EXPECT_EQ(reason_of(two), Reason::multiple_credentials);
  EXPECT_EQ(header_of(two, "WWW-Authenticate"), invalid_token_challenge_of("repository:team/app:delete"));
  EXPECT_EQ(reason_of(basic), Reason::scheme_unsupported);
  EXPECT_EQ(header_of(basic, "WWW-Authenticate"), challenge_of(""));
}

TEST(Answer, RefusesABadRouteBeforeABadCredential) {
  TestGate gate;
  const GateAnswer answer = gate.ask(nginx_asks("GET", "/v2/%2e%2e/x", "Bearer a").with("Authorization", "Bearer a"));
  EXPECT_EQ(reason_of(answer), Reason::path_not_canonical);
  EXPECT_EQ(answer.http.status, 403);
  EXPECT_EQ(header_count(answer, "WWW-Authenticate"), 0U);
}

TEST(Answer, TellsAStrangerNothing) {
  TestGate gate;
  for (GateQuestion question : {nginx_asks("GET", "/v2/", bearer(good_token())), forward_asks("GET", "/v2/"), envoy_asks("GET", "/v2/"),
                                verify_asks(R"({"token":"a"})"), introspect_asks("token=a")}) {
    question.peer = tcp_peer({10, 0, 0, 1});
    const GateAnswer answer = gate.ask(question);
    EXPECT_EQ(answer.http.status, 403);
    EXPECT_EQ(reason_of(answer), Reason::peer_untrusted);
    EXPECT_EQ(answer.http.body, R"({"errors":[{"code":"DENIED","message":"the request was refused","detail":{"id":"0123456789abcdef"}}]})");
  }
}

TEST(Answer, HasNoBodyForHead) {
  TestGate gate;
  const GateAnswer envoy = gate.ask(envoy_asks("HEAD", "/v2/a/tags/list"));
  GateQuestion head = forward_asks("GET", "/v2/");
  head.method = "HEAD";
  const GateAnswer forward = gate.ask(head);

  EXPECT_EQ(envoy.http.status, 401);
  EXPECT_EQ(envoy.http.body, "");
  EXPECT_NE(header_of(envoy, "X-Portcullis-Error"), std::nullopt);
  EXPECT_EQ(forward.http.body, "");
  EXPECT_NE(gate.ask(forward_asks("HEAD", "/v2/")).http.body, "");
}

TEST(Answer, DoesNotKnowOtherPaths) {
  TestGate gate;
  for (const char* uri : {"/", "/v2/", "/metrics", "/auth/x", "/envoy", "/v1/verify2"}) {
    GateQuestion question = nginx_asks("GET", "/v2/", bearer(good_token()));
    question.uri = uri;
    const GateAnswer answer = gate.ask(question);
    EXPECT_EQ(answer.http.status, 404) << uri;
    EXPECT_EQ(answer.endpoint, Endpoint::unknown);
    EXPECT_FALSE(answer.decision.has_value());
    EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store");
    EXPECT_EQ(header_of(answer, "X-Portcullis-Id"), std::string(kDecisionId));
    EXPECT_EQ(header_of(answer, "X-Portcullis-Decision"), "deny");
    EXPECT_EQ(answer.http.body, R"({"errors":[{"code":"UNSUPPORTED","message":"no such endpoint","detail":{"id":"0123456789abcdef"}}]})");
  }
}

TEST(Answer, IsTheSameForHeadButForTheBody) {
  TestGate gate;
  for (const bool good : {true, false}) {
    GateQuestion question = nginx_asks("GET", "/v2/", good ? bearer(good_token()) : bearer("a.b.c"));
    const GateAnswer whole = gate.ask(question);
    question.method = "HEAD";
    const GateAnswer head = gate.ask(question);

    EXPECT_EQ(head.http.status, good ? 200 : 401);
    EXPECT_EQ(head.http.status, whole.http.status);
    EXPECT_EQ(head.http.headers, whole.http.headers);
    EXPECT_TRUE(head.http.body.empty());
    EXPECT_EQ(whole.http.body.empty(), good);
  }
}

TEST(Answer, SaysWhichMethodAnEndpointTakes) {
  TestGate gate;
  GateQuestion question = nginx_asks("GET", "/v2/", bearer(good_token()));
  for (const char* method : {"POST", "OPTIONS", "get", "head", "PUT"}) {
    question.method = method;
    const GateAnswer answer = gate.ask(question);
    EXPECT_EQ(answer.http.status, 405) << method;
    EXPECT_EQ(header_of(answer, "Allow"), "GET, HEAD") << method;
    EXPECT_FALSE(answer.decision.has_value());
  }
  GateQuestion verify = verify_asks("{}");
  verify.method = "GET";
  EXPECT_EQ(header_of(gate.ask(verify), "Allow"), "POST");
}

TEST(Answer, KeepsTheSameHeadersOnEveryAnswer) {
  TestGate gate;
  const std::string token = bearer(good_token("team/app", "pull"));
  GateQuestion lost = nginx_asks("GET", "/v2/");
  lost.uri = "/lost";
  for (const GateQuestion& question :
       {nginx_asks("GET", "/v2/", token), nginx_asks("GET", "/v2/"), nginx_asks("GET", "/v2//", token), lost,
        verify_asks(R"({"token":"a.b.c"})"), verify_asks("["), introspect_asks("token=a.b.c"), introspect_asks("")}) {
    const GateAnswer answer = gate.ask(question);
    for (const char* name : {"Cache-Control", "Docker-Distribution-Api-Version", "X-Portcullis-Decision", "X-Portcullis-Id"}) {
      EXPECT_EQ(header_count(answer, name), 1U) << name << " " << describe(answer);
    }
  }
}

TEST(Answer, DropsTheMountWhereTheProxyHonoursThat) {
  GateTexts texts;
  texts.config = gate_config(R"("proxy":{"trusted":["127.0.0.1/32"],"stripsMount":true})");
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  TestGate strips(texts);
  TestGate plain;
  const std::string uri = "/v2/team/app/blobs/uploads/?mount=sha256:" + std::string(64, '0') + "&from=other";
  const std::string token = bearer(good_token("team/app", "pull,push"));

  const GateAnswer dropped = strips.ask(nginx_asks("POST", uri, token));
  const GateAnswer refused = plain.ask(nginx_asks("POST", uri, token));

  EXPECT_EQ(dropped.http.status, 200) << describe(dropped);
  EXPECT_EQ(header_of(dropped, "X-Portcullis-Drop-Mount"), "1");
  EXPECT_EQ(refused.http.status, 401);
  EXPECT_EQ(header_of(refused, "WWW-Authenticate"), scope_challenge_of("repository:team/app:pull,push repository:other:pull"));
  EXPECT_EQ(header_count(plain.ask(nginx_asks("GET", "/v2/", token)), "X-Portcullis-Drop-Mount"), 0U);
}

TEST(Answer, DependsOnNothingButItsInputs) {
  TestGate gate;
  const std::string good = bearer(good_token("team/app", "pull"));
  const GateQuestion questions[] = {nginx_asks("GET", "/v2/team/app/tags/list", good), nginx_asks("GET", "/v2/team/app/tags/list"),
                                    nginx_asks("GET", "/v2/team/other/tags/list", good),
                                    nginx_asks("GET", "/v2/team/app/tags/list", "Bearer a.b.c")};
  std::vector<std::string> first;
  for (const GateQuestion& question : questions) first.push_back(describe(gate.ask_uncached(question)));

  for (int round = 0; round < 1000; ++round) {
    const std::size_t index = static_cast<std::size_t>(round * 7 % 4);
    ASSERT_EQ(describe(gate.ask(questions[index])), first[index]);
  }
}

TEST(Answer, SaysUnavailableWithoutKeys) {
  GateTexts texts;
  TestGate gate(texts);
  const GateAnswer answer = gate.ask(nginx_asks("GET", "/v2/", bearer(good_token())));
  EXPECT_EQ(answer.http.status, 503);
  EXPECT_EQ(reason_of(answer), Reason::keys_not_loaded);
  EXPECT_EQ(header_count(answer, "WWW-Authenticate"), 0U);
  EXPECT_EQ(header_count(answer, "Retry-After"), 1U);
}

TEST(AnswerInTurn, DecidesUpToTheLimitAndRefusesBehindIt) {
  TestGate gate;
  const GateQuestion question = nginx_asks("GET", "/v2/team/app/tags/list", bearer(good_token()));
  const std::chrono::nanoseconds limit = gate.state().config.limits.decision;
  const auto wait = [&](std::chrono::nanoseconds waited) {
    return answer_in_turn(request_of(question), gate.state(), &gate.cache(), kDecisionId, kNow, waited, {});
  };

  EXPECT_EQ(limit, std::chrono::milliseconds(250));
  EXPECT_EQ(wait(limit).http.status, 200);
  const GateAnswer late = wait(limit + std::chrono::nanoseconds(1));
  EXPECT_EQ(late.http.status, 503);
  EXPECT_EQ(reason_of(late), Reason::overloaded);
  EXPECT_EQ(late.endpoint, Endpoint::auth);
  EXPECT_TRUE(header_of(late, "Retry-After").has_value());
}

TEST(AnswerInTurn, TakesTheLimitOfTheConfiguration) {
  GateTexts texts;
  texts.config = gate_config(R"("limits":{"decision":"2s"})");
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  TestGate gate(texts);
  const GateQuestion question = nginx_asks("GET", "/v2/team/app/tags/list", bearer(good_token()));
  const auto wait = [&](Milliseconds waited) {
    return answer_in_turn(request_of(question), gate.state(), nullptr, kDecisionId, kNow, waited, {}).http.status;
  };

  EXPECT_EQ(wait(Milliseconds(2000)), 200);
  EXPECT_EQ(wait(Milliseconds(2001)), 503);
}

TEST(BareRefusal, IsARefusalThatNobodyFilledIn) {
  const GateAnswer bare = bare_refusal();
  EXPECT_EQ(bare.http.status, 503);
  EXPECT_TRUE(bare.http.headers.empty());
  EXPECT_EQ(reason_of(bare), Reason::internal_error);
}

}  // namespace
}  // namespace portcullis
