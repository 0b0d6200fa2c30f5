// IAM Identity Center: the cached token, its refresh, and the role's credentials.
#include <string>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::ChainWorld;
using test::contains;
using test::header_of;

constexpr const char* kCache = "/home/.aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json";
constexpr const char* kSession =
    "[default]\nregion = us-east-1\nsso_session = dev\nsso_account_id = 123456789012\nsso_role_name = R&D\n[sso-session dev]\nsso_region = "
    "eu-west-1\nsso_start_url = https://start\n";
constexpr const char* kAnswer =
    R"({"roleCredentials":{"accessKeyId":"ASIA","secretAccessKey":"canary-secret","sessionToken":"t","expiration":1772370000000}})";

std::string token_file(const std::string& expires, const std::string& registration = "2027-01-01T00:00:00Z") {
  return R"({"accessToken":"canary-access","expiresAt":")" + expires +
         R"(","refreshToken":"canary-refresh","clientId":"id","clientSecret":"canary-client","registrationExpiresAt":")" + registration +
         R"(","startUrl":"https://start"})";
}

std::string found(ChainWorld& world) {
  const auto chain = world.resolve();
  if (!chain) return chain.error().detail;
  const auto credentials = chain->credentials->credentials(false);
  return credentials ? (*credentials)->access_key_id : credentials.error().detail;
}

class Sso : public testing::Test {
 protected:
  void SetUp() override { world_.config(kSession); }
  void token(const std::string& text) { (void)world_.files.write(kCache, text, 0600); }

  ChainWorld world_;
};

TEST_F(Sso, AsksThePortalOfItsOwnRegionWithTheToken) {
  token(token_file("2026-03-01T20:00:00Z"));
  world_.http.answer(200, kAnswer);

  EXPECT_EQ(found(world_), "ASIA");

  const OutgoingRequest asked = world_.http.asked().at(0);
  EXPECT_EQ(asked.url, "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?account_id=123456789012&role_name=R%26D");
  EXPECT_EQ(header_of(asked, "x-amz-sso_bearer_token"), "canary-access");
}

TEST_F(Sso, RefreshesASessionsTokenInItsLastFiveMinutesAndWritesItBack) {
  token(token_file("2026-03-01T12:05:00Z"));
  world_.http.answer(200, R"({"accessToken":"fresh","expiresIn":3600,"refreshToken":"next"})");
  world_.http.answer(200, kAnswer);

  EXPECT_EQ(found(world_), "ASIA");

  const auto asked = world_.http.asked();
  EXPECT_EQ(asked.at(0).url, "https://oidc.eu-west-1.amazonaws.com/token");
  EXPECT_EQ(asked.at(0).body,
            R"({"clientId":"id","clientSecret":"canary-client","grantType":"refresh_token","refreshToken":"canary-refresh"})");
  EXPECT_EQ(header_of(asked.at(1), "x-amz-sso_bearer_token"), "fresh");
  const auto written = parse_json(*world_.files.read(kCache, 10'000), {.bytes = 10'000, .depth = 4, .members = 100});
  EXPECT_EQ(written->root().get("accessToken").string(), "fresh");
  EXPECT_EQ(written->root().get("refreshToken").string(), "next");
  EXPECT_EQ(written->root().get("expiresAt").string(), "2026-03-01T13:00:00Z");
  EXPECT_EQ(written->root().get("startUrl").string(), "https://start");
}

TEST_F(Sso, LeavesATokenAloneThatServesLonger) {
  token(token_file("2026-03-01T12:05:01Z"));
  world_.http.answer(200, kAnswer);
  EXPECT_EQ(found(world_), "ASIA");
  EXPECT_EQ(world_.http.asked().size(), 1U);
}

TEST_F(Sso, UsesAnOldTokenToItsEndWhereTheRefreshFails) {
  token(token_file("2026-03-01T12:00:01Z"));
  world_.http.answer(400, R"({"error":"invalid_grant"})");
  world_.http.answer(200, kAnswer);
  EXPECT_EQ(found(world_), "ASIA");
}

TEST_F(Sso, SaysWhatToRunWhereTheSessionIsOver) {
  token(token_file("2026-03-01T12:00:00Z"));
  world_.http.answer(400, R"({"__type":"InvalidGrantException"})");
  const std::string text = found(world_);
  EXPECT_TRUE(contains(text, "the SSO session expired at 2026-03-01T12:00:00")) << text;
  EXPECT_TRUE(contains(text, "InvalidGrantException")) << text;
  EXPECT_TRUE(contains(text, "run `aws sso login`")) << text;
  EXPECT_FALSE(contains(text, "canary")) << text;
}

