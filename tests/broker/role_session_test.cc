// Sessions of roles: through a jump role, with its credentials shared by region and renewed where AWS says that they expired.
#include <gtest/gtest.h>

#include "tests/broker/broker_world.h"

namespace portcullis::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct JumpWorld : BrokerWorld {
  JumpWorld() {
    config.jump_role = kJumpRole;
    config.jump_external_id = "jump-id";
  }
};

TEST(JumpRole, IsAssumedFirstAndSignsForTheCustomersRole) {
  JumpWorld broker;
  broker.sts_gives(hours(1), "ASIAJUMP");
  broker.sts_gives(hours(1), "ASIACUSTOMER");
  broker.ecr_gives();

  ASSERT_TRUE(broker.log_in(role_login("id-1")).ok());

  ASSERT_EQ(broker.calls(), 3U);
  EXPECT_TRUE(contains(broker.asked(0).body, "999999999999%3Arole%2Fjump"));
  EXPECT_TRUE(contains(broker.asked(0).body, "ExternalId=jump-id"));
  EXPECT_TRUE(contains(broker.asked(0).body, "RoleSessionName=portcullis-ecr-jump-"));
  EXPECT_TRUE(contains(broker.header(0, "Authorization"), "AKIAOWNOWNOWNOWN/"));
  EXPECT_TRUE(contains(broker.asked(1).body, "ExternalId=id-1"));
  EXPECT_TRUE(contains(broker.header(1, "Authorization"), "ASIAJUMP/"));
  EXPECT_TRUE(contains(broker.header(2, "Authorization"), "ASIACUSTOMER/"));
  EXPECT_TRUE(broker.reports[0].jump);
  EXPECT_FALSE(broker.reports[1].jump);
}

TEST(JumpRole, ServesAnotherCustomerOfTheRegionWithoutAnotherCall) {
  JumpWorld broker;
  broker.sts_gives(hours(1), "ASIAJUMP");
  for (int i = 0; i < 2; ++i) {
    broker.sts_gives();
    broker.ecr_gives();
    ASSERT_TRUE(broker.log_in(role_login("id", kEcr, "arn:aws:iam::12345678901" + std::to_string(i) + ":role/pull")).ok());
  }

  EXPECT_EQ(broker.calls(), 5U);
}

TEST(JumpRole, IsAssumedAnewForAnotherRegion) {
  JumpWorld broker;
  for (const char* host : {kEcr, "123456789012.dkr.ecr.us-west-2.amazonaws.com"}) {
    broker.sts_gives(hours(1), "ASIAJUMP");
    broker.sts_gives();
    broker.ecr_gives();
    ASSERT_TRUE(broker.log_in(role_login("id", host)).ok());
  }

  EXPECT_EQ(broker.calls(), 6U);
  EXPECT_EQ(broker.asked(3).url, "https://sts.us-west-2.amazonaws.com/");
}

TEST(JumpRole, IsUsedForThreeQuartersOfAnHourAtMost) {
  JumpWorld broker;
  const auto log_in = [&broker] {
    broker.sts_gives();
    broker.ecr_gives();
    return broker.log_in(role_login("id")).ok();
  };
  broker.sts_gives(hours(1), "ASIAJUMP1");
  ASSERT_TRUE(log_in());
  broker.world.clock.advance(minutes(34));
  ASSERT_TRUE(log_in());
  EXPECT_EQ(broker.calls(), 5U);

  broker.world.clock.advance(minutes(11));
  broker.sts_gives(hours(1), "ASIAJUMP2");
  ASSERT_TRUE(log_in());

  EXPECT_EQ(broker.calls(), 8U);
  EXPECT_TRUE(contains(broker.header(6, "Authorization"), "ASIAJUMP2/"));
}

