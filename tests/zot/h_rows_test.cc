// Section H of the compatibility table: OIDC. Each test is one row; its first line says what zot does. Throughout, where zot answers 401
// without a challenge (with traditional keys beside the issuers) or 401 for an issuer that it cannot reach, ours is a challenge, and 503.
// H36 (the write of a user profile fails) has no counterpart: nothing is written for a request.
#include <gtest/gtest.h>

#include "config/load.h"
#include "keystore/refresh/oidc_source.h"
#include "tests/support/issuer_gate.h"
#include "tests/support/printing.h"

namespace portcullis {
namespace {

using namespace test;                  // NOLINT(google-build-using-namespace): every name of the fixture is used here
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kTags = "/v2/team/app/tags/list";
constexpr std::string_view kUpload = "/v2/team/app/blobs/uploads/";

std::string jwks_of(const KeyPair& key = key_pair("ED25519"), std::string_view kid = "i1") { return jwks_json({{kid, &key}}); }

/// A gate whose first issuer showed `i1`.
class Shown : public IssuerGate {
 public:
  explicit Shown(const IssuerTexts& texts = {}) : IssuerGate(texts) { shows(jwks_of()); }
};
Shown shown_beside_traditional_keys() { return Shown({.traditional = true}); }
Shown shown_with(std::string_view members) { return Shown({.issuers = issuer_entry(kIdp, members)}); }

/// A token of the traditional key, with an access claim.
std::string traditional_token(std::string_view repository = "team/app") {
  const std::string payload = R"({"iss":"https://ours","aud":"registry","exp":)" + std::to_string(unix_seconds(kNow) + 60) +
                              R"(,"access":[{"type":"repository","name":")" + std::string(repository) + R"(","actions":["pull"]}]})";
  return mint(payload, key_pair("ED25519", "second"), "EdDSA", "k1");
}

/// A payload of `kIdp` for alice with `claims` in place of `aud` and times.
std::string payload_with(std::string_view claims) { return R"({"iss":"https://idp.example","sub":"alice",)" + std::string(claims) + "}"; }
std::string with_audience(std::string_view audience) {
  const std::string exp = R"("exp":)" + std::to_string(unix_seconds(kNow) + 60);
  return issuer_token_of(payload_with(audience.empty() ? exp : exp + R"(,"aud":)" + std::string(audience)));
}
std::string with_time(std::string_view claim, std::int64_t offset) {
  const std::string exp = claim == "exp" ? "" : R"("exp":)" + std::to_string(unix_seconds(kNow) + 3600) + ",";
  return issuer_token_of(
      payload_with(R"("aud":"registry",)" + exp + "\"" + std::string(claim) + "\":" + std::to_string(unix_seconds(kNow) + offset)));
}

void expect_user(const GateAnswer& answer, std::string_view user, std::string_view groups = "-") {
  EXPECT_EQ(answer.http.status, 200) << describe(answer);
  EXPECT_EQ(header_of(answer, "X-Auth-Request-User"), user);
  EXPECT_EQ(header_of(answer, "X-Auth-Request-Groups"), groups);
}

void expect_refused(const GateAnswer& answer, Reason reason, int status = 401) {
  EXPECT_EQ(answer.http.status, status) << describe(answer);
  EXPECT_EQ(reason_of(answer), reason);
  EXPECT_EQ(header_count(answer, "WWW-Authenticate"), status == 401 ? 1U : 0U);
}

// zot: username is iss, "/", sub; no groups.
TEST(ZotRowsH, H1_TheUserIsIssuerAndSubject) { expect_user(Shown().ask(issuer_token()), "https://idp.example/alice"); }

// zot: OIDC wins, and the access claim is not looked at.
TEST(ZotRowsH, H2_AnAccessClaimOfAnIssuerGivesNothing) {
  Shown gate = shown_beside_traditional_keys();
  const std::string token =
      issuer_token(kIdp, key_pair("ED25519"), "i1", R"("access":[{"type":"repository","name":"team/app","actions":["pull","push"]}])");

  expect_user(gate.ask(token), "https://idp.example/alice");
  expect_refused(gate.ask(token, kUpload, "POST"), Reason::policy_denied, 403);
}

// zot: the traditional keys are tried. Ours: they judge every token that no issuer owns, and none that one does.
TEST(ZotRowsH, H3_TheTraditionalKeysJudgeWhatNoIssuerOwns) {
  Shown gate = shown_beside_traditional_keys();

  EXPECT_EQ(gate.ask(traditional_token()).http.status, 200);
  const std::string claims = payload_with(R"("aud":"registry","exp":9999999999)");
  expect_refused(gate.ask(mint(claims, key_pair("ED25519", "second"), "EdDSA", "k1")), Reason::key_unknown);
}

// zot: 401 and the challenge of the scope.
TEST(ZotRowsH, H4_ATraditionalTokenWithoutTheScopeIsChallenged) {
  const GateAnswer answer = shown_beside_traditional_keys().ask(traditional_token("team/other"));

  expect_refused(answer, Reason::scope_insufficient);
  EXPECT_EQ(header_of(answer, "WWW-Authenticate"), scope_challenge_of("repository:team/app:pull"));
}

// zot: 401 without a challenge. Ours: the challenge of an expired token.
TEST(ZotRowsH, H5_AnExpiredTokenIsChallengedBesideTraditionalKeysToo) {
  const GateAnswer answer = shown_beside_traditional_keys().ask(with_time("exp", -60));

  expect_refused(answer, Reason::token_expired);
  EXPECT_EQ(header_of(answer, "WWW-Authenticate"), expired_challenge_of("repository:team/app:pull"));
}

// zot: not accepted.
TEST(ZotRowsH, H6_AnEmptyUserNameIsRefused) {
  expect_refused(shown_with(R"("claimMapping":{"username":"''"})").ask(issuer_token()), Reason::identity_empty);
}

// zot: a text that is configured, or a list that holds one, passes.
TEST(ZotRowsH, H7H8_OneConfiguredAudienceIsEnough) {
  for (const char* audience : {R"("registry")", R"(["registry"])", R"(["other","registry"])"})
    EXPECT_EQ(Shown().ask(with_audience(audience)).http.status, 200) << audience;
}

// zot: "token audience does not match any of the expected audiences", "missing 'aud' claim", "failed to unmarshal claims".
TEST(ZotRowsH, H9toH13_OtherAudiencesAreRefused) {
  for (const char* audience : {R"("other")", R"(["other","Registry"])", R"("")", R"("registry ")", "[]", "", "null"}) {
    const GateAnswer answer = Shown().ask(with_audience(audience));
    EXPECT_EQ(answer.http.status, 401) << audience;
    EXPECT_TRUE(reason_of(answer) == Reason::audience_mismatch || reason_of(answer) == Reason::claim_invalid) << describe(answer);
  }
  for (const char* audience : {"7", "{}", R"(["registry",1])", "true"})
    expect_refused(Shown().ask(with_audience(audience)), Reason::claim_invalid);
}

// zot: trimmed for verification, and not for the ownership of the token exchange. Ours: in both.
TEST(ZotRowsH, H14_BlanksAroundAConfiguredAudienceAreCut) {
  Shown gate({.issuers = R"({"issuer":"https://idp.example","audiences":["  registry "]})"});

  EXPECT_EQ(gate.ask(issuer_token()).http.status, 200);
  EXPECT_EQ(gate.ask(with_audience(R"("  registry ")")).http.status, 401);
}

// zot: "oidc: token is expired", without leeway. Ours: with the configured one, 10 s where nothing is said.
TEST(ZotRowsH, H15_AnExpiredTokenIsRefused) {
  EXPECT_EQ(Shown().ask(with_time("exp", -9)).http.status, 200);
  expect_refused(Shown().ask(with_time("exp", -10)), Reason::token_expired);
}

// zot: taken for the year 1, expired.
TEST(ZotRowsH, H16_ATokenWithoutExpiryIsRefused) {
  expect_refused(Shown().ask(issuer_token_of(payload_with(R"("aud":"registry")"))), Reason::expiry_missing);
}

// zot: ignored in both cases. Ours: it may be missing, and must not lie ahead of us by more than the leeway.
TEST(ZotRowsH, H17_TheTimeOfIssueMayBeMissingAndNotAhead) {
  EXPECT_EQ(Shown().ask(with_audience(R"("registry")")).http.status, 200);
  EXPECT_EQ(Shown().ask(with_time("iat", 10)).http.status, 200);
  expect_refused(Shown().ask(with_time("iat", 11)), Reason::token_issued_in_future);
}

// zot: five minutes of leeway for nbf alone. Ours: the one leeway.
TEST(ZotRowsH, H18_ATokenThatIsNotGoodYetHasTheLeeway) {
  EXPECT_EQ(Shown().ask(with_time("nbf", 10)).http.status, 200);
  expect_refused(Shown().ask(with_time("nbf", 11)), Reason::token_not_yet_valid);
}

// zot: "id token issued by a different provider".
TEST(ZotRowsH, H19_TheIssuerCountsToTheByte) {
  for (const char* iss : {"https://idp.example/", "https://IDP.example", "http://idp.example", "idp.example", ""})
    expect_refused(Shown().ask(issuer_token(iss)), Reason::issuer_mismatch);
}

// zot: "accounts.google.com" stands for "https://accounts.google.com". Ours: no issuer has two names; Google's tokens carry the URL.
TEST(ZotRowsH, H20_NoIssuerHasASecondName) {
  constexpr std::string_view kGoogle = "https://accounts.google.com";
  IssuerGate gate({.issuers = issuer_entry(kGoogle)});
  gate.shows(jwks_of(), discovery_document(kGoogle));

  EXPECT_EQ(gate.ask(issuer_token(kGoogle)).http.status, 200);
  expect_refused(gate.ask(issuer_token("accounts.google.com")), Reason::issuer_mismatch);
}

// zot: the token's iss is not looked at, signature and audience are; the document's issuer must be the configured one all the same.
TEST(ZotRowsH, H21_SkippedIssuerVerificationSkipsNothingElse) {
  Shown gate = shown_with(R"("skipIssuerVerification":true)");

  expect_user(gate.ask(issuer_token("https://another.example")), "https://idp.example/alice");
  expect_refused(gate.ask(issuer_token("https://another.example", key_pair("ED25519", "second"))), Reason::bad_signature);
  expect_refused(gate.ask(with_audience(R"("other")")), Reason::audience_mismatch);
  gate.shows(jwks_of(), discovery_document("https://another.example"));
  EXPECT_NE(gate.fault().find("each byte counts"), std::string::npos) << gate.fault();
}

std::string of_algorithm(const KeyPair& key, std::string_view algorithm) {
  return mint(payload_with(R"("aud":"registry","exp":9999999999)"), key, algorithm, "i1");
}

// zot: of the listed ones those that it knows.
TEST(ZotRowsH, H22_DiscoveryNarrowsTheAlgorithms) {
  IssuerGate gate;
  gate.shows(jwks_of(key_pair("RSA-2048")), discovery_document(kIdp, R"(["none","HS256","PS256"])"));

  EXPECT_EQ(gate.ask(of_algorithm(key_pair("RSA-2048"), "PS256")).http.status, 200);
  expect_refused(gate.ask(of_algorithm(key_pair("RSA-2048"), "RS256")), Reason::alg_key_mismatch);
}

// zot: RS256 alone.
TEST(ZotRowsH, H23_WithoutAListItIsRs256) {
  for (const char* list : {"", "[]"}) {
    IssuerGate gate;
    gate.shows(jwks_of(key_pair("RSA-2048")), discovery_document(kIdp, list));

    EXPECT_EQ(gate.ask(of_algorithm(key_pair("RSA-2048"), "RS256")).http.status, 200);
    expect_refused(gate.ask(of_algorithm(key_pair("RSA-2048"), "PS256")), Reason::alg_key_mismatch);
  }
}

// zot: every key is tried in turn. Ours: exactly one key may fit.
TEST(ZotRowsH, H24_WithoutAKeyIdExactlyOneKeyFits) {
  const std::string token = mint(R"({"alg":"EdDSA"})", payload_with(R"("aud":"registry","exp":9999999999)"), key_pair("ED25519"), "EdDSA");
  Shown gate;
  EXPECT_EQ(gate.ask(token).http.status, 200);

  gate.shows(jwks_json({{"i1", &key_pair("ED25519")}, {"i2", &key_pair("ED25519", "second")}}));
  expect_refused(gate.ask(token), Reason::kid_missing);
}

// zot: the keys are fetched for each such token, inside its request. Ours: an unknown id asks for a round, of which there is one in a
// cool-down (tests/plugin/keeper_issuers_test.cc); a bad signature asks for none; and nothing is fetched inside a request.
TEST(ZotRowsH, H25_NoTokenFetchesKeys) {
  Shown gate;
  const std::size_t asked = gate.network().asked().size();

  expect_refused(gate.ask(issuer_token(kIdp, key_pair("ED25519"), "unknown")), Reason::key_unknown);
  expect_refused(gate.ask(issuer_token(kIdp, key_pair("ED25519", "second"))), Reason::bad_signature);
  EXPECT_EQ(gate.network().asked().size(), asked);
  for (const auto& [kid, wanting] : {std::pair{"unknown", 1U}, std::pair{"i1", 0U}}) {
    Deferral deferral;
    const std::string token = issuer_token(kIdp, key_pair("ED25519", "second"), kid);
    EXPECT_FALSE(check_token(token, gate.gate().state(), nullptr, kNow, nullptr, &deferral));
    EXPECT_EQ(deferral.lacking.size(), wanting) << kid;
  }
}

// zot: rejected.
TEST(ZotRowsH, H26_CriticalHeadersOtherFormsAndUnsignedTokensAreRefused) {
  const std::string payload = payload_with(R"("aud":"registry","exp":9999999999)");
  const KeyPair& key = key_pair("ED25519");
  EXPECT_EQ(Shown().ask(mint(R"({"alg":"EdDSA","kid":"i1","crit":["exp"],"exp":1})", payload, key, "EdDSA")).http.status, 401);
  EXPECT_EQ(Shown().ask(with_signature(signing_input(R"({"alg":"none","kid":"i1"})", payload), "")).http.status, 401);
  EXPECT_EQ(Shown().ask(R"({"payload":"e30","signatures":[]})").http.status, 401);
}

// zot: 401, "invalid or unreachable oidc issuer: failed to refresh OIDC provider from issuer …". Ours: 503, the words in log and status.
TEST(ZotRowsH, H27_AnIssuerThatCannotBeAskedIs503) {
  IssuerGate gate({.traditional = true});
  gate.network().answer(404, "");
  gate.network().answer(500, "");
  gate.network().answer(200, "<html>");
  gate.network().fail("SSL peer certificate or SSH remote key was not OK");

  for (const char* part : {"HTTP 404", "HTTP 500", "discovery document", "certificate", "nothing more"}) {
    gate.round();
    EXPECT_NE(gate.fault().find("failed to refresh OIDC provider from issuer https://idp.example: "), std::string::npos) << gate.fault();
    EXPECT_NE(gate.fault().find(part), std::string::npos) << gate.fault();
    const GateAnswer answer = gate.ask(issuer_token());
    expect_refused(answer, Reason::keys_not_loaded, 503);
    EXPECT_EQ(header_count(answer, "Retry-After"), 1U);
  }
  EXPECT_EQ(gate.ask(traditional_token()).http.status, 200) << "nobody else notices";
}

// zot: as H27.
TEST(ZotRowsH, H28_ADocumentOfAnotherIssuerIsRefused) {
  IssuerGate gate;
  gate.shows(jwks_of(), discovery_document("https://idp.example/"));

  EXPECT_EQ(gate.source().last_error->reason, Reason::discovery_invalid);
  expect_refused(gate.ask(issuer_token()), Reason::keys_not_loaded, 503);
}

// zot: starts; each token tries again. Ours: starts; rounds try again, with back-off.
TEST(ZotRowsH, H29_AnIssuerMayComeUpLater) {
  IssuerGate gate;
  gate.round();
  expect_refused(gate.ask(issuer_token()), Reason::keys_not_loaded, 503);

  gate.shows(jwks_of());
  EXPECT_EQ(gate.ask(issuer_token()).http.status, 200);
}

// zot: its keys serve a minute more. Ours: up to maxStale, and are called stale.
TEST(ZotRowsH, H30_AnIssuerThatGoesDownIsServedFromItsLastKeys) {
  Shown gate;
  const auto token = issuer_token_of(payload_with(R"("aud":"registry","exp":9999999999)"));
  for (int minute = 1; minute <= 60; ++minute) gate.round(0, kNow + std::chrono::minutes(minute));

  EXPECT_EQ(gate.source().freshness(kNow + 1h), Freshness::stale);
  EXPECT_EQ(gate.ask(token, kTags, "GET", kNow + 1h).http.status, 200);
  EXPECT_EQ(gate.ask(token, kTags, "GET", kNow + 24h).http.status, 200);
  expect_refused(gate.ask(token, kTags, "GET", kNow + 24h + 1ms), Reason::keys_stale, 503);
}

// zot: the issuer without the slash at its end, and the well-known path.
TEST(ZotRowsH, H31_TheDocumentStandsBesideTheIssuer) {
  for (const char* issuer : {"https://idp.example/realm", "https://idp.example/realm/"}) {
    IssuerGate gate({.issuers = issuer_entry(issuer)});
    gate.round();
    EXPECT_EQ(gate.network().asked().at(0).url, "https://idp.example/realm/.well-known/openid-configuration");
  }
}

// zot: trusted instead of the system's, for both calls.
TEST(ZotRowsH, H32_TheConfiguredAuthorityIsTrustedAlone) {
  OidcIssuerConfig issuer;
  issuer.issuer = kIdp;
  issuer.certificate_authority = "a certificate";
  FakeHttp http;
  const FakeFiles files;
  http.answer(200, discovery_document());
  http.answer(200, jwks_of());

  ASSERT_TRUE(make_oidc_source(&http, files, issuer)->fetch(kNow));
  for (const OutgoingRequest& request : http.asked()) EXPECT_EQ(request.ca_pem, "a certificate") << request.url;
  EXPECT_EQ(http.asked().size(), 2U);
}

// zot: every issuer is tried in turn, discovery included. Ours: the owner of the token's iss alone.
TEST(ZotRowsH, H33_OnlyTheOwnerIsTried) {
  IssuerGate gate({.issuers = issuer_entry("https://first.example") + "," + issuer_entry()});
  gate.shows(jwks_of(), discovery_document(), 1);

  expect_user(gate.ask(issuer_token()), "https://idp.example/alice");
  expect_refused(gate.ask(issuer_token("https://first.example")), Reason::keys_not_loaded, 503);
  EXPECT_TRUE(gate.network(0).asked().empty());
}

// zot: all errors, a line each. Ours: that of the one that judged.
TEST(ZotRowsH, H34_TheRefusalIsOfTheOneThatJudged) {
  IssuerGate gate({.issuers = issuer_entry("https://first.example") + "," + issuer_entry()});
  gate.shows(jwks_of(), discovery_document(), 1);

  const GateAnswer answer = gate.ask(issuer_token(kIdp, key_pair("ED25519", "second")));
  expect_refused(answer, Reason::bad_signature);
  EXPECT_EQ(answer.decision->refusal->detail.find("first.example"), std::string::npos);
}

bool refuses_to_load(const IssuerTexts& texts, std::string_view fragment) {
  const LoadedConfig loaded = load_config_text(issuer_config(texts), "/etc/portcullis", {});
  const bool refused = !loaded.config && format_findings(loaded.findings).find(fragment) != std::string::npos;
  EXPECT_TRUE(refused) << format_findings(loaded.findings);
  return refused;
}

// zot: an authorizer without providers.
TEST(ZotRowsH, H35_NoIssuersAreALoadError) { refuses_to_load({.issuers = ""}, "http.auth.bearer.oidc: names no issuer"); }

// zot: everything is allowed, push and delete too.
TEST(ZotRowsH, H37_WithoutAccessControlNothingLoads) {
  refuses_to_load({.issuers = issuer_entry(), .access_control = ""}, "needs http.accessControl");
}

// zot: section J.
TEST(ZotRowsH, H38_ThePoliciesDecide) {
  Shown gate = shown_with(R"("claimMapping":{"username":"claims.sub"})");

  EXPECT_EQ(gate.ask(issuer_token(), kUpload, "POST").http.status, 200);
  expect_refused(gate.ask(issuer_token(), "/v2/team/app/manifests/v1", "DELETE"), Reason::policy_denied, 403);
  expect_refused(gate.ask(issuer_token(), "/v2/elsewhere/tags/list"), Reason::policy_denied, 403);
}

// zot: no effect. Ours: added to the groups of the token.
TEST(ZotRowsH, H39_GroupsOfTheConfigurationCount) {
  IssuerTexts texts;
  texts.access_control += R"(,"groups":{"g":{"users":["https://idp.example/alice"]}})";
  Shown gate(texts);

  EXPECT_EQ(gate.ask(issuer_token(), kUpload, "POST").http.status, 200);
}

}  // namespace
}  // namespace portcullis
