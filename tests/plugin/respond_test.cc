// Decisions to answers, to the byte.
#include "plugin/http/respond.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using test::bearer;
using test::GateTexts;
using test::good_token;
using test::header_count;
using test::header_of;
using test::nginx_asks;
using test::TestGate;

GateRules rules() {
  GateRules rules;
  rules.challenge_prefix = R"(Bearer realm="https://auth.example/token",service="registry.example")";
  return rules;
}

Access access_for(std::vector<std::string> scopes) {
  Access access;
  access.challenge_scope = std::move(scopes);
  return access;
}

HttpAnswer refused_with(Reason reason, std::vector<std::string> scopes = {"repository:a:pull"}) {
  Decision decision = refuse({reason, "a detail that only the log may show"}, access_for(std::move(scopes)));
  return respond(decision, rules(), Endpoint::auth, "id-1");
}

std::multimap<std::string, std::string> headers_of(const HttpAnswer& answer) {
  std::multimap<std::string, std::string> headers;
  for (const auto& [name, value] : answer.headers) headers.emplace(name, value);
  return headers;
}

using Headers = std::multimap<std::string, std::string>;

TEST(Respond, ChallengesWithoutErrorWhereNoTokenWasSent) {
  const HttpAnswer answer = refused_with(Reason::token_missing);

  const std::string body = R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":{"id":"id-1"}}]})";
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, body);
  EXPECT_EQ(
      headers_of(answer),
      (Headers{{"Cache-Control", "no-store"},
               {"Docker-Distribution-Api-Version", "registry/2.0"},
               {"X-Portcullis-Decision", "deny"},
               {"X-Portcullis-Id", "id-1"},
               {"WWW-Authenticate", R"(Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a:pull")"},
               {"Content-Type", "application/json"},
               {"X-Portcullis-Error", body}}));
}

TEST(Respond, NamesTheErrorOfABadToken) {
  const auto headers = headers_of(refused_with(Reason::bad_signature));
  EXPECT_EQ(headers.find("WWW-Authenticate")->second,
            R"(Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a:pull",)"
            R"(error="invalid_token",error_description="the token is not valid here")");
}

TEST(Respond, TellsAnExpiredTokenFromABadOne) {
  const auto headers = headers_of(refused_with(Reason::token_expired));
  EXPECT_EQ(headers.find("WWW-Authenticate")->second,
            R"(Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a:pull",)"
            R"(error="invalid_token",error_description="the token has expired")");
}

TEST(Respond, NamesAllScopesOfAMountInOneParameter) {
  const auto headers = headers_of(refused_with(Reason::mount_source_denied, {"repository:dst:pull,push", "repository:src:pull"}));
  EXPECT_EQ(headers.find("WWW-Authenticate")->second,
            R"(Bearer realm="https://auth.example/token",service="registry.example",scope="repository:dst:pull,push repository:src:pull",)"
            R"(error="insufficient_scope",error_description="the token does not grant this access")");
}

