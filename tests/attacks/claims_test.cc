// Section 2E: time, lifetime, and what else a good signature does not vouch for.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::string_view kAccess = R"("access":[{"type":"repository","name":"team/app","actions":["pull"]}])";
/// `leeway` of the configuration's defaults.
constexpr std::int64_t kLeeway = 10;
constexpr std::int64_t kNowSeconds = unix_seconds(kNow);

std::string claim(std::string_view name, std::int64_t offset) {
  return "\"" + std::string(name) + "\":" + std::to_string(kNowSeconds + offset);
}

std::string token_with(std::string_view members) {
  return token_of("{\"sub\":\"alice\"," + std::string(members) + "," + std::string(kAccess) + "}");
}

TEST(Attacks2E, C1_HoldsAnExpiryToTheSecond) {
  TestGate gate;

  expect_token_refused(gate, token_with(claim("exp", -3600)), Reason::token_expired);
  expect_token_refused(gate, token_with(claim("exp", -kLeeway - 1)), Reason::token_expired);
  expect_token_refused(gate, token_with(claim("exp", -kLeeway)), Reason::token_expired);
  expect_token_allowed(gate, token_with(claim("exp", -kLeeway + 1)));
  expect_token_allowed(gate, token_with(claim("exp", 1)));
  // Valid while now < exp + leeway, to the millisecond.
  const std::string token = token_with(claim("exp", -kLeeway + 1));
  EXPECT_REASON(verdict_on(gate, token, kNow + Milliseconds(999)), Reason::allowed);
  EXPECT_REASON(verdict_on(gate, token, kNow + Milliseconds(1000)), Reason::token_expired);
}

TEST(Attacks2E, C2_RefusesATokenWithoutExpiryUnlessConfigured) {
  TestGate gate;
  TestGate lenient = gate_configured(R"("tokens":{"issuers":["any"],"audiences":["any"],"requireExpiry":false})");

  expect_token_refused(gate, token_with(R"("jti":"1")"), Reason::expiry_missing);
  expect_token_allowed(lenient, token_with(R"("jti":"1")"));
  expect_token_refused(lenient, token_with(claim("exp", -kLeeway)), Reason::token_expired);
}

TEST(Attacks2E, C3_RefusesTokensFromTheFuture) {
  TestGate gate;
  const std::string exp = claim("exp", 3600) + ",";

  expect_token_allowed(gate, token_with(exp + claim("nbf", kLeeway)));
  expect_token_refused(gate, token_with(exp + claim("nbf", kLeeway + 1)), Reason::token_not_yet_valid);
  expect_token_allowed(gate, token_with(exp + claim("iat", kLeeway)));
  expect_token_refused(gate, token_with(exp + claim("iat", kLeeway + 1)), Reason::token_issued_in_future);
}