TEST_F(Sso, DoesNotRefreshWithARegistrationThatIsOver) {
  token(token_file("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"));
  EXPECT_TRUE(contains(found(world_), "cannot be refreshed"));
  EXPECT_TRUE(world_.http.asked().empty());
}

TEST_F(Sso, LooksForALegacyTokenUnderItsStartUrlAndNeverRefreshesIt) {
  world_.config(
      "[default]\nsso_start_url = https://ssotest.awsapps.com/start\nsso_region = us-east-2\nsso_account_id = 1\nsso_role_name = n\n");
  (void)world_.files.write("/home/.aws/sso/cache/dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json", token_file("2026-03-01T12:00:00Z"), 0600);
  EXPECT_TRUE(contains(found(world_), "cannot be refreshed"));
  EXPECT_TRUE(world_.http.asked().empty());
}

TEST_F(Sso, SaysWhatToRunWhereThePortalRefusesTheToken) {
  token(token_file("2026-03-01T20:00:00Z"));
  world_.http.answer(401, R"({"__type":"UnauthorizedException","message":"Session token not found or invalid"})");
  EXPECT_TRUE(contains(found(world_), "UnauthorizedException (HTTP 401): Session token not found or invalid; run `aws sso login`"));
}

TEST_F(Sso, GoesToTheConfiguredEndpointOfItsOwnService) {
  ChainWorld world(test::Variables{{"AWS_ENDPOINT_URL_SSO", "https://sso.example/base"}, {"AWS_ENDPOINT_URL_STS", "https://sts.example"}});
  world.config(kSession);
  (void)world.files.write(kCache, token_file("2026-03-01T20:00:00Z"), 0600);
  world.http.answer(200, kAnswer);
  EXPECT_EQ(found(world), "ASIA");
  EXPECT_TRUE(world.http.asked().at(0).url.starts_with("https://sso.example/base/federation/credentials?"));
}

TEST_F(Sso, SaysWhatToRunWhereThereIsNoTokenOrNone) {
  EXPECT_TRUE(contains(found(world_), std::string("failed to read ") + kCache)) << found(world_);
  EXPECT_TRUE(contains(found(world_), "run `aws sso login`"));
  for (const char* text : {"canary", "{}"}) {
    token(text);
    const std::string said = found(world_);
    EXPECT_TRUE(contains(said, kCache)) << said;
    EXPECT_TRUE(contains(said, "; run `aws sso login`")) << said;
    EXPECT_FALSE(contains(said, "canary")) << said;
  }
  EXPECT_TRUE(world_.http.asked().empty());
}

TEST_F(Sso, NeedsAnAccountAndARole) {
  world_.config(
      "[default]\nregion = us-east-1\nsso_session = dev\n[sso-session dev]\nsso_region = eu-west-1\nsso_start_url = https://start\n");
  token(token_file("2026-03-01T20:00:00Z"));
  EXPECT_TRUE(contains(found(world_), "set sso_account_id and sso_role_name")) << found(world_);
  EXPECT_TRUE(world_.http.asked().empty());
}

TEST_F(Sso, TellsAPortalThatDoesNotAnswerOrAnswersNoCredentials) {
  token(token_file("2026-03-01T20:00:00Z"));
  for (int i = 0; i < 3; ++i) world_.http.fail("could not resolve host");
  EXPECT_TRUE(contains(found(world_), "could not resolve host"));

  ChainWorld odd;
  odd.config(kSession);
  (void)odd.files.write(kCache, token_file("2026-03-01T20:00:00Z"), 0600);
  odd.http.answer(200, R"({"roleCredentials":{}})");
  EXPECT_TRUE(contains(found(odd), "GetRoleCredentials: "));
  odd.http.answer(403, R"({"__type":"ForbiddenException","message":"No access"})");
  const std::string text = found(odd);
  EXPECT_TRUE(contains(text, "GetRoleCredentials: ForbiddenException (HTTP 403): No access")) << text;
  EXPECT_FALSE(contains(text, "aws sso login")) << "another login would not help";
}

TEST_F(Sso, TellsARefreshThatNobodyAnswered) {
  token(token_file("2026-03-01T12:00:00Z"));
  for (int i = 0; i < 3; ++i) world_.http.fail("could not resolve host");
  EXPECT_TRUE(contains(found(world_), "and its refresh failed: could not resolve host; run `aws sso login`")) << found(world_);
}

}  // namespace
}  // namespace portcullis
