// `http.auth.bearer.oidc[]`: what is read, and zot's start-up faults at load.
#include <gtest/gtest.h>

#include "tests/config/sample.h"
#include "tests/support/fake_clock.h"
#include "tests/support/tokens.h"

namespace portcullis {
namespace {

constexpr std::string_view kAccess = R"("accessControl":{"repositories":{"**":{"defaultPolicy":["read"]}}},)";

Sample sample_of(const std::string& issuers) {
  return {.http = std::string(kAccess), .bearer = R"("realm":"https://a/","service":"s","oidc":[)" + issuers + "]", .keys = ""};
}
LoadedConfig issuers(const std::string& written) { return load(sample_of(written)); }
LoadedConfig issuer(const std::string& members) { return issuers("{" + members + "}"); }
/// A good issuer with further members.
LoadedConfig good(const std::string& members) { return issuer(R"("issuer":"https://i.example","audiences":["a"],)" + members); }

std::string at(std::string_view name, int index = 0) { return "http.auth.bearer.oidc[" + std::to_string(index) + "]." + std::string(name); }

TEST(OidcIssuer, IsReadWhole) {
  const LoadedConfig loaded = issuer(
      R"("issuer":"https://i","audiences":[" a ","b"],"claimMapping":{"username":"claims.email","groups":"claims.groups"},
         "discoveryURL":"https://d/doc","discoveryTokenFile":"t","algorithms":["RS256","EdDSA"],"jwksHosts":["h","10.0.0.1:6443","[::1]:8"],
         "usernamePrefix":"u:","groupsPrefix":"g:","refreshInterval":"5m","required":true)");

  ASSERT_TRUE(loads(loaded));
  ASSERT_EQ(loaded.config->bearer.oidc.size(), 1U);
  const OidcIssuerConfig& read = loaded.config->bearer.oidc[0];
  EXPECT_EQ(read.issuer, "https://i");
  EXPECT_EQ(read.audiences, (std::vector<std::string>{"a", "b"})) << "blanks are cut";
  EXPECT_EQ(read.claim_mapping.username, "claims.email");
  EXPECT_EQ(read.discovery_url, "https://d/doc");
  EXPECT_EQ(read.discovery_token_file, "/etc/portcullis/t");
  EXPECT_EQ(read.algorithms, (std::vector<std::string>{"RS256", "EdDSA"}));
  EXPECT_EQ(read.jwks_hosts.size(), 3U);
  EXPECT_EQ(read.username_prefix, "u:");
  EXPECT_EQ(read.refresh_interval, std::chrono::minutes(5));
  EXPECT_EQ(read.required, true);
  EXPECT_FALSE(read.skip_issuer_verification);
}

TEST(OidcIssuer, HasDefaults) {
  const LoadedConfig loaded = issuer(R"("issuer":"http://127.0.0.1:9000","audiences":"a")");

  ASSERT_TRUE(loads(loaded));
  const OidcIssuerConfig& read = loaded.config->bearer.oidc[0];
  EXPECT_EQ(read.refresh_interval, std::chrono::minutes(1));
  EXPECT_TRUE(read.claim_mapping.empty());
  EXPECT_FALSE(read.required || read.discovery_url || read.jwks_file || read.certificate_authority);
}

TEST(OidcIssuer, IsAnHttpsUrlOrOneOfThisHost) {
  for (const std::string_view url : {"accounts.example.com", "http://i.example", "ftp://i", "https://user:pw@i/"})
    EXPECT_TRUE(refuses(issuer(R"("audiences":"a","issuer":")" + std::string(url) + "\""), at("issuer"), "https")) << url;
  for (const std::string_view url : {"https://i/?tenant=a", "https://i/#a"})
    EXPECT_TRUE(refuses(issuer(R"("audiences":"a","issuer":")" + std::string(url) + "\""), at("issuer"), "no query")) << url;
  EXPECT_TRUE(
      refuses(issuer(R"("audiences":"a","issuer":"https://i/.well-known/openid-configuration")"), at("issuer"), "what stands before"));
  EXPECT_TRUE(refuses(good(R"("discoveryURL":"http://d")"), at("discoveryURL"), "https"));
  EXPECT_TRUE(refuses(good(R"("discoveryURL":"d")"), at("discoveryURL"), "absolute"));
  EXPECT_TRUE(refuses(good(R"("discoveryURL":"https://i.example")"), at("discoveryURL"), "openid-configuration"));
}

TEST(OidcIssuer, NamesKnownAlgorithmsAndHosts) {
  for (const std::string_view name : {"HS256", "none", "rs256", "ES256K"})
    EXPECT_TRUE(refuses(good(R"("algorithms":[")" + std::string(name) + "\"]"), at("algorithms"), "is not one of RS256")) << name;
  EXPECT_TRUE(refuses(good(R"("algorithms":[])"), at("algorithms"), "names no algorithm; leave it out"));
  for (const std::string_view host : {"https://keys.example", "keys.example/path", "a b", "keys.example:port", "user@keys.example"})
    EXPECT_TRUE(refuses(good(R"("jwksHosts":[")" + std::string(host) + "\"]"), at("jwksHosts"), "is no host")) << host;
}

TEST(OidcIssuer, BoundsIntervalAndPrefixes) {
  EXPECT_TRUE(loads(good(R"("refreshInterval":"10s")")));
  EXPECT_TRUE(refuses(good(R"("refreshInterval":"9s")"), at("refreshInterval"), "10s"));
  EXPECT_TRUE(loads(good(R"("usernamePrefix":")" + std::string(128, 'p') + "\"")));
  EXPECT_TRUE(refuses(good(R"("groupsPrefix":")" + std::string(129, 'p') + "\""), at("groupsPrefix"), "128"));
  EXPECT_TRUE(warns(good(R"("refreshInterval":"24h")"), at("refreshInterval"), "12h"));
}

TEST(OidcIssuer, SaysWhatAKeyFileLeavesUnused) {
  const LoadedConfig loaded = good(R"("jwksFile":"j","discoveryURL":"https://d/doc","jwksHosts":["h"])");

  EXPECT_TRUE(warns(loaded, at("discoveryURL"), "jwksFile"));
  EXPECT_TRUE(warns(loaded, at("jwksHosts"), "jwksFile"));
}

TEST(OidcIssuer, ReadsItsCertificateAuthority) {
  const std::string pem = test::key_pair("P-256").certificate_pem(test::kNow, test::kNow + std::chrono::hours(1));
  FakeFiles files;
  ASSERT_TRUE(files.write("/etc/portcullis/ca.pem", "comment\n" + pem + pem, 0600));
  ASSERT_TRUE(files.write("/etc/portcullis/key.pem", test::key_pair("P-256").public_pem(), 0600));
  ASSERT_TRUE(files.write("/etc/portcullis/cut.pem", pem + pem.substr(0, pem.size() / 2), 0600));
  const auto with = [&](const std::string& file) {
    return load_config_text(sample_of(R"({"issuer":"https://i","audiences":"a","certificateAuthorityFile":")" + file + "\"}").text(),
                            "/etc/portcullis", {}, &files);
  };

  EXPECT_TRUE(loads(with("ca.pem")));
  EXPECT_TRUE(refuses(with("absent.pem"), at("certificateAuthorityFile"), "failed to read certificate authority file"));
  EXPECT_TRUE(refuses(with("key.pem"), at("certificateAuthorityFile"), "failed to append certificate authority PEM"));
  EXPECT_TRUE(refuses(with("cut.pem"), at("certificateAuthorityFile"), "failed to append certificate authority PEM"));
}

TEST(OidcIssuers, HaveOneOwnerForAnIss) {
  const auto two = [](std::string_view second) {
    return issuers(R"({"issuer":"https://i.example/a","audiences":"a"},{"audiences":"b","issuer":")" + std::string(second) + "\"}");
  };

  EXPECT_TRUE(loads(two("https://i.example/b")));
  for (const std::string_view same : {"https://i.example/a", "https://i.example/a/", "https://I.example/A"})
    EXPECT_TRUE(refuses(two(same), at("issuer", 1), "one owner")) << same;
}

TEST(OidcIssuers, HaveOneAtMostThatSkipsVerification) {
  const std::string first = R"({"issuer":"https://a","audiences":"a","skipIssuerVerification":true})";
  const std::string second = R"({"issuer":"https://b","audiences":"a","skipIssuerVerification":true})";

  EXPECT_TRUE(loads(issuers(first + R"(,{"issuer":"https://b","audiences":"a"})")));
  EXPECT_TRUE(refuses(issuers(first + "," + second), at("skipIssuerVerification", 1), "at most one issuer"));
}

TEST(OidcIssuers, AreWarnedOfOneThatSkipsVerificationUnderTheNameOfAnother) {
  const auto beside = [](std::string_view issuer, std::string_view more = "") {
    return issuers(R"({"issuer":"https://a","audiences":"a"},{"audiences":"a","skipIssuerVerification":true,"issuer":")" +
                   std::string(issuer) + '"' + std::string(more) + "}");
  };

  for (const std::string_view same : {"https://a", "https://A/"})
    EXPECT_TRUE(warns(beside(same), at("issuer", 1), "gets the names of that issuer's own users")) << same;
  EXPECT_FALSE(warns(beside("https://b"), at("issuer", 1), "own users"));
  EXPECT_FALSE(warns(beside("https://a", R"(,"usernamePrefix":"other:")"), at("issuer", 1), "own users"));
}

TEST(OidcIssuers, NeedAccessControl) {
  Sample bare = sample_of(R"({"issuer":"https://i","audiences":"a"})");
  bare.http.clear();

  EXPECT_TRUE(refuses(load(bare), "http.auth.bearer.oidc", "needs http.accessControl"));
}

TEST(OidcIssuers, AreNotNone) { EXPECT_TRUE(refuses(issuers(""), "http.auth.bearer.oidc", "names no issuer")); }

TEST(OidcIssuers, AreSixtyFourAtMost) {
  const auto many = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i)
      text += std::string(i == 0 ? "" : ",") + R"({"audiences":"a","issuer":"https://i)" + std::to_string(i) + "\"}";
    return issuers(text);
  };

  EXPECT_TRUE(loads(many(64)));
  EXPECT_TRUE(refuses(many(65), "http.auth.bearer.oidc", "64"));
}

TEST(OidcIssuers, AreWarnedOfNamesThatCouldMeet) {
  const std::string mapped =
      R"({"issuer":"https://a","audiences":"a","claimMapping":{"username":"claims.email","groups":"claims.groups"}})";

  const LoadedConfig two = issuers(mapped + R"(,{"issuer":"https://b","audiences":"a"})");
  EXPECT_TRUE(warns(two, at("usernamePrefix"), "several sources"));
  EXPECT_TRUE(warns(two, at("groupsPrefix"), "several sources"));
  EXPECT_TRUE(issuers(mapped).findings.empty()) << "one source has nobody to meet";
  Sample beside = sample_of(R"({"issuer":"https://a","audiences":"a"})");
  beside.keys = R"("file":"keys.json")";
  EXPECT_TRUE(warns(load(beside), "portcullis.tokens.usernamePrefix", "several sources"));
}

TEST(OidcIssuers, MayBeTheOnlySource) {
  Sample alone = sample_of(R"({"issuer":"https://a","audiences":"a"})");
  alone.tokens = "";

  const LoadedConfig loaded = load(alone);

  ASSERT_TRUE(loads(loaded));
  EXPECT_TRUE(loaded.findings.empty()) << "there are no traditional tokens to warn of\n" << format_findings(loaded.findings);
}

}  // namespace
}  // namespace portcullis
