// What JFrog's registry operator and credentials provider do, each by its id; ids without a test are in jfrog_requirements.txt with the
// reason.
#include <string>

#include <gtest/gtest.h>

#include "broker/pull_secret/schedule.h"
#include "broker/registry_choice.h"
#include "tests/broker/jfrog_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::contains;
using test::header_of;
using test::JfrogWorld;
using AuthType = ArtifactoryLoginConfig::AuthType;

TEST(JfrogRequirements, JR_05_SubdomainsAreOpenedByTheSameToken) {
  BrokerConfig config;
  ArtifactoryLoginConfig login;
  login.subdomains = {"docker.company.example", "helm.company.example"};
  config.registries = {{.host = test::kHost, .login = login}};

  EXPECT_EQ(registry_that_opens(config, "docker.company.example"), &config.registries[0]);
  EXPECT_EQ(registry_that_opens(config, "helm.company.example"), &config.registries[0]);
  EXPECT_EQ(registry_that_opens(config, "company.example"), nullptr);
}

TEST(JfrogRequirements, JR_07_AutoIsPodIdentityWhereItsTokenFileIsSet) {
  test::Variables both = test::in_pod_with_pod_identity();
  both.merge(test::in_pod_with_web_identity());
  JfrogWorld one(both);
  one.pod_agent_gives_a_session();
  one.sts_says_who("arn:aws:sts::111122223333:assumed-role/of-the-pod/eks-x");
  one.iam_says(3600);
  one.artifactory_gives("3600");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_EQ(one.asked(0).url, "http://169.254.170.23/v1/credentials");
}

TEST(JfrogRequirements, JR_07_AutoIsWebIdentityElse) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.sts_gives_a_session();
  one.iam_says(3600);
  one.artifactory_gives("3600");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_TRUE(contains(one.asked(0).body, "Action=AssumeRoleWithWebIdentity&"));
}

TEST(JfrogRequirements, JR_07_PodIdentityWithoutItsVariablesIsAnError) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.auth_type = AuthType::pod_identity;

  EXPECT_TRUE(contains(one.log_in().error().detail, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"));
}

TEST(JfrogRequirements, JR_08_TheRegionIsTheConfiguredOneAndNeverGuessed) {
  const auto sets = [](std::optional<std::string> configured, bool in_environment) {
    test::Variables variables = test::in_pod_with_web_identity();
    if (!in_environment) variables.erase("AWS_REGION");
    JfrogWorld one(variables);
    one.login.region = std::move(configured);
    one.login.token_life = 900s;
    one.sts_gives_a_session();
    one.artifactory_gives("900");
    EXPECT_TRUE(one.log_in().ok());
    return one.asked(0).url + " " + header_of(one.asked(1), "X-Amz-Region-Set");
  };

  EXPECT_EQ(sets("us-gov-west-1", true), "https://sts.us-gov-west-1.amazonaws.com/ us-gov-west-1");
  EXPECT_EQ(sets("cn-north-1", true), "https://sts.cn-north-1.amazonaws.com.cn/ cn-north-1");
  EXPECT_EQ(sets({}, true), "https://sts.eu-west-1.amazonaws.com/ eu-west-1");
  EXPECT_EQ(sets({}, false), "https://sts.amazonaws.com/ *");
  EXPECT_EQ(sets("*", true), "https://sts.eu-west-1.amazonaws.com/ *");
}

TEST(JfrogRequirements, JR_09_WebIdentityUsesTheRoleAndTheTokenOfTheServiceAccount) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.auth_type = AuthType::web_identity;
  one.login.token_life = 900s;
  one.sts_gives_a_session();
  one.artifactory_gives("900");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_TRUE(contains(one.asked(0).body, "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fapp"));
  EXPECT_TRUE(contains(one.asked(0).body, "RoleSessionName=portcullis-ecr-companyjfrogio-1772366400000"));
  EXPECT_TRUE(contains(one.asked(0).body, "WebIdentityToken=canary-web-token"));
  EXPECT_EQ(header_of(one.asked(0), "Authorization"), "");
}

TEST(JfrogRequirements, JR_10_PodIdentitySendsItsTokenAndLearnsTheRoleFromSts) {
  JfrogWorld one(test::in_pod_with_pod_identity());
  one.login.auth_type = AuthType::pod_identity;
  one.pod_agent_gives_a_session();
  one.sts_says_who("arn:aws-us-gov:sts::111122223333:assumed-role/of-the-pod/eks-x");
  one.iam_says(5400);
  one.artifactory_gives("5400");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_EQ(header_of(one.asked(0), "Authorization"), "canary-pod-token");
  EXPECT_EQ(one.asked(0).reachable, ReachableHosts::credential_hosts);
  EXPECT_TRUE(contains(one.asked(2).body, "RoleName=of-the-pod"));
}

