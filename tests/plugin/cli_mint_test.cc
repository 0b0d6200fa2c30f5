#include "plugin/cli/mint.h"

#include <gtest/gtest.h>

#include <string>

#include "base/codec/base64url.h"
#include "tests/support/fake_clock.h"
#include "verifier/token.h"

namespace portcullis {
namespace {

using test::kNow;

TokenOrder order_for(Algorithm algorithm) {
  TokenOrder order;
  order.algorithm = algorithm;
  order.issued_at = kNow;
  return order;
}

TEST(CliMint, WritesTheClaimsThatWereOrdered) {
  TokenOrder order = order_for(Algorithm::eddsa);
  order.issuer = "https://auth.example.com";
  order.subject = "alice";
  order.audiences = {"registry"};
  order.expires = kNow + std::chrono::minutes(15);
  order.not_before = kNow;
  order.access = {parse_access("repository:team/app:pull,push").value()};
  order.claims = {parse_claim("groups=[\"dev\"]").value()};

  EXPECT_EQ(payload_of(order),
            R"({"iss":"https://auth.example.com","sub":"alice","aud":"registry","iat":1772366400,"nbf":1772366400,"exp":1772367300,)"
            R"("access":[{"type":"repository","name":"team/app","actions":["pull","push"]}],"groups":["dev"]})");
}

TEST(CliMint, WritesNothingThatWasNotOrdered) { EXPECT_EQ(payload_of(order_for(Algorithm::eddsa)), R"({"iat":1772366400})"); }

TEST(CliMint, WritesSeveralAudiencesAsAnArray) {
  TokenOrder order = order_for(Algorithm::eddsa);
  order.audiences = {"a", "b"};

  EXPECT_EQ(payload_of(order), R"({"aud":["a","b"],"iat":1772366400})");
}

TEST(CliMint, LetsANamedClaimReplaceAStandardOne) {
  TokenOrder order = order_for(Algorithm::eddsa);
  order.subject = "alice";
  order.claims = {parse_claim("sub=7").value(), parse_claim("iat=\"soon\"").value()};

  EXPECT_EQ(payload_of(order), R"({"sub":7,"iat":"soon"})");
}

TEST(CliMint, PutsAlgorithmAndKeyIdIntoTheHeader) {
  const Result<PrivateKey> key = PrivateKey::generate(Algorithm::es256, 0);
  ASSERT_TRUE(key.ok());
  TokenOrder order = order_for(Algorithm::es256);
  order.key_id = "k 1";

  const Result<std::string> token = mint_token(*key, order);

  ASSERT_TRUE(token.ok());
  EXPECT_EQ(base64url_decode(token->substr(0, token->find('.'))).value(), R"({"alg":"ES256","kid":"k 1","typ":"JWT"})");
  const Result<UnverifiedToken> parsed = parse_token(*token, TokenLimits{.bytes = 16384});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->key_id, "k 1");
}

TEST(CliMint, LeavesOutTheKeyIdWhereNoneIsOrdered) {
  const Result<PrivateKey> key = PrivateKey::generate(Algorithm::eddsa, 0);
  ASSERT_TRUE(key.ok());

  const Result<std::string> token = mint_token(*key, order_for(Algorithm::ed25519));

  ASSERT_TRUE(token.ok());
  EXPECT_EQ(base64url_decode(token->substr(0, token->find('.'))).value(), R"({"alg":"Ed25519","typ":"JWT"})");
}

TEST(CliMint, RefusesAnAlgorithmThatTheKeyDoesNotServe) {
  const Result<PrivateKey> key = PrivateKey::generate(Algorithm::eddsa, 0);
  ASSERT_TRUE(key.ok());

  const Result<std::string> token = mint_token(*key, order_for(Algorithm::rs256));

  ASSERT_FALSE(token.ok());
  EXPECT_EQ(token.error().reason, Reason::alg_key_mismatch);
}

TEST(CliMint, CutsAccessAtTheFirstAndLastColon) {
  const Result<AccessEntry> entry = parse_access("repository:host:5000/app:*");

  ASSERT_TRUE(entry.ok());
  EXPECT_EQ(entry->type, "repository");
  EXPECT_EQ(entry->name, "host:5000/app");
  EXPECT_EQ(entry->actions, std::vector<std::string>{"*"});
}

TEST(CliMint, RefusesAccessWithoutItsThreeParts) {
  for (const char* text : {"", "repository", "repository:app", ":app:pull", "repository::pull", "repository:app:", "repository:app:pull,",
                           "repository:app:,pull"}) {
    EXPECT_FALSE(parse_access(text).ok()) << text;
  }
}

TEST(CliMint, RefusesClaimsThatAreNoJson) {
  for (const char* text : {"", "team", "=1", "team=blue", "team=", "team={\"a\":1,\"a\":2}"}) EXPECT_FALSE(parse_claim(text).ok()) << text;
  EXPECT_EQ(parse_claim("a=b=\"c\"").ok(), false);
  EXPECT_EQ(parse_claim("team=\"b=c\"").value().json, "\"b=c\"");
}

}  // namespace
}  // namespace portcullis
