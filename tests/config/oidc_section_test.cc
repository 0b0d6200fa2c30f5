#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

LoadedConfig issuer(const std::string& members) {
  return load({.bearer = R"("realm":"https://a/","service":"s","oidc":[{)" + members + "}]"});
}

constexpr std::string_view kPath = "http.auth.bearer.oidc[0]";

std::string at(std::string_view name) { return std::string(kPath) + "." + std::string(name); }

TEST(OidcIssuer, AWholeOneHasNoFaultButThatItIsNotAvailable) {
  const LoadedConfig loaded = issuer(
      R"("issuer":"https://i","audiences":"a","claimMapping":{"variables":[{"name":"org","expression":"claims.org"}],
         "validations":[{"expression":"true","message":"m"}],"username":"claims.email","groups":"claims.groups"},
         "certificateAuthority":"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n","skipIssuerVerification":true,"discoveryURL":"https://d",
         "discoveryTokenFile":"t","jwksFile":"j","algorithms":["RS256"],"jwksHosts":["h"],"usernamePrefix":"u:","groupsPrefix":"g:")");

  EXPECT_TRUE(refuses(loaded, "http.auth.bearer.oidc", "not available"));
  EXPECT_EQ(count_errors(loaded), 1U) << format_findings(loaded.findings);
}

TEST(OidcIssuer, HasZotsStartUpFaultsAtLoad) {
  EXPECT_TRUE(refuses(issuer(R"("audiences":["a"])"), at("issuer"), "issuer is required"));
  EXPECT_TRUE(refuses(issuer(R"("issuer":"","audiences":["a"])"), at("issuer"), "issuer is required"));
  EXPECT_TRUE(refuses(issuer(R"("issuer":"https://i")"), at("audiences"), "at least one audience must be specified"));
  EXPECT_TRUE(refuses(issuer(R"("issuer":"https://i","audiences":[])"), at("audiences"), "at least one audience must be specified"));
  EXPECT_TRUE(refuses(issuer(R"("issuer":"https://i","audiences":["a","  "])"), at("audiences"), "audience[1]: audience is empty"));
  EXPECT_TRUE(refuses(issuer(R"("issuer":"https://i","audiences":"a","certificateAuthority":"x","certificateAuthorityFile":"y")"),
                      at("certificateAuthorityFile"), "only one of certificateAuthority or certificateAuthorityFile can be set"));
  EXPECT_TRUE(refuses(issuer(R"("claimMapping":{"variables":[{"name":"","expression":"x"}]})"), at("claimMapping.variables[0].name"),
                      "variable name is empty"));
  EXPECT_TRUE(refuses(issuer(R"("claimMapping":{"validations":[{"expression":"x","message":""}]})"),
                      at("claimMapping.validations[0].message"), "validation error message is empty"));
}

TEST(OidcIssuer, RefusesUrlsThatAreNone) {
  EXPECT_TRUE(refuses(issuer(R"("issuer":"accounts.example.com","audiences":"a")"), at("issuer"), "absolute"));
  EXPECT_TRUE(refuses(issuer(R"("issuer":"https://i","audiences":"a","discoveryURL":"d")"), at("discoveryURL"), "absolute"));
}

}  // namespace
}  // namespace portcullis
