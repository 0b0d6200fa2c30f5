#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

constexpr std::string_view kGood = R"("realm":"https://a/","service":"s")";

LoadedConfig with(const std::string& members) { return load({.bearer = std::string(kGood) + "," + members}); }

LoadedConfig realm(const std::string& text) { return load({.bearer = R"("service":"s","realm":")" + text + "\""}); }

TEST(Bearer, NeedsRealmAndService) {
  EXPECT_TRUE(refuses(load({.bearer = R"("service":"s")"}), "http.auth.bearer.realm", "realm must be specified"));
  EXPECT_TRUE(refuses(load({.bearer = R"("realm":"https://a/")"}), "http.auth.bearer.service", "service must be specified"));
  EXPECT_TRUE(refuses(load({.bearer = R"("realm":"","service":"s")"}), "http.auth.bearer.realm", "realm must be specified"));
  EXPECT_TRUE(refuses(load({.bearer = R"("realm":null,"service":"s")"}), "http.auth.bearer.realm", "not null"));
}

TEST(Bearer, IsNeededItself) {
  const LoadedConfig loaded = load_text(R"({"portcullis":{"listen":"unix:/a","keys":{"file":"k"}}})");

  EXPECT_TRUE(refuses(loaded, "http.auth.bearer", "realm and service must be specified"));
}

TEST(Bearer, WarnsOfARealmThatIsNoUrl) {
  const LoadedConfig loaded = realm("zot");

  EXPECT_TRUE(loads(loaded));
  EXPECT_TRUE(warns(loaded, "http.auth.bearer.realm", "docker and containerd"));
  EXPECT_EQ(format_findings(realm("http://auth/token").findings), "");
}

TEST(Bearer, TakesPrintableTextThatFitsIntoAHeader) {
  EXPECT_TRUE(loads(realm("a \\\"b\\\" \\\\")));
  EXPECT_TRUE(refuses(realm("a\\nb"), "http.auth.bearer.realm", "control"));
  EXPECT_TRUE(refuses(realm("r\xc3\xa9"), "http.auth.bearer.realm", "printable ASCII"));
  EXPECT_TRUE(loads(realm(std::string(1024, 'r'))));
  EXPECT_TRUE(refuses(realm(std::string(1025, 'r')), "http.auth.bearer.realm", "1024"));
  EXPECT_TRUE(loads(load({.bearer = R"("realm":"https://a/","service":")" + std::string(256, 's') + "\""})));
  EXPECT_TRUE(
      refuses(load({.bearer = R"("realm":"https://a/","service":")" + std::string(257, 's') + "\""}), "http.auth.bearer.service", "256"));
}

TEST(Bearer, ResolvesCert) {
  const LoadedConfig loaded = load({.bearer = std::string(kGood) + R"(,"cert":"key.pem")", .keys = ""});

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->bearer.cert, "/etc/portcullis/key.pem");
}

TEST(Bearer, TakesSecretsManagerWithAllItsOptions) {
  const LoadedConfig loaded =
      load({.bearer = std::string(kGood) + R"(,"awsSecretsManager":{"region":"us-east-1","secretName":"zot/keys","refreshInterval":"5m",
      "roleArn":"arn:aws:iam::123456789012:role/x","externalId":"e1","sessionName":"n1","duration":"1h","versionStage":["AWSCURRENT","AWSPREVIOUS"],"endpoint":"https://e/"})",
            .keys = ""});

  ASSERT_TRUE(loads(loaded)) << format_findings(loaded.findings);
  ASSERT_TRUE(loaded.config->bearer.aws_secrets_manager.has_value());
  EXPECT_EQ(loaded.config->bearer.aws_secrets_manager->secret_name, "zot/keys");
  EXPECT_EQ(loaded.config->bearer.aws_secrets_manager->version_stages, (std::vector<std::string>{"AWSCURRENT", "AWSPREVIOUS"}));
}

TEST(Bearer, ChecksTheShapeOfSecretsManager) {
  EXPECT_TRUE(
      refuses(with(R"("awsSecretsManager":{"regoin":"x"})"), "http.auth.bearer.awsSecretsManager.regoin", "did you mean \"region\"?"));
  EXPECT_TRUE(
      refuses(with(R"("awsSecretsManager":{"refreshInterval":60})"), "http.auth.bearer.awsSecretsManager.refreshInterval", "no unit"));
  EXPECT_TRUE(refuses(with(R"("awsSecretsManager":"x")"), "http.auth.bearer.awsSecretsManager", "must be an object"));
  EXPECT_TRUE(
      refuses(with(R"("awsSecretsManager":{"duration":"899s"})"), "http.auth.bearer.awsSecretsManager.duration", "from 15m to 12h"));
}

TEST(Bearer, ReadsTheUpstreamTokenEndpoint) {
  const LoadedConfig loaded = with(R"("upstreamTokenEndpoint":{"realm":"https://tokens.example/t?a=b","service":"other"})");

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->bearer.upstream,
            (UpstreamTokenEndpointConfig{.realm = "https://tokens.example/t?a=b", .service = "other", .allow_insecure_http = false}));
  EXPECT_EQ(load({}).config->bearer.upstream, std::nullopt);
}

TEST(Bearer, RefusesAnUpstreamThatIsTheRealmItselfOrHasAFragment) {
  const std::string path = "http.auth.bearer.upstreamTokenEndpoint.realm";
  EXPECT_TRUE(
      refuses(load({.bearer = R"("realm":"https://a/t","service":"s","upstreamTokenEndpoint":{"realm":"https://a/t","service":"s"})"}),
              path, "round in circles"));
  EXPECT_TRUE(refuses(with(R"("upstreamTokenEndpoint":{"realm":"https://b/#x","service":"s"})"), path, "no fragment"));
}

TEST(Bearer, RefusesOidcWithoutPolicies) {
  EXPECT_TRUE(refuses(with(R"("oidc":[{"issuer":"https://i","audiences":["a"]}])"), "http.auth.bearer.oidc", "needs http.accessControl"));
}

}  // namespace
}  // namespace portcullis