TEST(JumpRole, IsRenewedOnceForEitherCodeThatSaysItExpired) {
  for (const auto& [status, code] : {std::pair{403, "ExpiredToken"}, std::pair{400, "ExpiredTokenException"}}) {
    JumpWorld broker;
    broker.sts_gives(hours(1), "ASIAJUMP1");
    broker.sts_refuses(status, code);
    broker.sts_gives(hours(1), "ASIAJUMP2");
    broker.sts_gives(hours(1), "ASIACUSTOMER");
    broker.ecr_gives();

    ASSERT_TRUE(broker.log_in(role_login("id")).ok()) << code;

    EXPECT_EQ(broker.calls(), 5U);
    EXPECT_TRUE(contains(broker.header(3, "Authorization"), "ASIAJUMP2/"));
  }
}

TEST(JumpRole, IsNotRenewedForEver) {
  JumpWorld broker;
  broker.sts_gives(hours(1), "ASIAJUMP1");
  broker.sts_refuses(403, "ExpiredToken");
  broker.sts_gives(hours(1), "ASIAJUMP2");
  broker.sts_refuses(403, "ExpiredToken");

  const auto login = broker.log_in(role_login("id"));

  ASSERT_FALSE(login.ok());
  EXPECT_TRUE(contains(login.error().detail, "have expired and were not renewed")) << login.error().detail;
  EXPECT_EQ(broker.calls(), 4U);
}

TEST(JumpRole, NamesItselfWhereItIsDenied) {
  JumpWorld broker;
  broker.sts_refuses(403, "AccessDenied");

  const auto login = broker.log_in(role_login("id"));

  ASSERT_FALSE(login.ok());
  EXPECT_TRUE(contains(login.error().detail, std::string("the jump role ") + kJumpRole)) << login.error().detail;
  EXPECT_EQ(broker.calls(), 1U);
}

TEST(JumpRole, IsNoDetourForStaticKeys) {
  JumpWorld broker;
  broker.ecr_gives();

  ASSERT_TRUE(broker.log_in(key_login()).ok());

  EXPECT_EQ(broker.calls(), 1U);
}

