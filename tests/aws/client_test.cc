// The call to AWS: signing, retries, refresh, skew; and the services above it.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aws/client.h"
#include "aws/ecr.h"
#include "aws/secrets_manager.h"
#include "aws/sts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_http.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

class ZeroEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = 0x80;
  }
};

class TwoKeys final : public CredentialSource {
 public:
  Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override {
    if (missing) return Error{Reason::io_failed, "failed to load AWS configuration: nothing found"};
    if (refresh) ++refreshes;
    auto credentials = std::make_shared<AwsCredentials>();
    credentials->access_key_id = refreshes == 0 ? "AKIDFIRST" : "AKIDSECOND";
    credentials->secret_access_key = Secret("canary-secret-key");
    credentials->session_token = Secret("canary-session-token");
    return std::shared_ptr<const AwsCredentials>(credentials);
  }
  int refreshes = 0;
  bool missing = false;
};

class AwsClientTest : public testing::Test {
 protected:
  AwsClient client(AwsService service, bool is_signed = true) {
    const auto endpoint =
        resolve_endpoint({.service = service, .region = "eu-west-1", .fips = false, .dual_stack = false, .configured_url = {}});
    return AwsClient({.http = http_,
                      .clock = clock_,
                      .entropy = entropy_,
                      .pause =
                          [this](std::chrono::milliseconds wait) {
                            waits_.push_back(wait);
                            return !stopping_;
                          },
                      .ca_file = {}},
                     *endpoint, is_signed ? &keys_ : nullptr);
  }

  std::string header(std::size_t request, const std::string& name) {
    const OutgoingRequest asked = http_.asked().at(request);
    for (const auto& [key, value] : asked.headers) {
      if (key == name) return value;
    }
    return {};
  }

  FakeHttp http_;
  test::FakeClock clock_{TimePoint(1700000000s)};
  ZeroEntropy entropy_;
  TwoKeys keys_;
  std::vector<std::chrono::milliseconds> waits_;
  bool stopping_ = false;
};

constexpr const char* kSecretAnswer =
    R"({"ARN":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:zot/keys-AbCdEf","Name":"zot/keys","VersionId":"v1","SecretString":"{}","CreatedDate":1.5})";

TEST_F(AwsClientTest, SignsACallAndReadsItsAnswer) {
  http_.answer(200, kSecretAnswer);
  AwsClient secrets = client(AwsService::secrets_manager);
  const auto value = get_secret_value(secrets, {.secret_id = "zot/keys"}).value;
  ASSERT_TRUE(value.ok()) << value.error().detail;
  EXPECT_EQ(value->text.reveal(), "{}");
  EXPECT_EQ(value->version_id, "v1");
  EXPECT_EQ(http_.asked()[0].url, "https://secretsmanager.eu-west-1.amazonaws.com/");
  EXPECT_EQ(header(0, "X-Amz-Target"), "secretsmanager.GetSecretValue");
  EXPECT_TRUE(
      header(0, "Authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKIDFIRST/20231114/eu-west-1/secretsmanager/aws4_request"));
  EXPECT_EQ(http_.asked()[0].body, R"({"SecretId":"zot/keys","VersionStage":"AWSCURRENT"})");
}

TEST_F(AwsClientTest, RetriesWhatMayPassAndSignsAnew) {
  http_.answer(503, "");
  http_.fail("connection reset");
  http_.answer(200, kSecretAnswer);
  AwsClient secrets = client(AwsService::secrets_manager);
  EXPECT_TRUE(get_secret_value(secrets, {.secret_id = "zot/keys"}).value.ok());
  EXPECT_EQ(http_.asked().size(), 3U);
  EXPECT_EQ(waits_.size(), 2U);
  EXPECT_EQ(header(2, "amz-sdk-request"), "attempt=3; max=3");
  EXPECT_EQ(header(0, "amz-sdk-invocation-id"), header(2, "amz-sdk-invocation-id"));
}

TEST_F(AwsClientTest, GivesUpBehindThreeAttempts) {
  for (int i = 0; i < 4; ++i) http_.answer(500, "");
  AwsClient secrets = client(AwsService::secrets_manager);
  const auto value = get_secret_value(secrets, {.secret_id = "zot/keys"}).value;
  EXPECT_TRUE(value.error().detail.starts_with("failed to retrieve secret zot/keys"));
  EXPECT_EQ(http_.asked().size(), 3U);
}

TEST_F(AwsClientTest, NeverRepeatsADenial) {
  http_.answer(400, R"({"__type":"AccessDeniedException","Message":"is not authorized"})");
  AwsClient secrets = client(AwsService::secrets_manager);
  const auto value = get_secret_value(secrets, {.secret_id = "zot/keys"}).value;
  EXPECT_NE(value.error().detail.find("AccessDeniedException (HTTP 400): is not authorized"), std::string::npos);
  EXPECT_EQ(http_.asked().size(), 1U);
}

