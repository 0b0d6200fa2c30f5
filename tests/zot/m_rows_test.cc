// Section M of the compatibility table: the token exchange. Each test is one row; its first line says what zot does. What needs a real
// endpoint or a real clock (M11, M25) is in tests/plugin/token_relay_test.cc and tests/e2e/token_exchange_test.py.
#include <string>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "config/load.h"
#include "plugin/exchange/exchange_question.h"
#include "plugin/exchange/upstream_call.h"
#include "tests/support/exchange.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

/// Our gate with another token endpoint behind it, and one without.
GateAnswer ask(const GateQuestion& question) { return TestGate(exchange_texts()).ask(question); }
GateAnswer ask_alone(const GateQuestion& question) {
  TestGate gate(exchange_texts());
  gate.state().config.bearer.upstream.reset();
  return gate.ask(question);
}

JsonDocument parsed(const GateAnswer& answer) {
  auto document = parse_json(answer.http.body, {.bytes = 65536, .depth = 8, .members = 100});
  EXPECT_TRUE(document.ok()) << describe(answer);
  return std::move(document).value();
}

std::string token_in(const GateAnswer& answer) { return std::string(parsed(answer).root().get("token").string().value_or("")); }

void expect_basic_challenge(const GateAnswer& answer) {
  EXPECT_EQ(answer.http.status, 401) << describe(answer);
  EXPECT_EQ(header_of(answer, "WWW-Authenticate"), R"(Basic realm="https://auth.example/token")");
  EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store");
  EXPECT_EQ(header_of(answer, "Pragma"), "no-cache");
  EXPECT_EQ(answer.upstream, nullptr);
}

void expect_proxied(const GateAnswer& answer) { EXPECT_NE(answer.upstream, nullptr) << describe(answer); }

std::string own_but_expired() { return our_token(-900); }

// zot: 401, a Basic challenge with the realm.
TEST(ZotRowsM, M1_NoCredentialsAreChallengedForBasic) { expect_basic_challenge(ask_alone(exchange_asks())); }

// zot: 200 with the same token; the user is ignored.
TEST(ZotRowsM, M2_ATokenAsThePasswordIsGivenBack) {
  for (const char* user : {"", "anybody", "oauth2accesstoken"}) {
    const std::string token = our_token();
    const GateAnswer answer = ask(exchange_asks(basic(user, token)));
    EXPECT_EQ(answer.http.status, 200) << describe(answer);
    EXPECT_EQ(token_in(answer), token);
    EXPECT_EQ(parsed(answer).root().get("access_token").string(), token);
  }
}

// zot: 200.
TEST(ZotRowsM, M3_EachFormFieldIsACredential) {
  for (const std::string name : {"password", "id_token", "access_token", "refresh_token", "token"}) {
    const std::string token = our_token();
    EXPECT_EQ(token_in(ask(form_asks("grant_type=x&" + name + "=" + token))), token) << name;
  }
}

// zot: Basic, then the fields in that order, trimmed, each once; the first that authenticates wins.
TEST(ZotRowsM, M4_TheFirstCredentialThatVerifiesWins) {
  GateQuestion question =
      form_asks("token=" + our_token(61) + "&password=+&id_token=" + own_but_expired() + "&access_token=" + our_token(62));
  question.with("Authorization", basic("u", "not-a-token"));
  EXPECT_EQ(token_in(ask(question)), our_token(62));
}

// zot: ignored when the token is ours.
TEST(ZotRowsM, M5_ScopeAndServiceDoNotNarrowTheToken) {
  const GateAnswer answer =
      ask(form_asks("scope=repository:a:pull&service=x&grant_type=password&account=a&username=b&password=" + our_token()));
  EXPECT_EQ(token_in(answer), our_token());
}

// zot: exp minus now in whole seconds, never below 0, 0 without exp.
TEST(ZotRowsM, M6_ExpiresInCountsFromNow) {
  EXPECT_EQ(parsed(ask(exchange_asks(basic("u", our_token(90))))).root().get("expires_in").integer(), 90);
  GateTexts texts = exchange_texts();
  texts.config =
      bearer_config(kUpstream, R"("tokens":{"issuers":["https://ours"],"audiences":["registry.example"],"requireExpiry":false})");
  TestGate gate(texts);
  const GateAnswer answer = gate.ask(exchange_asks(basic("u", token_of(R"({"iss":"https://ours","aud":"registry.example"})"))));
  EXPECT_EQ(parsed(answer).root().get("expires_in").integer(), 0) << describe(answer);
}

// zot: issued_at is the token's iat, or "". Ours: now, because clients add expires_in to it, and "" is no time (decision 8).
TEST(ZotRowsM, M7_IssuedAtIsTheTimeOfTheExchange) {
  EXPECT_EQ(parsed(ask(exchange_asks(basic("u", our_token())))).root().get("issued_at").string(), "2026-03-01T12:00:00.000Z");
}

// zot: 401 without a challenge.
TEST(ZotRowsM, M8_TwoAuthorizationHeadersAreRefused) {
  expect_basic_challenge(ask(exchange_asks(basic("u", our_token())).with("Authorization", basic("u", our_token()))));
}

// zot: 413 above 65536 bytes, "token request body too large".
TEST(ZotRowsM, M9_ALongBodyIsRefused) {
  EXPECT_NE(ask_alone(form_asks("a=" + std::string(kExchangeBodyBytes - 2, 'x'))).http.status, 413);
  const GateAnswer answer = ask(form_asks("a=" + std::string(kExchangeBodyBytes - 1, 'x')));
  EXPECT_EQ(answer.http.status, 413);
  EXPECT_NE(answer.http.body.find("token request body too large"), std::string::npos);
}

// zot: 400, "invalid token request form body".
TEST(ZotRowsM, M10_AMalformedFormIsRefused) {
  const GateAnswer answer = ask(form_asks("password=%zz"));
  EXPECT_EQ(answer.http.status, 400);
  EXPECT_NE(answer.http.body.find("invalid token request form body"), std::string::npos);
  EXPECT_NE(answer.http.body.find("UNSUPPORTED"), std::string::npos);
}

// zot: the body is not looked at for credentials; parameters of the media type are ignored. Ours: and it is not passed on.
TEST(ZotRowsM, M12_OnlyAFormHoldsCredentials) {
  expect_basic_challenge(ask_alone(form_asks("password=" + our_token(), "application/json")));
  expect_basic_challenge(ask_alone(form_asks("password=" + our_token(), "no media type")));
  EXPECT_EQ(ask(form_asks("password=" + our_token(), "application/x-www-form-urlencoded; charset=UTF-8")).http.status, 200);
  EXPECT_EQ(ask(form_asks(R"({"a":1})", "application/json")).upstream->body, "");
}

// zot: as for POST.
TEST(ZotRowsM, M13_ABodyOnGetIsRead) {
  GateQuestion question = form_asks("password=" + our_token());
  question.method = "GET";
  EXPECT_EQ(ask(question).http.status, 200);
}

// zot: 401, never proxied, where iss and aud are configured. Ours: whatever its aud.
TEST(ZotRowsM, M14_ABadTokenOfOursIsNeverProxied) {
  expect_basic_challenge(ask(exchange_asks(basic("u", own_but_expired()))));
  expect_basic_challenge(ask(exchange_asks(basic("u", token_of(R"({"iss":"https://ours","aud":"elsewhere","exp":9999999999})")))));
}

// zot: tokens of openid.providers are neither accepted nor proxied. Ours: there are none; an issuer is ours if it is configured.
TEST(ZotRowsM, M15_AnIssuerOfHumansIsOursWhereItIsConfigured) {
  expect_basic_challenge(ask(exchange_asks(basic("u", mint(R"({"iss":"https://ours"})", key_pair("P-256"), "ES256", "other")))));
}

// zot: proxied.
TEST(ZotRowsM, M16_WhatIsNotOursIsProxied) {
  expect_proxied(ask(exchange_asks(basic("u", "hunter2"))));
  expect_proxied(ask(exchange_asks(basic("u", foreign_token()))));
  expect_proxied(ask(form_asks("password=hunter2")));
}

// zot: 401.
TEST(ZotRowsM, M17_WhatIsNotOursIsRefusedWithoutAnUpstream) {
  expect_basic_challenge(ask_alone(exchange_asks(basic("u", "hunter2"))));
  expect_basic_challenge(ask_alone(exchange_asks(basic("u", foreign_token()))));
}

// zot: 401, ours decides.
TEST(ZotRowsM, M18_OneBadTokenOfOursKeepsAForeignOneHere) {
  expect_basic_challenge(ask(form_asks("password=" + foreign_token() + "&token=" + own_but_expired())));
  expect_basic_challenge(ask(form_asks("password=" + own_but_expired() + "&token=" + foreign_token())));
}

// zot: proxied. Ours: unless an anonymousPolicy exists; then the anonymous token.
TEST(ZotRowsM, M19_AnAnonymousRequestIsProxied) {
  expect_proxied(ask(exchange_asks({}, "scope=repository:a:pull")));
  TestGate gate(exchange_texts());
  gate.state().rules.anonymous_exchange = true;
  EXPECT_EQ(token_in(gate.ask(exchange_asks({}, "scope=repository:a:pull"))), "anonymous");
}

// zot: the realm's query is kept, the request's wins; service is forced in query and form.
TEST(ZotRowsM, M20_QueryAndFormAreKeptAndTheServiceIsForced) {
  const GateAnswer query = ask(exchange_asks(basic("u", "p"), "service=zot&own=9&scope=a%20b"));
  EXPECT_EQ(query.upstream->method, "GET");
  EXPECT_EQ(query.upstream->url, "https://tokens.example/t?own=9&scope=a+b&service=other");
  const GateAnswer form = ask(form_asks("service=zot&scope=a&password=p%26q"));
  EXPECT_EQ(form.upstream->method, "POST");
  EXPECT_EQ(form.upstream->body, "scope=a&password=p%26q&service=other");
  EXPECT_EQ(ask(form_asks("service=a&service=b&password=p")).upstream->body, "password=p&service=other");
}

// zot: all headers but those of the hop, Cookie too. Ours: four.
TEST(ZotRowsM, M21_OnlyFourHeadersArePassedOn) {
  GateQuestion question = form_asks("password=p");
  question.with("Authorization", basic("u", "p")).with("Accept", "a").with("User-Agent", "b").with("Cookie", "c").with("X-Real-IP", "d");
  const GateAnswer answer = ask(question);
  std::string names;
  for (const auto& header : answer.upstream->headers) names += header.first + " ";
  EXPECT_EQ(names, "Authorization Accept User-Agent Content-Type ");
}

// zot: status, headers and body are relayed; redirects are not followed. Ours: without cookies and caching of theirs.
TEST(ZotRowsM, M22_TheAnswerIsRelayed) {
  const GateAnswer answer = upstream_answer(
      IncomingAnswer{
          .status = 202, .headers = {{"Content-Type", "text/plain"}, {"Set-Cookie", "c"}, {"Cache-Control", "x"}}, .body = "yes"},
      "id");
  EXPECT_EQ(answer.http.status, 202);
  EXPECT_EQ(answer.http.body, "yes");
  EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store");
  EXPECT_EQ(header_count(answer, "Set-Cookie"), 0U);
}

// zot: 502, "failed to proxy token request".
TEST(ZotRowsM, M23_AnUnreachableUpstreamIsABadGateway) {
  const GateAnswer answer = upstream_answer(Error{Reason::io_failed, "refused"}, "id");
  EXPECT_EQ(answer.http.status, 502);
  EXPECT_NE(answer.http.body.find("failed to proxy token request"), std::string::npos);
}

// zot: 502 at run time, and an error at load.
TEST(ZotRowsM, M24_PlainHttpNeedsTheOperatorsWord) {
  EXPECT_EQ(ask(exchange_asks()).upstream->reachable, ReachableHosts::public_only);
  const LoadedConfig loaded =
      load_config_text(bearer_config(R"("upstreamTokenEndpoint":{"realm":"http://t.example","service":"s"})"), "/etc/portcullis", {});
  EXPECT_FALSE(loaded.config.has_value());
}

// zot: 5 minutes. Ours: 30 seconds.
TEST(ZotRowsM, M25_TheUpstreamHasThirtySeconds) { EXPECT_EQ(ask(exchange_asks()).upstream->timeout, std::chrono::seconds(30)); }

// zot: a token of a skipIssuerVerification entry whose iss differs is not ours, and is proxied. Ours: it is ours where its key is known.
TEST(ZotRowsM, M26_ATokenOfAKnownKeyIsOursWhateverItsIssuer) {
  expect_basic_challenge(ask(exchange_asks(basic("u", token_of(R"({"iss":"https://theirs","aud":"x","exp":1})")))));
}

// zot: three parts, base64url, JSON, iss a text, aud a text or a list. Ours: aud is not looked at, and what cannot be read stays here.
TEST(ZotRowsM, M27_OwnershipIsReadFromIssuerAndKeyId) {
  expect_proxied(ask(exchange_asks(basic("u", "a.b.c"))));
  expect_proxied(ask(exchange_asks(basic("u", mint(R"({"iss":["https://ours"]})", key_pair("P-256"), "ES256", "x")))));
  expect_basic_challenge(ask(exchange_asks(basic("u", mint("no JSON", key_pair("P-256"), "ES256", "x")))));
}

}  // namespace
}  // namespace portcullis
