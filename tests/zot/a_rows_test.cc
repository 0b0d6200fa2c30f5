// Section A of the compatibility table: the Authorization header. Each test is one row; its first line says what zot does.
#include <gtest/gtest.h>

#include <string>

#include "config/load.h"
#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

GateAnswer ask(std::string_view uri, std::optional<std::string> authorization) {
  TestGate gate;
  return gate.ask(nginx_asks("GET", uri, authorization ? std::optional<std::string_view>(*authorization) : std::nullopt));
}

/// The answer to this Authorization value on a repository route that `good()` may read.
GateAnswer ask(const std::string& authorization) { return ask("/v2/foo/tags/list", authorization); }

std::string good() { return good_token("foo", "pull"); }

void expect_challenge(const GateAnswer& answer, Reason reason, const std::string& challenge) {
  EXPECT_EQ(answer.http.status, 401) << describe(answer);
  EXPECT_EQ(reason_of(answer), reason);
  EXPECT_EQ(header_of(answer, "WWW-Authenticate"), challenge);
}

void expect_malformed(const GateAnswer& answer) {
  expect_challenge(answer, Reason::authorization_malformed, invalid_token_challenge_of("repository:foo:pull"));
}

void expect_other_scheme(const GateAnswer& answer) {
  expect_challenge(answer, Reason::scheme_unsupported, challenge_of("repository:foo:pull"));
}

void expect_pass(const GateAnswer& answer) { EXPECT_EQ(answer.http.status, 200) << describe(answer); }

// zot: 401 with scope="" and a bare error object; ours is the list of the distribution specification.
TEST(ZotRowsA, A1_NoHeaderOnBaseIsChallengedWithAnEmptyScope) {
  const GateAnswer answer = ask("/v2/", std::nullopt);
  expect_challenge(answer, Reason::token_missing, challenge_of(""));
  EXPECT_EQ(answer.http.body,
            R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":{"id":"0123456789abcdef"}}]})");
}

// zot: 401 with the route's scope.
TEST(ZotRowsA, A2_NoHeaderOnARepositoryIsChallengedWithItsScope) {
  expect_challenge(ask("/v2/foo/tags/list", std::nullopt), Reason::token_missing, challenge_of("repository:foo:pull"));
}

// zot: as A1 and A2.
TEST(ZotRowsA, A3_AnEmptyHeaderIsNoCredential) {
  expect_challenge(ask("/v2/", ""), Reason::token_missing, challenge_of(""));
  expect_challenge(ask("/v2/foo/tags/list", ""), Reason::token_missing, challenge_of("repository:foo:pull"));
}

// zot: passes.
TEST(ZotRowsA, A4_ABearerTokenPasses) { expect_pass(ask("Bearer " + good())); }

// zot: passes.
TEST(ZotRowsA, A5_TheSchemePassesInAnyLetterCase) {
  for (const std::string scheme : {"bearer ", "BEARER ", "bEaReR "}) expect_pass(ask(scheme + good()));
}

// zot: 401 UNSUPPORTED without a challenge. Ours follows RFC 6750: one blank or more.
TEST(ZotRowsA, A6_TwoBlanksPass) { expect_pass(ask("Bearer  " + good())); }

// zot: passes where only OIDC is configured; here both ways read the header alike.
TEST(ZotRowsA, A7_TwoBlanksPassForEverySource) { expect_pass(ask("Bearer   " + good())); }

// zot: 401 UNSUPPORTED without a challenge.
TEST(ZotRowsA, A8_ATabIsNoBlank) { expect_malformed(ask("Bearer\t" + good())); }

// zot: passes, by accident. Ours refuses it.
TEST(ZotRowsA, A9_ATokenWithoutASchemeIsRefused) { expect_malformed(ask(good())); }

// zot: 401.
TEST(ZotRowsA, A10_ATokenWithoutASchemeIsRefusedForEverySource) {
  const GateAnswer answer = ask("/v2/", good());
  expect_challenge(answer, Reason::authorization_malformed, invalid_token_challenge_of(""));
}

// zot: 401 UNSUPPORTED without a challenge.
TEST(ZotRowsA, A11_AnotherSchemeIsChallenged) { expect_other_scheme(ask("Token " + good())); }

// zot: 401 UNSUPPORTED without a challenge.
TEST(ZotRowsA, A12_BasicIsChallengedForABearerToken) { expect_other_scheme(ask("Basic dXNlcjpwYXNz")); }

// zot: 401 UNSUPPORTED without a challenge.
TEST(ZotRowsA, A13_EmptyBasicCredentialsAreChallenged) { expect_other_scheme(ask("Basic Og==")); }

