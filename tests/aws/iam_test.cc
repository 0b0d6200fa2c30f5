// How long sessions of a role may last.
#include "aws/iam.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/aws_host.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

std::string role(const std::string& seconds) {
  return "<GetRoleResponse><GetRoleResult><Role><RoleName>app</RoleName><MaxSessionDuration>" + seconds +
         "</MaxSessionDuration></Role></GetRoleResult></GetRoleResponse>";
}

Result<std::chrono::seconds> asked(int status, const std::string& body) {
  test::AwsHost host;
  test::FixedCredentials keys;
  AwsClient iam(host.tools(), test::AwsHost::endpoint(AwsService::iam), &keys);
  host.http.answer(status, body);
  auto longest = get_longest_session(iam, "team/app");
  EXPECT_EQ(host.http.asked().at(0).body, "Action=GetRole&Version=2010-05-08&RoleName=team%2Fapp");
  return longest;
}

TEST(LongestSession, IsWhatIamSaysWithinAwssBounds) {
  EXPECT_EQ(asked(200, role("3600")).value(), 3600s);
  EXPECT_EQ(asked(200, role("43200")).value(), 43200s);
  for (const char* seconds : {"3599", "43201", "", "-1", "3600s", "36e2"}) EXPECT_FALSE(asked(200, role(seconds)).ok()) << seconds;
}

TEST(LongestSession, SaysWhyThereIsNone) {
  EXPECT_EQ(asked(200, "<R/>").error().detail, "IAM GetRole: the answer lacks MaxSessionDuration");
  EXPECT_FALSE(asked(200, "{}").ok());
  const auto denied = asked(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>");
  EXPECT_EQ(denied.error().detail, "IAM GetRole: AccessDenied (HTTP 403): no");
}

TEST(IamEndpoint, IsSignedForItsOneRegionWhereverItIsConfiguredToBe) {
  const auto signing_region = [](const std::string& region) {
    return resolve_endpoint({.service = AwsService::iam, .region = region, .configured_url = "http://127.0.0.1:1"})->signing_region;
  };

  EXPECT_EQ(signing_region("eu-west-1"), "us-east-1");
  EXPECT_EQ(signing_region("cn-northwest-1"), "cn-north-1");
}

}  // namespace
}  // namespace portcullis
