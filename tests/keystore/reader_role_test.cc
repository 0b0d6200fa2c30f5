#include "keystore/refresh/reader_role.h"

#include <gtest/gtest.h>

#include "tests/support/aws_host.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRole = "arn:aws:iam::210987654321:role/reader";

/// STS answers with a session that ends at `expires`.
std::string session(std::string_view expires, std::string_view id = "ASIAROLE") {
  return "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + std::string(id) +
         "</AccessKeyId><SecretAccessKey>canary-role-key</SecretAccessKey><SessionToken>canary-role-token</SessionToken><Expiration>" +
         std::string(expires) + "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
}

class ReaderRoleTest : public testing::Test {
 protected:
  std::unique_ptr<CredentialSource> role(bool temporary = false, std::optional<std::chrono::seconds> duration = {}) {
    auto own = std::make_unique<test::FixedCredentials>(temporary);
    own_ = own.get();
    return make_reader_role(aws_.tools(), test::AwsHost::endpoint(AwsService::sts), std::move(own),
                            {.role_arn = kRole, .session_name = "portcullis", .external_id = "3f2c-unique", .duration = duration});
  }
  std::string body(std::size_t request) { return aws_.http.asked().at(request).body; }

  test::AwsHost aws_;
  test::FixedCredentials* own_ = nullptr;
};

TEST_F(ReaderRoleTest, IsAssumedWithOurCredentialsAndTheExternalId) {
  const auto source = role();
  aws_.http.answer(200, session("2026-03-01T13:00:00Z"));
  const auto credentials = source->credentials(false);

  ASSERT_TRUE(credentials) << credentials.error().detail;
  EXPECT_EQ((*credentials)->access_key_id, "ASIAROLE");
  EXPECT_EQ(aws_.http.asked().at(0).url, "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_NE(body(0).find("ExternalId=3f2c-unique"), std::string::npos);
  EXPECT_EQ(body(0).find("DurationSeconds"), std::string::npos);
}

TEST_F(ReaderRoleTest, OneSessionServesUntilFiveMinutesBeforeItsEnd) {
  const auto source = role();
  aws_.http.answer(200, session("2026-03-01T13:00:00Z"));
  ASSERT_TRUE(source->credentials(false));
  aws_.clock.advance(54min);
  ASSERT_TRUE(source->credentials(false));
  EXPECT_EQ(aws_.http.asked().size(), 1U);

  aws_.http.answer(200, session("2026-03-01T14:00:00Z", "ASIANEXT"));
  aws_.clock.advance(1min);
  ASSERT_TRUE(source->credentials(false));
  EXPECT_EQ((*source->credentials(false))->access_key_id, "ASIANEXT");
  EXPECT_EQ(aws_.http.asked().size(), 2U);
}

TEST_F(ReaderRoleTest, ASessionThatCannotBeRenewedServesUntilItsEnd) {
  const auto source = role();
  aws_.http.answer(200, session("2026-03-01T13:00:00Z"));
  ASSERT_TRUE(source->credentials(false));

  aws_.clock.advance(60min - 1s);
  EXPECT_TRUE(source->credentials(false));
  aws_.clock.advance(1s);
  EXPECT_FALSE(source->credentials(false));
}

TEST_F(ReaderRoleTest, AnHourIsTheMostThatTemporaryCredentialsAskFor) {
  aws_.http.answer(200, session("2026-03-01T13:00:00Z"));
  ASSERT_TRUE(role(true, 12h)->credentials(false));
  EXPECT_NE(body(0).find("DurationSeconds=3600"), std::string::npos) << body(0);

  aws_.http.answer(200, session("2026-03-01T13:00:00Z"));
  ASSERT_TRUE(role(true, 15min)->credentials(false));
  EXPECT_NE(body(1).find("DurationSeconds=900"), std::string::npos) << body(1);

  aws_.http.answer(200, session("2026-03-02T00:00:00Z"));
  ASSERT_TRUE(role(false, 12h)->credentials(false));
  EXPECT_NE(body(2).find("DurationSeconds=43200"), std::string::npos) << body(2);
}

TEST_F(ReaderRoleTest, ARefusalNamesTheRoleAndWhatToLookAt) {
  aws_.http.answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>");
  const auto credentials = role()->credentials(false);

  ASSERT_FALSE(credentials);
  EXPECT_TRUE(credentials.error().detail.starts_with("failed to load AWS configuration: cannot assume role " + std::string(kRole)))
      << credentials.error().detail;
  EXPECT_NE(credentials.error().detail.find("trust policy"), std::string::npos);
}

TEST_F(ReaderRoleTest, WithoutOurCredentialsNothingIsAsked) {
  const auto source = role();
  own_->fault = "failed to load AWS configuration: nothing found";

  EXPECT_EQ(source->credentials(false).error().detail, "failed to load AWS configuration: nothing found");
  EXPECT_TRUE(aws_.http.asked().empty());
}

TEST_F(ReaderRoleTest, NoSecretStandsInAFault) {
  aws_.http.answer(200, "<x><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>canary-role-key</SecretAccessKey></Credentials></x>");
  const auto credentials = role(true)->credentials(false);

  ASSERT_FALSE(credentials);
  EXPECT_EQ(credentials.error().detail.find("canary"), std::string::npos) << credentials.error().detail;
}

}  // namespace
}  // namespace portcullis