// zot: with OIDC, 401 and a challenge, in any letter case.
TEST(ZotRowsA, A14_EmptyBasicCredentialsAreChallengedInAnyLetterCase) {
  for (const std::string scheme : {"basic", "BASIC", "bAsIc"}) expect_other_scheme(ask(scheme + " Og=="));
}

// zot: with OIDC, 401 and a challenge.
TEST(ZotRowsA, A15_BasicWithJunkIsChallenged) { expect_other_scheme(ask("Basic xxx")); }

// zot: 401 UNSUPPORTED: its pattern is not anchored and makes `Foo <token>` of it.
TEST(ZotRowsA, A16_BearerBehindAnotherSchemeIsNotLookedFor) { expect_other_scheme(ask("Foo Bearer " + good())); }

// zot: 401 UNSUPPORTED: its pattern makes `x<token>` of it.
TEST(ZotRowsA, A17_ASchemeThatEndsInBearerIsAnotherScheme) { expect_other_scheme(ask("xBearer " + good())); }

// zot: 401 UNSUPPORTED without a challenge.
TEST(ZotRowsA, A18_BearerWithoutATokenIsRefused) {
  expect_malformed(ask("Bearer"));
  expect_malformed(ask("Bearer "));
}

// zot: 401 UNSUPPORTED without a challenge.
TEST(ZotRowsA, A19_MoreThanOneTokenIsRefused) {
  expect_malformed(ask("Bearer a b"));
  expect_malformed(ask("Bearer " + good() + ", Basic z"));
  expect_malformed(ask("Bearer " + good() + " " + good()));
}

// zot: 401 UNSUPPORTED without a challenge, even where both are identical.
TEST(ZotRowsA, A20_TwoAuthorizationHeadersAreRefused) {
  TestGate gate;
  const std::string token = bearer(good());
  for (const std::string& second : {token, std::string("Basic Og=="), std::string("")}) {
    const GateAnswer answer = gate.ask(nginx_asks("GET", "/v2/foo/tags/list", token).with("authorization", second));
    expect_challenge(answer, Reason::multiple_credentials, invalid_token_challenge_of("repository:foo:pull"));
  }
}

// zot: with OIDC, 401 and the route's challenge.
TEST(ZotRowsA, A21_NoHeaderIsChallengedForEverySource) {
  expect_challenge(ask("/v2/foo/manifests/v1", std::nullopt), Reason::token_missing, challenge_of("repository:foo:pull"));
}

// zot: without a realm, 401 without WWW-Authenticate. Ours does not start without one, so every 401 has exactly one.
TEST(ZotRowsA, A22_EveryChallengeHasARealm) {
  const LoadedConfig loaded = load_config_text(
      R"({"http":{"auth":{"bearer":{"service":"s"}}},"portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"k"},"proxy":{"trusted":["127.0.0.1/32"]}}})",
      "/", {});
  EXPECT_TRUE(loaded.has_errors());
  for (const std::string uri : {"/v2/", "/v2/_catalog", "/v2/foo/tags/list"})
    EXPECT_EQ(header_count(ask(uri, std::nullopt), "WWW-Authenticate"), 1U);
}

// zot: with OIDC and an empty service, the challenge has service="". Ours does not start without one.
TEST(ZotRowsA, A23_EveryChallengeHasAService) {
  const LoadedConfig loaded = load_config_text(
      R"({"http":{"auth":{"bearer":{"realm":"https://r"}}},"portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"k"},"proxy":{"trusted":["127.0.0.1/32"]}}})",
      "/", {});
  EXPECT_TRUE(loaded.has_errors());
}

// zot: with OIDC, 401 with a challenge.
TEST(ZotRowsA, A24_ABadTokenIsChallengedSoThatClientsRefresh) {
  const std::string expired = token_of(R"({"sub":"alice","exp":1})");
  expect_challenge(ask(bearer(expired)), Reason::token_expired, expired_challenge_of("repository:foo:pull"));
}

// zot: with traditional tokens, 401 UNSUPPORTED without a challenge: clients never refresh. Ours always challenges.
TEST(ZotRowsA, A25_ABadTraditionalTokenIsChallengedToo) {
  const std::string scope = invalid_token_challenge_of("repository:foo:pull");
  const std::string forged = mint(good_payload(kNow, "foo"), key_pair("ED25519", "other"), "EdDSA", "k1");
  expect_challenge(ask(bearer(forged)), Reason::bad_signature, scope);
  expect_challenge(ask("Bearer a.b"), Reason::token_malformed, scope);
  EXPECT_EQ(ask(bearer(forged)).http.body,
            R"({"errors":[{"code":"UNAUTHORIZED","message":"the token is not valid here","detail":{"id":"0123456789abcdef"}}]})");
}

}  // namespace
}  // namespace portcullis
