// What the environment and the shared files say: precedence, and what is refused.
#include <string>

#include <gtest/gtest.h>

#include "aws/shared_config.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using test::ChainWorld;
using test::contains;
using test::Variables;

constexpr const char* kTwoProfiles = "[default]\nregion = eu-west-1\n[profile dev]\nregion = us-east-2\n";

TEST(SharedConfigProfile, IsTheOptionThenAwsProfileThenAwsDefaultProfileThenDefault) {
  ChainWorld all(Variables{{"AWS_PROFILE", "dev"}, {"AWS_DEFAULT_PROFILE", "default"}});
  all.config(kTwoProfiles);
  EXPECT_EQ(all.load({.profile = "default", .region = {}})->profile, "default");
  EXPECT_EQ(all.load()->profile, "dev");
  ChainWorld fallback(Variables{{"AWS_DEFAULT_PROFILE", "dev"}});
  fallback.config(kTwoProfiles);
  EXPECT_EQ(fallback.load()->profile, "dev");
  ChainWorld none;
  none.config(kTwoProfiles);
  EXPECT_EQ(none.load()->profile, "default");
}

TEST(SharedConfigProfile, IsFatalWhereAnOptionOrAwsProfileNamesOneThatIsMissing) {
  ChainWorld variable(Variables{{"AWS_PROFILE", "gone"}, {"AWS_ACCESS_KEY_ID", "a"}, {"AWS_SECRET_ACCESS_KEY", "b"}});
  EXPECT_TRUE(contains(variable.load().error().detail, "failed to get shared config profile, gone"));
  ChainWorld option;
  EXPECT_TRUE(contains(option.load({.profile = "gone", .region = {}}).error().detail, "failed to get shared config profile, gone"));
}

TEST(SharedConfigProfile, IsIgnoredWhereOnlyAwsDefaultProfileNamesOneThatIsMissing) {
  ChainWorld world(Variables{{"AWS_DEFAULT_PROFILE", "gone"}});
  EXPECT_TRUE(world.load().ok());
  EXPECT_TRUE(ChainWorld().load().ok());
}

TEST(SharedConfigFiles, AreFoundByTheirVariables) {
  ChainWorld world(Variables{{"AWS_CONFIG_FILE", "/etc/aws.conf"}, {"AWS_SHARED_CREDENTIALS_FILE", "/etc/aws.keys"}});
  world.config(kTwoProfiles);
  (void)world.files.write("/etc/aws.conf", "[default]\nregion = ap-south-1\n", 0600);
  (void)world.files.write("/etc/aws.keys", "[default]\naws_access_key_id = A\naws_secret_access_key = S\n", 0600);

  const auto loaded = world.load();

  EXPECT_EQ(loaded->region->value, "ap-south-1");
  EXPECT_EQ(loaded->get("aws_access_key_id"), "A");
}

TEST(SharedConfigFiles, CountAsEmptyWhereTheyAreMissingAndWarnOnlyIfTheyWereNamed) {
  ChainWorld named(Variables{{"AWS_CONFIG_FILE", "/nowhere"}});
  EXPECT_TRUE(contains(named.load()->warnings.at(0), "/nowhere"));
  EXPECT_TRUE(ChainWorld().load()->warnings.empty());
}

TEST(SharedConfigFiles, NeverMixHalfAPairOfKeysOfOneWithHalfAPairOfTheOther) {
  ChainWorld world;
  world.config("[default]\naws_access_key_id = OLD\naws_secret_access_key = OLDS\naws_session_token = OLDT\n");
  world.credentials("[default]\naws_access_key_id = NEW\naws_secret_access_key = NEWS\n");
  EXPECT_EQ(world.load()->get("aws_access_key_id"), "NEW");
  EXPECT_FALSE(world.load()->get("aws_session_token").has_value());
  world.credentials("[default]\naws_access_key_id = NEW\n");
  EXPECT_FALSE(world.load()->get("aws_secret_access_key").has_value());
  world.credentials("[default]\nregion = us-east-1\n");
  EXPECT_EQ(world.load()->get("aws_session_token"), "OLDT");
}

TEST(SharedConfigFiles, ADirtyLineIsAWarningWithItsNumberAndNeverAValue) {
  ChainWorld world;
  world.config("[default]\nwJalrXUtnFEMI\nregion = eu-west-1\n");
  const auto loaded = world.load();
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_TRUE(contains(loaded->warnings[0], "line 2"));
  EXPECT_FALSE(contains(loaded->warnings[0], "wJalr"));
  EXPECT_FALSE(world.load({.profile = {}, .region = {}, .strictness = ProfileStrictness::strict}).ok());
}

