// Section 2G: OIDC discovery, and where an answer could send us.
#include <gtest/gtest.h>

#include "base/io/curl_http.h"
#include "keystore/refresh/oidc_source.h"
#include "tests/attacks/attack.h"
#include "tests/support/fake_http.h"
#include "verifier/issuers.h"

namespace portcullis::attacks {
namespace {

constexpr std::string_view kIssuer = "https://idp.example";

OidcIssuerConfig issuer_at(std::string url) {
  OidcIssuerConfig issuer;
  issuer.issuer = std::move(url);
  return issuer;
}

/// A round against an issuer whose discovery is answered so; nobody but the issuer may have been asked, and once.
Reason answered(int status, const std::string& body, HttpHeaders headers = {}) {
  FakeHttp http;
  const FakeFiles files;
  http.answer(status, body, std::move(headers));
  const auto brought = make_oidc_source(&http, files, issuer_at(std::string(kIssuer)))->fetch(kNow);
  EXPECT_EQ(http.asked().size(), 1U) << body;
  EXPECT_EQ(http.asked().at(0).url, std::string(kIssuer) + "/.well-known/openid-configuration");
  return brought ? Reason::allowed : brought.error().reason;
}

std::string with_keys_at(std::string_view uri) { return R"({"issuer":"https://idp.example","jwks_uri":")" + std::string(uri) + "\"}"; }

TEST(Attacks2G, O1_RefusesADocumentOfAnotherIssuer) {
  EXPECT_EQ(answered(200, R"({"issuer":"https://evil.example","jwks_uri":"https://idp.example/keys"})"), Reason::discovery_invalid);
  EXPECT_EQ(answered(200, R"({"issuer":"https://idp.example/","jwks_uri":"https://idp.example/keys"})"), Reason::discovery_invalid);
}

TEST(Attacks2G, O2_FollowsNoRedirect) {
  for (const int status : {301, 302, 303, 307, 308})
    EXPECT_EQ(answered(status, with_keys_at("https://idp.example/keys"), {{"Location", "https://evil.example/"}}), Reason::io_failed)
        << status;
}

TEST(Attacks2G, O3_AsksForKeysNowhereElse) {
  for (const std::string_view uri :
       {"http://idp.example/keys", "file:///etc/passwd", "ftp://idp.example/keys", "gopher://idp.example/", "data:,{}",
        "https://evil.example/", "https://idp.example:8443/keys", "https://idp.example@evil.example/", "https://evil.example/#idp.example",
        "https://idp.example.evil.example/", "https://idp.example/\\r\\nHost: evil", "https://169.254.169.254/latest",
        "https://2852039166/", "https://[::ffff:169.254.169.254]/", "https://0251.0376.0251.0376/", "http://127.0.0.1/keys",
        "http://localhost/keys"})
    EXPECT_EQ(answered(200, with_keys_at(uri)), Reason::discovery_invalid) << uri;
}

TEST(Attacks2G, O4_ReachesNoMetadataServiceUnderAnyOfItsNames) {
  CurlHttp http("test");
  const FakeFiles files;
  for (const char* url :
       {"https://169.254.169.254", "https://2852039166", "https://0xa9fea9fe", "https://0251.0376.0251.0376",
        "https://[::ffff:169.254.169.254]", "https://[fd00:ec2::254]", "https://[64:ff9b::a9fe:a9fe]", "https://0.0.0.0"}) {
    const auto brought = make_oidc_source(&http, files, issuer_at(url))->fetch(kNow);
    ASSERT_FALSE(brought) << url;
    EXPECT_NE(brought.error().detail.find("an address that this call may not reach"), std::string::npos) << brought.error().detail;
  }
}

TEST(Attacks2G, O5_AnIssNeverChoosesWhoIsAsked) {
  const std::vector<IssuerRules> issuers = {{.issuer = std::string(kIssuer), .skips_verification = false, .tokens = {}}};
  for (const char* iss : {"https://evil.example", "https://idp.example/", "https://IDP.example", "http://idp.example"}) {
    const std::string text = mint(R"({"iss":")" + std::string(iss) + "\"}", key_pair("ED25519"), "EdDSA", "k1");
    const auto token = parse_token(text, {.bytes = 16384});
    ASSERT_TRUE(token);
    EXPECT_EQ(choose_source(*token, issuers).owner, std::nullopt) << iss;
  }
}

TEST(Attacks2G, O9_ReadsDocumentsStrictly) {
  EXPECT_EQ(answered(200, R"({"issuer":"https://idp.example","issuer":"https://idp.example","jwks_uri":"https://idp.example/keys"})"),
            Reason::discovery_invalid);
  EXPECT_EQ(answered(200, with_keys_at("https://idp.example/keys") + std::string(1'048'576, ' ')), Reason::discovery_invalid);
  EXPECT_EQ(answered(200, R"({"issuer":["https://idp.example"],"jwks_uri":"https://idp.example/keys"})"), Reason::discovery_invalid);
}

}  // namespace
}  // namespace portcullis::attacks
