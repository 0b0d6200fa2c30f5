// What Artifactory is asked, and what of its answers is taken.
#include <string>

#include <gtest/gtest.h>

#include "base/codec/base64url.h"
#include "base/codec/json.h"
#include "broker/artifactory_exchange.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::contains;
using test::header_of;

constexpr JsonLimits kLimits{.bytes = 65536, .depth = 8, .members = 100};

AwsCredentials keys() {
  AwsCredentials credentials;
  credentials.access_key_id = "ASIADOWN";
  credentials.secret_access_key = Secret("canary-secret-key");
  credentials.session_token = Secret("canary-session-token");
  return credentials;
}

ArtifactoryExchange exchange() { return {.base_url = "https://company.jfrog.io/", .region = "eu-west-1", .life = 7200s}; }

TEST(AwsExchange, CarriesTheSignedQuestionAndNotItsHost) {
  const auto request = aws_exchange_request(exchange(), keys(), test::kNow);

  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->url, "https://company.jfrog.io/access/api/v1/aws/token?region=eu-west-1");
  EXPECT_EQ(request->body, R"({"expires_in":7200})");
  EXPECT_EQ(header_of(*request, "Host"), "");
  EXPECT_EQ(header_of(*request, "X-Amz-Date"), "20260301T120000Z");
  EXPECT_EQ(header_of(*request, "X-Amz-Region-Set"), "eu-west-1");
  EXPECT_EQ(header_of(*request, "X-Amz-Security-Token"), "canary-session-token");
  EXPECT_EQ(header_of(*request, "X-Amz-Content-Sha256"), "");
  EXPECT_TRUE(header_of(*request, "Authorization").starts_with("AWS4-ECDSA-P256-SHA256 Credential=ASIADOWN/20260301/sts/aws4_request"));
  EXPECT_EQ(request->reachable, ReachableHosts::with_loopback);
  EXPECT_EQ(request->timeout, 10s);
}

TEST(AwsExchange, WithoutARegionIsForEveryRegion) {
  ArtifactoryExchange asked = exchange();
  asked.region.reset();

  const auto request = aws_exchange_request(asked, keys(), test::kNow);

  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->url, "https://company.jfrog.io/access/api/v1/aws/token");
  EXPECT_EQ(header_of(*request, "X-Amz-Region-Set"), "*");
}

TEST(AwsExchange, AsksForTheScopeThatIsConfigured) {
  ArtifactoryExchange asked = exchange();
  asked.scope = "applied-permissions/groups:readers";

  EXPECT_EQ(aws_exchange_request(asked, keys(), test::kNow)->body, R"({"expires_in":7200,"scope":"applied-permissions/groups:readers"})");
}

TEST(AwsExchange, RefusesARegionThatIsNone) {
  ArtifactoryExchange asked = exchange();
  asked.region = "eu-west-1.evil.example/";

  EXPECT_EQ(aws_exchange_request(asked, keys(), test::kNow).error().reason, Reason::bad_request);
}

TEST(OidcExchange, IsATokenExchangeInJson) {
  const OutgoingRequest request =
      oidc_exchange_request(exchange(), {.token = "canary-token", .provider = "eks", .audience = std::string("artifactory")});

  EXPECT_EQ(request.url, "https://company.jfrog.io/access/api/v1/oidc/token");
  const auto body = parse_json(request.body, kLimits);
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->root().get("grant_type").string(), "urn:ietf:params:oauth:grant-type:token-exchange");
  EXPECT_EQ(body->root().get("subject_token_type").string(), "urn:ietf:params:oauth:token-type:id_token");
  EXPECT_EQ(body->root().get("subject_token").string(), "canary-token");
  EXPECT_EQ(body->root().get("provider_name").string(), "eks");
  EXPECT_EQ(body->root().get("provider_type").string(), "Generic OpenID Connect");
  EXPECT_EQ(body->root().get("audience").string(), "artifactory");
}

TEST(ExchangeAnswer, GivesUserTokenAndLife) {
  const auto read = read_exchange_answer(
      R"({"token_id":"1","access_token":"abc","scope":"s","token_type":"Bearer","expires_in":3600,"username":"ada"})", 60s);

  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->user, "ada");
  EXPECT_EQ(read->token.reveal(), "abc");
  EXPECT_EQ(read->life, 3600s);
}

