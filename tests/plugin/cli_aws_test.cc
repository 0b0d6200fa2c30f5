// `portcullis aws …` as a shell sees it: what is printed where, and that secrets leave with --json alone.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "plugin/cli/command.h"
#include "tests/support/chain_world.h"
#include "tests/support/command_line.h"

namespace portcullis {
namespace {

using test::contains;
using test::Said;
using test::Variables;

constexpr JsonLimits kLimits{.bytes = 10'000, .depth = 4, .members = 100};
constexpr const char* kIdentity =
    "<R><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn><UserId>AROA:s</UserId>"
    "<Account>123456789012</Account></GetCallerIdentityResult></R>";

Variables keys() {
  return {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
          {"AWS_SECRET_ACCESS_KEY", "canary-secret"},
          {"AWS_SESSION_TOKEN", "canary-token"},
          {"AWS_REGION", "eu-west-1"}};
}

Said run(test::ChainWorld& world, std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "aws");
  return test::run_command(world, std::move(arguments));
}

TEST(CliAwsCredentials, PrintsWhoAndWhenAndNoSecret) {
  test::ChainWorld world(keys());

  const Said said = run(world, {"credentials"});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_TRUE(contains(said.out, "access key id  AKIDEXAMPLE\n")) << said.out;
  EXPECT_TRUE(contains(said.out, "expires        never\n")) << said.out;
  EXPECT_FALSE(contains(said.out + said.err, "canary"));
}

TEST(CliAwsCredentials, SpeaksTheFormatOfCredentialProcess) {
  test::ChainWorld world(Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}});
  world.http.answer(
      200, R"({"AccessKeyId":"ASIA","SecretAccessKey":"s","Token":"t","Expiration":"2026-03-01T13:00:00Z","AccountId":"123456789012"})");

  const Said said = run(world, {"credentials", "--json"});

  EXPECT_EQ(
      said.out,
      R"({"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-03-01T13:00:00Z","AccountId":"123456789012"})"
      "\n");
  EXPECT_EQ(said.err, "");
}

TEST(CliAwsCredentials, ExplainsEverySourceAndKeepsTheExplanationOutOfTheJson) {
  test::ChainWorld world(keys());

  const Said text = run(world, {"credentials", "--explain"});
  const Said json = run(world, {"credentials", "--explain", "--json"});

  EXPECT_TRUE(contains(text.out, "environment keys  yes   keys of the environment")) << text.out;
  EXPECT_TRUE(contains(text.out, "https://sts.eu-west-1.amazonaws.com")) << text.out;
  EXPECT_FALSE(contains(text.out + text.err, "canary"));
  EXPECT_TRUE(parse_json(json.out, kLimits).ok()) << json.out;
  EXPECT_TRUE(contains(json.err, "environment keys  yes"));
  EXPECT_FALSE(contains(json.err, "canary"));
}

TEST(CliAwsCredentials, CannotJudgeWhereNothingCanBeChosen) {
  test::ChainWorld none(Variables{{"AWS_EC2_METADATA_DISABLED", "true"}});
  const Said said = run(none, {"credentials"});
  EXPECT_EQ(said.status, ExitStatus::cannot_judge);
  EXPECT_TRUE(said.out.empty());
  EXPECT_TRUE(contains(said.err, "failed to load AWS configuration: environment keys: skipped")) << said.err;
  test::ChainWorld profile;
  EXPECT_EQ(run(profile, {"credentials", "--profile", "gone"}).status, ExitStatus::cannot_judge);
}

TEST(CliAwsCredentials, SaysNoWhereTheChosenSourceFails) {
  test::ChainWorld world;
  for (int i = 0; i < 2; ++i) world.http.fail("unreachable");
  const Said said = run(world, {"credentials"});
  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.err, "instance metadata: failed after 0 ms")) << said.err;
}

TEST(CliAwsCredentials, AProfileBeatsTheEnvironmentAndStrictRefusesDirtyLines) {
  test::ChainWorld world(keys());
  world.config("[profile dev]\nnonsense\naws_access_key_id = AKIDDEV\naws_secret_access_key = s\n");
  const Said said = run(world, {"credentials", "--profile", "dev"});
  EXPECT_TRUE(contains(said.out, "AKIDDEV"));
  EXPECT_TRUE(contains(said.err, "warning: config file, line 2")) << said.err;
  EXPECT_EQ(run(world, {"credentials", "--profile", "dev", "--strict"}).status, ExitStatus::cannot_judge);
}

TEST(CliAwsWhoami, AsksStsInTheRegion) {
  test::ChainWorld world(keys());
  world.http.answer(200, kIdentity);
  world.http.answer(200, kIdentity);

  const Said text = run(world, {"whoami"});
  const Said json = run(world, {"whoami", "--json"});

  EXPECT_EQ(text.status, ExitStatus::yes) << text.err;
  EXPECT_EQ(text.out, "account  123456789012\narn      arn:aws:sts::123456789012:assumed-role/r/s\nuser id  AROA:s\n");
  EXPECT_EQ(json.out, R"({"Account":"123456789012","Arn":"arn:aws:sts::123456789012:assumed-role/r/s","UserId":"AROA:s"})"
                      "\n");
  EXPECT_EQ(world.http.asked().at(0).url, "https://sts.eu-west-1.amazonaws.com/");
}

TEST(CliAwsWhoami, SaysNoWhereStsDoesAndCannotJudgeWithoutARegion) {
  test::ChainWorld world(keys());
  world.http.answer(403, "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>");
  const Said said = run(world, {"whoami"});
  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.err, "InvalidClientTokenId (HTTP 403): no"));
  Variables without = keys();
  without.erase("AWS_REGION");
  test::ChainWorld nowhere(without);
  EXPECT_EQ(run(nowhere, {"whoami"}).status, ExitStatus::cannot_judge);
}

