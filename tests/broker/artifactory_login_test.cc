// Logins of Artifactory: who signs, how long the token lasts, what is said where it fails.
#include <string>

#include <gtest/gtest.h>

#include "tests/broker/jfrog_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::contains;
using test::header_of;
using test::JfrogWorld;
using AuthType = ArtifactoryLoginConfig::AuthType;

TEST(ArtifactoryLogin, AssumesTheRoleAsksItsLongestSessionAndExchanges) {
  JfrogWorld one(test::with_keys());
  one.login.auth_type = AuthType::assume_role;
  one.login.identity.role_arn = test::kRole;
  one.login.identity.external_id = "external-1";
  one.sts_gives_a_session();
  one.iam_says(7200);
  one.artifactory_gives("7200");

  const auto login = one.log_in();

  ASSERT_TRUE(login.ok()) << login.error().detail;
  EXPECT_EQ(login->user, "ada");
  EXPECT_EQ(login->password.text().reveal(), "canary-token");
  EXPECT_EQ(login->expires, test::kNow + 7200s);
  ASSERT_EQ(one.calls(), 3U);
  EXPECT_TRUE(contains(one.asked(0).body, "Action=AssumeRole&"));
  EXPECT_TRUE(contains(one.asked(0).body, "ExternalId=external-1"));
  EXPECT_TRUE(contains(one.asked(1).body, "Action=GetRole&Version=2010-05-08&RoleName=app"));
  EXPECT_EQ(one.asked(2).url, "https://company.jfrog.io/access/api/v1/aws/token?region=eu-west-1");
  EXPECT_EQ(one.asked(2).body, R"({"expires_in":7200})");
}

TEST(ArtifactoryLogin, AConfiguredRoleIsWhatAutomaticMeans) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.identity.role_arn = "arn:aws:iam::111122223333:role/other";
  one.login.token_life = 3600s;
  one.sts_gives_a_session();
  one.sts_gives_a_session();
  one.artifactory_gives("3600");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_TRUE(contains(one.asked(0).body, "Action=AssumeRoleWithWebIdentity&"));
  EXPECT_TRUE(contains(one.asked(1).body, "Action=AssumeRole&"));
}

TEST(ArtifactoryLogin, AConfiguredLifeAsksNobody) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.auth_type = AuthType::web_identity;
  one.login.token_life = 900s;
  one.sts_gives_a_session();
  one.artifactory_gives("900");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_EQ(one.calls(), 2U);
  EXPECT_EQ(one.asked(1).body, R"({"expires_in":900})");
}

TEST(ArtifactoryLogin, GoesToTheAddressAndTheAuthorityThatAreConfigured) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.url = "https://artifactory.internal:8443/";
  one.login.certificate_authority_file = "/ca.pem";
  one.login.token_life = 900s;
  one.sts_gives_a_session();
  one.artifactory_gives("900");

  ASSERT_TRUE(one.log_in().ok());

  EXPECT_EQ(one.asked(1).url, "https://artifactory.internal:8443/access/api/v1/aws/token?region=eu-west-1");
  EXPECT_EQ(one.asked(1).ca_file, "/ca.pem");
}

TEST(ArtifactoryLogin, ReadsTheOidcTokenAnewAndSendsItAlone) {
  JfrogWorld one(test::with_keys());
  one.login.auth_type = AuthType::oidc;
  one.login.oidc_provider = "eks";
  one.login.oidc_token_file = "/web-token";
  one.artifactory_gives("600");
  one.artifactory_gives("600");
  ASSERT_TRUE(one.log_in().ok());
  (void)one.world.files.write("/web-token", "second\n", 0600);

  const auto login = one.log_in();

  ASSERT_TRUE(login.ok());
  EXPECT_EQ(login->expires, test::kNow + 600s);
  EXPECT_TRUE(contains(one.asked(0).body, R"("subject_token":"canary-web-token")"));
  EXPECT_TRUE(contains(one.asked(1).body, R"("subject_token":"second")"));
  EXPECT_EQ(header_of(one.asked(0), "Authorization"), "");
}

TEST(ArtifactoryLogin, TriesAgainWhereItIsOverloadedAndNotWhereItIsRefused) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.token_life = 900s;
  one.sts_gives_a_session();
  one.world.http.answer(503, "");
  one.artifactory_gives("900");
  ASSERT_TRUE(one.log_in().ok());
  EXPECT_EQ(one.calls(), 3U);

  one.sts_gives_a_session();
  one.world.http.answer(401, R"({"errors":[{"status":401,"message":"Unauthorized"}]})");
  const auto refused = one.log_in();

  EXPECT_EQ(one.calls(), 5U);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::credentials_unavailable);
  EXPECT_TRUE(contains(refused.error().detail, test::kRole)) << refused.error().detail;
}

