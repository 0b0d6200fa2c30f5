// The rules of claims, each passed, failed, and at both sides of its edge.
#include "verifier/checks.h"

#include <gtest/gtest.h>

#include "base/report/log.h"
#include "tests/support/fake_clock.h"
#include "tests/support/printing.h"

namespace portcullis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using test::kNow;

const sys_seconds kSecond = std::chrono::floor<seconds>(kNow);

Claims living() {
  Claims claims;
  claims.expires = kSecond + seconds(60);
  return claims;
}

Reason reason_for(const Claims& claims, const ClaimRules& rules, TimePoint now = kNow) {
  const auto checked = check_claims(claims, rules, now, nullptr);
  return checked ? Reason::allowed : checked.error().reason;
}

TEST(Checks, ATokenLivesUntilItsExpiryAndTheLeeway) {
  ClaimRules rules;
  Claims claims;
  claims.expires = kSecond;

  EXPECT_EQ(reason_for(claims, rules, kNow - milliseconds(1)), Reason::allowed);
  EXPECT_EQ(reason_for(claims, rules, kNow), Reason::token_expired);
  rules.leeway = seconds(10);
  EXPECT_EQ(reason_for(claims, rules, kNow + milliseconds(9999)), Reason::allowed);
  EXPECT_EQ(reason_for(claims, rules, kNow + seconds(10)), Reason::token_expired);
}

TEST(Checks, AnExpiryIsRequiredUnlessConfiguredAway) {
  EXPECT_EQ(reason_for({}, {}), Reason::expiry_missing);
  ClaimRules rules;
  rules.require_expiry = false;
  EXPECT_EQ(reason_for({}, rules), Reason::allowed);
  Claims expired;
  expired.expires = kSecond - seconds(1);
  EXPECT_EQ(reason_for(expired, rules), Reason::token_expired);
}

TEST(Checks, ATokenBeginsAtNotBeforeLessTheLeeway) {
  ClaimRules rules;
  Claims claims = living();
  claims.not_before = kSecond;

  EXPECT_EQ(reason_for(claims, rules, kNow), Reason::allowed);
  EXPECT_EQ(reason_for(claims, rules, kNow - milliseconds(1)), Reason::token_not_yet_valid);
  rules.leeway = seconds(10);
  EXPECT_EQ(reason_for(claims, rules, kNow - seconds(10)), Reason::allowed);
  EXPECT_EQ(reason_for(claims, rules, kNow - milliseconds(10001)), Reason::token_not_yet_valid);
}

TEST(Checks, ATokenIsNotUsedBeforeItWasIssued) {
  ClaimRules rules;
  Claims claims = living();
  claims.issued_at = kSecond;

  EXPECT_EQ(reason_for(claims, rules, kNow), Reason::allowed);
  EXPECT_EQ(reason_for(claims, rules, kNow - milliseconds(1)), Reason::token_issued_in_future);
  rules.leeway = seconds(10);
  EXPECT_EQ(reason_for(claims, rules, kNow - seconds(10)), Reason::allowed);
  EXPECT_EQ(reason_for(claims, rules, kNow - milliseconds(10001)), Reason::token_issued_in_future);
}

TEST(Checks, TheEndOfTimeDoesNotWrap) {
  ClaimRules rules;
  rules.leeway = Milliseconds::max();
  Claims claims;
  claims.expires = sys_seconds(seconds(253402300799));
  claims.not_before = sys_seconds(seconds(253402300799));

  EXPECT_EQ(reason_for(claims, rules), Reason::allowed);
  EXPECT_EQ(reason_for(claims, rules, TimePoint(seconds(253402300799))), Reason::allowed);
  rules.leeway = {};
  EXPECT_EQ(reason_for(claims, rules, TimePoint::max()), Reason::token_expired);
  EXPECT_EQ(reason_for(claims, rules, TimePoint::min()), Reason::token_not_yet_valid);
}

TEST(Checks, TimesBefore1970AreNoProblem) { EXPECT_EQ(reason_for(living(), {}, TimePoint(seconds(-5))), Reason::allowed); }

TEST(Checks, ALifetimeIsBounded) {
  ClaimRules rules;
  rules.max_lifetime = seconds(60);
  Claims claims = living();

  claims.issued_at = kSecond;
  EXPECT_EQ(reason_for(claims, rules), Reason::allowed);
  claims.issued_at = kSecond - seconds(1);
  EXPECT_EQ(reason_for(claims, rules), Reason::lifetime_too_long);
  claims.issued_at.reset();
  EXPECT_EQ(reason_for(claims, rules), Reason::lifetime_too_long);
}

TEST(Checks, ABoundedLifetimeNeedsAnExpiry) {
  ClaimRules rules;
  rules.max_lifetime = seconds(60);
  rules.require_expiry = false;
  Claims claims;
  claims.issued_at = kSecond;

  EXPECT_EQ(reason_for(claims, rules), Reason::lifetime_too_long);
}

TEST(Checks, AnIssuerIsComparedToTheByte) {
  ClaimRules rules;
  rules.issuers = {"https://idp.example", "acb"};
  Claims claims = living();

  for (const std::string& good : rules.issuers) {
    claims.issuer = good;
    EXPECT_EQ(reason_for(claims, rules), Reason::allowed);
  }
  for (const std::string bad :
       {"", "https://idp.example/", "HTTPS://idp.example", "https://idp", "https://idp.example:443", "_acb_", "a", "ACB", "acb "}) {
    claims.issuer = bad;
    EXPECT_EQ(reason_for(claims, rules), Reason::issuer_mismatch) << bad;
  }
  claims.issuer.reset();
  EXPECT_EQ(reason_for(claims, rules), Reason::issuer_mismatch);
}

