#include "keystore/jwks.h"

#include <gtest/gtest.h>

#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

using test::key_pair;

std::string named(const char* kind, const std::string& kid, const std::string& extra = {}, const char* name = "first") {
  return key_pair(kind, name).public_jwk({.kid = kid, .alg = {}, .use = {}, .extra = extra});
}
std::string unnamed(const char* kind) { return key_pair(kind).public_jwk(); }

std::string set_of(std::initializer_list<std::string> jwks) {
  std::string text = R"({"keys":[)";
  for (const std::string& jwk : jwks) text += (text.back() == '[' ? "" : ",") + jwk;
  return text + "]}";
}

Reason error_of(std::string_view text) {
  const Result<ParsedKeys> parsed = read_jwks(text, "fallback");
  return parsed ? Reason::allowed : parsed.error().reason;
}

constexpr const char* kRfc7517AppendixA1 =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",)"
    R"("use":"enc","kid":"1"},{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPeb)"
    R"(WKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQv)"
    R"(RL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB",)"
    R"("alg":"RS256","kid":"2011-04-29"}]})";

TEST(Jwks, ReadsTheExampleOfRfc7517AppendixA1) {
  const Result<ParsedKeys> parsed = read_jwks(kRfc7517AppendixA1, "");
  ASSERT_TRUE(parsed.ok()) << parsed.error().detail;
  ASSERT_EQ(parsed->keys.size(), 1U);
  EXPECT_EQ(parsed->keys[0].id(), "2011-04-29");
  EXPECT_EQ(parsed->keys[0].algorithms(), AlgorithmSet{Algorithm::rs256});
  ASSERT_EQ(parsed->quarantined.size(), 1U);
  EXPECT_EQ(parsed->quarantined[0].id, "1");
  EXPECT_EQ(parsed->quarantined[0].error.reason, Reason::key_not_for_signatures);
}

TEST(Jwks, QuarantinesPrivateAndSymmetricKeysOfRfc7517AppendixA2AndA3) {
  // The EC private key of A.2 and the keys of A.3.
  const Result<ParsedKeys> parsed = read_jwks(
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",)"
      R"("d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE","use":"enc","kid":"1"},{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"},)"
      R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow","kid":"HMAC key"}]})",
      "");
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->keys.empty());
  ASSERT_EQ(parsed->quarantined.size(), 3U);
  EXPECT_EQ(parsed->quarantined[0].error.reason, Reason::key_private);
  EXPECT_EQ(parsed->quarantined[1].error.reason, Reason::key_symmetric);
  EXPECT_EQ(parsed->quarantined[2].error.reason, Reason::key_symmetric);
  EXPECT_EQ(parsed->quarantined[2].id, "HMAC key");
}

TEST(Jwks, ABareJwkIsASetOfOne) {
  const Result<ParsedKeys> parsed = read_jwks(named("P-256", "a"), "fallback");
  ASSERT_EQ(parsed->keys.size(), 1U);
  EXPECT_EQ(parsed->keys[0].id(), "a");
}

TEST(Jwks, OnlyASingleKeyMayLackItsKid) {
  EXPECT_EQ(read_jwks(unnamed("P-256"), "fallback")->keys.at(0).id(), "fallback");
  EXPECT_EQ(read_jwks(set_of({unnamed("P-256")}), "fallback")->keys.at(0).id(), "fallback");

  const Result<ParsedKeys> two = read_jwks(set_of({unnamed("P-256"), named("ED25519", "b")}), "fallback");
  ASSERT_EQ(two->keys.size(), 1U);
  EXPECT_EQ(two->keys[0].id(), "b");
  ASSERT_EQ(two->quarantined.size(), 1U);
  EXPECT_EQ(two->quarantined[0].error.reason, Reason::key_malformed);
}

TEST(Jwks, AnEmptyKidIsAKid) { EXPECT_EQ(read_jwks(named("P-256", ""), "fallback")->keys.at(0).id(), ""); }

TEST(Jwks, ABadKeyLeavesTheOthers) {
  for (const std::string& bad :
       {std::string(R"({"kty":"oct","k":"AA"})"), std::string("null"), std::string("1"), std::string("[]"), std::string("{}"),
        std::string(R"("text")"), named("X25519", "b"), named("P-256", "b", R"("use":"enc")")}) {
    const Result<ParsedKeys> parsed = read_jwks(set_of({bad, named("ED25519", "a")}), "");
    ASSERT_TRUE(parsed.ok()) << bad;
    EXPECT_EQ(parsed->keys.size(), 1U) << bad;
    EXPECT_EQ(parsed->quarantined.size(), 1U) << bad;
  }
}

TEST(Jwks, TheSameKeyTwiceIsOneKey) {
  const Result<ParsedKeys> parsed = read_jwks(set_of({named("P-256", "a"), named("P-256", "a", R"("use":"sig")")}), "");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->keys.size(), 1U);
}

