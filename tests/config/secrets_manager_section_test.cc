#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kAt = "http.auth.bearer.awsSecretsManager.";
constexpr std::string_view kRole = R"(,"roleArn":"arn:aws:iam::123456789012:role/reader")";

/// The section with these members.
LoadedConfig section(const std::string& members) {
  return load({.bearer = R"("realm":"https://a/","service":"s","awsSecretsManager":{)" + members + "}", .keys = ""});
}
/// With a region and a secret, and these members behind a comma.
LoadedConfig with(const std::string& members) { return section(R"("region":"eu-west-1","secretName":"zot/keys")" + members); }
LoadedConfig with_text(std::string_view name, const std::string& text, std::string_view more = {}) {
  return with(",\"" + std::string(name) + "\":\"" + text + "\"" + std::string(more));
}
LoadedConfig secret(const std::string& name) { return section(R"("region":"eu-west-1","secretName":")" + name + "\""); }

AwsSecretsManagerConfig read(const LoadedConfig& loaded) {
  EXPECT_TRUE(loads(loaded));
  return loaded.config && loaded.config->bearer.aws_secrets_manager ? *loaded.config->bearer.aws_secrets_manager
                                                                    : AwsSecretsManagerConfig();
}
testing::AssertionResult refused(const LoadedConfig& loaded, std::string_view name, std::string_view fragment) {
  return refuses(loaded, std::string(kAt) + std::string(name), fragment);
}

TEST(SecretsManager, NeedsARegionAndASecretAlone) {
  const LoadedConfig loaded = with("");
  const AwsSecretsManagerConfig config = read(loaded);

  EXPECT_TRUE(loaded.findings.empty()) << format_findings(loaded.findings);
  EXPECT_EQ(config.region, "eu-west-1");
  EXPECT_EQ(config.secret_name, "zot/keys");
  EXPECT_EQ(config.refresh_interval, 1min);
  EXPECT_EQ(config.session_name, "portcullis");
  EXPECT_EQ(config.version_stages, std::vector<std::string>{"AWSCURRENT"});
  EXPECT_FALSE(config.role_arn || config.external_id || config.duration || config.endpoint);
}

TEST(SecretsManager, ReadsEverySetting) {
  const AwsSecretsManagerConfig config = read(with(
      R"(,"refreshInterval":"5m","roleArn":"arn:aws:iam::123456789012:role/path/reader","externalId":"3f2c:unique","sessionName":"gate","duration":"1h",
      "versionStage":["AWSCURRENT","AWSPREVIOUS"],"endpoint":"https://vpce-1.secretsmanager.eu-west-1.vpce.amazonaws.com")"));

  EXPECT_EQ(config.refresh_interval, 5min);
  EXPECT_EQ(config.role_arn, "arn:aws:iam::123456789012:role/path/reader");
  EXPECT_EQ(config.external_id, "3f2c:unique");
  EXPECT_EQ(config.session_name, "gate");
  EXPECT_EQ(config.duration, 1h);
  EXPECT_EQ(config.version_stages, (std::vector<std::string>{"AWSCURRENT", "AWSPREVIOUS"}));
  EXPECT_EQ(config.endpoint, "https://vpce-1.secretsmanager.eu-west-1.vpce.amazonaws.com");
}

TEST(SecretsManager, IsAbsentWhereItIsNotWritten) { EXPECT_FALSE(load({}).config->bearer.aws_secrets_manager); }

TEST(SecretsManager, ARegionIsALabelOfAHostName) {
  const auto region = [](const std::string& text) { return section(R"("secretName":"n","region":")" + text + "\""); };

  EXPECT_TRUE(loads(region("r")));
  EXPECT_TRUE(loads(region(std::string(63, 'r'))));
  for (const std::string& text : {std::string("-r"), std::string("r-"), std::string("EU-WEST-1"), std::string("eu.west"),
                                  std::string("a/b"), std::string("a b"), std::string("a@b"), std::string(64, 'r')})
    EXPECT_TRUE(refused(region(text), "region", "is no region")) << text;
}

TEST(SecretsManager, ASecretIsANameOrAnArn) {
  const std::string arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";
  EXPECT_TRUE(loads(secret(arn + "zot/keys-AbCdEf")));
  EXPECT_TRUE(loads(secret("rds!db-1")));
  EXPECT_TRUE(loads(secret(std::string(2048, 'n'))));
  EXPECT_TRUE(refused(secret(std::string(2049, 'n')), "secretName", "1 to 2048"));
  EXPECT_TRUE(refused(secret("a b"), "secretName", "no blank"));
  EXPECT_TRUE(refused(secret("caf\xc3\xa9"), "secretName", "ASCII"));
  for (const std::string& text :
       {arn, std::string("arn:"), std::string("arn:aws:s3:::bucket"), std::string("arn:aws:secretsmanager:eu-west-1:1234:secret:n"),
        std::string("arn:azure:secretsmanager:eu-west-1:123456789012:secret:n"), std::string("arn:aws:iam::123456789012:role/reader")})
    EXPECT_TRUE(refused(secret(text), "secretName", "a secret's ARN looks like")) << text;
}

TEST(SecretsManager, TheRegionOfAnArnIsTheRegion) {
  EXPECT_TRUE(refused(secret("arn:aws:secretsmanager:us-east-1:123456789012:secret:n-AbCdEf"), "secretName", "region is \"us-east-1\""));
}

TEST(SecretsManager, TheIntervalIsZotsAndNeverANumber) {
  EXPECT_EQ(read(with_text("refreshInterval", "0s")).refresh_interval, 1min);
  EXPECT_EQ(read(with_text("refreshInterval", "1s")).refresh_interval, 1s);
  EXPECT_EQ(read(with_text("refreshInterval", "12h")).refresh_interval, 12h);
  EXPECT_TRUE(loads(with_text("refreshInterval", "24h")));
  EXPECT_TRUE(refused(with_text("refreshInterval", "999ms"), "refreshInterval", "at least 1s"));
  EXPECT_TRUE(refused(with_text("refreshInterval", "24h0.001s"), "refreshInterval", "to 24h"));
  EXPECT_TRUE(refused(with_text("refreshInterval", "-1ms"), "refreshInterval", "must be non-negative"));
  EXPECT_TRUE(refused(with(",\"refreshInterval\":60"), "refreshInterval", "no unit"));
}

TEST(SecretsManager, ARoleHasTheGrammarOfIam) {
  for (const char* arn :
       {"arn:aws:iam::123456789012:role/r", "arn:aws-cn:iam::123456789012:role/a/b+c=d,e.f@g-h", "arn:aws-us-gov:iam::123456789012:role/x"})
    EXPECT_TRUE(loads(with_text("roleArn", arn))) << arn;
  for (const char* arn :
       {"reader", "arn:aws:iam::12345678901:role/reader", "arn:aws:iam::1234567890123:role/reader", "arn:aws:iam::12345678901x:role/reader",
        "arn:aws:iam:eu-west-1:123456789012:role/reader", "arn:aws:sts::123456789012:assumed-role/reader/x",
        "arn:aws:iam::123456789012:user/reader", "arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:role/a/",
        "arn:aws:iam::123456789012:role/a*", "arn:aws:iam::123456789012:root", "arn:AWS:iam::123456789012:role/reader"})
    EXPECT_TRUE(refused(with_text("roleArn", arn), "roleArn", "a role's ARN looks like")) << arn;
  const std::string longest = "arn:aws:iam::123456789012:role/" + std::string(2048 - 31, 'r');
  EXPECT_TRUE(loads(with_text("roleArn", longest)));
  EXPECT_TRUE(refused(with_text("roleArn", longest + "r"), "roleArn", "looks like"));
}

TEST(SecretsManager, TheExternalIdAndTheSessionNameHaveTheirBounds) {
  EXPECT_TRUE(loads(with_text("externalId", "aZ", kRole)));
  EXPECT_TRUE(loads(with_text("externalId", std::string(1223, 'e') + "/", kRole)));
  EXPECT_TRUE(refused(with_text("externalId", "e", kRole), "externalId", "2 to 1224"));
  EXPECT_TRUE(refused(with_text("externalId", std::string(1225, 'e'), kRole), "externalId", "2 to 1224"));
  EXPECT_TRUE(refused(with_text("externalId", "a b", kRole), "externalId", "characters of"));
  EXPECT_TRUE(loads(with_text("sessionName", "n@", kRole)));
  EXPECT_TRUE(loads(with_text("sessionName", std::string(64, 'n'), kRole)));
  EXPECT_TRUE(refused(with_text("sessionName", "n", kRole), "sessionName", "2 to 64"));
  EXPECT_TRUE(refused(with_text("sessionName", std::string(65, 'n'), kRole), "sessionName", "2 to 64"));
  EXPECT_TRUE(refused(with_text("sessionName", "a/b", kRole), "sessionName", "characters of"));
}

TEST(SecretsManager, TheDurationIsWhatStsTakes) {
  EXPECT_EQ(read(with_text("duration", "15m", kRole)).duration, 15min);
  EXPECT_EQ(read(with_text("duration", "12h", kRole)).duration, 12h);
  EXPECT_TRUE(refused(with_text("duration", "14m59s", kRole), "duration", "from 15m to 12h"));
  EXPECT_TRUE(refused(with_text("duration", "12h1s", kRole), "duration", "from 15m to 12h"));
  EXPECT_TRUE(refused(with_text("duration", "900.5s", kRole), "duration", "whole seconds"));
}

TEST(SecretsManager, SettingsOfARoleNeedTheRole) {
  for (const std::string name : {"externalId", "sessionName"}) EXPECT_TRUE(refused(with_text(name, "some"), name, "set roleArn too"));
  EXPECT_TRUE(refused(with_text("duration", "1h"), "duration", "set roleArn too"));
}

TEST(SecretsManager, VersionStagesAreOneOrAFewAndNoneTwice) {
  EXPECT_EQ(read(with_text("versionStage", "AWSPREVIOUS")).version_stages, std::vector<std::string>{"AWSPREVIOUS"});
  EXPECT_EQ(read(with(R"(,"versionStage":["a","b","c","d","e","f","g","h"])")).version_stages.size(), 8U);
  EXPECT_TRUE(refused(with(R"(,"versionStage":["a","b","c","d","e","f","g","h","i"])"), "versionStage", "1 to 8"));
  EXPECT_TRUE(refused(with(R"(,"versionStage":[])"), "versionStage", "1 to 8"));
  EXPECT_TRUE(refused(with(R"(,"versionStage":["a","b","a"])"), "versionStage", "\"a\" stands there twice"));
  EXPECT_TRUE(loads(with_text("versionStage", std::string(256, 's'))));
  EXPECT_TRUE(refused(with_text("versionStage", std::string(257, 's')), "versionStage", "1 to 256"));
  EXPECT_TRUE(refused(with_text("versionStage", "a b"), "versionStage", "no blank"));
  EXPECT_TRUE(refuses(with(R"(,"versionStage":["a",1])"), std::string(kAt) + "versionStage[1]", "must be a string"));
}

TEST(SecretsManager, AnEndpointIsHttpsOrOnThisHost) {
  for (const char* url : {"https://e", "https://e:8443/path", "http://127.0.0.1:4566", "http://localhost:4566/", "http://[::1]:1"})
    EXPECT_EQ(read(with_text("endpoint", url)).endpoint, url);
  for (const char* url :
       {"http://e", "http://169.254.169.254", "e", "ftp://e", "https://", "https://u:p@e", "https://e?x=1", "https://e#x"})
    EXPECT_TRUE(refused(with_text("endpoint", url), "endpoint", "must be an https URL")) << url;
}

TEST(SecretsManager, KeysAreReadTwiceBeforeTheyAreTooOld) {
  const auto with_stale = [](const std::string& interval, const std::string& stale) {
    return load({.bearer = R"("realm":"https://a/","service":"s","awsSecretsManager":{"region":"r","secretName":"n","refreshInterval":")" +
                           interval + "\"}",
                 .keys = R"("maxStale":")" + stale + "\""});
  };

  EXPECT_TRUE(with_stale("1m", "2m").findings.empty());
  EXPECT_TRUE(warns(with_stale("1m", "119s"), "portcullis.keys.maxStale", "instead of every 1m"));
  EXPECT_TRUE(loads(with_stale("1m", "119s")));
  EXPECT_TRUE(load({.keys = R"("file":"k","maxStale":"1s")"}).findings.empty()) << "files are watched";
  EXPECT_TRUE(warns(load({.keys = R"("jwksURL":"https://a/","maxStale":"119s")"}), "portcullis.keys.maxStale", "instead of every 1m"));
}

}  // namespace
}  // namespace portcullis
