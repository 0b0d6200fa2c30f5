// An issuer's keys: discovery, JWKS, algorithms, authorities and tokens, against a network of scripted answers.
#include "keystore/refresh/oidc_source.h"

#include <gtest/gtest.h>

#include "keystore/refresh/round.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_http.h"
#include "tests/support/printing.h"
#include "tests/support/tokens.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::key_pair;
using test::kNow;

const std::string kDocument = R"({"issuer":"https://idp.example","jwks_uri":"https://idp.example/keys"})";
const std::string kRsa = test::jwks_json({{"r1", &key_pair("RSA-2048")}});

/// A JWK with `kid` and further members, each with a comma before it.
std::string jwk(const test::KeyPair& pair, std::string_view kid, std::string_view more = {}) {
  std::string text = pair.public_jwk();
  text.pop_back();
  return text.append(R"(,"kid":")").append(kid).append("\"").append(more).append("}");
}

/// What the key called `id` serves; nothing where there is none.
AlgorithmSet served(const Result<ParsedKeys>& brought, std::string_view id) {
  for (const Key& key : brought->keys)
    if (key.id() == id) return key.algorithms();
  return {};
}

std::string document(std::string_view algorithms) {
  return R"({"issuer":"https://idp.example","jwks_uri":"https://idp.example/keys","id_token_signing_alg_values_supported":)" +
         std::string(algorithms) + "}";
}

class OidcSourceTest : public testing::Test {
 protected:
  OidcSourceTest() { config_.issuer = "https://idp.example"; }

  KeySource& source() {
    if (!source_) source_ = make_oidc_source(&http_, files_, config_);
    return *source_;
  }
  Error fault(TimePoint now = kNow) {
    const auto brought = source().fetch(now);
    return brought ? Error{Reason::allowed, "it was good"} : brought.error();
  }
  std::optional<std::string> header(std::size_t request, std::string_view called) {
    const OutgoingRequest asked = http_.asked().at(request);
    for (const auto& [name, value] : asked.headers)
      if (name == called) return value;
    return std::nullopt;
  }

  FakeHttp http_;
  FakeFiles files_;
  OidcIssuerConfig config_;
  std::unique_ptr<KeySource> source_;
};

TEST_F(OidcSourceTest, HasTheIssuersNameAndNoFiles) {
  EXPECT_EQ(source().name(), "oidc:https://idp.example");
  EXPECT_TRUE(source().watched_files().empty());
}

TEST_F(OidcSourceTest, AsksForTheDocumentAndThenForTheKeysWithinBounds) {
  http_.answer(200, kDocument);
  http_.answer(200, kRsa, {{"Cache-Control", "max-age=300"}});

  const auto brought = source().fetch(kNow);

  ASSERT_TRUE(brought) << brought.error().detail;
  EXPECT_EQ(brought->keys.at(0).id(), "r1");
  EXPECT_EQ(brought->origin.max_age, 300s);
  const auto asked = http_.asked();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].url, "https://idp.example/.well-known/openid-configuration");
  EXPECT_EQ(asked[1].url, "https://idp.example/keys");
  for (const OutgoingRequest& one : asked) {
    EXPECT_EQ(one.method, "GET");
    EXPECT_EQ(one.timeout, 5s);
    EXPECT_EQ(one.body_limit, 1048576U);
    EXPECT_EQ(one.reachable, ReachableHosts::with_loopback);
    EXPECT_FALSE(one.ca_pem);
  }
  EXPECT_FALSE(header(0, "Authorization"));
  EXPECT_FALSE(header(1, "Authorization"));
}

TEST_F(OidcSourceTest, ADocumentServesTenMinutes) {
  http_.answer(200, kDocument);
  http_.answer(200, kRsa, {{"ETag", "\"a\""}});
  http_.answer(304, "");
  http_.answer(200, kDocument);
  http_.answer(304, "");
  ASSERT_TRUE(source().fetch(kNow));

  EXPECT_TRUE(source().fetch(kNow + 10min - 1ms));
  EXPECT_EQ(http_.asked().size(), 3U);
  EXPECT_EQ(header(2, "If-None-Match"), "\"a\"");
  EXPECT_TRUE(source().fetch(kNow + 10min));
  EXPECT_EQ(http_.asked().size(), 5U);
}

