// Discovery documents: what is read of them, and what leads nowhere.
#include "keystore/refresh/discovery.h"

#include <gtest/gtest.h>

#include "tests/support/printing.h"

namespace portcullis {
namespace {

const DiscoveryRules kRules{.issuer = "https://idp.example/realm", .discovery_url = {}, .jwks_hosts = {}};

std::string document(std::string_view jwks_uri, std::string_view more = {}) {
  std::string text = R"({"issuer":"https://idp.example/realm","jwks_uri":")";
  text.append(jwks_uri).append("\"");
  if (!more.empty()) text.append(",").append(more);
  return text + "}";
}

std::string fault(std::string_view text, const DiscoveryRules& rules = kRules) {
  const auto read = read_discovery(text, rules);
  if (read) return "it was read";
  EXPECT_EQ(read.error().reason, Reason::discovery_invalid);
  return read.error().detail;
}

TEST(Discovery, StandsBesideTheIssuer) {
  EXPECT_EQ(discovery_location({.issuer = "https://i", .discovery_url = {}, .jwks_hosts = {}}),
            "https://i/.well-known/openid-configuration");
  EXPECT_EQ(discovery_location({.issuer = "https://i/", .discovery_url = {}, .jwks_hosts = {}}),
            "https://i/.well-known/openid-configuration");
  EXPECT_EQ(discovery_location({.issuer = "https://i/a/b", .discovery_url = {}, .jwks_hosts = {}}),
            "https://i/a/b/.well-known/openid-configuration");
  EXPECT_EQ(discovery_location({.issuer = "https://i", .discovery_url = "https://d/doc", .jwks_hosts = {}}), "https://d/doc");
}

TEST(Discovery, GivesThePlaceOfTheKeysAndTheAlgorithms) {
  const auto read = read_discovery(
      document("https://idp.example/keys?a=b", R"("id_token_signing_alg_values_supported":["ES256","HS256","none"])"), kRules);

  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->jwks_uri, "https://idp.example/keys?a=b");
  EXPECT_EQ(read->algorithms, AlgorithmSet{Algorithm::es256});
}

TEST(Discovery, ListsNoAlgorithmWhereTheListIsAbsentNullOrEmpty) {
  EXPECT_FALSE(read_discovery(document("https://idp.example/k"), kRules)->algorithms);
  for (const std::string_view list : {"null", "[]"}) {
    const auto read =
        read_discovery(document("https://idp.example/k", R"("id_token_signing_alg_values_supported":)" + std::string(list)), kRules);
    EXPECT_FALSE(read->algorithms) << list;
  }
  const auto unknown = read_discovery(document("https://idp.example/k", R"("id_token_signing_alg_values_supported":["none"])"), kRules);
  ASSERT_TRUE(unknown->algorithms);
  EXPECT_TRUE(unknown->algorithms->empty()) << "a list of what we refuse leaves nothing";
}

TEST(Discovery, NamesTheConfiguredIssuerToTheByte) {
  for (const std::string_view issuer : {"https://idp.example/realm/", "https://IDP.example/realm", "https://evil.example", ""}) {
    const std::string text = R"({"issuer":")" + std::string(issuer) + R"(","jwks_uri":"https://idp.example/k"})";
    EXPECT_NE(fault(text).find("each byte counts"), std::string::npos) << issuer;
  }
  EXPECT_NE(fault(R"({"jwks_uri":"https://idp.example/k"})").find("`issuer` is nothing"), std::string::npos);
  EXPECT_NE(fault(R"({"issuer":7,"jwks_uri":"https://idp.example/k"})").find("`issuer` is integer"), std::string::npos);
}

TEST(Discovery, FindsKeysOnTheIssuersHostAndPortAlone) {
  for (const std::string_view uri : {"https://idp.example/k", "https://IDP.EXAMPLE:443/k", "HTTPS://idp.example/"})
    EXPECT_TRUE(read_discovery(document(uri), kRules)) << uri;
  for (const std::string_view uri :
       {"https://idp.example:8443/k", "https://keys.example/k", "https://idp.example.evil/k", "https://169.254.169.254/k"})
    EXPECT_NE(fault(document(uri)).find("jwksHosts"), std::string::npos) << uri;
}

TEST(Discovery, FindsKeysOnAllowedHostsToo) {
  DiscoveryRules rules = kRules;
  rules.jwks_hosts = {"keys.example", "10.0.0.1:6443", "[fd00::1]:6443"};
  rules.discovery_url = "https://inside.example:8443/doc";

  for (const std::string_view uri :
       {"https://keys.example/k", "https://10.0.0.1:6443/openid/v1/jwks", "https://[fd00::1]:6443/k", "https://inside.example:8443/k"})
    EXPECT_TRUE(read_discovery(document(uri), rules)) << uri;
  for (const std::string_view uri : {"https://keys.example:8443/k", "https://10.0.0.1/k", "https://inside.example/k"})
    EXPECT_NE(fault(document(uri), rules).find("jwksHosts"), std::string::npos) << uri;
}

TEST(Discovery, TakesHttpOnThisHostAlone) {
  const DiscoveryRules local{.issuer = "http://127.0.0.1:9000", .discovery_url = {}, .jwks_hosts = {"idp.example:80"}};
  const auto at = [](std::string_view uri) { return R"({"issuer":"http://127.0.0.1:9000","jwks_uri":")" + std::string(uri) + "\"}"; };

  EXPECT_TRUE(read_discovery(at("http://127.0.0.1:9000/k"), local));
  EXPECT_NE(fault(at("http://127.0.0.1:9001/k"), local).find("jwksHosts"), std::string::npos);
  EXPECT_NE(fault(at("http://idp.example/k"), local).find("is not https"), std::string::npos);
}

TEST(Discovery, RefusesEveryOtherPlace) {
  for (const std::string_view uri :
       {"file:///etc/passwd", "ftp://idp.example/k", "gopher://idp.example/", "data:application/json,{}", "//idp.example/k", "/k", "",
        "https://user:pw@idp.example/k", "https://idp.example/k#f", "https://idp.example/k\\r\\nX: y", "https://idp.example\\u0000/k"}) {
    EXPECT_NE(fault(document(uri)), "it was read") << uri;
  }
  EXPECT_NE(fault(document("https://idp.example/" + std::string(2048, 'a'))), "it was read");
  EXPECT_NE(fault(R"({"issuer":"https://idp.example/realm"})").find("`jwks_uri` is nothing"), std::string::npos);
}

TEST(Discovery, IsReadStrictly) {
  EXPECT_NE(fault(""), "it was read");
  EXPECT_NE(fault("[]").find("not an object"), std::string::npos);
  EXPECT_NE(fault(R"({"issuer":"https://idp.example/realm","issuer":"https://idp.example/realm","jwks_uri":"https://idp.example/k"})"),
            "it was read");
  EXPECT_NE(fault(document("https://idp.example/k") + std::string(1048576, ' ')), "it was read");
  for (const std::string_view list : {"\"RS256\"", "[1]", "{}"}) {
    EXPECT_NE(fault(document("https://idp.example/k", R"("id_token_signing_alg_values_supported":)" + std::string(list))), "it was read")
        << list;
  }
}

TEST(Discovery, KnowsEdDsaByBothNames) {
  EXPECT_EQ(algorithms_named({"EdDSA"}), (AlgorithmSet{Algorithm::eddsa, Algorithm::ed25519}));
  EXPECT_EQ(algorithms_named({"Ed25519", "x"}), (AlgorithmSet{Algorithm::eddsa, Algorithm::ed25519}));
  EXPECT_TRUE(algorithms_named({"none", "HS256"}).empty());
}

}  // namespace
}  // namespace portcullis
