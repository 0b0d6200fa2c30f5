// `/v1/verify` and `/introspect`: questions, answers, and malformed questions.
#include "plugin/http/verify_route.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/codec/json.h"
#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

std::string question(const std::string& token, const std::string& more = "") { return R"({"token":")" + token + "\"" + more + "}"; }

JsonDocument parsed(const GateAnswer& answer) {
  auto document = parse_json(answer.http.body, {.bytes = 65536, .depth = 16, .members = 1000});
  if (!document) ADD_FAILURE() << answer.http.body;
  return document ? std::move(document).value() : std::move(parse_json("{}", {10, 2, 2})).value();
}

std::string exp_text() { return std::to_string(unix_seconds(kNow) + 300); }

TEST(Verify, TellsAllThatItKnowsOfAGoodToken) {
  TestGate gate;
  const GateAnswer answer = gate.ask(verify_asks(
      question(good_token("team/app", "pull", R"("iss":"https://issuer.example")"), R"(,"repository":"team/app","action":"pull")")));

  EXPECT_EQ(answer.http.status, 200);
  EXPECT_EQ(header_of(answer, "Content-Type"), "application/json");
  EXPECT_EQ(header_of(answer, "X-Portcullis-Decision"), "allow");
  EXPECT_EQ(answer.http.body, R"({"active":true,"decision":"allow","reason":"allowed","subject":"alice","username":"alice","groups":[],)"
                              R"("issuer":"https://issuer.example","kid":"k1","alg":"EdDSA","expires":)" +
                                  exp_text() +
                                  R"(,"access":[{"type":"repository","name":"team/app","actions":["pull"]}],"source":"traditional"})");
}

TEST(Verify, TellsWhichKindOfSourceVouchesForAToken) {
  TestGate gate;
  State& state = gate.state();
  state.rules.issuers.push_back({.issuer = "https://issuer.example", .tokens = state.rules.tokens});
  state.issuers = IssuerKeys({state.source});

  const GateAnswer issuers = gate.ask(verify_asks(question(good_token("team/app", "pull", R"("iss":"https://issuer.example")"))));
  EXPECT_EQ(parsed(issuers).root().get("source").string(), "oidc");
  const GateAnswer others = gate.ask(verify_asks(question(good_token("team/app", "pull", R"("iss":"https://other.example")"))));
  EXPECT_EQ(parsed(others).root().get("source").string(), "traditional");
}

TEST(Verify, HasADecisionOnlyWhereAnAccessWasAsked) {
  TestGate gate;
  const GateAnswer answer = gate.ask(verify_asks(question(good_token())));
  EXPECT_EQ(answer.http.status, 200);
  EXPECT_EQ(parsed(answer).root().get("active").boolean(), true);
  EXPECT_FALSE(parsed(answer).root().get("decision").exists());
  EXPECT_FALSE(parsed(answer).root().get("trace").exists());
}

TEST(Verify, TellsATokenFromWhatItMayDo) {
  TestGate gate;
  const GateAnswer push = gate.ask(verify_asks(question(good_token("team/app", "pull"), R"(,"repository":"team/app","action":"push")")));
  EXPECT_EQ(parsed(push).root().get("active").boolean(), true);
  EXPECT_EQ(parsed(push).root().get("decision").string(), "deny");
  EXPECT_EQ(parsed(push).root().get("reason").string(), "scope_insufficient");
  EXPECT_EQ(header_of(push, "X-Portcullis-Decision"), "deny");
}

TEST(Verify, TellsTheReasonOfABadTokenAndNothingOfItsClaims) {
  TestGate gate;
  const std::string expired = token_of(R"({"sub":"mallory","exp":1})");
  const GateAnswer answer = gate.ask(verify_asks(question(expired, R"(,"method":"GET","uri":"/v2/")")));
  EXPECT_EQ(answer.http.body, R"({"active":false,"decision":"deny","reason":"token_expired"})");
  EXPECT_EQ(gate.ask(verify_asks(question("junk"))).http.body, R"({"active":false,"reason":"token_malformed"})");
}

TEST(Verify, JudgesAUri) {
  TestGate gate;
  const std::string token = good_token("team/app", "pull,push");
  const auto decision = [&](const std::string& more) {
    return std::string(*parsed(gate.ask(verify_asks(question(token, more)))).root().get("decision").string());
  };
  EXPECT_EQ(decision(R"(,"uri":"/v2/team/app/tags/list")"), "allow");
  EXPECT_EQ(decision(R"(,"method":"PUT","uri":"/v2/team/app/manifests/v1")"), "allow");
  EXPECT_EQ(decision(R"(,"method":"DELETE","uri":"/v2/team/app/manifests/v1")"), "deny");
}

TEST(Verify, TellsWhetherTheTokenIsGoodWhereTheRouteIsNot) {
  TestGate gate;
  const GateAnswer good = gate.ask(verify_asks(question(good_token(), R"(,"uri":"/v2//x")")));
  const GateAnswer bad = gate.ask(verify_asks(question("junk", R"(,"uri":"/v2//x")")));
  const GateAnswer name = gate.ask(verify_asks(question(good_token(), R"(,"repository":"A","action":"pull")")));
  EXPECT_EQ(parsed(good).root().get("active").boolean(), true);
  EXPECT_EQ(parsed(good).root().get("reason").string(), "path_not_canonical");
  EXPECT_EQ(bad.http.body, R"({"active":false,"decision":"deny","reason":"path_not_canonical"})");
  EXPECT_EQ(parsed(name).root().get("reason").string(), "name_invalid");
}

TEST(Verify, ExplainsStepByStep) {
  TestGate gate;
  const GateAnswer answer =
      gate.ask(verify_asks(question(good_token("team/app", "pull"), R"(,"uri":"/v2/team/app/tags/list","explain":true)")));
  const JsonDocument document = parsed(answer);
  const auto steps = document.root().get("trace").elements();
  ASSERT_GE(steps.size(), 5U) << answer.http.body;
  EXPECT_EQ(steps.front().get("step").string(), "route");
  EXPECT_EQ(steps.back().get("step").string(), "scope");
  for (const JsonView& step : steps) EXPECT_EQ(step.get("passed").boolean(), true);
  EXPECT_FALSE(parsed(gate.ask(verify_asks(question(good_token(), R"(,"explain":false)")))).root().get("trace").exists());
}

TEST(Verify, NeverTracesTheToken) {
  TestGate gate;
  const std::string token = good_token();
  const GateAnswer answer = gate.ask(verify_asks(question(token, R"(,"explain":true)")));
  EXPECT_EQ(answer.http.body.find(token.substr(token.rfind('.'))), std::string::npos);
}

TEST(Verify, TakesTheTokenFromTheBearerHeader) {
  TestGate gate;
  const GateAnswer empty = gate.ask(verify_asks("").with("Authorization", bearer(good_token())));
  const GateAnswer asked =
      gate.ask(verify_asks(R"({"repository":"team/app","action":"pull"})").with("authorization", bearer(good_token("team/app", "pull"))));
  EXPECT_EQ(parsed(empty).root().get("active").boolean(), true);
  EXPECT_EQ(parsed(asked).root().get("decision").string(), "allow");
}

TEST(Verify, RefusesMalformedQuestions) {
  TestGate gate;
  for (const std::string& body :
       {std::string("{}"), std::string(""), std::string("["), std::string("[]"), std::string("null"), std::string("{\"token\":1}"),
        question("a", R"(,"token":"b")"), question("a", R"(,"unknown":1)"), question("a", R"(,"explain":"true")"),
        question("a", R"(,"uri":"/v2/","repository":"x","action":"pull")"), question("a", R"(,"uri":"/v2/","action":"pull")"),
        question("a", R"(,"repository":"x")"), question("a", R"(,"action":"pull")"), question("a", R"(,"method":"GET")"),
        question("a", R"(,"repository":"x","action":"fly")"), question("a", R"(,"repository":null,"action":"pull")"),
        question("a", R"(,"explain":[[1]])"), question("a") + "x"}) {
    const GateAnswer answer = gate.ask(verify_asks(body));
    EXPECT_EQ(answer.http.status, 400) << body;
    EXPECT_FALSE(answer.decision.has_value()) << body;
    EXPECT_EQ(answer.http.body.rfind(R"({"errors":[{"code":"UNSUPPORTED","message":")", 0), 0U) << answer.http.body;
  }
}

TEST(Verify, RefusesATokenInTwoPlaces) {
  TestGate gate;
  EXPECT_EQ(gate.ask(verify_asks(question("a")).with("Authorization", "Bearer a")).http.status, 400);
  EXPECT_EQ(gate.ask(verify_asks("").with("Authorization", "Bearer a").with("Authorization", "Bearer a")).http.status, 400);
  EXPECT_EQ(gate.ask(verify_asks("").with("Authorization", "Basic a")).http.status, 400);
}

TEST(Verify, BoundsTheBody) {
  TestGate gate;
  const std::string small = question("a");
  EXPECT_EQ(gate.ask(verify_asks(small + std::string(kVerifyBodyBytes - small.size(), ' '))).http.status, 200);
  EXPECT_EQ(gate.ask(verify_asks(small + std::string(kVerifyBodyBytes + 1 - small.size(), ' '))).http.status, 413);
}

TEST(Verify, SaysUnavailableWhereNoTokenCanBeJudged) {
  GateTexts texts;
  TestGate gate(texts);
  for (const std::string more : {"", R"(,"uri":"/v2/")", R"(,"uri":"//")"}) {
    const GateAnswer answer = gate.ask(verify_asks(question(good_token(), more)));
    EXPECT_EQ(answer.http.status, 503) << more;
    EXPECT_EQ(reason_of(answer), Reason::keys_not_loaded) << more;
  }
}

TEST(Introspect, SpeaksTheWordsOfRfc7662) {
  TestGate gate;
  const std::string iat = std::to_string(unix_seconds(kNow) - 10);
  const std::string payload =
      R"({"sub":"alice","iss":"https://i","aud":"r","jti":"t1","iat":)" + iat + R"(,"nbf":)" + iat + R"(,"exp":)" + exp_text() +
      R"(,"access":[{"type":"repository","name":"a/b","actions":["pull","push"]},{"type":"registry","name":"catalog","actions":["*"]},)"
      R"({"type":"repository","name":"c d","actions":["pull"]},{"type":"repository","name":"e","actions":[]}]})";
  const GateAnswer answer = gate.ask(introspect_asks("token_type_hint=access_token&token=" + token_of(payload)));

  EXPECT_EQ(answer.http.status, 200);
  EXPECT_EQ(answer.http.body,
            R"({"active":true,"scope":"repository:a/b:pull,push registry:catalog:*","username":"alice","token_type":"Bearer","exp":)" +
                exp_text() + R"(,"iat":)" + iat + R"(,"nbf":)" + iat + R"(,"sub":"alice","aud":"r","iss":"https://i","jti":"t1"})");
}

TEST(Introspect, KeepsSeveralAudiencesAsAList) {
  TestGate gate;
  const GateAnswer answer = gate.ask(introspect_asks("token=" + token_of(R"({"aud":["a","b"],"exp":)" + exp_text() + "}")));
  EXPECT_EQ(answer.http.body, R"({"active":true,"token_type":"Bearer","exp":)" + exp_text() + R"(,"aud":["a","b"]})");
}

TEST(Introspect, SaysNothingOfAnInactiveToken) {
  TestGate gate;
  for (const std::string& token : {std::string("junk"), std::string(""), token_of(R"({"sub":"mallory","exp":1})"), good_token() + "x"}) {
    const GateAnswer answer = gate.ask(introspect_asks("token=" + token));
    EXPECT_EQ(answer.http.status, 200);
    EXPECT_EQ(answer.http.body, R"({"active":false})");
    EXPECT_EQ(header_of(answer, "X-Portcullis-Decision"), "deny");
  }
}

TEST(Introspect, DecodesTheForm) {
  TestGate gate;
  std::string token = good_token();
  token.replace(token.find('.'), 1, "%2E");
  EXPECT_EQ(parsed(gate.ask(introspect_asks("token=" + token))).root().get("active").boolean(), true);
}

TEST(Introspect, TakesATokenWithTheLineEndOfItsFile) {
  TestGate gate;
  for (const auto& [before, behind] : {std::pair("", "%0A"), std::pair("", "%0D%0A"), std::pair("+", "%09"), std::pair("", "")})
    EXPECT_EQ(parsed(gate.ask(introspect_asks("token=" + (before + good_token()) + behind))).root().get("active").boolean(), true)
        << behind;
  std::string cut = good_token();
  cut.insert(cut.find('.'), "%0A");
  EXPECT_EQ(parsed(gate.ask(introspect_asks("token=" + cut))).root().get("active").boolean(), false);
  EXPECT_EQ(parsed(gate.ask(introspect_asks("token=%0A"))).root().get("active").boolean(), false);
}

TEST(Introspect, RefusesMalformedQuestions) {
  TestGate gate;
  for (const std::string body : {"", "token_type_hint=x", "Token=a", "token=a&token=a", "token=%zz", "{\"token\":\"a\"}"}) {
    const GateAnswer answer = gate.ask(introspect_asks(body));
    EXPECT_EQ(answer.http.status, 400) << body;
    EXPECT_EQ(parsed(answer).root().get("error").string(), "invalid_request") << body;
    EXPECT_FALSE(answer.decision.has_value());
  }
}

TEST(Introspect, BoundsTheBody) {
  TestGate gate;
  EXPECT_EQ(gate.ask(introspect_asks("token=a&x=" + std::string(kVerifyBodyBytes - 10, 'a'))).http.status, 200);
  EXPECT_EQ(gate.ask(introspect_asks("token=a&x=" + std::string(kVerifyBodyBytes - 9, 'a'))).http.status, 413);
}

TEST(Introspect, SaysUnavailableWhereNoTokenCanBeJudged) {
  GateTexts texts;
  TestGate gate(texts);
  EXPECT_EQ(gate.ask(introspect_asks("token=" + good_token())).http.status, 503);
}

/// Reads from one network, creates but does not update, and needs https to delete.
TestGate gate_with_conditions() {
  GateTexts texts;
  texts.config =
      R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":{"repositories":{)"
      R"("team/**":{"policies":[{"users":["alice"],"actions":["read"],"conditions":[{"expression":"req.client.ip == '192.0.2.7'"}]},)"
      R"({"users":["alice"],"actions":["create"],"conditions":[{"expression":"req.method == 'PUT'"}]}]}}}},)"
      R"("portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},"proxy":{"trusted":["127.0.0.1/32"],"clientAddress":"X-Real-IP"},)"
      R"("registry":{"url":"http://127.0.0.1:5000","tagLookup":"advisory"},)"
      R"("tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"ignored"}}})";
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  return TestGate(texts);
}

TEST(Verify, ShowsConditionsTheClientThatThePeerStates) {
  TestGate gate = gate_with_conditions();
  const GateQuestion asked = verify_asks(question(good_token(), R"(,"repository":"team/app","action":"pull")"));
  const auto decision = [&](GateQuestion one) {
    const JsonDocument answer = parsed(gate.ask(one));
    return std::string(answer.root().get("decision").string().value_or("none"));
  };

  EXPECT_EQ(decision(asked), "deny");
  EXPECT_EQ(decision(GateQuestion(asked).with("X-Real-IP", "192.0.2.7")), "allow");
  EXPECT_EQ(decision(GateQuestion(asked).with("X-Real-IP", "192.0.2.8")), "deny");
  EXPECT_EQ(decision(GateQuestion(asked).with("X-Forwarded-For", "192.0.2.7")), "deny");
}

TEST(Verify, RefusesAClientThatIsStatedTwice) {
  TestGate gate = gate_with_conditions();
  GateQuestion asked = verify_asks(question(good_token(), R"(,"repository":"team/app","action":"pull")"));
  asked.with("X-Real-IP", "192.0.2.7").with("X-Real-IP", "192.0.2.7");
  EXPECT_EQ(gate.ask(asked).http.status, 400);
}

TEST(Verify, ShowsConditionsTheMethodThatIsAskedAbout) {
  TestGate gate = gate_with_conditions();
  const auto decision = [&](std::string_view more) {
    const JsonDocument answer = parsed(gate.ask(verify_asks(question(good_token(), std::string(more)))));
    return std::string(answer.root().get("decision").string().value_or("none"));
  };
  EXPECT_EQ(decision(R"(,"repository":"team/app","action":"create")"), "allow");
  EXPECT_EQ(decision(R"(,"uri":"/v2/team/app/blobs/uploads/","method":"POST")"), "deny");
}

TEST(Verify, UsesWhatTheRegistrySaysOfTags) {
  TestGate gate = gate_with_conditions();
  const GateQuestion asked = verify_asks(question(good_token(), R"(,"uri":"/v2/team/app/manifests/v1","method":"PUT")"));
  HttpRequest request;
  request.method = asked.method;
  request.raw_uri = asked.uri;
  for (const auto& [name, value] : asked.headers) request.headers.emplace_back(name, value);
  request.body = asked.body;
  request.has_body = asked.has_body;
  request.peer = &*asked.peer;
  const auto decide = [&](std::vector<TagFact> tags) { return answer(request, gate.state(), nullptr, kDecisionId, kNow, nullptr, tags); };

  const GateAnswer unknown = decide({});
  EXPECT_TRUE(unknown.decision->wants_tags);
  EXPECT_FALSE(unknown.decision->allowed());
  EXPECT_TRUE(decide({{"v1", false}}).decision->allowed());
  EXPECT_FALSE(decide({{"v1", true}}).decision->allowed());
}

}  // namespace
}  // namespace portcullis
