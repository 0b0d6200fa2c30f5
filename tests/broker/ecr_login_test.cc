// A login of ECR: who signs what, where it goes, and what an operator reads when it fails.
#include <gtest/gtest.h>

#include "aws/sts.h"
#include "tests/broker/broker_world.h"

namespace portcullis::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TEST(EcrLogin, IsAUserAndAPasswordUntilTheFirstOfBothEnds) {
  BrokerWorld broker;
  broker.sts_gives(hours(1));
  broker.ecr_gives(hours(12));

  const auto login = broker.log_in(role_login("id-1"));

  ASSERT_TRUE(login.ok()) << login.error().detail;
  EXPECT_EQ((*login)->user, "AWS");
  EXPECT_EQ((*login)->password.text().reveal(), "canary-password");
  EXPECT_EQ((*login)->expires, kNow + hours(1));
}

TEST(EcrLogin, EndsWithThePasswordWhereThatIsFirst) {
  BrokerWorld broker;
  broker.sts_gives(hours(1));
  broker.ecr_gives(minutes(10));

  EXPECT_EQ((*broker.log_in(role_login()))->expires, kNow + minutes(10));
}

TEST(EcrLogin, AsksBothServicesInTheRegistrysRegion) {
  BrokerWorld broker;
  broker.sts_gives();
  broker.ecr_gives();

  ASSERT_TRUE(broker.log_in(role_login("id-1")).ok());

  ASSERT_EQ(broker.calls(), 2U);
  EXPECT_EQ(broker.asked(0).url, "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(broker.asked(1).url, "https://api.ecr.eu-west-1.amazonaws.com/");
  EXPECT_TRUE(contains(broker.asked(0).body, "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpull"));
  EXPECT_TRUE(contains(broker.asked(0).body, "ExternalId=id-1"));
  EXPECT_TRUE(contains(broker.asked(0).body, "DurationSeconds=3600"));
  EXPECT_TRUE(contains(broker.header(0, "Authorization"), "AKIAOWNOWNOWNOWN"));
  EXPECT_TRUE(contains(broker.header(1, "Authorization"), "ASIASESSION"));
  EXPECT_EQ(broker.header(1, "X-Amz-Security-Token"), "canary-session-token");
}

TEST(EcrLogin, NamesItsSessionAfterTheRegistry) {
  BrokerWorld broker;
  broker.sts_gives();
  broker.ecr_gives();

  ASSERT_TRUE(broker.log_in(role_login()).ok());

  EXPECT_TRUE(contains(broker.asked(0).body,
                       "RoleSessionName=portcullis-ecr-123456789012dkrecreuwest1amazo-" + std::to_string(kNow.time_since_epoch().count())));
}

TEST(EcrLogin, HasASessionNameThatStsTakes) {
  const std::string name =
      role_session_name("nineteen-characters", std::string(100, 'h'), TimePoint(std::chrono::milliseconds(1)) + hours(5000000));
  EXPECT_LE(name.size(), 64U);
  EXPECT_TRUE(check_assume_role({.role_arn = kPullRole, .session_name = name, .external_id = {}, .duration = {}}).ok()) << name;
  EXPECT_EQ(role_session_name("p-jump", "", kNow), "p-jump-" + std::to_string(kNow.time_since_epoch().count()));
}

TEST(EcrLogin, SendsNoExternalIdWhereNoneIsConfigured) {
  BrokerWorld broker;
  broker.sts_gives();
  broker.ecr_gives();

  ASSERT_TRUE(broker.log_in(role_login()).ok());

  EXPECT_FALSE(contains(broker.asked(0).body, "ExternalId"));
}

TEST(EcrLogin, SignsWithStaticKeysAndAsksNobodyElse) {
  BrokerWorld broker;
  broker.ecr_gives();

  const auto login = broker.log_in(key_login());

  ASSERT_TRUE(login.ok());
  EXPECT_EQ(broker.calls(), 1U);
  EXPECT_TRUE(contains(broker.header(0, "Authorization"), "AKIACUSTOMERKEYS/"));
  EXPECT_EQ((*login)->expires, kNow + hours(12));
}

TEST(EcrLogin, ReadsASecretKeyAnewEachTime) {
  BrokerWorld broker;
  RegistryLoginConfig registry = key_login();
  auto& identity = std::get<EcrLoginConfig>(registry.login).identity;
  identity.secret_key = nullptr;
  identity.secret_key_file = "/secret";

  const auto missing = broker.log_in(registry);
  (void)broker.world.files.write("/secret", "canary-one\n", 0600);
  broker.ecr_gives();
  const auto found = broker.log_in(registry);

  EXPECT_EQ(missing.error().reason, Reason::credentials_unavailable);
  EXPECT_TRUE(contains(missing.error().detail, "/secret")) << missing.error().detail;
  EXPECT_TRUE(found.ok());
}

TEST(EcrLogin, SignsWithTheGatesOwnCredentialsWhereNobodyIsNamed) {
  BrokerWorld broker;
  broker.ecr_gives();

  ASSERT_TRUE(broker.log_in({.host = kEcr, .login = EcrLoginConfig{}}).ok());

  EXPECT_TRUE(contains(broker.header(0, "Authorization"), "AKIAOWNOWNOWNOWN/"));
  EXPECT_TRUE(contains(broker.header(0, "Authorization"), "/eu-west-1/ecr/"));
}

TEST(EcrLogin, AsksThePublicRegistryInItsOneRegion) {
  BrokerWorld broker;
  broker.world.http.answer(200, R"({"authorizationData":{"authorizationToken":"QVdTOnB3","expiresAt":1772409600}})");

  const auto login = broker.log_in({.host = "public.ecr.aws", .login = EcrLoginConfig{}});

  ASSERT_TRUE(login.ok()) << login.error().detail;
  EXPECT_EQ(broker.asked(0).url, "https://api.ecr-public.us-east-1.amazonaws.com/");
}

TEST(EcrLogin, KeepsFipsWhereTheHostIsFips) {
  BrokerWorld broker;
  broker.ecr_gives();

  ASSERT_TRUE(broker.log_in({.host = "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", .login = EcrLoginConfig{}}).ok());

  EXPECT_EQ(broker.asked(0).url, "https://api.ecr-fips.us-east-1.amazonaws.com/");
}

TEST(EcrLogin, StandsForAnEcrHostUnderAnotherName) {
  BrokerWorld broker;
  broker.ecr_gives();
  EcrLoginConfig login;
  login.ecr = "123456789012.dkr.ecr.ap-south-1.amazonaws.com";

  ASSERT_TRUE(broker.log_in({.host = "ecr.internal:5000", .login = login}).ok());

  EXPECT_EQ(broker.asked(0).url, "https://api.ecr.ap-south-1.amazonaws.com/");
}

TEST(EcrLogin, GivesALookAlikeNothing) {
  BrokerWorld broker;
  for (const std::string& host : {std::string(kEcr) + ".evil.example", std::string(kEcr).substr(1)}) {
    const auto login = broker.log_in(role_login("id", host));
    EXPECT_EQ(login.error().reason, Reason::credentials_unavailable);
  }
  EXPECT_EQ(broker.calls(), 0U);
}

TEST(EcrLogin, LimitsARolesSessionAndNothingElse) {
  BrokerWorld broker;
  broker.sts_gives();
  broker.ecr_gives();

  EXPECT_TRUE(broker.log_in(role_login(), R"({"Version":"2012-10-17"})").ok());
  EXPECT_EQ(broker.log_in(key_login(), "{}").error().reason, Reason::bad_request);
  EXPECT_EQ(broker.log_in({.host = kEcr, .login = EcrLoginConfig{}}, "{}").error().reason, Reason::bad_request);

  EXPECT_TRUE(contains(broker.asked(0).body, "Policy=%7B%22Version%22"));
  EXPECT_EQ(broker.calls(), 2U);
}

struct Advice {
  int status;
  const char* code;
  const char* says;
};

TEST(EcrLogin, SaysWhatToDoAboutEachCodeOfSts) {
  for (const Advice& one :
       {Advice{403, "AccessDenied", "trust policy"}, Advice{400, "ValidationError", "external id (2 to 1224"},
        Advice{400, "InvalidParameterValue", "external id (2 to 1224"}, Advice{403, "RegionDisabledException", "enable STS for eu-west-1"},
        Advice{403, "InvalidClientTokenId", "access key does not exist"}, Advice{403, "SignatureDoesNotMatch", "compare the secret key"},
        Advice{400, "PackedPolicyTooLarge", "too many repositories"}}) {
    BrokerWorld broker;
    broker.sts_refuses(one.status, one.code);

    const auto login = broker.log_in(role_login("id-1"));

    ASSERT_FALSE(login.ok()) << one.code;
    EXPECT_EQ(login.error().reason, Reason::credentials_unavailable);
    for (const char* part : {one.says, one.code, kPullRole, "eu-west-1", "what AWS says"}) {
      EXPECT_TRUE(contains(login.error().detail, part)) << part << " in " << login.error().detail;
    }
    EXPECT_EQ(broker.calls(), 1U) << one.code << " is not repeated";
  }
}

TEST(EcrLogin, SaysWhatToDoAboutEachCodeOfEcr) {
  for (const Advice& one :
       {Advice{400, "AccessDeniedException", "allow ecr:GetAuthorizationToken"},
        Advice{400, "UnrecognizedClientException", "does not exist"}, Advice{400, "InvalidSignatureException", "clock"}}) {
    BrokerWorld broker;
    broker.ecr_refuses(one.status, one.code);

    const auto login = broker.log_in(key_login());

    ASSERT_FALSE(login.ok());
    for (const char* part : {one.says, one.code, kEcr, "AKIA[REDACTED]"}) {
      EXPECT_TRUE(contains(login.error().detail, part)) << part << " in " << login.error().detail;
    }
    EXPECT_FALSE(contains(login.error().detail, "AKIACUSTOMERKEYS"));
    EXPECT_FALSE(contains(login.error().detail, "canary"));
  }
}

TEST(EcrLogin, TriesThreeTimesAndNoMore) {
  BrokerWorld broker;
  for (int i = 0; i < 4; ++i) broker.sts_refuses(503, "ServiceUnavailable");

  EXPECT_FALSE(broker.log_in(role_login()).ok());

  EXPECT_EQ(broker.calls(), 3U);
  // Entropy of one half is no jitter, but for rounding.
  ASSERT_EQ(broker.world.pauses.size(), 2U);
  EXPECT_NEAR(static_cast<double>(broker.world.pauses[0].count()), 1000, 2);
  EXPECT_NEAR(static_cast<double>(broker.world.pauses[1].count()), 2000, 2);
}

TEST(EcrLogin, ReportsEachUseOfARole) {
  BrokerWorld broker;
  broker.sts_gives();
  broker.ecr_gives();
  broker.sts_refuses(403, "AccessDenied");

  EXPECT_TRUE(broker.log_in(role_login("id-1")).ok());
  EXPECT_FALSE(broker.log_in(role_login()).ok());

  ASSERT_EQ(broker.reports.size(), 2U);
  EXPECT_EQ(broker.reports[0].role, kPullRole);
  EXPECT_EQ(broker.reports[0].region, "eu-west-1");
  EXPECT_EQ(broker.reports[0].code, "");
  EXPECT_TRUE(broker.reports[0].external_id);
  EXPECT_EQ(broker.reports[1].code, "AccessDenied");
  EXPECT_FALSE(broker.reports[1].external_id);
}

TEST(EcrLogin, SaysThatTheGateHasNoCredentialsOfItsOwn) {
  BrokerWorld broker(Variables{{"AWS_EC2_METADATA_DISABLED", "true"}});

  const auto login = broker.log_in(role_login());

  ASSERT_FALSE(login.ok());
  EXPECT_EQ(login.error().reason, Reason::credentials_unavailable);
  EXPECT_TRUE(contains(login.error().detail, "failed to load AWS configuration")) << login.error().detail;
}

}  // namespace
}  // namespace portcullis::test
