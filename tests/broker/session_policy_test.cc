// Session policies: what they say, and how long they may be.
#include <string>

#include <gtest/gtest.h>

#include "broker/session_policy.h"

namespace portcullis {
namespace {

EcrHost host(const std::string& name = "111122223333.dkr.ecr.eu-west-1.amazonaws.com") { return parse_ecr_host(name).value(); }

TEST(SessionPolicy, AllowsALoginAndWhatTheReachHolds) {
  const SessionReach reach{.pull = {"team/app", "team/app/*"}, .push = {"team/app"}, .not_pull = {"team/app/secret"}, .not_push = {}};

  EXPECT_EQ(
      session_policy(host(), reach).value(),
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:GetAuthorizationToken"],"Resource":["*"]},)"
      R"({"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:BatchGetImage"],)"
      R"("Resource":["arn:aws:ecr:eu-west-1:111122223333:repository/team/app","arn:aws:ecr:eu-west-1:111122223333:repository/team/app/*"]},)"
      R"({"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:InitiateLayerUpload","ecr:UploadLayerPart",)"
      R"("ecr:CompleteLayerUpload","ecr:PutImage"],"Resource":["arn:aws:ecr:eu-west-1:111122223333:repository/team/app"]},)"
      R"({"Effect":"Deny","Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage"],)"
      R"("Resource":["arn:aws:ecr:eu-west-1:111122223333:repository/team/app/secret"]}]})");
}

TEST(SessionPolicy, NamesThePartitionOfTheHost) {
  const SessionReach reach{.pull = {"app"}, .push = {}, .not_pull = {}, .not_push = {}};

  EXPECT_NE(session_policy(host("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn"), reach)->find("arn:aws-cn:ecr:cn-north-1:"),
            std::string::npos);
}

TEST(SessionPolicy, OfThePublicRegistryIsALoginAlone) {
  const SessionReach reach{.pull = {"app"}, .push = {"app"}, .not_pull = {}, .not_push = {}};

  EXPECT_EQ(session_policy(host("public.ecr.aws"), reach).value(),
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr-public:GetAuthorizationToken",)"
            R"("sts:GetServiceBearerToken"],"Resource":["*"]}]})");
}

TEST(SessionPolicy, ThatIsTooLongSaysWhatToDo) {
  SessionReach reach;
  const std::size_t empty = session_policy(host(), SessionReach{.pull = {""}, .push = {}, .not_pull = {}, .not_push = {}})->size();

  reach.pull = {std::string(2048 - empty, 'a')};
  EXPECT_EQ(session_policy(host(), reach)->size(), 2048U);
  reach.pull = {std::string(2049 - empty, 'a')};
  const auto refused = session_policy(host(), reach);

  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::bad_request);
  EXPECT_NE(refused.error().detail.find("`repositories`"), std::string::npos);
}

}  // namespace
}  // namespace portcullis