TEST_F(AwsClientTest, RefreshesExpiredCredentialsOnceAndOnlyOnce) {
  http_.answer(400, R"({"__type":"ExpiredTokenException"})");
  http_.answer(400, R"({"__type":"ExpiredTokenException"})");
  http_.answer(200, kSecretAnswer);
  AwsClient secrets = client(AwsService::secrets_manager);
  EXPECT_FALSE(get_secret_value(secrets, {.secret_id = "zot/keys"}).value.ok());
  EXPECT_EQ(http_.asked().size(), 2U);
  EXPECT_EQ(keys_.refreshes, 1);
  EXPECT_NE(header(1, "Authorization").find("AKIDSECOND"), std::string::npos);
}

TEST_F(AwsClientTest, CorrectsASkewedClockAndRetries) {
  http_.answer(403, R"({"__type":"InvalidSignatureException"})", {{"Date", "Tue, 14 Nov 2023 23:13:20 GMT"}});  // one hour ahead
  http_.answer(200, kSecretAnswer, {{"Date", "Tue, 14 Nov 2023 23:13:20 GMT"}});
  AwsClient secrets = client(AwsService::secrets_manager);
  EXPECT_TRUE(get_secret_value(secrets, {.secret_id = "zot/keys"}).value.ok());
  EXPECT_EQ(header(0, "X-Amz-Date"), "20231114T221320Z");
  EXPECT_EQ(header(1, "X-Amz-Date"), "20231114T231320Z");
}

TEST_F(AwsClientTest, StopsWaitingWhenTheProcessEnds) {
  stopping_ = true;
  http_.answer(503, "");
  http_.answer(200, kSecretAnswer);
  AwsClient secrets = client(AwsService::secrets_manager);
  EXPECT_FALSE(get_secret_value(secrets, {.secret_id = "zot/keys"}).value.ok());
  EXPECT_EQ(http_.asked().size(), 1U);
}

TEST_F(AwsClientTest, SendsNothingWithoutCredentials) {
  keys_.missing = true;
  AwsClient secrets = client(AwsService::secrets_manager);
  const auto value = get_secret_value(secrets, {.secret_id = "zot/keys"}).value;
  EXPECT_NE(value.error().detail.find("failed to load AWS configuration"), std::string::npos);
  EXPECT_TRUE(http_.asked().empty());
}

