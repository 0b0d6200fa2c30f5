// Whose a credential is, by what it says: our issuers, our keys, whatever else is wrong with it.
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/codec/base64url.h"
#include "plugin/exchange/token_owner.h"
#include "tests/support/exchange.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

std::string text_of(std::string_view header, std::string_view payload, std::string_view signature = "c2ln") {
  return base64url_encode(header) + "." + base64url_encode(payload) + "." + std::string(signature);
}

class TokenOwner : public testing::Test {
 protected:
  bool ours(std::string_view text) { return says_it_is_ours(text, gate_.state()); }
  TestGate gate_{exchange_texts()};
};

TEST_F(TokenOwner, IsUsForAConfiguredIssuerWhateverElseIsSaid) {
  EXPECT_TRUE(ours(our_token()));
  EXPECT_TRUE(ours(our_token(-9000)));
  EXPECT_TRUE(ours(text_of(R"({"alg":"none"})", R"({"iss":"https://ours","aud":"somebody-else"})", "")));
  EXPECT_TRUE(ours(text_of(R"({"alg":"HS256","kid":"x"})", R"({"iss":"https://ours"})")));
}

TEST_F(TokenOwner, IsUsForAKnownKeyWhateverTheIssuer) {
  EXPECT_TRUE(ours(text_of(R"({"alg":"RS256","kid":"k1"})", R"({"iss":"https://theirs"})")));
  EXPECT_TRUE(ours(text_of(R"({"alg":"RS256","kid":"k1"})", "no JSON")));
  EXPECT_TRUE(ours(base64url_encode(R"({"alg":"dir","enc":"A256GCM","kid":"k1"})") + ".a.b.c.d"));
}

TEST_F(TokenOwner, IsSomebodyElseForOtherIssuersAndKeys) {
  EXPECT_FALSE(ours(foreign_token()));
  EXPECT_FALSE(ours(text_of(R"({"alg":"HS256"})", R"({"sub":"x"})")));
  EXPECT_FALSE(ours(text_of(R"({"alg":"HS256"})", R"({"iss":["https://ours"]})")));
  EXPECT_FALSE(ours(text_of(R"({"alg":"HS256"})", R"({"iss":"https://ours/"})")));
  EXPECT_FALSE(ours(base64url_encode(R"({"alg":"dir","enc":"A256GCM","kid":"theirs"})") + ".a.b.c.d"));
}

TEST_F(TokenOwner, IsNobodyForAPassword) {
  for (const std::string_view text : {"", "hunter2", "a.b.c", "glpat-1.2.3", "..", "dckr_pat_x", "ghp_abc.def"}) {
    EXPECT_FALSE(ours(text)) << text;
    EXPECT_FALSE(looks_like_token(text)) << text;
  }
}

TEST_F(TokenOwner, IsUsWhereTheIssuerOfASignedTokenCannotBeRead) {
  EXPECT_TRUE(ours(text_of(R"({"alg":"RS256"})", "no JSON")));
  EXPECT_TRUE(ours(text_of(R"({"alg":"RS256"})", R"({"iss":"https://a","iss":"https://ours"})")));
  EXPECT_TRUE(ours(base64url_encode(R"({"alg":"RS256"})") + ".%%%.c2ln"));
}

TEST_F(TokenOwner, ReadsPaddedPartsAsOtherServersDo) {
  std::string header = base64url_encode(R"({"alg":"RS256","kid":"k1"})");
  EXPECT_TRUE(ours(header + "=." + base64url_encode("{}") + ".x"));
}

TEST_F(TokenOwner, LooksBehindASchemeThatWasPastedAlong) {
  EXPECT_TRUE(ours("Bearer " + our_token()));
  EXPECT_TRUE(ours(" bearer\t" + our_token() + "\n"));
  EXPECT_FALSE(ours("Bearer " + foreign_token()));
  EXPECT_FALSE(ours("  "));
}

TEST_F(TokenOwner, LooksIntoWhatWasPastedAround) {
  for (const auto& [before, behind] : std::vector<std::pair<std::string, std::string>>{{"\"", "\""},
                                                                                       {"token:", ""},
                                                                                       {"TOKEN=", ""},
                                                                                       {R"({"token":")", "\"}"},
                                                                                       {"a,", ",b"},
                                                                                       {"", " x"},
                                                                                       {"", "."},
                                                                                       {"x.", ""},
                                                                                       {"", "\\n"}}) {
    EXPECT_TRUE(ours(before + our_token() + behind)) << before << "…" << behind;
    EXPECT_FALSE(ours(before + foreign_token() + behind)) << before << "…" << behind;
  }
}

TEST_F(TokenOwner, ReadsATokenOfWrappedLines) {
  const auto wrapped = [](std::string token) {
    for (std::size_t at = 20; at < token.size(); at += 22) token.insert(at, "\r\n");
    return token;
  };
  EXPECT_TRUE(ours(wrapped(our_token())));
  EXPECT_FALSE(ours(wrapped(foreign_token())));
  EXPECT_TRUE(ours("Bearer " + wrapped(our_token()))) << "the blank behind the scheme stays";
  EXPECT_FALSE(ours("Bearer " + wrapped(foreign_token())));
}

TEST_F(TokenOwner, CountsNoDots) {
  for (const char* text : {".", "a.", "=.", ". "}) {
    std::string many;
    for (int i = 0; i < 30000; ++i) many += text;
    EXPECT_FALSE(ours(many)) << text;
  }
}

TEST_F(TokenOwner, IsUsForAReasonBehindTheSignature) {
  State& state = gate_.state();
  for (const Reason reason : {Reason::claim_invalid, Reason::token_expired, Reason::audience_mismatch, Reason::token_revoked})
    EXPECT_TRUE(proves_ours(reason, state)) << reason_name(reason);
  for (const Reason reason : {Reason::token_malformed, Reason::key_unknown, Reason::bad_signature, Reason::alg_not_allowed,
                              Reason::scope_insufficient, Reason::keys_not_loaded})
    EXPECT_FALSE(proves_ours(reason, state)) << reason_name(reason);
  EXPECT_TRUE(proves_ours(Reason::issuer_mismatch, state));
  state.traditional = false;
  EXPECT_FALSE(proves_ours(Reason::issuer_mismatch, state));
}

}  // namespace
}  // namespace portcullis
