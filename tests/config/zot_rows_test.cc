// Section N of the compatibility reference: what zot says of a configuration, and what we say.
#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

constexpr std::string_view kBearer = R"("realm":"https://a/","service":"s")";
constexpr std::string_view kUpstream = "http.auth.bearer.upstreamTokenEndpoint";
constexpr std::string_view kAws = "http.auth.bearer.awsSecretsManager";

LoadedConfig bearer(const std::string& members) { return load({.bearer = std::string(kBearer) + "," + members, .keys = ""}); }
LoadedConfig upstream(const std::string& members) { return bearer(R"("cert":"c","upstreamTokenEndpoint":{)" + members + "}"); }
LoadedConfig aws(const std::string& members) { return bearer(R"("awsSecretsManager":{)" + members + "}"); }

std::string at(std::string_view section, std::string_view name) { return std::string(section) + "." + std::string(name); }

TEST(ZotRowsN, N1_CertAndSecretsManagerExcludeEachOther) {
  EXPECT_TRUE(refuses(bearer(R"("cert":"c","awsSecretsManager":{"region":"r","secretName":"n"})"), kAws,
                      "cannot configure both cert and AWS Secrets Manager"));
}

TEST(ZotRowsN, N2_RegionMustBeSpecified) {
  for (const std::string_view members : {R"("region":"","secretName":"n")", R"("secretName":"n")"}) {
    EXPECT_TRUE(refuses(aws(std::string(members)), at(kAws, "region"), "awsSecretsManager region must be specified")) << members;
  }
}

TEST(ZotRowsN, N3_SecretNameMustBeSpecified) {
  for (const std::string_view members : {R"("region":"r","secretName":"")", R"("region":"r")"}) {
    EXPECT_TRUE(refuses(aws(std::string(members)), at(kAws, "secretName"), "awsSecretsManager secretName must be specified")) << members;
    EXPECT_TRUE(refuses(aws(std::string(members)), at(kAws, "secretName"), "secret name must be specified")) << members;
  }
}

TEST(ZotRowsN, N4_RefreshIntervalMustBeNonNegative) {
  EXPECT_TRUE(refuses(aws(R"("region":"r","secretName":"n","refreshInterval":"-1s")"), at(kAws, "refreshInterval"),
                      "awsSecretsManager refreshInterval must be non-negative"));
  EXPECT_TRUE(loads(aws(R"("region":"r","secretName":"n","refreshInterval":"0")")));
}

TEST(ZotRowsN, N5_UpstreamRealmAndServiceGoTogether) {
  for (const std::string_view members : {R"("realm":"https://u/")", R"("service":"s")", ""}) {
    EXPECT_TRUE(refuses(upstream(std::string(members)), kUpstream,
                        "upstreamTokenEndpoint.realm and upstreamTokenEndpoint.service must be configured together"))
        << members;
  }
}

TEST(ZotRowsN, N6_UpstreamRealmMustBeAnAbsoluteUrl) {
  for (const std::string_view realm : {"/token", "auth.example.com", "https:/x"}) {
    EXPECT_TRUE(refuses(upstream(R"("service":"s","realm":")" + std::string(realm) + "\""), at(kUpstream, "realm"),
                        "upstreamTokenEndpoint.realm must be an absolute URL"))
        << realm;
  }
}

