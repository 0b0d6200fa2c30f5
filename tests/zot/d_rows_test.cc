// Section D of the compatibility table: registered claims of traditional tokens. zot has no leeway; here it is configured away too.
#include <gtest/gtest.h>

#include "tests/support/printing.h"
#include "tests/support/tokens.h"
#include "tests/support/verification.h"

namespace portcullis {
namespace {

using test::kNow;

const std::int64_t kSecond = test::unix_seconds(kNow);

/// The verdict on a well-signed token with these members in its payload.
Reason reason_for(const std::string& members, TimePoint now = kNow) {
  static const test::KeyPair& key = test::key_pair("ED25519");
  test::Verification verification = test::verification_with({{"cert", &key}});
  verification.kid_required = false;
  verification.now = now;
  return verification.reason(test::mint(R"({"alg":"EdDSA"})", "{" + members + "}", key, "EdDSA"));
}

std::string claim(std::string_view name, std::int64_t value) { return "\"" + std::string(name) + "\":" + std::to_string(value); }
/// With an expiry that is far.
std::string living(const std::string& more) { return claim("exp", kSecond + 300) + "," + more; }

TEST(ZotRowsD, D1_AnExpiryInTheFuturePasses) { EXPECT_EQ(reason_for(claim("exp", kSecond + 1)), Reason::allowed); }

// zot: "token is expired".
TEST(ZotRowsD, D2_AnExpiryInThePastOrNowIsRefused) {
  EXPECT_EQ(reason_for(claim("exp", kSecond - 1)), Reason::token_expired);
  EXPECT_EQ(reason_for(claim("exp", kSecond)), Reason::token_expired);
}

// zot lets a token without `exp`, or with null, live for ever; we require one, and null is no number.
TEST(ZotRowsD, D3_AMissingExpiryIsRefused) {
  EXPECT_EQ(reason_for(claim("iat", kSecond)), Reason::expiry_missing);
  EXPECT_EQ(reason_for(R"("exp":null)"), Reason::claim_invalid);
}

// zot: "token is not valid yet".
TEST(ZotRowsD, D4_ANotBeforeInTheFutureIsRefused) {
  EXPECT_EQ(reason_for(living(claim("nbf", kSecond + 1))), Reason::token_not_yet_valid);
  EXPECT_EQ(reason_for(living(claim("nbf", kSecond))), Reason::allowed);
}

TEST(ZotRowsD, D5_AMissingNotBeforePasses) { EXPECT_EQ(reason_for(living(claim("iat", kSecond))), Reason::allowed); }

// zot: "token used before issued".
TEST(ZotRowsD, D6_AnIssueTimeInTheFutureIsRefused) {
  EXPECT_EQ(reason_for(living(claim("iat", kSecond + 1))), Reason::token_issued_in_future);
  EXPECT_EQ(reason_for(living(claim("iat", kSecond))), Reason::allowed);
}

TEST(ZotRowsD, D7_AMissingIssueTimePasses) { EXPECT_EQ(reason_for(claim("exp", kSecond + 300)), Reason::allowed); }

// zot reads quoted numbers; we refuse them: nothing is coerced.
TEST(ZotRowsD, D8_QuotedNumbersAreRefused) {
  for (const std::string name : {"exp", "nbf", "iat"}) {
    const std::string quoted = "\"" + name + "\":\"1700000000\"";
    EXPECT_EQ(reason_for(name == "exp" ? quoted : living(quoted)), Reason::claim_invalid) << name;
  }
}

TEST(ZotRowsD, D9_FractionsAreCutToWholeSeconds) {
  const std::string fraction = "\"exp\":" + std::to_string(kSecond + 1) + ".9";
  EXPECT_EQ(reason_for(fraction, kNow + Milliseconds(999)), Reason::allowed);
  EXPECT_EQ(reason_for(fraction, kNow + Milliseconds(1000)), Reason::token_expired);
}

// zot: "could not JSON decode claim".
TEST(ZotRowsD, D10_AnExpiryThatIsNoNumberIsRefused) {
  EXPECT_EQ(reason_for(R"("exp":"abc")"), Reason::claim_invalid);
  EXPECT_EQ(reason_for(R"("exp":true)"), Reason::claim_invalid);
}

TEST(ZotRowsD, D11_IssuerAndAudienceAreIgnoredUnlessConfigured) {
  EXPECT_EQ(reason_for(living(R"("iss":"anyone","aud":["anything"])")), Reason::allowed);
  EXPECT_EQ(reason_for(living(R"("aud":"other")")), Reason::allowed);
}

// zot has no identity for these tokens; ours is `sub`, and a token may come again.
TEST(ZotRowsD, D12_AnySubjectAndTokenIdPass) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(reason_for(living(R"("sub":"anyone","jti":"one")")), Reason::allowed);
}

}  // namespace
}  // namespace portcullis