TEST_F(OidcSourceTest, AFailedRoundAsksForTheDocumentAgain) {
  http_.answer(200, kDocument);
  http_.answer(500, "");
  http_.answer(200, R"({"issuer":"https://idp.example","jwks_uri":"https://idp.example/moved"})");
  http_.answer(200, kRsa);

  EXPECT_EQ(fault().reason, Reason::io_failed);
  EXPECT_TRUE(source().fetch(kNow + 1s));
  EXPECT_EQ(http_.asked().at(3).url, "https://idp.example/moved");
}

TEST_F(OidcSourceTest, SaysInZotsWordsWhatDoesNotWork) {
  http_.answer(404, "");
  http_.answer(302, "", {{"Location", "https://evil.example"}});
  http_.answer(200, "<html>");
  http_.fail("idp.example: SSL certificate problem");
  http_.answer(403, "");

  for (const std::string_view part :
       {"HTTP 404", "redirects are not followed", "discovery document", "certificate problem", "discoveryTokenFile"}) {
    const Error error = fault();
    EXPECT_NE(error.detail.find("failed to refresh OIDC provider from issuer https://idp.example: "), std::string::npos);
    EXPECT_NE(error.detail.find(part), std::string::npos) << error.detail;
  }
  EXPECT_EQ(http_.asked().size(), 5U) << "nobody but the issuer was asked";
}

TEST_F(OidcSourceTest, RefusesADocumentOfAnotherIssuerAndAsksNobodyForKeys) {
  http_.answer(200, R"({"issuer":"https://evil.example","jwks_uri":"https://idp.example/keys"})");
  http_.answer(200, R"({"issuer":"https://idp.example","jwks_uri":"https://evil.example/keys"})");

  EXPECT_EQ(fault().reason, Reason::discovery_invalid);
  EXPECT_EQ(fault().reason, Reason::discovery_invalid);
  EXPECT_EQ(http_.asked().size(), 2U);
}

TEST_F(OidcSourceTest, TrustsTheConfiguredAuthorityAloneAndReadsItsFileEachRound) {
  config_.certificate_authority_file = "/ca.pem";
  ASSERT_TRUE(files_.write("/ca.pem", "first", 0600));
  http_.answer(200, kDocument);
  http_.answer(200, kRsa);
  http_.answer(200, kRsa);

  ASSERT_TRUE(source().fetch(kNow));
  ASSERT_TRUE(files_.write("/ca.pem", "second", 0600));
  ASSERT_TRUE(source().fetch(kNow));
  files_.remove("/ca.pem");

  EXPECT_EQ(http_.asked().at(0).ca_pem, "first");
  EXPECT_EQ(http_.asked().at(1).ca_pem, "first");
  EXPECT_EQ(http_.asked().at(2).ca_pem, "second");
  EXPECT_NE(fault().detail.find("failed to read certificate authority file"), std::string::npos);
  EXPECT_EQ(http_.asked().size(), 3U);
}

TEST_F(OidcSourceTest, TrustsAnAuthorityThatStandsInTheConfiguration) {
  config_.certificate_authority = "pem";
  http_.answer(200, kDocument);
  http_.answer(200, kRsa);

  ASSERT_TRUE(source().fetch(kNow));
  EXPECT_EQ(http_.asked().at(1).ca_pem, "pem");
}

TEST_F(OidcSourceTest, SendsTheDiscoveryTokenToBothPlaces) {
  config_.discovery_token_file = "/token";
  ASSERT_TRUE(files_.write("/token", "a.b.c\n", 0600));
  http_.answer(200, kDocument);
  http_.answer(200, kRsa);

  ASSERT_TRUE(source().fetch(kNow));
  EXPECT_EQ(header(0, "Authorization"), "Bearer a.b.c");
  EXPECT_EQ(header(1, "Authorization"), "Bearer a.b.c");
}

TEST_F(OidcSourceTest, SendsNothingWhereTheTokenFileHoldsNone) {
  config_.discovery_token_file = "/token";
  for (const std::string_view text : {"", "\n", "two words", "a\r\nX: y"}) {
    ASSERT_TRUE(files_.write("/token", text, 0600));
    EXPECT_NE(fault().detail.find("holds no token"), std::string::npos) << text;
  }
  EXPECT_TRUE(http_.asked().empty());
}

TEST_F(OidcSourceTest, AKeyServesRs256WhereNobodySaysMore) {
  http_.answer(200, kDocument);
  http_.answer(200, R"({"keys":[)" + jwk(key_pair("RSA-2048"), "plain") + "," +
                        jwk(key_pair("RSA-2048", "second"), "says", R"(,"alg":"PS256")") + "," + jwk(key_pair("P-256"), "curve") + "," +
                        jwk(key_pair("P-384"), "named", R"(,"alg":"ES384")") + "]}");

  const auto brought = source().fetch(kNow);

  ASSERT_TRUE(brought) << brought.error().detail;
  ASSERT_EQ(brought->keys.size(), 3U);
  EXPECT_EQ(served(brought, "plain"), AlgorithmSet{Algorithm::rs256});
  EXPECT_EQ(served(brought, "says"), AlgorithmSet{Algorithm::ps256});
  EXPECT_EQ(served(brought, "named"), AlgorithmSet{Algorithm::es384});
  ASSERT_EQ(brought->quarantined.size(), 1U);
  EXPECT_EQ(brought->quarantined[0].id, "curve");
  EXPECT_EQ(brought->quarantined[0].error.reason, Reason::key_algorithm_unsupported);
}

TEST_F(OidcSourceTest, DiscoveryOnlyNarrows) {
  http_.answer(200, document(R"(["RS512","ES256","HS256"])"));
  http_.answer(200, R"({"keys":[)" + jwk(key_pair("RSA-2048"), "plain") + "," +
                        jwk(key_pair("RSA-2048", "second"), "says", R"(,"alg":"RS256")") + "," + jwk(key_pair("P-256"), "curve") + "]}");

  const auto brought = source().fetch(kNow);

  ASSERT_TRUE(brought);
  ASSERT_EQ(brought->keys.size(), 2U);
  EXPECT_EQ(served(brought, "plain"), AlgorithmSet{Algorithm::rs512});
  EXPECT_EQ(served(brought, "curve"), AlgorithmSet{Algorithm::es256});
  EXPECT_EQ(brought->quarantined.at(0).id, "says");
}

TEST_F(OidcSourceTest, ConfiguredAlgorithmsNarrowToo) {
  config_.algorithms = {"ES256", "RS256"};
  http_.answer(200, document(R"(["ES256","RS512"])"));
  http_.answer(200, R"({"keys":[)" + jwk(key_pair("RSA-2048"), "r") + "," + jwk(key_pair("P-256"), "e") + "]}");

  const auto brought = source().fetch(kNow);

  ASSERT_TRUE(brought);
  ASSERT_EQ(brought->keys.size(), 1U);
  EXPECT_EQ(brought->keys[0].id(), "e");
}

TEST_F(OidcSourceTest, AlgorithmsOpenMoreThanRs256WhereDiscoveryListsNone) {
  config_.algorithms = {"ES256"};
  http_.answer(200, kDocument);
  http_.answer(200, test::jwks_json({{"e", &key_pair("P-256")}}));

  EXPECT_EQ(source().fetch(kNow)->keys.at(0).algorithms(), AlgorithmSet{Algorithm::es256});
}

TEST_F(OidcSourceTest, ARoundWhoseKeysMayAllNotServeFails) {
  http_.answer(200, document(R"(["none","HS256"])"));
  http_.answer(200, kRsa);

  const Error error = fault();
  EXPECT_EQ(error.reason, Reason::keys_empty);
  EXPECT_NE(error.detail.find("1 set aside"), std::string::npos) << error.detail;
}

TEST_F(OidcSourceTest, AnUnusableKeyBesideAGoodOneIsSetAside) {
  http_.answer(200, document(R"(["RS256"])"));
  http_.answer(200, R"({"keys":[{"kty":"RSA","kid":"broken","n":"!"},{"kty":"x","kid":"odd"},{"kty":"oct","k":"AA","kid":"mac"},)" +
                        jwk(key_pair("RSA-2048", "second"), "enc", R"(,"use":"enc")") + "," + jwk(key_pair("RSA-2048"), "good") + "]}");

  const auto brought = source().fetch(kNow);

  ASSERT_TRUE(brought);
  EXPECT_EQ(brought->keys.size(), 1U);
  EXPECT_EQ(brought->quarantined.size(), 4U);
}

TEST_F(OidcSourceTest, OfflineKeysComeFromAWatchedFile) {
  config_.jwks_file = "/jwks.json";
  EXPECT_FALSE(is_remote(config_));
  EXPECT_EQ(source().watched_files(), std::vector<std::string>{"/jwks.json"});
  EXPECT_EQ(fault().reason, Reason::io_failed);
  ASSERT_TRUE(files_.write("/jwks.json", kRsa, 0600));
  EXPECT_EQ(source().fetch(kNow)->keys.at(0).algorithms(), AlgorithmSet{Algorithm::rs256});
  ASSERT_TRUE(files_.write("/jwks.json", "no JSON", 0600));
  EXPECT_NE(fault().detail.find("/jwks.json"), std::string::npos);
  EXPECT_TRUE(http_.asked().empty());
}

TEST_F(OidcSourceTest, KeysOfAnHourAgoStillServeAndAreStale) {
  http_.answer(200, kDocument);
  http_.answer(200, kRsa);
  SourceState state;
  state.max_stale = 24h;
  state = finish_round(state, source().fetch(kNow), 1, kNow).next;
  for (int minute = 1; minute <= 60; ++minute) {
    http_.fail("idp.example: timed out");
    state = finish_round(state, source().fetch(kNow + std::chrono::minutes(minute)), 2, kNow + std::chrono::minutes(minute)).next;
  }

  EXPECT_EQ(state.freshness(kNow + 1h), Freshness::stale);
  EXPECT_EQ(state.generation, 1U) << "cached tokens stay";
  EXPECT_NE(state.keys->find("r1"), nullptr);
  EXPECT_EQ(state.freshness(kNow + 24h), Freshness::stale);
  EXPECT_EQ(state.freshness(kNow + 24h + 1ms), Freshness::expired);
}

}  // namespace
}  // namespace portcullis