TEST(SharedConfigRegion, IsTheOptionThenAwsRegionThenAwsDefaultRegionThenTheProfile) {
  ChainWorld both(Variables{{"AWS_REGION", "us-west-1"}, {"AWS_DEFAULT_REGION", "us-west-2"}});
  both.config(kTwoProfiles);
  EXPECT_EQ(both.load({.profile = {}, .region = "ca-central-1"})->region->value, "ca-central-1");
  EXPECT_EQ(both.load()->region->value, "us-west-1");
  EXPECT_EQ(both.load()->region->origin, "AWS_REGION");
  ChainWorld fallback(Variables{{"AWS_DEFAULT_REGION", "us-west-2"}});
  EXPECT_EQ(fallback.load()->region->value, "us-west-2");
  ChainWorld file;
  file.config(kTwoProfiles);
  EXPECT_EQ(file.load()->region->value, "eu-west-1");
  EXPECT_EQ(file.load()->region->origin, "profile default: region");
  EXPECT_TRUE(contains(ChainWorld().load()->endpoint(AwsService::sts).error().detail, "Missing Region"));
}

TEST(SharedConfigRegion, ABlankVariableIsUnset) {
  ChainWorld world(Variables{{"AWS_REGION", "  "}});
  world.config(kTwoProfiles);
  EXPECT_EQ(world.load()->region->value, "eu-west-1");
}

constexpr const char* kEndpoints =
    "[default]\nregion = eu-west-1\nendpoint_url = https://profile.example\nservices = here\n[services here]\nsts =\n  endpoint_url = "
    "https://sts.example\n";

TEST(SharedConfigEndpoints, GoByServiceVariableThenGlobalVariableThenServicesThenProfile) {
  ChainWorld all(Variables{{"AWS_ENDPOINT_URL_STS", "https://own.example"}, {"AWS_ENDPOINT_URL", "https://global.example"}});
  all.config(kEndpoints);
  EXPECT_EQ(all.load()->endpoint(AwsService::sts)->url, "https://own.example");
  EXPECT_EQ(all.load()->endpoint(AwsService::secrets_manager)->url, "https://global.example");
  ChainWorld global(Variables{{"AWS_ENDPOINT_URL", "https://global.example"}});
  global.config(kEndpoints);
  EXPECT_EQ(global.load()->endpoint(AwsService::sts)->url, "https://global.example");
  ChainWorld files;
  files.config(kEndpoints);
  EXPECT_EQ(files.load()->endpoint(AwsService::sts)->url, "https://sts.example");
  EXPECT_EQ(files.load()->endpoint(AwsService::secrets_manager)->url, "https://profile.example");
  EXPECT_EQ(files.load()->endpoints[0]->origin, "services here: sts.endpoint_url");
}

TEST(SharedConfigEndpoints, OfOneServiceAreNeverUsedForAnother) {
  ChainWorld world(Variables{{"AWS_ENDPOINT_URL_SECRETS_MANAGER", "https://secrets.example"}, {"AWS_REGION", "eu-west-1"}});
  EXPECT_EQ(world.load()->endpoint(AwsService::secrets_manager)->url, "https://secrets.example");
  EXPECT_EQ(world.load()->endpoint(AwsService::sts)->url, "https://sts.eu-west-1.amazonaws.com");
}