TEST(Respond, LeavesTheScopeEmptyWhereNothingIsNeeded) {
  const auto headers = headers_of(refused_with(Reason::token_missing, {}));
  EXPECT_EQ(headers.find("WWW-Authenticate")->second, R"(Bearer realm="https://auth.example/token",service="registry.example",scope="")");
}

TEST(Respond, ForbidsWithoutAChallenge) {
  const HttpAnswer answer = refused_with(Reason::path_not_canonical);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(
      answer.body,
      R"({"errors":[{"code":"NAME_INVALID","message":"the request path is not one that this registry serves","detail":{"id":"id-1"}}]})");
  EXPECT_EQ(headers_of(answer).count("WWW-Authenticate"), 0U);
  EXPECT_EQ(headers_of(answer).count("Retry-After"), 0U);
}

TEST(Respond, SendsUnavailableClientsAwayForAWhile) {
  const HttpAnswer answer = refused_with(Reason::keys_not_loaded);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(headers_of(answer).find("Retry-After")->second, "5");
  EXPECT_EQ(headers_of(answer).count("WWW-Authenticate"), 0U);
  EXPECT_EQ(answer.body,
            R"({"errors":[{"code":"UNAVAILABLE","message":"authentication is unavailable, try again later","detail":{"id":"id-1"}}]})");
}

TEST(Respond, AnswersEveryReasonWithItsOutcomeAndTellsNoneOfThem) {
  for (const ReasonRow& row : all_reasons()) {
    if (row.outcome == Outcome::allow || row.outcome == Outcome::fault) continue;
    const HttpAnswer answer = refused_with(row.reason);
    const auto headers = headers_of(answer);
    EXPECT_EQ(answer.status, http_status(row.outcome)) << row.name;
    EXPECT_EQ(headers.count("WWW-Authenticate"), row.outcome == Outcome::challenge ? 1U : 0U) << row.name;
    EXPECT_EQ(headers.count("Retry-After"), row.outcome == Outcome::unavailable ? 1U : 0U) << row.name;
    EXPECT_EQ(headers.find("X-Portcullis-Decision")->second, "deny") << row.name;
    EXPECT_EQ(headers.find("X-Portcullis-Error")->second, answer.body) << row.name;
    EXPECT_LT(answer.body.size(), 1024U) << row.name;
    EXPECT_EQ(headers.count("X-Auth-Request-User"), 0U) << row.name;
    for (const auto& [name, value] : headers) {
      EXPECT_EQ(value.find(row.name), std::string::npos) << row.name;
      EXPECT_EQ(value.find("only the log"), std::string::npos) << row.name;
    }
  }
}

TEST(Respond, GivesAllCausesOfABadTokenOneText) {
  const std::string invalid = refused_with(Reason::bad_signature).body;
  for (const Reason reason :
       {Reason::key_unknown, Reason::alg_not_allowed, Reason::issuer_mismatch, Reason::token_revoked, Reason::token_malformed}) {
    EXPECT_EQ(refused_with(reason).body, invalid) << reason_name(reason);
  }
}

TEST(Respond, TreatsAFaultAsItsOwn) {
  const HttpAnswer answer = refused_with(Reason::config_invalid);
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("UNAVAILABLE"), std::string::npos);
}

TEST(Respond, NeverAllowsWithoutAVerifiedToken) {
  Decision decision;
  decision.refusal.reset();
  const HttpAnswer answer = respond(decision, rules(), Endpoint::auth, "id-1");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(decision.reason(), Reason::internal_error);
}

TEST(Respond, ADecisionThatNobodyMadeIsARefusal) {
  Decision decision;
  EXPECT_FALSE(decision.allowed());
  EXPECT_EQ(respond(decision, rules(), Endpoint::auth, "id-1").status, 503);
}

TEST(Respond, EscapesTheIdInTheBody) {
  Decision decision = refuse({Reason::token_missing, {}}, std::nullopt);
  EXPECT_EQ(error_body(decision, "a\"b"),
            R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":{"id":"a\"b"}}]})");
}

TEST(Respond, AnswersMalformedQuestionsWithAnOciError) {
  const HttpAnswer answer = respond_error(404, "no such endpoint", "id-1");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, R"({"errors":[{"code":"UNSUPPORTED","message":"no such endpoint","detail":{"id":"id-1"}}]})");
  EXPECT_EQ(headers_of(answer).find("Cache-Control")->second, "no-store");
  EXPECT_EQ(headers_of(answer).find("X-Portcullis-Decision")->second, "deny");
}

/// A gate whose groups come from the claim `groups`.
TestGate grouped_gate() {
  GateTexts texts;
  texts.config =
      test::gate_config(R"j("tokens":{"issuers":["any"],"audiences":["any"],"claimMapping":{"groups":"claims.?groups.orValue([])"}})j");
  texts.keys = test::secret_json({{"k1", &test::key_pair("ED25519")}});
  return TestGate(texts);
}

/// The answer to a good token with this subject and these groups, both as JSON.
GateAnswer answer_for(const std::string& subject, const std::string& groups) {
  TestGate gate = grouped_gate();
  const std::string exp = std::to_string(test::unix_seconds(test::kNow) + 60);
  const std::string payload =
      R"({"exp":)" + exp + (subject.empty() ? "" : R"(,"sub":)" + subject) + (groups.empty() ? "" : R"(,"groups":)" + groups) + "}";
  return gate.ask(nginx_asks("GET", "/v2/", bearer(test::token_of(payload))));
}