TEST(CliAwsEndpoint, ShowsWhereAServiceIsAndWhatDecidesIt) {
  test::ChainWorld world;
  EXPECT_TRUE(
      run(world, {"endpoint", "--service", "sts", "--region", "eu-west-1"}).out.starts_with("https://sts.eu-west-1.amazonaws.com\n"));
  EXPECT_TRUE(run(world, {"endpoint", "--service", "sts", "--region", "us-east-1", "--fips", "--dualstack"})
                  .out.starts_with("https://sts-fips.us-east-1.api.aws\n"));
  test::ChainWorld configured(Variables{{"AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"}});
  EXPECT_EQ(run(configured, {"endpoint", "--service", "sts", "--region", "eu-west-1", "--json"}).out,
            R"({"url":"http://127.0.0.1:1","signing_name":"sts","signing_region":"eu-west-1","origin":"AWS_ENDPOINT_URL_STS"})"
            "\n");
}

TEST(CliAwsEndpoint, CannotJudgeAnUnknownServiceOrAMissingRegion) {
  test::ChainWorld world;
  EXPECT_EQ(run(world, {"endpoint", "--service", "s3", "--region", "eu-west-1"}).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run(world, {"endpoint", "--service", "sts"}).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run(world, {"endpoint", "--region", "eu-west-1"}).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run(world, {}).status, ExitStatus::cannot_judge);
}

TEST(CliAws, HelpOfEachShowsExamples) {
  test::ChainWorld world;
  for (const char* command : {"credentials", "whoami", "endpoint"}) {
    EXPECT_TRUE(contains(run(world, {command, "--help"}).out, "Examples:\n  ")) << command;
  }
}

TEST(CliAws, NeedsTheNetwork) {
  test::ChainWorld world(keys());
  for (const std::vector<const char*>& words : std::vector<std::vector<const char*>>{
           {"aws", "credentials"}, {"aws", "whoami"}, {"aws", "endpoint", "--service", "sts"}, {"docker-credential", "list"}}) {
    const Said said = test::run_command({.clock = world.clock, .files = world.files, .entropy = world.entropy}, words);
    EXPECT_EQ(said.status, ExitStatus::cannot_judge) << words[1];
    EXPECT_EQ(said.err, "portcullis: this command needs the network\n") << words[1];
    EXPECT_EQ(said.out, "") << words[1];
  }
}

TEST(CliAwsCredentials, ExplainsWhoChoseTheProfileAndWhereTheRestComesFrom) {
  const auto explained = [](Variables variables, std::vector<const char*> more = {}) {
    test::ChainWorld world(std::move(variables));
    world.config(
        "[default]\naws_access_key_id = AKIDDEV\naws_secret_access_key = s\nregion = eu-west-1\n"
        "[profile dev]\naws_access_key_id = AKIDDEV\naws_secret_access_key = s\n");
    more.insert(more.begin(), {"credentials", "--explain"});
    const Said said = run(world, more);
    EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
    return said.out;
  };
  const auto has = [](const std::string& out, const std::string& setting, const std::string& value, const std::string& from) {
    const std::size_t at = out.find("\n" + setting + " ", out.find("\nSETTING "));
    if (at == std::string::npos) return testing::AssertionFailure() << setting << " is not in\n" << out;
    const std::string line = out.substr(at + 1, out.find('\n', at + 1) - at - 1);
    return contains(line, " " + value + " ") && line.ends_with(" " + from) ? testing::AssertionSuccess()
                                                                           : testing::AssertionFailure() << line;
  };
  EXPECT_TRUE(has(explained({}), "profile", "default", "nothing names another"));
  EXPECT_TRUE(has(explained({{"AWS_PROFILE", "dev"}}), "profile", "dev", "AWS_PROFILE"));
  EXPECT_TRUE(has(explained({{"AWS_DEFAULT_PROFILE", "dev"}}), "profile", "dev", "AWS_DEFAULT_PROFILE"));
  EXPECT_TRUE(has(explained({{"AWS_PROFILE", "default"}}, {"--profile", "dev"}), "profile", "dev", "--profile"));

  EXPECT_TRUE(has(explained({}), "STS endpoint", "https://sts.eu-west-1.amazonaws.com", "the region"));
  EXPECT_TRUE(
      has(explained({{"AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"}}), "STS endpoint", "http://127.0.0.1:1", "AWS_ENDPOINT_URL_STS"));
  const std::string nowhere = explained({{"AWS_PROFILE", "dev"}});
  EXPECT_TRUE(has(nowhere, "region", "-", "neither AWS_REGION nor the profile sets one"));
  EXPECT_TRUE(contains(nowhere, "STS endpoint  -")) << nowhere;
  EXPECT_FALSE(contains(nowhere, "CA bundle"));
  EXPECT_TRUE(has(explained({{"AWS_CA_BUNDLE", "/ca.pem"}}), "CA bundle", "/ca.pem", "AWS_CA_BUNDLE or ca_bundle"));
}

TEST(CliAwsEndpoint, CannotJudgeAProfileThatIsNotThere) {
  test::ChainWorld world;
  const Said said = run(world, {"endpoint", "--service", "sts", "--region", "eu-west-1", "--profile", "gone"});
  EXPECT_EQ(said.status, ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(said.err, "failed to load AWS configuration: ")) << said.err;
  EXPECT_EQ(said.out, "");
}

}  // namespace
}  // namespace portcullis