TEST(ArtifactoryLogin, SaysWhatIsMissing) {
  const auto said = [](AuthType type, test::Variables variables = test::with_keys()) {
    JfrogWorld one(std::move(variables));
    one.login.auth_type = type;
    const auto login = one.log_in();
    EXPECT_EQ(one.calls(), 0U);
    return login.ok() ? "a login" : login.error().detail;
  };

  EXPECT_TRUE(contains(said(AuthType::web_identity), "eks.amazonaws.com/role-arn"));
  EXPECT_TRUE(contains(said(AuthType::pod_identity), "Pod Identity Agent"));
  EXPECT_TRUE(contains(said(AuthType::assume_role), "needs assumeRoleArn"));
  EXPECT_TRUE(contains(said(AuthType::oidc), "needs oidcTokenFile"));
  EXPECT_TRUE(contains(said(AuthType::pod_identity,
                            {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"}}),
                       "AWS_CONTAINER_CREDENTIALS_FULL_URI: "));
}

TEST(ArtifactoryLogin, OfAPodIsThePodsAlone) {
  JfrogWorld one(test::with_keys());
  one.login.identity.role_arn = test::kRole;  // the node's own: never used for a pod
  one.sts_gives_a_session();
  one.iam_says(3600);
  one.artifactory_gives("3600");
  PodIdentity pod{.role_arn = "arn:aws:iam::111122223333:role/of-the-pod", .token = Secret("canary-pod")};

  ASSERT_TRUE(one.log_in(&pod).ok());

  EXPECT_TRUE(contains(one.asked(0).body,
                       "AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fof-the-pod"));
  EXPECT_TRUE(contains(one.asked(0).body, "WebIdentityToken=canary-pod"));
  EXPECT_TRUE(contains(one.asked(1).body, "RoleName=of-the-pod"));

  pod.role_arn.clear();
  EXPECT_TRUE(contains(one.log_in(&pod).error().detail, "no annotation eks.amazonaws.com/role-arn"));
  EXPECT_EQ(one.calls(), 3U);
}

TEST(ArtifactoryLogin, SaysNothingSecretWhereItFails) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.token_life = 900s;
  one.sts_gives_a_session();
  one.world.http.answer(200, R"({"access_token":"canary token"})");
  one.sts_gives_a_session();
  one.world.http.answer(400, R"({"error":"bad"})");

  EXPECT_FALSE(contains(one.log_in().error().detail, "canary"));
  EXPECT_FALSE(contains(one.log_in().error().detail, "canary"));
}

TEST(ArtifactoryLogin, SaysWhichPartOfTheOidcTokensFileIsWrong) {
  JfrogWorld one(test::with_keys());
  one.login.auth_type = AuthType::oidc;
  one.login.oidc_provider = "eks";
  one.login.oidc_token_file = "/gone-token";
  EXPECT_TRUE(one.log_in().error().detail.starts_with("no login of company.jfrog.io: oidcTokenFile: /gone-token: "))
      << one.log_in().error().detail;
  one.login.oidc_token_file = "/web-token";
  for (const char* empty : {"", "\n", "\r\n\n"}) {
    (void)one.world.files.write("/web-token", empty, 0600);
    EXPECT_EQ(one.log_in().error().detail, "no login of company.jfrog.io: oidcTokenFile: /web-token is empty");
  }
  EXPECT_EQ(one.calls(), 0U);
}

TEST(ArtifactoryLogin, SaysWhoRefusedBeforeArtifactoryIsAsked) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.world.http.answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>");
  const auto refused = one.log_in();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::credentials_unavailable);
  EXPECT_TRUE(contains(refused.error().detail, "AccessDenied")) << refused.error().detail;
  EXPECT_EQ(one.calls(), 1U);
}

TEST(ArtifactoryLogin, SaysThatArtifactoryDoesNotAnswer) {
  JfrogWorld one(test::in_pod_with_web_identity());
  one.login.token_life = 900s;
  one.sts_gives_a_session();
  for (int i = 0; i < 3; ++i) one.world.http.fail("could not connect to company.jfrog.io");

  const auto refused = one.log_in();

  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::credentials_unavailable);
  EXPECT_TRUE(contains(refused.error().detail, "could not connect to company.jfrog.io")) << refused.error().detail;
}

TEST(ArtifactoryLogin, KeysOfAUserAreExchangedAndNoRoleIsAskedFor) {
  JfrogWorld one(test::with_keys());
  one.login.auth_type = AuthType::assume_role;
  one.login.identity.access_key = "AKIACUSTOMERKEYS";
  one.login.identity.secret_key = std::make_shared<const Secret>("canary-customer-secret");
  one.sts_says_who("arn:aws:iam::111122223333:user/ada");
  one.artifactory_gives("10800");

  ASSERT_TRUE(one.log_in().ok());

  ASSERT_EQ(one.calls(), 2U);
  EXPECT_TRUE(contains(header_of(one.asked(1), "Authorization"), "Credential=AKIACUSTOMERKEYS/"));
  EXPECT_EQ(one.asked(1).body, R"({"expires_in":10800})") << "a user has no longest session";
}

}  // namespace
}  // namespace portcullis
