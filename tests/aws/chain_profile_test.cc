// Profiles one by one: what each kind of source needs, and what is said where it is not there.
#include <string>

#include <gtest/gtest.h>

#include "aws/chain_plan.h"
#include "aws/chain_profile.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using test::ChainWorld;
using test::contains;
using test::Variables;

constexpr const char* kKeys = "aws_access_key_id = AKID\naws_secret_access_key = s\n";

/// Why there is no plan for the default profile, or what was planned.
std::string said(const std::string& config, Variables variables = {}, std::vector<std::string>* warnings = nullptr) {
  ChainWorld world(std::move(variables));
  world.config(config);
  const auto plan = world.plan({.profile = "default", .region = {}});
  if (!plan) return plan.error().detail;
  if (warnings != nullptr) *warnings = plan->warnings;
  return "planned: " + plan->considered.back().why;
}

TEST(ChainProfile, TheEnvironmentIsASourceWithBothKeysUnderEitherName) {
  const std::string config = "[default]\nrole_arn = arn:r\ncredential_source = Environment\n";
  for (const char* id : {"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"}) {
    for (const char* secret : {"AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"})
      EXPECT_EQ(said(config, {{id, "A"}, {secret, "S"}}), "planned: keys of the environment, then role arn:r") << id << secret;
    EXPECT_TRUE(contains(said(config, {{id, "A"}}), "are not both set")) << id;
  }
  for (const char* secret : {"AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"})
    EXPECT_TRUE(contains(said(config, {{secret, "S"}}), "are not both set")) << secret;
}

TEST(ChainProfile, SsoWithoutASessionNeedsEachOfItsKeys) {
  const std::vector<std::pair<std::string, std::string>> keys = {
      {"sso_start_url", "https://s"}, {"sso_region", "r"}, {"sso_account_id", "1"}, {"sso_role_name", "n"}};
  const auto without = [&keys](const std::string& left_out) {
    std::string config = "[default]\n";
    for (const auto& [key, value] : keys) config += key == left_out ? "" : key + " = " + value + "\n";
    return said(config);
  };
  EXPECT_EQ(without(""), "planned: SSO: role n of account 1");
  for (const char* key : {"sso_start_url", "sso_region"})
    EXPECT_TRUE(contains(without(key), std::string("profile default: SSO without sso_session needs ") + key)) << without(key);
  for (const char* key : {"sso_account_id", "sso_role_name"})
    EXPECT_TRUE(contains(without(key), "sso_account_id and sso_role_name must both be set")) << without(key);
  EXPECT_TRUE(contains(said("[default]\nsso_start_url = https://s\nsso_region = r\n"), "SSO without sso_session needs sso_account_id"));
  EXPECT_TRUE(contains(said("[default]\nsso_session = s\n[sso-session s]\nsso_start_url = https://s\n"), "sso-session s needs sso_region"));
  EXPECT_TRUE(contains(said("[default]\nsso_session = s\nsso_start_url = https://other\n[sso-session s]\nsso_region = r\n"
                            "sso_start_url = https://s\n"),
                       "sso_start_url differs from that of sso-session s"));
}

TEST(ChainProfile, ASourceThatSaysNothingIsNamed) {
  EXPECT_TRUE(contains(said("[default]\nrole_arn = arn:r\nsource_profile = b\n[profile b]\nregion = eu-west-1\n"),
                       "profile b did not contain credential information"));
  EXPECT_EQ(said(std::string("[default]\nrole_arn = arn:r\nsource_profile = b\n[profile b]\n") + kKeys),
            "planned: keys of profile b, then role arn:r");
}

TEST(ChainProfile, ASourceMayHaveASourceOfItsOwnWithoutARole) {
  EXPECT_EQ(said(std::string("[default]\nrole_arn = arn:r\nsource_profile = b\n[profile b]\nsource_profile = c\n[profile c]\n") + kKeys),
            "planned: keys of profile c, then role arn:r");
  std::vector<std::string> warnings;
  EXPECT_EQ(said(std::string("[default]\nsource_profile = b\n") + kKeys, {}, &warnings), "planned: keys of profile default");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0], "profile default: source_profile is ignored without role_arn");
}

TEST(ChainProfile, TheDurationIsAWholeNumberOrIgnored) {
  for (const char* odd : {"1h", "x", "3600.5"}) {
    std::vector<std::string> warnings;
    ASSERT_EQ(said(std::string("[default]\nrole_arn = arn:r\nsource_profile = b\nduration_seconds = ") + odd + "\n[profile b]\n" + kKeys,
                   {}, &warnings),
              "planned: keys of profile b, then role arn:r");
    ASSERT_EQ(warnings.size(), 1U) << odd;
    EXPECT_EQ(warnings[0], "profile default: duration_seconds is no whole number and is ignored");
  }
}

TEST(ContainerEndpointOf, HasItsTokenFromTheFileBeforeTheVariable) {
  const auto endpoint = [](Variables more) {
    more.emplace("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x");
    return **container_endpoint(FakeEnvironment(std::move(more)));
  };
  EXPECT_EQ(endpoint({}).token_file, std::nullopt);
  EXPECT_FALSE(endpoint({}).token_in_environment);
  EXPECT_TRUE(endpoint({{"AWS_CONTAINER_AUTHORIZATION_TOKEN", "t"}}).token_in_environment);
  const ContainerEndpoint both = endpoint({{"AWS_CONTAINER_AUTHORIZATION_TOKEN", "t"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/f"}});
  EXPECT_EQ(both.token_file, "/f");
  EXPECT_FALSE(both.token_in_environment);
  EXPECT_EQ(*container_endpoint(FakeEnvironment(Variables{})), std::nullopt);
}

}  // namespace
}  // namespace portcullis