TEST(ExchangeAnswer, TakesTheUserFromTheTokenWhereTheAnswerNamesNone) {
  const std::string token = "e30." + base64url_encode(R"({"sub":"jfac@01abc/users/ada"})") + ".x";

  const auto read = read_exchange_answer(R"({"access_token":")" + token + R"("})", 60s);

  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->user, "ada");
  EXPECT_EQ(read->life, 60s);
}

TEST(ExchangeAnswer, WithoutAnEndIsRenewedWhenWeAsked) {
  EXPECT_EQ(read_exchange_answer(R"({"access_token":"t","username":"ada","expires_in":0})", 60s)->life, 60s);
  EXPECT_EQ(read_exchange_answer(R"({"access_token":"t","username":"ada","expires_in":1})", 60s)->life, 1s);
  EXPECT_EQ(read_exchange_answer(R"({"access_token":"t","username":"ada","expires_in":9223372036854775807})", 60s)->life, 315360000s);
}

TEST(ExchangeAnswer, ThatIsNoneIsAnErrorThatDoesNotQuoteIt) {
  for (const char* body :
       {"", "[]", "{}", R"({"access_token":""})", R"({"access_token":"can ary","username":"ada"})", R"({"access_token":"canary"})",
        R"({"access_token":"canary","username":"a:b"})", R"({"access_token":"canary","username":"ada","expires_in":-1})",
        R"({"access_token":"canary","username":"ada","expires_in":"3600"})", R"({"access_token":"canary.!.x"})"}) {
    const auto read = read_exchange_answer(body, 60s);
    ASSERT_FALSE(read.ok()) << body;
    EXPECT_EQ(read.error().reason, Reason::io_failed) << body;
    EXPECT_FALSE(contains(read.error().detail, "canary")) << body;
  }
}

TEST(Refusal, TellsWhatArtifactorySaidAndWhatToDo) {
  const auto told = [](int status, const std::string& body, bool oidc = false) {
    return explain_refusal({.status = status, .headers = {}, .body = body}, "arn:aws:iam::111122223333:role/app", oidc);
  };

  const std::string opaque = told(401, R"({"errors":[{"status":401,"message":"Unauthorized"}]})");
  EXPECT_TRUE(contains(opaque, "arn:aws:iam::111122223333:role/app was answered with HTTP 401 (Unauthorized)")) << opaque;
  EXPECT_TRUE(contains(opaque, "/access/api/v1/aws/iam_role")) << opaque;
  EXPECT_TRUE(contains(told(302, ""), "redirects, which is not followed"));
  EXPECT_TRUE(contains(told(404, ""), "check `url`"));
  EXPECT_TRUE(contains(told(404, "", true), "oidcProvider"));
  EXPECT_TRUE(contains(told(400, R"({"error":"x","error_description":"Invalid audience: y"})", true), "oidcAudience"));
  EXPECT_TRUE(contains(told(401, R"({"error":"x"})", true), "identity mappings"));
  EXPECT_FALSE(contains(told(500, "<html>\r\nX</html>"), "\n"));
}

TEST(Refusal, RepeatsNoCredentialThatArtifactoryRepeats) {
  const auto told = [](const std::string& text) {
    return explain_refusal({.status = 401, .headers = {}, .body = R"({"error":")" + text + R"("})"}, "role", true);
  };
  const std::string token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9." + std::string(86, 'c');

  const std::string repeated = told("the token '" + token + "' is not valid");
  EXPECT_FALSE(contains(repeated, "cccc")) << repeated;
  EXPECT_TRUE(contains(repeated, "the token '[REDACTED]' is not valid")) << repeated;
  EXPECT_TRUE(contains(told(std::string(40, 'c')), std::string(40, 'c')));
  EXPECT_FALSE(contains(told(std::string(41, 'c')), "cc"));
  // What people look for stays.
  const std::string arn = "arn:aws:iam::111122223333:role/team/with-a-rather-long-path/and-a-rather-long-name";
  EXPECT_TRUE(contains(told(arn), arn));
}

TEST(Refusal, RepeatsNoMoreThanALine) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "1234 ";
  const std::string told = explain_refusal({.status = 500, .headers = {}, .body = R"({"message":")" + text + R"("})"}, "role", false);
  EXPECT_TRUE(contains(told, "(1234 1234 ")) << told;
  EXPECT_TRUE(contains(told, "…)")) << told;
  EXPECT_LT(told.size(), 400U);
}