TEST(RoleSessions, SendTheCallsOfAConfiguredEndpointThere) {
  Variables variables = own_keys();
  variables["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1";
  BrokerWorld broker(variables);
  broker.sts_gives();
  broker.ecr_gives();

  ASSERT_TRUE(broker.log_in(role_login()).ok());

  EXPECT_EQ(broker.asked(0).url, "http://127.0.0.1:1/");
  EXPECT_EQ(broker.asked(1).url, "https://api.ecr.eu-west-1.amazonaws.com/");
}

TEST(RoleSessions, ChecksWhatTheySendBeforeTheySendIt) {
  BrokerWorld broker;
  EXPECT_EQ(broker.log_in(role_login("x")).error().reason, Reason::bad_request);
  EXPECT_EQ(broker.calls(), 0U);
}

TEST(RoleSessions, AdviseByTheCodeOfAws) {
  const std::vector<std::pair<std::string, std::string>> advice = {
      {"AccessDenied", "compare the role's trust policy with who asks"},
      {"ValidationError", "compare role ARN"},
      {"InvalidParameterValue", "compare role ARN"},
      {"RegionDisabledException", "enable STS for eu-west-1 in the account settings of IAM"},
      {"InvalidClientTokenId", "the access key does not exist, or the account has not enabled the region eu-west-1"},
      {"SignatureDoesNotMatch", "compare the secret key, and the clock of this host"},
      {"PackedPolicyTooLarge", "the session policy names too many repositories"},
      {"MalformedPolicyDocument", "the session policy names too many repositories"},
  };
  for (const auto& [code, words] : advice) {
    BrokerWorld broker;
    broker.sts_refuses(400, code);
    const auto login = broker.log_in(role_login());
    ASSERT_FALSE(login.ok()) << code;
    EXPECT_TRUE(contains(login.error().detail, "; " + words)) << login.error().detail;
  }
  BrokerWorld broker;
  broker.sts_refuses(400, "SomethingElse");
  EXPECT_FALSE(contains(broker.log_in(role_login()).error().detail, ";"));
}

TEST(RoleSessions, LimitOnlyASessionOfARole) {
  BrokerWorld broker;
  const RegistryLoginConfig keys = key_login();
  const AwsIdentityConfig own;
  for (const AwsIdentityConfig* identity : {&own, &std::get<EcrLoginConfig>(keys.login).identity}) {
    const auto session = broker.authenticator.sessions().open({.identity = *identity,
                                                               .region = "eu-west-1",
                                                               .registry = kEcr,
                                                               .session_prefix = "p",
                                                               .jump_role = {},
                                                               .jump_external_id = {},
                                                               .session_policy = "{}"});
    ASSERT_FALSE(session.ok());
    EXPECT_EQ(session.error().reason, Reason::bad_request);
    EXPECT_EQ(session.error().detail, "only a role's session can be limited by a policy");
  }
  EXPECT_EQ(broker.calls(), 0U);
}

TEST(RoleSessions, ReadTheSecretKeyFromAFileEachTime) {
  BrokerWorld broker;
  RegistryLoginConfig registry = key_login();
  AwsIdentityConfig& identity = std::get<EcrLoginConfig>(registry.login).identity;
  identity.secret_key.reset();
  identity.secret_key_file = "/secret";

  EXPECT_TRUE(contains(broker.log_in(registry).error().detail, std::string("the secret key of ") + kEcr + " cannot be read: /secret"));
  for (const char* empty : {"", " \n"}) {
    (void)broker.world.files.write("/secret", empty, 0600);
    EXPECT_TRUE(contains(broker.log_in(registry).error().detail, std::string("the file with the secret key of ") + kEcr + " is empty"));
  }
  EXPECT_EQ(broker.calls(), 0U);

  const auto signature = [&](const char* secret) {
    (void)broker.world.files.write("/secret", secret, 0600);
    broker.ecr_gives();
    EXPECT_TRUE(broker.log_in(registry).ok());
    return broker.header(broker.calls() - 1, "Authorization");
  };
  const std::string bare = signature("canary-1");
  EXPECT_EQ(signature("canary-1 \r\n"), bare) << "white space behind it is not a part of it";
  EXPECT_NE(signature("canary-2"), bare);
}

TEST(RoleSessions, SayThatTheSharedFilesOfAwsDoNotLoad) {
  Variables variables = own_keys();
  variables["AWS_PROFILE"] = "gone";
  BrokerWorld broker(variables);
  const auto login = broker.log_in(role_login());
  ASSERT_FALSE(login.ok());
  EXPECT_EQ(login.error().reason, Reason::credentials_unavailable);
  EXPECT_TRUE(contains(login.error().detail, "gone")) << login.error().detail;
  EXPECT_EQ(broker.calls(), 0U);
}

TEST(RoleSessions, AreOpenedAtTheEndpointsThatFipsAndDualStackMean) {
  const auto asked = [](const char* name) {
    Variables variables = own_keys();
    if (*name != '\0') variables[name] = "true";
    BrokerWorld broker(variables);
    broker.sts_gives();
    broker.ecr_gives();
    EXPECT_TRUE(broker.log_in(role_login("id", "123456789012.dkr.ecr.us-east-1.amazonaws.com")).ok());
    return broker.asked(0).url;
  };
  EXPECT_EQ(asked(""), "https://sts.us-east-1.amazonaws.com/");
  EXPECT_EQ(asked("AWS_USE_FIPS_ENDPOINT"), "https://sts-fips.us-east-1.amazonaws.com/");
  EXPECT_EQ(asked("AWS_USE_DUALSTACK_ENDPOINT"), "https://sts.us-east-1.api.aws/");
}

TEST(RoleSessionName, HasThePrefixTheHostsLettersAndTheTimeAndFits) {
  EXPECT_EQ(role_session_name("p", "Re-g.1", kNow), "p-Reg1-1772366400000");
  EXPECT_EQ(role_session_name("p", "", kNow), "p-1772366400000");
  EXPECT_EQ(role_session_name("p", "-.:", kNow), "p-1772366400000");
  const std::string longest = role_session_name(std::string(100, 'p'), "host", kNow);
  EXPECT_EQ(longest, std::string(64 - 14, 'p') + "-1772366400000");
}

}  // namespace
}  // namespace portcullis::test