TEST(Jwks, TheSameKeyOnceForEachAlgorithmServesThem) {
  const Result<ParsedKeys> parsed =
      read_jwks(set_of({named("RSA-2048", "a", R"("alg":"RS256")"), named("RSA-2048", "a", R"("alg":"PS256")")}), "");
  ASSERT_TRUE(parsed.ok());
  ASSERT_EQ(parsed->keys.size(), 1U);
  EXPECT_EQ(parsed->keys.front().algorithms(), (AlgorithmSet{Algorithm::rs256, Algorithm::ps256}));
}

TEST(Jwks, TwoDifferentKeysUnderOneIdFailTheWholeText) {
  EXPECT_EQ(error_of(set_of({named("P-256", "a"), named("P-256", "a", "", "second"), named("ED25519", "b")})), Reason::key_duplicate);
  EXPECT_EQ(error_of(set_of({named("P-256", "a"), named("ED25519", "a")})), Reason::key_duplicate);
  EXPECT_EQ(error_of(set_of({named("RSA-2048", "a", R"("alg":"RS256")"), named("RSA-2048", "a", R"("alg":"PS256")", "second")})),
            Reason::key_duplicate);
}

TEST(Jwks, AKeyThatIsSetAsideIsNoDuplicate) {
  EXPECT_EQ(error_of(set_of({named("P-256", "a"), named("P-256", "a", R"("use":"enc")", "second")})), Reason::allowed);
}

TEST(Jwks, TextsThatAreNoSetAreErrors) {
  for (const char* text :
       {"{}", "null", "[]", "1", R"("text")", R"({"keys":{}})", R"({"keys":null})", R"({"keys":"x"})", R"({"Keys":[]})"}) {
    EXPECT_EQ(error_of(text), Reason::key_malformed) << text;
  }
  for (const char* text :
       {"", "{", R"({"keys":[]} x)", R"({"keys":[],"keys":[]})", "\xef\xbb\xbf{}", "<html>", R"({"keys":[{"kty":"RSA\u0000"}]})"}) {
    EXPECT_EQ(error_of(text), Reason::json_malformed) << text;
  }
}

TEST(Jwks, AnEmptySetIsNoErrorHere) {
  const Result<ParsedKeys> parsed = read_jwks(R"({"keys":[]})", "");
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->keys.empty() && parsed->quarantined.empty());
}

TEST(Jwks, HoldsTenThousandKeysAtMost) {
  const auto of_size = [](std::size_t count) {
    std::string text = R"({"keys":[)";
    for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "{}" : ",{}";
    return text + "]}";
  };
  EXPECT_EQ(error_of(of_size(10000)), Reason::allowed);
  EXPECT_EQ(error_of(of_size(10001)), Reason::key_malformed);
}

TEST(Jwks, HoldsOneMebibyteAtMost) {
  const std::string text = set_of({named("P-256", "a")});
  EXPECT_EQ(error_of(text + std::string(1048576 - text.size(), ' ')), Reason::allowed);
  EXPECT_EQ(error_of(text + std::string(1048576 - text.size() + 1, ' ')), Reason::json_malformed);
}

TEST(Jwks, LongIdsAreReportedCut) {
  const Result<ParsedKeys> parsed = read_jwks(named("P-256", std::string(1000, 'a')), "");
  EXPECT_EQ(parsed->quarantined.at(0).id.size(), 256U);
}

TEST(JwksText, IsSortedAndCanonical) {
  const Result<ParsedKeys> parsed =
      read_jwks(R"({"keys":[{"kid":"b","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kty":"OKP","crv":"Ed25519"},)"
                R"({"kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kty":"OKP","crv":"Ed25519","use":"sig"}]})",
                "");
  const std::string member = R"("crv":"Ed25519","kid":")";
  const std::string rest = R"(","kty":"OKP","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
  EXPECT_EQ(to_jwks(parsed->keys), R"({"keys":[{)" + member + "a" + rest + ",{" + member + "b" + rest + "]}");
}

TEST(JwksText, OfNoKeysIsAnEmptySet) { EXPECT_EQ(to_jwks({}), R"({"keys":[]})"); }

TEST(JwksText, ReadBackGivesTheSameKeys) {
  const Result<ParsedKeys> first =
      read_jwks(set_of({named("RSA-2048", "r", R"("alg":"PS384")"), named("RSA-2048", "all"), named("P-256", "\xc3\xa9 \\\""),
                        named("P-384", "c"), named("P-521", ""), named("ED25519", "e", R"("alg":"Ed25519")"),
                        named("RSA-2048", "two", R"("alg":"PS512")"), named("RSA-2048", "two", R"("alg":"RS512")")}),
                "");
  ASSERT_EQ(first->keys.size(), 7U);
  const Result<ParsedKeys> second = read_jwks(to_jwks(first->keys), "");
  ASSERT_TRUE(second.ok());
  ASSERT_EQ(second->keys.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(second->keys[i].id(), first->keys[i].id());
    EXPECT_EQ(second->keys[i].thumbprint(), first->keys[i].thumbprint());
    EXPECT_EQ(second->keys[i].algorithms(), first->keys[i].algorithms());
  }
}

}  // namespace
}  // namespace portcullis