TEST_F(AwsClientTest, RefusesTheAnswerForAnotherSecret) {
  http_.answer(200, kSecretAnswer);
  http_.answer(200, kSecretAnswer);
  http_.answer(200, kSecretAnswer);
  AwsClient secrets = client(AwsService::secrets_manager);
  EXPECT_FALSE(get_secret_value(secrets, {.secret_id = "zot/other"}).value.ok());
  EXPECT_TRUE(get_secret_value(secrets, {.secret_id = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:zot/keys-AbCdEf"}).value.ok());
  EXPECT_TRUE(get_secret_value(secrets, {.secret_id = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:zot/keys"}).value.ok());
}

TEST_F(AwsClientTest, ReadsABinarySecretAndRefusesNone) {
  http_.answer(200, R"({"ARN":"a","Name":"n","VersionId":"v","SecretBinary":"e30="})");
  http_.answer(200, R"({"ARN":"a","Name":"n","VersionId":"v"})");
  AwsClient secrets = client(AwsService::secrets_manager);
  EXPECT_EQ(get_secret_value(secrets, {.secret_id = "n"}).value->text.reveal(), "{}");
  EXPECT_FALSE(get_secret_value(secrets, {.secret_id = "n"}).value.ok());
}

constexpr const char* kRoleAnswer =
    "<AssumeRoleResponse "
    "xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><AssumeRoleResult><Credentials><Expiration>2023-11-14T23:13:20Z</Expiration>"
    "<SessionToken>tok</SessionToken><SecretAccessKey>sec</SecretAccessKey><AccessKeyId>ASIA1</AccessKeyId></Credentials>"
    "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>";

TEST_F(AwsClientTest, AssumesARoleWithItsExternalId) {
  http_.answer(200, kRoleAnswer);
  AwsClient sts = client(AwsService::sts);
  const StsOutcome outcome =
      assume_role(sts, {.role_arn = "arn:aws:iam::123456789012:role/r", .session_name = "s1", .external_id = "a/b:c", .duration = {}});
  ASSERT_TRUE(outcome.credentials.has_value()) << outcome.failed.message;
  EXPECT_EQ(outcome.credentials->access_key_id, "ASIA1");
  EXPECT_EQ(outcome.credentials->account_id, "123456789012");
  EXPECT_EQ(outcome.credentials->expires, TimePoint(1700003600s));
  EXPECT_EQ(
      http_.asked()[0].body,
      "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr&RoleSessionName=s1&ExternalId=a%2Fb%3Ac");
}

TEST_F(AwsClientTest, SendsAWebIdentityUnsignedAndRepeatsInvalidIdentityToken) {
  http_.answer(400, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>");
  http_.answer(200, kRoleAnswer);
  AwsClient sts = client(AwsService::sts, false);
  EXPECT_TRUE(assume_role_with_web_identity(
                  sts, {.role_arn = "arn:aws:iam::123456789012:role/r", .session_name = "s1", .token = Secret("t\n"), .duration = {}})
                  .credentials.has_value());
  EXPECT_EQ(header(0, "Authorization"), "");
  EXPECT_NE(http_.asked()[0].body.find("WebIdentityToken=t%0A"), std::string::npos);
}

TEST_F(AwsClientTest, RefusesCredentialsThatLackAMember) {
  http_.answer(200, "<R><Credentials><AccessKeyId>A</AccessKeyId></Credentials></R>");
  AwsClient sts = client(AwsService::sts);
  EXPECT_FALSE(assume_role(sts, {.role_arn = "arn:aws:iam::123456789012:role/r", .session_name = "s1", .external_id = {}, .duration = {}})
                   .credentials.has_value());
}

TEST_F(AwsClientTest, TellsWhoIsCalling) {
  http_.answer(
      200, "<R><GetCallerIdentityResult><Arn>arn:x</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult></R>");
  AwsClient sts = client(AwsService::sts);
  EXPECT_EQ(get_caller_identity(sts)->account, "123456789012");
}

TEST_F(AwsClientTest, ReadsAnEcrPassword) {
  http_.answer(200, R"({"authorizationData":[{"authorizationToken":"QVdTOnB3","expiresAt":1700043200.5,"proxyEndpoint":"https://x"}]})");
  http_.answer(200, R"({"authorizationData":[]})");
  http_.answer(200, R"({"authorizationData":{"authorizationToken":"QVdTOnB3","expiresAt":1700043200}})");
  AwsClient ecr = client(AwsService::ecr);
  const EcrOutcome outcome = get_ecr_password(ecr);
  ASSERT_TRUE(outcome.password.has_value());
  EXPECT_EQ(outcome.password->user, "AWS");
  EXPECT_EQ(outcome.password->password.reveal(), "pw");
  EXPECT_EQ(get_ecr_password(ecr).failed.message, "the answer is empty");
  EXPECT_TRUE(get_ecr_public_password(ecr).password.has_value());
}

TEST(AssumeRoleRules, HoldTheirBounds) {
  AssumeRoleRequest request{
      .role_arn = "arn:aws-us-gov:iam::123456789012:role/path/r", .session_name = "ab", .external_id = "ab", .duration = 900s};
  EXPECT_TRUE(check_assume_role(request).ok());
  request.external_id = std::string(1224, 'x');
  request.duration = 43'200s;
  request.session_name = std::string(64, 's');
  EXPECT_TRUE(check_assume_role(request).ok());
  request.external_id = std::string(1225, 'x');
  EXPECT_FALSE(check_assume_role(request).ok());
  request.external_id = "x";
  EXPECT_FALSE(check_assume_role(request).ok());
  request.external_id.reset();
  request.duration = 899s;
  EXPECT_FALSE(check_assume_role(request).ok());
  request.duration = 43'201s;
  EXPECT_FALSE(check_assume_role(request).ok());
  request.duration.reset();
  request.session_name = "a b";
  EXPECT_FALSE(check_assume_role(request).ok());
}

TEST(RoleArn, IsAnchoredAtBothEnds) {
  EXPECT_TRUE(is_role_arn("arn:aws:iam::123456789012:role/name"));
  EXPECT_TRUE(is_role_arn("arn:aws-cn:iam::123456789012:role/a/b"));
  for (const char* text :
       {"arn:aws:iam::12345678901:role/name", "arn:aws:iam::123456789012:user/name", "arn:aws:iam::123456789012:role/",
        "xarn:aws:iam::123456789012:role/n", "arn:aws:iam::123456789012:role/n m", "arn:aws:iam::12345678901x:role/name", ""}) {
    EXPECT_FALSE(is_role_arn(text)) << text;
  }
}

TEST(AwsErrorText, HasCodeStatusAndMessage) {
  EXPECT_EQ(describe({.status = 0, .code = {}, .message = "unreachable", .kind = AwsErrorKind::other}), "unreachable");
  EXPECT_EQ(describe({.status = 400, .code = "Throttling", .message = "slow", .kind = AwsErrorKind::other}), "Throttling (HTTP 400): slow");
  EXPECT_EQ(describe({.status = 500, .code = {}, .message = {}, .kind = AwsErrorKind::other}), "no error code (HTTP 500)");
}

TEST(RetryAfter, IsWholeSecondsUpToAnHour) {
  const auto after = [](const char* text) { return retry_after_of({.status = 503, .headers = {{"Retry-After", text}}, .body = {}}); };
  EXPECT_EQ(after("0"), 0s);
  EXPECT_EQ(after("3600"), 1h);
  EXPECT_EQ(after("3601"), 1h);
  EXPECT_EQ(after("-1"), std::nullopt);
  EXPECT_EQ(after("Tue, 14 Nov 2023 22:13:20 GMT"), std::nullopt);
  EXPECT_EQ(retry_after_of({.status = 503, .headers = {}, .body = {}}), std::nullopt);
}

}  // namespace
}  // namespace portcullis
