// `/zot/auth/token`: what `docker login` gets for a platform's token, and who else may see it.
#include <string>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "plugin/exchange/exchange_question.h"
#include "plugin/exchange/exchange_route.h"
#include "tests/support/exchange.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

JsonDocument parsed(const GateAnswer& answer) {
  auto document = parse_json(answer.http.body, {.bytes = 65536, .depth = 8, .members = 100});
  EXPECT_TRUE(document.ok()) << describe(answer);
  return std::move(document).value();
}

void expect_unstored(const GateAnswer& answer) {
  EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store") << describe(answer);
  EXPECT_EQ(header_of(answer, "Pragma"), "no-cache") << describe(answer);
}

void expect_refused(const GateAnswer& answer, Reason reason) {
  EXPECT_EQ(answer.http.status, 401) << describe(answer);
  EXPECT_EQ(reason_name(reason_of(answer)), reason_name(reason));
  EXPECT_EQ(header_of(answer, "WWW-Authenticate"), R"(Basic realm="https://auth.example/token")");
  EXPECT_EQ(answer.upstream, nullptr);
  expect_unstored(answer);
}

void expect_relayed(const GateAnswer& answer) {
  EXPECT_NE(answer.upstream, nullptr) << describe(answer);
  EXPECT_EQ(answer.http.status, 401);
}

class Exchange : public testing::Test {
 protected:
  TestGate gate_{exchange_texts()};
};

TEST_F(Exchange, GivesTheTokenBackThatIsThePassword) {
  const std::string token = our_token(300);
  const GateAnswer answer = gate_.ask(exchange_asks(basic("anybody", token)));

  EXPECT_EQ(answer.http.status, 200) << describe(answer);
  expect_unstored(answer);
  EXPECT_EQ(header_of(answer, "Content-Type"), "application/json");
  EXPECT_EQ(answer.http.body,
            R"({"token":")" + token + R"(","access_token":")" + token + R"(","expires_in":300,"issued_at":"2026-03-01T12:00:00.000Z"})");
  EXPECT_EQ(reason_of(answer), Reason::allowed);
}

TEST_F(Exchange, TakesTheFirstCredentialThatVerifies) {
  const std::string token = our_token();
  GateQuestion question = form_asks("password=" + our_token(-900) + "&id_token=" + token + "&token=" + our_token(600));
  question.with("Authorization", basic("user", "hunter2"));
  EXPECT_EQ(parsed(gate_.ask(question)).root().get("token").string(), token);
}

TEST_F(Exchange, CountsTheLifeOfATokenFromNow) {
  GateTexts texts = exchange_texts();
  texts.config = bearer_config(kUpstream, R"("tokens":{"issuers":["https://ours"],"audiences":["registry.example"],"leeway":"30s"})");
  TestGate gate(texts);
  for (const auto& [seconds, expected] : {std::pair<std::int64_t, std::int64_t>{7200, 7200}, {1, 1}, {0, 0}, {-1, 0}, {-29, 0}}) {
    const GateAnswer answer = gate.ask(exchange_asks(basic("u", our_token(seconds))));
    ASSERT_EQ(answer.http.status, 200) << seconds << " " << describe(answer);
    EXPECT_EQ(parsed(answer).root().get("expires_in").integer(), expected) << seconds;
  }
}

TEST_F(Exchange, ChallengesForBasicWhereNothingWasSent) {
  TestGate gate(exchange_texts(R"("upstreamTokenEndpoint":{"realm":"https://t","service":"o"})"));
  gate.state().config.bearer.upstream.reset();
  expect_refused(gate.ask(exchange_asks()), Reason::token_missing);
  expect_refused(gate.ask(exchange_asks(basic("u", "hunter2"))), Reason::token_malformed);
  expect_refused(gate.ask(exchange_asks(basic("u", foreign_token()))), Reason::key_unknown);
  expect_refused(gate.ask(exchange_asks(basic("u", our_token(-900)))), Reason::token_expired);
}

TEST_F(Exchange, AsksTheOtherEndpointAboutWhatIsNotOurs) {
  expect_relayed(gate_.ask(exchange_asks(basic("bob", "hunter2"))));
  expect_relayed(gate_.ask(exchange_asks(basic("bob", foreign_token()))));
  expect_relayed(gate_.ask(form_asks("grant_type=password&username=bob&password=hunter2")));
  expect_relayed(gate_.ask(exchange_asks()));
}

TEST_F(Exchange, NeverShowsABadTokenOfOursToTheOtherEndpoint) {
  const std::string expired = our_token(-900);
  expect_refused(gate_.ask(exchange_asks(basic("u", expired))), Reason::token_expired);
  const std::string other_audience =
      token_of(R"({"iss":"https://ours","aud":"elsewhere","exp":)" + std::to_string(unix_seconds(kNow) + 60) + "}");
  expect_refused(gate_.ask(exchange_asks(basic("u", other_audience))), Reason::audience_mismatch);
  const std::string other_issuer = token_of(R"({"iss":"https://theirs","aud":"x","exp":)" + std::to_string(unix_seconds(kNow) + 60) + "}");
  expect_refused(gate_.ask(exchange_asks(basic("u", other_issuer))), Reason::issuer_mismatch);
  const std::string forged = mint(R"({"iss":"https://ours"})", key_pair("ED25519", "second"), "EdDSA", "their-key");
  expect_refused(gate_.ask(exchange_asks(basic("u", forged))), Reason::key_unknown);
}

TEST_F(Exchange, NeverShowsATokenOfOursWhereverItStands) {
  const std::string expired = our_token(-900);
  for (GateQuestion question : {exchange_asks(basic(expired, "hunter2")), exchange_asks(basic("u", "hunter2"), "password=" + expired),
                                form_asks("password=hunter2&assertion=" + expired), form_asks("password=hunter2&" + expired),
                                form_asks("password=hunter2&token=" + expired)}) {
    const GateAnswer answer = gate_.ask(question);
    EXPECT_EQ(answer.http.status, 401) << describe(answer);
    EXPECT_EQ(answer.upstream, nullptr) << question.body;
  }
}

TEST_F(Exchange, ShowsNothingThatItCouldNotReadToTheOtherEndpoint) {
  for (const char* authorization : {"Basic ?", "Bearer abc", "Basic"}) {
    const GateAnswer answer = gate_.ask(exchange_asks(authorization));
    EXPECT_EQ(answer.http.status, 401) << authorization;
    EXPECT_EQ(answer.upstream, nullptr);
  }
  const GateAnswer two = gate_.ask(exchange_asks(basic("u", "a")).with("Authorization", basic("u", "b")));
  expect_refused(two, Reason::multiple_credentials);
}

TEST_F(Exchange, SaysUnavailableWhereATokenCannotBeJudgedAndShowsItToNobody) {
  GateTexts texts = exchange_texts();
  texts.keys.clear();
  TestGate gate(texts);
  const GateAnswer answer = gate.ask(exchange_asks(basic("u", foreign_token())));
  EXPECT_EQ(answer.http.status, 503) << describe(answer);
  EXPECT_EQ(answer.upstream, nullptr);
  expect_relayed(gate.ask(exchange_asks(basic("u", "hunter2"))));
}

TEST_F(Exchange, RefusesMalformedQuestions) {
  for (const GateQuestion& question : {form_asks("password=%zz"), form_asks("token=a&token=b"), exchange_asks({}, "a=%")}) {
    const GateAnswer answer = gate_.ask(question);
    EXPECT_EQ(answer.http.status, 400) << describe(answer);
    EXPECT_FALSE(answer.decision.has_value());
    EXPECT_EQ(answer.upstream, nullptr);
    expect_unstored(answer);
  }
}

TEST_F(Exchange, BoundsTheBody) {
  EXPECT_EQ(gate_.ask(form_asks("x=" + std::string(kExchangeBodyBytes - 2, 'a'))).http.status, 401);
  const GateAnswer answer = gate_.ask(form_asks("x=" + std::string(kExchangeBodyBytes - 1, 'a')));
  EXPECT_EQ(answer.http.status, 413);
  expect_unstored(answer);
}

TEST_F(Exchange, AnswersTrustedPeersAlone) {
  GateQuestion question = exchange_asks(basic("u", our_token()));
  question.peer = tcp_peer({10, 0, 0, 1});
  const GateAnswer answer = gate_.ask(question);
  EXPECT_EQ(answer.http.status, 403);
  EXPECT_EQ(reason_of(answer), Reason::peer_untrusted);
}

TEST_F(Exchange, AnswersAPreflightAndRefusesOtherMethods) {
  GateQuestion question = exchange_asks();
  question.method = "OPTIONS";
  const GateAnswer preflight = gate_.ask(question);
  EXPECT_EQ(preflight.http.status, 204);
  EXPECT_EQ(preflight.http.body, "");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Methods"), "GET, POST, OPTIONS");
  for (const char* method : {"HEAD", "PUT", "DELETE", "PATCH", "get"}) {
    question.method = method;
    const GateAnswer answer = gate_.ask(question);
    EXPECT_EQ(answer.http.status, 405) << method;
    EXPECT_EQ(header_of(answer, "Allow"), "GET, POST, OPTIONS");
  }
}

TEST(ExchangeOffer, IsThereOnlyWhereSomethingNeedsIt) {
  TestGate gate;
  EXPECT_EQ(gate.ask(exchange_asks(basic("u", good_token()))).http.status, 404);
}

TEST(ExchangeOffer, GivesTheAnonymousTokenBeforeAnyUpstreamIsAsked) {
  TestGate gate(exchange_texts());
  gate.state().rules.anonymous_exchange = true;
  for (const GateQuestion& question :
       {exchange_asks({}, "scope=repository:a/b:pull"), exchange_asks("Basic Og=="), form_asks("grant_type=password")}) {
    const GateAnswer answer = gate.ask(question);
    EXPECT_EQ(answer.http.status, 200) << describe(answer);
    EXPECT_EQ(answer.http.body,
              R"({"token":"anonymous","access_token":"anonymous","expires_in":300,"issued_at":"2026-03-01T12:00:00.000Z"})");
    EXPECT_EQ(answer.upstream, nullptr);
    expect_unstored(answer);
  }
  expect_relayed(gate.ask(exchange_asks(basic("u", "hunter2"))));
}

TEST(ExchangeOffer, PutsCostlySignaturesOff) {
  GateTexts texts = exchange_texts();
  texts.keys = secret_json({{"slow", &key_pair("P-384")}});
  TestGate gate(texts);
  const std::string payload = R"({"iss":"https://ours","aud":"registry.example","exp":)" + std::to_string(unix_seconds(kNow) + 60) + "}";
  const std::string value = basic("u", mint(payload, key_pair("P-384"), "ES384", "slow"));
  HttpRequest request;
  request.method = "GET";
  request.raw_uri = "/zot/auth/token";
  request.headers.emplace_back("Authorization", value);
  const Peer peer = trusted_peer();
  request.peer = &peer;
  Deferral deferral;

  const GateAnswer later = answer(request, gate.state(), &gate.cache(), kDecisionId, kNow, &deferral);
  EXPECT_TRUE(deferral.wanted);
  EXPECT_EQ(later.upstream, nullptr);
  EXPECT_EQ(answer(request, gate.state(), &gate.cache(), kDecisionId, kNow).http.status, 200);
}

}  // namespace
}  // namespace portcullis