TEST(Allow, SaysWhoItIs) {
  const GateAnswer answer = answer_for(R"("alice")", R"(["dev","ops"])");
  EXPECT_EQ(answer.http.status, 200) << test::describe(answer);
  EXPECT_EQ(answer.http.body, "");
  EXPECT_EQ(headers_of(answer.http), (Headers{{"Cache-Control", "no-store"},
                                              {"Docker-Distribution-Api-Version", "registry/2.0"},
                                              {"X-Portcullis-Decision", "allow"},
                                              {"X-Portcullis-Id", std::string(test::kDecisionId)},
                                              {"X-Auth-Request-User", "alice"},
                                              {"X-Auth-Request-Groups", "dev,ops"}}));
}

TEST(Allow, SaysDashWhereThereIsNobody) {
  const GateAnswer answer = answer_for("", "");
  EXPECT_EQ(answer.http.status, 200) << test::describe(answer);
  EXPECT_EQ(header_of(answer, "X-Auth-Request-User"), "-");
  EXPECT_EQ(header_of(answer, "X-Auth-Request-Groups"), "-");
}

TEST(Allow, EncodesWhatCouldNotTravel) {
  EXPECT_EQ(header_of(answer_for(R"("-")", R"(["-"])"), "X-Auth-Request-User"), "%2D");
  EXPECT_EQ(header_of(answer_for(R"("-")", R"(["-"])"), "X-Auth-Request-Groups"), "%2D");
  EXPECT_EQ(header_of(answer_for(R"("a b%,\u00e9")", "[]"), "X-Auth-Request-User"), "a%20b%25,%C3%A9");
  EXPECT_EQ(header_of(answer_for(R"("a")", R"(["x,admins","50%"])"), "X-Auth-Request-Groups"), "x%2Cadmins,50%25");
}

TEST(Allow, RefusesAnIdentityThatDoesNotFitInsteadOfCuttingIt) {
  const auto groups_of = [](std::size_t bytes) { return "[\"" + std::string(bytes, 'g') + "\"]"; };
  const GateAnswer fits = answer_for(R"("u")", groups_of(3 * 1024 - 1));
  const GateAnswer too_large = answer_for(R"("u")", groups_of(3 * 1024));

  EXPECT_EQ(fits.http.status, 200) << fits.http.status;
  EXPECT_EQ(too_large.http.status, 403);
  EXPECT_EQ(test::reason_of(too_large), Reason::claims_too_large);
  EXPECT_EQ(header_count(too_large, "X-Auth-Request-Groups"), 0U);
  EXPECT_EQ(header_of(too_large, "X-Portcullis-Decision"), "deny");
}

TEST(Allow, StaysUnderFourKibibytes) {
  const GateAnswer answer = answer_for(R"("u")", "[\"" + std::string(3 * 1024 - 1, 'g') + "\"]");
  std::size_t bytes = 128;  // status line, Date, Content-Length, Connection
  for (const auto& [name, value] : answer.http.headers) bytes += name.size() + value.size() + 4;
  EXPECT_EQ(answer.http.status, 200);
  EXPECT_LT(bytes, 4096U);
}

TEST(Refusal, StaysUnderFourKibibytes) {
  TestGate gate;
  const std::string name = std::string(255, 'a');
  const std::string uri = "/v2/" + name + "/blobs/uploads/?mount=sha256:" + std::string(64, '0') + "&from=" + std::string(255, 'b');
  const GateAnswer answer = gate.ask(nginx_asks("POST", uri, bearer(good_token())));
  std::size_t bytes = 128;
  for (const auto& [header, value] : answer.http.headers) bytes += header.size() + value.size() + 4;
  EXPECT_EQ(answer.http.status, 401);
  EXPECT_LT(bytes, 4096U);
}

}  // namespace
}  // namespace portcullis