TEST(SharedConfigEndpoints, AreAllIgnoredWhereThatWasAskedFor) {
  ChainWorld variable(Variables{{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"}, {"AWS_ENDPOINT_URL_STS", "https://own.example"}});
  variable.config(kEndpoints);
  EXPECT_EQ(variable.load()->endpoint(AwsService::sts)->url, "https://sts.eu-west-1.amazonaws.com");
  ChainWorld file;
  file.config("[default]\nregion = eu-west-1\nignore_configured_endpoint_urls = true\nendpoint_url = https://x.example\n");
  EXPECT_EQ(file.load()->endpoint(AwsService::sts)->url, "https://sts.eu-west-1.amazonaws.com");
}

TEST(SharedConfigEndpoints, RefuseFipsBesideAConfiguredOneAndSayWhoConfiguredIt) {
  ChainWorld world(Variables{{"AWS_ENDPOINT_URL", "https://x.example"}, {"AWS_USE_FIPS_ENDPOINT", "true"}, {"AWS_REGION", "eu-west-1"}});
  const std::string said = world.load()->endpoint(AwsService::sts).error().detail;
  EXPECT_TRUE(contains(said, "AWS_ENDPOINT_URL: ")) << said;
  EXPECT_TRUE(contains(said, "FIPS")) << said;
}

TEST(SharedConfigBooleans, AreTrueOrFalseInAnyCaseAndElseALoadError) {
  for (const char* name :
       {"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_EC2_METADATA_V1_DISABLED"}) {
    EXPECT_TRUE(ChainWorld(Variables{{name, "tRuE"}}).load().ok()) << name;
    EXPECT_TRUE(ChainWorld(Variables{{name, "FALSE"}}).load().ok()) << name;
    const auto bad = ChainWorld(Variables{{name, "yes"}}).load();
    ASSERT_FALSE(bad.ok()) << name;
    EXPECT_TRUE(contains(bad.error().detail, "need true, false")) << bad.error().detail;
  }
  ChainWorld file;
  file.config("[default]\nregion = us-east-1\nuse_fips_endpoint = true\nuse_dualstack_endpoint = TRUE\n");
  EXPECT_EQ(file.load()->endpoint(AwsService::sts)->url, "https://sts-fips.us-east-1.api.aws");
}

TEST(SharedConfigRetries, AreAWholeNumberAndAKnownMode) {
  EXPECT_EQ(ChainWorld().load()->retries.attempts, 3);
  EXPECT_EQ(ChainWorld(Variables{{"AWS_MAX_ATTEMPTS", "5"}}).load()->retries.attempts, 5);
  EXPECT_EQ(ChainWorld(Variables{{"AWS_MAX_ATTEMPTS", "0"}}).load()->retries.attempts, 3);
  for (const char* text : {"x", "3.5", "-1", "3 "}) EXPECT_FALSE(ChainWorld(Variables{{"AWS_MAX_ATTEMPTS", text}}).load().ok()) << text;
  EXPECT_TRUE(ChainWorld(Variables{{"AWS_RETRY_MODE", "standard"}}).load().ok());
  EXPECT_TRUE(ChainWorld(Variables{{"AWS_RETRY_MODE", "adaptive"}}).load().ok());
  EXPECT_FALSE(ChainWorld(Variables{{"AWS_RETRY_MODE", "legacy"}}).load().ok());
  ChainWorld file;
  file.config("[default]\nmax_attempts = 7\n");
  EXPECT_EQ(file.load()->retries.attempts, 7);
}

TEST(SharedConfigInstance, HasAnEndpointByVariableThenProfileThenMode) {
  EXPECT_EQ(ChainWorld().load()->imds.endpoint, "http://169.254.169.254");
  EXPECT_EQ(ChainWorld(Variables{{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipV6"}}).load()->imds.endpoint, "http://[fd00:ec2::254]");
  EXPECT_FALSE(ChainWorld(Variables{{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "v6"}}).load().ok());
  EXPECT_FALSE(ChainWorld(Variables{{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "imds"}}).load().ok());
  ChainWorld both(Variables{{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/"}});
  both.config("[default]\nec2_metadata_service_endpoint = http://127.0.0.1:2\nec2_metadata_service_endpoint_mode = IPv6\n");
  EXPECT_EQ(both.load()->imds.endpoint, "http://127.0.0.1:1338");
}

TEST(SharedConfigInstance, AllowsVersionOneOnlyInSoManyWords) {
  EXPECT_FALSE(ChainWorld().load()->imds.allow_v1);
  EXPECT_FALSE(ChainWorld(Variables{{"AWS_EC2_METADATA_V1_DISABLED", "true"}}).load()->imds.allow_v1);
  EXPECT_TRUE(ChainWorld(Variables{{"AWS_EC2_METADATA_V1_DISABLED", "False"}}).load()->imds.allow_v1);
  EXPECT_TRUE(ChainWorld(Variables{{"AWS_EC2_METADATA_DISABLED", "TRUE"}}).load()->imds.disabled);
  EXPECT_FALSE(ChainWorld(Variables{{"AWS_EC2_METADATA_DISABLED", "1"}}).load()->imds.disabled);
}

TEST(SharedConfigCaBundle, IsTheVariableThenTheProfile) {
  ChainWorld file;
  file.config("[default]\nca_bundle = /file.pem\n");
  EXPECT_EQ(file.load()->ca_file, "/file.pem");
  ChainWorld variable(Variables{{"AWS_CA_BUNDLE", "/variable.pem"}});
  variable.config("[default]\nca_bundle = /file.pem\n");
  EXPECT_EQ(variable.load()->ca_file, "/variable.pem");
}

}  // namespace
}  // namespace portcullis