TEST(Attacks2E, C4_BoundsTheLifetimeWhereConfigured) {
  TestGate gate = gate_configured(R"("tokens":{"issuers":["any"],"audiences":["any"],"maxLifetime":"24h"})");

  expect_token_allowed(gate, token_with(claim("iat", 0) + "," + claim("exp", 86'400)));
  expect_token_refused(gate, token_with(claim("iat", 0) + "," + claim("exp", 86'401)), Reason::lifetime_too_long);
  expect_token_refused(gate, token_with(claim("iat", 0) + "," + claim("exp", 315'360'000)), Reason::lifetime_too_long);
  expect_token_refused(gate, token_with(claim("exp", 60)), Reason::lifetime_too_long);
}

TEST(Attacks2E, C5_NeverWrapsATime) {
  TestGate gate;

  for (const char* number : {"9223372036854775807", "9223372036854775797", "253402300800"}) {
    expect_token_refused(gate, token_with("\"exp\":" + std::string(number)), Reason::claim_invalid);
    expect_token_refused(gate, token_with(claim("exp", 60) + ",\"nbf\":" + number), Reason::claim_invalid);
  }
  const std::string last = token_with("\"exp\":253402300799");
  expect_token_allowed(gate, last);
  EXPECT_REASON(verdict_on(gate, token_with("\"exp\":0,\"nbf\":0"), TimePoint(seconds(0))), Reason::allowed);
  EXPECT_REASON(verdict_on(gate, token_with("\"exp\":0"), TimePoint(seconds(kLeeway))), Reason::token_expired);
  EXPECT_REASON(verdict_on(gate, token_with(claim("exp", 60) + ",\"nbf\":253402300799")), Reason::token_not_yet_valid);
}

TEST(Attacks2E, C6_JudgesACachedTokenByTheClockAtItsUse) {
  TestGate gate;
  GateQuestion question = nginx_asks("GET", kWanted, bearer(token_with(claim("nbf", 0) + "," + claim("exp", 60))));
  expect_allowed(gate.ask(question));
  ASSERT_EQ(gate.cache().size(), 1U);

  // The clock steps back an hour, forward a day, and beyond 2038.
  question.now = kNow - hours(1);
  expect_refused(gate.ask(question), Reason::token_not_yet_valid);
  question.now = kNow;
  expect_allowed(gate.ask(question));
  question.now = kNow + hours(24);
  expect_refused(gate.ask(question), Reason::token_expired);
  question.now = TimePoint(seconds(2'147'483'648));
  gate.state().source.last_success = question.now;
  expect_refused(gate.ask(question), Reason::token_expired);
  const std::string late = token_with("\"exp\":4294967296");
  EXPECT_REASON(verdict_on(gate, late, question.now), Reason::allowed);
}

TEST(Attacks2E, C7_RoundsAFractionTowardsTheEarlierExpiry) {
  TestGate gate;
  const auto token = [](std::string_view fraction) {
    return token_with("\"exp\":" + std::to_string(kNowSeconds - kLeeway) + std::string(fraction));
  };

  expect_token_refused(gate, token(".5"), Reason::token_expired);
  expect_token_refused(gate, token(".999"), Reason::token_expired);
  expect_token_allowed(gate, token_with("\"exp\":" + std::to_string(kNowSeconds - kLeeway + 1) + ".0"));
}

TEST(Attacks2E, C8_HoldsAnEntryToItsOwnExpiry) {
  TestGate gate;
  const auto token = [](std::string_view entry_exp) {
    return token_of("{\"sub\":\"alice\"," + claim("exp", 600) +
                    R"(,"access":[{"type":"repository","name":"team/app","actions":["pull"],"exp":)" + std::string(entry_exp) + "}]}");
  };

  expect_token_allowed(gate, token(std::to_string(kNowSeconds + 60)));
  expect_token_refused(gate, token(std::to_string(kNowSeconds - 60)), Reason::scope_insufficient);
  expect_token_refused(gate, token("0"), Reason::scope_insufficient);
  for (const char* value : {"\"9999999999\"", "true", "[]", "-1", "9223372036854775807"})
    expect_token_refused(gate, token(value), Reason::claim_invalid);
}

TEST(Attacks2E, C16_RefusesOtherKindsOfTokensByType) {
  TestGate gate = gate_configured(R"("tokens":{"issuers":["any"],"audiences":["any"],"types":["at+jwt","JWT"]})");
  const auto token = [](std::string_view type) {
    return mint(R"({"alg":"EdDSA","kid":"k1","typ":")" + std::string(type) + "\"}", good_payload(kNow), key_pair("ED25519"), "EdDSA");
  };

  for (const char* type : {"logout+jwt", "dpop+jwt", "secevent+jwt", "refresh+jwt", "entity-statement+jwt", "JOSE"})
    expect_token_refused(gate, token(type), Reason::type_not_accepted);
  expect_token_allowed(gate, token("at+jwt"));
  expect_token_allowed(gate, token("JWT"));
}

TEST(Attacks2E, C18_RefusesTokensThatAreBoundToTheirSender) {
  TestGate gate;

  for (const char* cnf :
       {R"({"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})", R"({"x5t#S256":"AAAA"})", "{}", "null", "\"\"", "false"}) {
    expect_token_refused(gate, token_with(claim("exp", 60) + ",\"cnf\":" + cnf), Reason::sender_constrained);
  }
}

TEST(Attacks2E, C19_RefusesAnEmptyIdentityWhereOneIsMapped) {
  TestGate gate = gate_configured(
      R"j("tokens":{"issuers":["any"],"audiences":["any"],"claimMapping":{"username":"claims.login","groups":"claims.?teams.orValue([])"}})j");
  const auto token = [](std::string_view members) { return token_with(claim("exp", 60) + std::string(members)); };

  expect_token_refused(gate, token(""), Reason::claim_mapping_failed);
  expect_token_refused(gate, token(R"(,"login":"")"), Reason::identity_empty);
  for (const char* value : {"7", "null", "[\"bob\"]", "{}", "true"})
    expect_token_refused(gate, token(",\"login\":" + std::string(value)), Reason::claim_mapping_failed);
  for (const char* value : {"7", "null", "{}", "[7]", "[[\"dev\"]]", "\"dev\""}) {
    expect_token_refused(gate, token(R"(,"login":"bob","teams":)" + std::string(value)), Reason::claim_mapping_failed);
  }
  expect_token_refused(gate, token(R"(,"login":"bob","teams":[""])"), Reason::claim_invalid);
  expect_token_allowed(gate, token(R"(,"login":"bob","teams":["dev"])"));
}

TEST(Attacks2E, C19_KeepsAnEmptySubjectFromLookingLikeAName) {
  TestGate gate;

  for (const std::string& token : {token_of("{" + claim("exp", 60) + "," + std::string(kAccess) + "}"),
                                   token_of("{\"sub\":\"\"," + claim("exp", 60) + "," + std::string(kAccess) + "}")}) {
    const GateAnswer answer = try_token(gate, token);
    expect_allowed(answer);
    EXPECT_EQ(header_of(answer, "X-Auth-Request-User"), "-");
  }
  const GateAnswer dash = try_token(gate, token_of("{\"sub\":\"-\"," + claim("exp", 60) + "," + std::string(kAccess) + "}"));
  EXPECT_EQ(header_of(dash, "X-Auth-Request-User"), "%2D");
}

TEST(Attacks2E, C21_NeverLooksAtClaimsBeforeTheSignature) {
  TestGate gate;
  const KeyPair& attacker = key_pair("ED25519", "attacker");

  for (const std::string& payload : {"{" + claim("exp", -3600) + "}", "{" + claim("nbf", 3600) + "}", std::string("{}"),
                                     std::string("no JSON"), std::string(R"({"exp":"x","cnf":1})")}) {
    expect_token_refused(gate, mint(payload, attacker, "EdDSA", "k1"), Reason::bad_signature);
  }
}

TEST(Attacks2E, C22_KeepsNothingOfAnUnverifiedToken) {
  TestGate gate;
  const std::string forged =
      mint(good_payload(kNow, "team/app", "pull", R"("iss":"https://forged.example/")"), key_pair("ED25519", "attacker"), "EdDSA", "k1");

  for (int i = 0; i < 3; ++i) {
    const GateAnswer answer = gate.ask(nginx_asks("GET", kWanted, bearer(forged)));
    expect_refused(answer, Reason::bad_signature, forged);
    EXPECT_EQ(answer.decision->token, nullptr);
    EXPECT_EQ(describe(answer).find("forged.example"), std::string::npos);
  }
  EXPECT_EQ(gate.cache().size(), 0U);
}

}  // namespace
}  // namespace portcullis::attacks