TEST(Checks, AnUnconfiguredIssuerIsNotLookedAt) {
  Claims claims = living();
  claims.issuer = "anything";
  EXPECT_EQ(reason_for(claims, {}), Reason::allowed);
}

TEST(Checks, OneAudienceMustMatchToTheByte) {
  ClaimRules rules;
  rules.audiences = {"registry"};
  Claims claims = living();

  claims.audiences = {{"other", "registry"}};
  EXPECT_EQ(reason_for(claims, rules), Reason::allowed);
  for (const std::vector<std::string>& bad :
       std::vector<std::vector<std::string>>{{}, {""}, {"*"}, {"Registry"}, {"regist"}, {"registry/"}, {"other"}}) {
    claims.audiences = bad;
    EXPECT_EQ(reason_for(claims, rules), Reason::audience_mismatch);
  }
  claims.audiences.reset();
  EXPECT_EQ(reason_for(claims, rules), Reason::audience_mismatch);
}

TEST(Checks, AnEmptyNameMatchesNothingEvenIfConfigured) {
  ClaimRules rules;
  rules.audiences = {""};
  Claims claims = living();
  claims.audiences = {{""}};
  EXPECT_EQ(reason_for(claims, rules), Reason::audience_mismatch);
}

TEST(Checks, ASenderConstrainedTokenIsNoBearerToken) {
  Claims claims = living();
  claims.sender_constrained = true;
  EXPECT_EQ(reason_for(claims, {}), Reason::sender_constrained);
}

TEST(Checks, TimesAloneAreJudgedAlike) {
  ClaimRules rules;
  EXPECT_TRUE(check_times(kSecond + seconds(1), std::nullopt, rules, kNow).ok());
  EXPECT_TRUE(check_times(kSecond + seconds(1), kSecond, rules, kNow).ok());
  EXPECT_EQ(check_times(kSecond, kSecond, rules, kNow).error().reason, Reason::token_expired);
  EXPECT_EQ(check_times(kSecond + seconds(9), kSecond + seconds(1), rules, kNow).error().reason, Reason::token_not_yet_valid);
  EXPECT_EQ(check_times(std::nullopt, std::nullopt, rules, kNow).error().reason, Reason::expiry_missing);
}

TEST(Checks, TheTraceTellsEachRuleThatApplied) {
  ClaimRules rules;
  rules.issuers = {"idp"};
  rules.audiences = {"registry"};
  Claims claims = living();
  claims.issuer = "idp";
  Trace trace;

  const auto checked = check_claims(claims, rules, kNow, &trace);

  EXPECT_EQ(checked.error().reason, Reason::audience_mismatch);
  ASSERT_EQ(trace.steps().size(), 3U);
  EXPECT_EQ(trace.steps()[0].step, "expiry");
  EXPECT_TRUE(trace.steps()[0].passed);
  EXPECT_EQ(trace.steps()[1].step, "issuer");
  EXPECT_TRUE(trace.steps()[1].passed);
  EXPECT_EQ(trace.steps()[2].step, "audience");
  EXPECT_FALSE(trace.steps()[2].passed);
  EXPECT_EQ(trace.steps()[2].detail, "token has no 'aud', configured: \"registry\"");
}

TEST(Checks, ARefusalShowsBothSides) {
  const auto words = [](const Claims& claims, const ClaimRules& rules) {
    return check_claims(claims, rules, kNow, nullptr).error().detail;
  };
  const std::string clock = ", the clock says " + to_rfc3339(kNow) + ", leeway ";
  ClaimRules rules;
  rules.leeway = seconds(2);
  Claims claims = living();

  claims.expires = kSecond - seconds(2);
  EXPECT_EQ(words(claims, rules), "token is expired: exp is " + to_rfc3339(kSecond - seconds(2)) + clock + "2 s");
  claims = living();
  claims.not_before = kSecond + seconds(3);
  EXPECT_EQ(words(claims, rules), "token is not valid yet: nbf is " + to_rfc3339(kSecond + seconds(3)) + clock + "2 s");
  claims = living();
  claims.issued_at = kSecond + seconds(3);
  rules.leeway = Milliseconds(1500);
  EXPECT_EQ(words(claims, rules), "token used before issued: iat is " + to_rfc3339(kSecond + seconds(3)) + clock + "1500 ms");

  claims = living();
  claims.issued_at = *claims.expires - seconds(61);
  rules.max_lifetime = seconds(60);
  EXPECT_EQ(words(claims, rules), "token lives longer than maxLifetime: 61 s, allowed 60 s");
  rules.max_lifetime.reset();

  rules.issuers = {"a", "b"};
  EXPECT_EQ(words(living(), rules), R"(token has no 'iss', configured: "a", "b")");
  claims = living();
  claims.issuer = "c\n";
  EXPECT_EQ(words(claims, rules), R"(token 'iss' is "c\x0a", configured: "a", "b")");
  rules.issuers.clear();

  rules.audiences = {"1", "2", "3", "4", "5", "6"};
  claims.audiences = std::vector<std::string>{"x", "y"};
  EXPECT_EQ(words(claims, rules), R"(token 'aud' is "x", "y", configured: "1", "2", "3", "4" and 2 more)");
  claims.audiences->clear();
  rules.audiences = {"1", "2", "3", "4"};
  EXPECT_EQ(words(claims, rules), R"(token has no 'aud', configured: "1", "2", "3", "4")");
}

}  // namespace
}  // namespace portcullis