TEST(RoleName, IsBehindThePathAndBeforeTheSession) {
  EXPECT_EQ(role_name_of("arn:aws:iam::111122223333:role/app"), "app");
  EXPECT_EQ(role_name_of("arn:aws-cn:iam::111122223333:role/team/ci/app"), "app");
  EXPECT_EQ(role_name_of("arn:aws-us-gov:sts::111122223333:assumed-role/app/session-1"), "app");
  EXPECT_EQ(role_name_of("arn:aws:iam::111122223333:user/ada"), "");
  EXPECT_EQ(role_name_of(""), "");
}

TEST(OidcExchange, AsksForTheScopeThatIsConfiguredAndForNoAudienceOfItsOwn) {
  ArtifactoryExchange asked = exchange();
  asked.scope = "applied-permissions/groups:readers";

  const auto body = parse_json(oidc_exchange_request(asked, {.token = "t", .provider = "eks", .audience = {}}).body, kLimits);

  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->root().get("scope").string(), "applied-permissions/groups:readers");
  EXPECT_FALSE(body->root().get("audience").exists());
  EXPECT_FALSE(parse_json(oidc_exchange_request(exchange(), {.token = "t", .provider = "eks", .audience = {}}).body, kLimits)
                   ->root()
                   .get("scope")
                   .exists());
}

TEST(ExchangeAnswer, BoundsTheUserAndTheTokensCharacters) {
  const auto user = [](const std::string& name) {
    return read_exchange_answer(R"({"access_token":"t","username":")" + name + R"("})", 60s).ok();
  };
  EXPECT_TRUE(user(std::string(1024, 'u')));
  EXPECT_FALSE(user(std::string(1025, 'u')));
  EXPECT_TRUE(user("ada lovelace"));
  EXPECT_FALSE(user("a\\u001fb"));
  EXPECT_FALSE(user("a\\u007fb"));
  EXPECT_TRUE(user("a~b"));

  const auto token = [](const std::string& text) {
    return read_exchange_answer(R"({"access_token":")" + text + R"(","username":"ada"})", 60s).ok();
  };
  EXPECT_TRUE(token("!~"));
  EXPECT_FALSE(token("a b"));
  EXPECT_FALSE(token("a\\u007f"));
  EXPECT_FALSE(token("a\xC3\xA9"));
}

TEST(ExchangeAnswer, AnEndThatIsNullIsTheOneThatWasAskedFor) {
  EXPECT_EQ(read_exchange_answer(R"({"access_token":"t","username":"ada","expires_in":null})", 60s)->life, 60s);
}

TEST(ExchangeAnswer, ATokenWhoseSubjectIsNoUserOfArtifactoryNamesNobody) {
  for (const char* claims : {R"({"sub":"ada"})", R"({"sub":7})", R"({})", "no JSON", R"({"sub":"jfac@01abc/users/"})"}) {
    const std::string token = "e30." + base64url_encode(claims) + ".x";
    EXPECT_FALSE(read_exchange_answer(R"({"access_token":")" + token + R"("})", 60s).ok()) << claims;
  }
}

TEST(Refusal, FindsWhatIsSaidInEachFormAndNothingInOthers) {
  const auto told = [](const std::string& body) { return explain_refusal({.status = 500, .headers = {}, .body = body}, "role", false); };

  EXPECT_EQ(told(R"({"message":"c"})"), "the exchange of role was answered with HTTP 500 (c)");
  EXPECT_EQ(told(R"({"error":"b","message":"c"})"), "the exchange of role was answered with HTTP 500 (b)");
  EXPECT_EQ(told(R"({"error_description":"a","error":"b"})"), "the exchange of role was answered with HTTP 500 (a)");
  EXPECT_EQ(told(R"({"errors":[{"status":1},{"message":"d"}],"error":"b"})"), "the exchange of role was answered with HTTP 500 (d)");
  for (const char* body : {"", "{}", R"({"errors":[]})", R"({"message":7})", R"({"detail":"x"})"})
    EXPECT_EQ(told(body), "the exchange of role was answered with HTTP 500") << body;
}

TEST(Refusal, AdvisesByStatus) {
  const auto told = [](int status) { return explain_refusal({.status = status, .headers = {}, .body = {}}, "role", false); };

  EXPECT_TRUE(contains(told(300), "redirects"));
  EXPECT_TRUE(contains(told(399), "redirects"));
  EXPECT_FALSE(contains(told(299), ";"));
  EXPECT_TRUE(contains(told(400), "check `tokenLife` and `scope`"));
  EXPECT_TRUE(contains(told(403), "Artifactory does not say why"));
  EXPECT_FALSE(contains(told(402), ";"));
}

}  // namespace
}  // namespace portcullis