TEST(ZotRowsN, N7_UpstreamRealmMustUseHttps) {
  for (const std::string_view realm : {"http://u/", "ftp://u/"}) {
    EXPECT_TRUE(refuses(upstream(R"("service":"s","realm":")" + std::string(realm) + "\""), at(kUpstream, "realm"),
                        "upstreamTokenEndpoint.realm must use https unless upstreamTokenEndpoint.allowInsecureHttp is true"))
        << realm;
  }
  EXPECT_TRUE(refuses(upstream(R"("service":"s","realm":"ftp://u/","allowInsecureHttp":true)"), at(kUpstream, "realm"), "must use https"));
}

TEST(ZotRowsN, N8_InsecureUpstreamIsAWarningOnRequest) {
  const LoadedConfig loaded = upstream(R"("service":"s","realm":"http://u/","allowInsecureHttp":true)");

  EXPECT_TRUE(warns(loaded, at(kUpstream, "allowInsecureHttp"),
                    "upstreamTokenEndpoint.allowInsecureHttp is enabled; token endpoint credentials may be sent over plaintext HTTP"));
  EXPECT_EQ(count_errors(loaded), 0U) << format_findings(loaded.findings);
}

TEST(ZotRowsN, N9_EveryFaultIsListedWhateverTheOrder) {
  // zot stops at the first of N1, N5 to N7, N2 to N4.
  const LoadedConfig loaded =
      bearer(R"("cert":"c","awsSecretsManager":{"refreshInterval":"-1s"},"upstreamTokenEndpoint":{"realm":"/t","service":"s"})");

  EXPECT_TRUE(refuses(loaded, kAws, "cannot configure both"));
  EXPECT_TRUE(refuses(loaded, at(kUpstream, "realm"), "absolute URL"));
  EXPECT_TRUE(refuses(loaded, at(kAws, "region"), "region must be specified"));
  EXPECT_TRUE(refuses(loaded, at(kAws, "secretName"), "secretName must be specified"));
  EXPECT_TRUE(refuses(loaded, at(kAws, "refreshInterval"), "non-negative"));
}

TEST(ZotRowsN, N10_AMissingRealmOrServiceNeverOpensTheRegistry) {
  // zot loads this, switches bearer authentication off, and lets everybody in.
  EXPECT_TRUE(refuses(load({.bearer = R"("service":"s","cert":"c")", .keys = ""}), "http.auth.bearer.realm", "must be specified"));
  EXPECT_TRUE(refuses(load({.bearer = R"("realm":"https://a/","cert":"c")", .keys = ""}), "http.auth.bearer.service", "must be specified"));
}

LoadedConfig oidc(const std::string& members) {
  return load({.http = R"("accessControl":{"repositories":{"**":{"defaultPolicy":["read"]}}},)",
               .bearer = std::string(kBearer) + R"(,"oidc":[{)" + members + "}]",
               .keys = ""});
}

constexpr std::string_view kIssuer = "http.auth.bearer.oidc[0]";

// zot loads N11 and lets everybody in; N12 to N18 are panics when it starts. Ours are load errors, with zot's words and the path.

TEST(ZotRowsN, N11_AnIssuerHasAudiences) {
  for (const std::string_view members : {R"("issuer":"https://i")", R"("issuer":"https://i","audiences":[])"})
    EXPECT_TRUE(refuses(oidc(std::string(members)), at(kIssuer, "audiences"), "at least one audience must be specified")) << members;
}

TEST(ZotRowsN, N12_OneBadIssuerBesideAGoodOneIsRefused) {
  const LoadedConfig loaded = oidc(R"("issuer":"https://i","audiences":"a"},{"issuer":"https://j")");

  EXPECT_TRUE(refuses(loaded, "http.auth.bearer.oidc[1].audiences", "at least one audience must be specified"));
  EXPECT_EQ(count_errors(loaded), 1U);
}

TEST(ZotRowsN, N13_TheIssuerIsRequired) {
  for (const std::string_view members : {R"("audiences":["a"])", R"("issuer":"","audiences":["a"])"})
    EXPECT_TRUE(refuses(oidc(std::string(members)), at(kIssuer, "issuer"), "issuer is required")) << members;
}

TEST(ZotRowsN, N14_ABlankAudienceIsRefused) {
  EXPECT_TRUE(refuses(oidc(R"("issuer":"https://i","audiences":["a","  "])"), at(kIssuer, "audiences"), "audience[1]: audience is empty"));
}

TEST(ZotRowsN, N15_VariablesHaveNamesAndValidationsMessages) {
  EXPECT_TRUE(refuses(oidc(R"("claimMapping":{"variables":[{"name":"","expression":"1"}]})"), at(kIssuer, "claimMapping.variables[0].name"),
                      "variable[0]: variable name is empty"));
  EXPECT_TRUE(refuses(oidc(R"("claimMapping":{"validations":[{"expression":"true","message":""}]})"),
                      at(kIssuer, "claimMapping.validations[0].message"), "validation[0]: validation error message is empty"));
}

TEST(ZotRowsN, N16_BadCelIsRefusedInEachPlace) {
  const LoadedConfig loaded = oidc(
      R"("issuer":"https://i","audiences":"a","claimMapping":{"variables":[{"name":"org","expression":"foo"}],
         "validations":[{"expression":"claims.x","message":"m"}],"username":"claims.","groups":"1 +"})");

  EXPECT_TRUE(
      refuses(loaded, at(kIssuer, "claimMapping.variables[0].expression"), "failed to parse CEL expression for variable[0] (name: org): "));
  EXPECT_TRUE(refuses(loaded, at(kIssuer, "claimMapping.variables[0].expression"), "undeclared reference to 'foo'"));
  EXPECT_TRUE(refuses(loaded, at(kIssuer, "claimMapping.validations[0].expression"), "expected bool, got dyn"));
  EXPECT_TRUE(refuses(loaded, at(kIssuer, "claimMapping.username"), "failed to parse CEL expression for username: "));
  EXPECT_TRUE(refuses(loaded, at(kIssuer, "claimMapping.groups"), "failed to parse CEL expression for groups: "));
  EXPECT_EQ(count_errors(loaded), 4U) << "all of them are listed";
}

TEST(ZotRowsN, N17_OnlyOneCertificateAuthorityCanBeSet) {
  EXPECT_TRUE(refuses(oidc(R"("issuer":"https://i","audiences":"a","certificateAuthority":"x","certificateAuthorityFile":"y")"),
                      at(kIssuer, "certificateAuthorityFile"), "only one of certificateAuthority or certificateAuthorityFile can be set"));
}

TEST(ZotRowsN, N18_TheCertificateAuthorityIsReadAndIsPem) {
  const FakeFiles none;
  const Sample sample{
      .http = R"("accessControl":{},)",
      .bearer = std::string(kBearer) + R"(,"oidc":[{"issuer":"https://i","audiences":"a","certificateAuthorityFile":"ca"}])",
      .keys = ""};
  EXPECT_TRUE(refuses(load_config_text(sample.text(), "/etc", {}, &none), at(kIssuer, "certificateAuthorityFile"),
                      "failed to read certificate authority file: "));
  for (const std::string_view pem : {"", "x", "-----BEGIN CERTIFICATE-----\\nMII\\n-----END CERTIFICATE-----\\n"})
    EXPECT_TRUE(refuses(oidc(R"("issuer":"https://i","audiences":"a","certificateAuthority":")" + std::string(pem) + "\""),
                        at(kIssuer, "certificateAuthority"), "failed to append certificate authority PEM"))
        << pem;
}

TEST(ZotRowsN, N19_AccessControlWithoutASourceOfKeysIsRefused) {
  EXPECT_TRUE(refuses(load({.http = R"("accessControl":{"repositories":{"**":{"defaultPolicy":["read"]}}},)", .keys = ""}), "",
                      "no token could be verified"));
}

TEST(ZotRowsN, N20_AnonymousPolicyAloneIsRefusedToo) {
  // zot takes it: for us a gate that verifies nothing is an error.
  EXPECT_TRUE(refuses(load({.http = R"("accessControl":{"repositories":{"**":{"anonymousPolicy":["read"]}}},)", .keys = ""}), "",
                      "no token could be verified"));
}

TEST(ZotRowsN, N23_AConditionNeedsNoMessage) {
  EXPECT_TRUE(
      loads(load({.http = R"("accessControl":{"adminPolicy":{"users":["a"],"actions":["read"],"conditions":[{"expression":"true"}]}},)"})));
}

TEST(ZotRowsN, N25_AnUnknownKeyIsAnErrorWithItsPathAndTheNearest) {
  EXPECT_TRUE(refuses(bearer(R"("cret":"c")"), "http.auth.bearer.cret", "unknown key; did you mean \"cert\"?"));
}

TEST(ZotRowsN, N26_KeysMatchInAnyLetterCase) {
  for (const std::string_view name : {"accesscontrol", "AccessControl", "ACCESSCONTROL"}) {
    const LoadedConfig loaded = load({.http = "\"" + std::string(name) + "\":{},"});
    ASSERT_TRUE(loads(loaded)) << name;
    EXPECT_NE(loaded.config->access_control, nullptr) << name;
  }
}

TEST(ZotRowsN, N27_KeysOfMapsKeepTheirCase) {
  // zot lower-cases them, so that its group "Devs" is another than the policy's.
  const LoadedConfig loaded = load({.http = R"("accessControl":{"groups":{"Devs":{"user":["u"]},"devs":{"user":["v"]}}},)"});

  EXPECT_TRUE(refuses(loaded, "http.accessControl.groups[\"Devs\"].user", "users"));
  EXPECT_TRUE(refuses(loaded, "http.accessControl.groups[\"devs\"].user", "users"));
}

TEST(ZotRowsN, N28_AScalarWhereAListIsDueIsAListOfOne) {
  const LoadedConfig loaded = load({.tokens = R"("audiences":"zot","issuers":"https://i")"});

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->tokens.audiences, std::vector<std::string>{"zot"});
}

TEST(ZotRowsN, N29_ABareNumberIsNoDuration) {
  EXPECT_TRUE(
      refuses(aws(R"("region":"r","secretName":"n","refreshInterval":60)"), at(kAws, "refreshInterval"), "zot would read nanoseconds"));
}

TEST(ZotRowsN, N30_OnlyJsonIsRead) {
  EXPECT_TRUE(refuses(load_text("http:\n  port: 8080\n"), "", "one JSON object"));
  EXPECT_TRUE(refuses(load_text("[http]\nport = 8080\n"), "", "one JSON object"));
  EXPECT_TRUE(refuses(load_text("http:\n  port: 8080\n"), "", "YAML is not read"));
  EXPECT_TRUE(refuses(load_text("\xef\xbb\xbf{\"http\":{}}"), "", "byte order mark"));
  EXPECT_FALSE(refuses(load_text("\xef\xbb\xbf{\"http\":{}}"), "", "YAML"));
  EXPECT_FALSE(refuses(load_text("{\"http\":"), "", "YAML")) << "JSON that was cut";
}

TEST(ZotRowsN, N31_AnEmptyFileIsRefused) {
  for (const std::string_view text : {"", " \n", "{}"}) {
    EXPECT_TRUE(refuses(load_text(text), "", "failed to load config due to the absence of any key:value pair")) << text;
  }
  EXPECT_TRUE(refuses(load_text("\n"), "", "the file is empty"));
}

TEST(ZotFile, TheDocumentedSecretsManagerExampleWorksAsItIs) {
  const LoadedConfig loaded = load_text(
      R"({"distSpecVersion":"1.1.1","storage":{"rootDirectory":"/tmp/zot"},"http":{"address":"127.0.0.1","port":"8080","auth":{"bearer":{"realm":"zot",
          "service":"zot-service","awsSecretsManager":{"region":"us-east-1","secretName":"zot/jwt-verification-keys","refreshInterval":"5m"}}},
          "accessControl":{"repositories":{"**":{"policies":[{"users":["service-account-1"],"actions":["read","create","update"]}]}}}},"log":{"level":"info"}})",
      {.listen = {"127.0.0.1:9180"}, .admin = {}, .trusted = {"127.0.0.1/32"}, .log_level = {}});

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->access_control->repositories.at(0).policies.at(0).users, std::vector<std::string>{"service-account-1"});
}

TEST(ZotFile, OneWithCertWorksAsItIs) {
  const LoadedConfig loaded = load_text(
      R"({"distSpecVersion":"1.1.1","storage":{"rootDirectory":"/tmp/zot"},"http":{"address":"127.0.0.1","port":"8080","realm":"zot","tls":{"cert":"a","key":"b"},
          "auth":{"bearer":{"realm":"https://auth.example.com/token","service":"zot-service","cert":"/etc/zot/cert.pem"}}},"log":{"level":"debug"},
          "extensions":{"search":{"enable":true}}})",
      {.listen = {"127.0.0.1:9180"}, .admin = {}, .trusted = {"127.0.0.1/32"}, .log_level = {}});

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->listen[0].port, 9180);
  EXPECT_EQ(loaded.config->bearer.cert, "/etc/zot/cert.pem");
  EXPECT_EQ(loaded.config->unused_keys, (std::vector<std::string>{"distSpecVersion", "storage", "extensions", "http.realm", "http.tls"}));
}

}  // namespace
}  // namespace portcullis