TEST(JfrogRequirements, JR_11_TheExchangeIsSignedForEveryRegionAndLeavesTheHostBehind) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.token_life = 900s;
  one.sts_gives_a_session();
  one.artifactory_gives("900");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_TRUE(
      header_of(one.asked(1), "Authorization").starts_with("AWS4-ECDSA-P256-SHA256 Credential=ASIAROLE/20260301/sts/aws4_request, "));
  EXPECT_TRUE(contains(header_of(one.asked(1), "Authorization"), "SignedHeaders=host;x-amz-date;x-amz-region-set;x-amz-security-token"));
  EXPECT_EQ(header_of(one.asked(1), "X-Amz-Security-Token"), "canary-role-token");
  EXPECT_EQ(header_of(one.asked(1), "Host"), "");
}

TEST(JfrogRequirements, JR_12_TheTokenLivesAsLongAsTheRolesSessionsMay) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.sts_gives_a_session();
  one.iam_says(43200);
  one.artifactory_gives("43200");

  const auto login = one.log_in();

  EXPECT_EQ(one.asked(2).body, R"({"expires_in":43200})");
  EXPECT_EQ(login->expires, test::kNow + 12h);
}

TEST(JfrogRequirements, JR_12_ThreeHoursWhereIamDoesNotTellAndAWarning) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.sts_gives_a_session();
  one.world.http.answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>");
  one.artifactory_gives("10800");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_EQ(one.asked(2).body, R"({"expires_in":10800})");
  ASSERT_EQ(one.world.warnings.size(), 1U);
  EXPECT_TRUE(contains(one.world.warnings[0], "the token of company.jfrog.io is asked for 3h, because ")) << one.world.warnings[0];
  EXPECT_TRUE(contains(one.world.warnings[0], "allow iam:GetRole on the role itself, or set tokenLife")) << one.world.warnings[0];
}

TEST(JfrogRequirements, JR_12_ARoleWithAPathIsAskedForByItsName) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.identity.role_arn = "arn:aws:iam::111122223333:role/team/ci/app";
  one.login.auth_type = AuthType::web_identity;
  one.sts_gives_a_session();
  one.iam_says(7200);
  one.artifactory_gives("7200");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_TRUE(contains(one.asked(1).body, "RoleName=app"));
  EXPECT_EQ(one.asked(2).body, R"({"expires_in":7200})");
}

TEST(JfrogRequirements, JR_13_ATokenThatEndsBeforeItsRefreshTimeIsNoticed) {
  EXPECT_TRUE(outlives_login(test::kNow, test::kNow + 59min, 1h));
  EXPECT_FALSE(outlives_login(test::kNow, test::kNow + 60min, 1h));
}

TEST(JfrogRequirements, JP_02_AssumeRoleIsWhatTheDefaultChainFinds) {
  JfrogWorld one(test::with_keys());
  one.sts_says_who("arn:aws:sts::111122223333:assumed-role/node/i-0");
  one.iam_says(3600);
  one.artifactory_gives("3600");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_TRUE(contains(one.asked(1).body, "RoleName=node"));
}

TEST(JfrogRequirements, JP_05_TheLifeThatIsConfiguredIsAskedForAndTheExchangeHasTenSeconds) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.token_life = 18000s;
  one.sts_gives_a_session();
  one.artifactory_gives("18000");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_EQ(one.asked(1).body, R"({"expires_in":18000})");
  EXPECT_EQ(one.asked(1).timeout, 10s);
}

TEST(JfrogRequirements, JP_07_TheRegionIsSaidAndAWrongAudienceIsExplained) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.token_life = 900s;
  one.sts_gives_a_session();
  one.artifactory_gives("900");
  ASSERT_TRUE(one.log_in().ok());
  EXPECT_TRUE(one.asked(1).url.ends_with("?region=eu-west-1"));

  one.login.auth_type = AuthType::oidc;
  one.login.oidc_provider = "eks";
  one.login.oidc_token_file = "/web-token";
  one.world.http.answer(400, R"({"errors":[{"message":"Token audience does not match"}]})");
  EXPECT_TRUE(contains(one.log_in().error().detail, "oidcAudience"));
}

}  // namespace
}  // namespace portcullis
