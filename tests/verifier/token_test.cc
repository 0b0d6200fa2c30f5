// Compact JWS to parts: what has the right shape, and everything that only looks like it.
#include "verifier/token.h"

#include <gtest/gtest.h>

#include "base/codec/base64url.h"
#include "tests/support/printing.h"
#include "tests/support/tokens.h"

namespace portcullis {
namespace {

constexpr TokenLimits kLimits{.bytes = 16384};

/// A token with this header; nobody has signed it, and here nobody asks.
std::string with_header(std::string_view header, std::string_view payload = "{}") {
  return test::with_signature(test::signing_input(header, payload), "signature");
}

Reason reason_for(std::string_view text) {
  const auto parsed = parse_token(text, kLimits);
  return parsed ? Reason::allowed : parsed.error().reason;
}

Reason reason_for_header(std::string_view header) { return reason_for(with_header(header)); }

TEST(Token, SplitsIntoItsParts) {
  const std::string text = with_header(R"({"alg":"RS256","kid":"k1","typ":"JWT"})", R"({"sub":"alice"})");

  const auto token = parse_token(text, kLimits);

  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->signing_input, text.substr(0, text.rfind('.')));
  EXPECT_EQ(token->algorithm, Algorithm::rs256);
  EXPECT_EQ(token->key_id, "k1");
  EXPECT_EQ(token->type, "jwt");
  EXPECT_EQ(token->payload, R"({"sub":"alice"})");
  EXPECT_EQ(token->signature, "signature");
  EXPECT_EQ(token->header, text.substr(0, text.find('.')));
}

TEST(Token, LeavesAbsentMembersAbsent) {
  const std::string text = with_header(R"({"alg":"EdDSA"})");

  const auto token = parse_token(text, kLimits);

  ASSERT_TRUE(token.ok());
  EXPECT_FALSE(token->key_id.has_value());
  EXPECT_FALSE(token->type.has_value());
}

TEST(Token, SaysOfEachHeaderWhatItSaysHoweverManyCameBefore) {
  const std::string first = with_header(R"({"alg":"RS256","kid":"k1","typ":"JWT"})", R"({"n":1})");
  const std::string second = with_header(R"({"alg":"EdDSA"})", R"({"n":2})");
  const std::string same = with_header(R"({"alg":"RS256","kid":"k1","typ":"JWT"})", R"({"n":3})");
  const std::string longer = with_header(R"({"alg":"RS256","kid":"k1","typ":"JWT" })");

  for (int round = 0; round < 2; ++round) {
    for (const std::string& text : {first, same, longer, first}) {
      const auto token = parse_token(text, kLimits);
      ASSERT_TRUE(token.ok());
      EXPECT_EQ(token->algorithm, Algorithm::rs256);
      EXPECT_EQ(token->key_id, "k1");
      EXPECT_EQ(token->type, "jwt");
      EXPECT_EQ(token->payload, text == first ? R"({"n":1})" : text == same ? R"({"n":3})" : "{}");
    }
    const auto other = parse_token(second, kLimits);
    ASSERT_TRUE(other.ok());
    EXPECT_EQ(other->algorithm, Algorithm::eddsa);
    EXPECT_FALSE(other->key_id.has_value());
    EXPECT_FALSE(other->type.has_value());
    EXPECT_EQ(other->payload, R"({"n":2})");
    EXPECT_EQ(reason_for_header(R"({"alg":"none"})"), Reason::alg_not_allowed);
    EXPECT_EQ(reason_for(".e30.c2ln"), Reason::token_header_invalid) << "an empty header is none that was remembered";
  }
}

TEST(Token, WithARememberedHeaderIsCheckedInAllElse) {
  const std::string good = with_header(R"({"alg":"RS256","kid":"k1"})", R"({"n":1})");
  const std::string header = good.substr(0, good.find('.'));
  ASSERT_TRUE(parse_token(good, kLimits).ok());

  EXPECT_EQ(reason_for(header + ".e3=.c2ln"), Reason::token_malformed);
  EXPECT_EQ(reason_for(header + ".e30.c2l="), Reason::token_malformed);
  EXPECT_EQ(reason_for(header + ".e30."), Reason::token_malformed);
  EXPECT_EQ(reason_for(header + ".e30"), Reason::token_malformed);
  EXPECT_EQ(reason_for(header + ".e30.c2ln.x"), Reason::token_malformed);
}

TEST(Token, AcceptsATokenOfExactlyTheLimit) {
  const std::string text = with_header(R"({"alg":"RS256"})");

  EXPECT_TRUE(parse_token(text, {.bytes = text.size()}).ok());
  const auto refused = parse_token(text, {.bytes = text.size() - 1});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::token_too_large);
}

TEST(Token, RefusesAnyOtherNumberOfParts) {
  const std::string good = with_header(R"({"alg":"RS256"})");

  for (const std::string& text :
       {std::string(), std::string("e30"), std::string("e30.e30"), good + ".", good + ".e30", good + ".e30.e30", "." + good}) {
    EXPECT_EQ(reason_for(text), Reason::token_malformed) << text;
  }
}

TEST(Token, RefusesThousandsOfDots) {
  EXPECT_EQ(reason_for(std::string(8000, '.')), Reason::token_malformed);
  EXPECT_EQ(reason_for(with_header(R"({"alg":"RS256"})") + std::string(8000, '.')), Reason::token_malformed);
}

TEST(Token, RefusesPaddingInEachPart) {
  const std::string header = base64url_encode(R"({"alg":"RS256"})");
  const std::string payload = base64url_encode("{}");
  const std::string signature = base64url_encode("sig");

  EXPECT_EQ(reason_for(header + "." + payload + "." + signature), Reason::allowed);
  for (const std::string padding : {"=", "=="}) {
    EXPECT_EQ(reason_for(header + padding + "." + payload + "." + signature), Reason::token_malformed);
    EXPECT_EQ(reason_for(header + "." + payload + padding + "." + signature), Reason::token_malformed);
    EXPECT_EQ(reason_for(header + "." + payload + "." + signature + padding), Reason::token_malformed);
  }
}

TEST(Token, RefusesForeignBytesAtEachPlace) {
  const std::string good = with_header(R"({"alg":"RS256"})");
  const std::string foreign("+/ \t\r\n\0?!,\"\\\x80\xff", 15);

  for (const char byte : foreign) {
    for (std::size_t at = 0; at <= good.size(); ++at) {
      std::string text = good;
      text.insert(at, 1, byte);
      ASSERT_EQ(reason_for(text), Reason::token_malformed) << static_cast<int>(byte) << " at " << at;
    }
  }
}

TEST(Token, RefusesSpareBitsThatAreNotZero) {
  const std::string input = test::signing_input(R"({"alg":"RS256"})", "{}");

  EXPECT_EQ(reason_for(input + ".AA"), Reason::allowed);
  for (const std::string last : {"AB", "AC", "AE", "AI"}) EXPECT_EQ(reason_for(input + "." + last), Reason::token_malformed) << last;
}

TEST(Token, RefusesALengthOfOneModuloFour) {
  EXPECT_EQ(reason_for(test::signing_input(R"({"alg":"RS256"})", "{}") + ".AAAAA"), Reason::token_malformed);
}

TEST(Token, RefusesAnEmptySignature) {
  EXPECT_EQ(reason_for(test::signing_input(R"({"alg":"RS256"})", "{}") + "."), Reason::token_malformed);
}

TEST(Token, SaysNoneBeforeItMissesTheSignature) {
  EXPECT_EQ(reason_for(test::signing_input(R"({"alg":"none"})", "{}") + "."), Reason::alg_not_allowed);
}

TEST(Token, RefusesJsonSerialisation) {
  EXPECT_EQ(reason_for(R"({"payload":"e30","signatures":[{"protected":"e30","signature":"AA"}]})"), Reason::token_malformed);
  EXPECT_EQ(reason_for(R"({"protected":"e30.","payload":".e30","signature":"AA"})"), Reason::token_malformed);
}

TEST(Token, RefusesAHeaderThatIsNoObject) {
  for (const std::string_view header : {"", "[]", "null", "1", "\"RS256\"", "{", "{}x", "{} {}", "\xef\xbb\xbf{}", "{'alg':'RS256'}"}) {
    EXPECT_EQ(reason_for_header(header), Reason::token_header_invalid) << header;
  }
}

TEST(Token, RefusesDuplicateHeaderMembers) {
  EXPECT_EQ(reason_for_header(R"({"alg":"none","alg":"RS256"})"), Reason::token_header_invalid);
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","kid":"a","kid":"b"})"), Reason::token_header_invalid);
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","\u0061lg":"RS256"})"), Reason::token_header_invalid);
}

std::string header_with_members(int count) {
  std::string header = R"({"alg":"RS256")";
  for (int i = 1; i < count; ++i) header += ",\"m" + std::to_string(i) + "\":1";
  return header + "}";
}

TEST(Token, BoundsTheMembersOfTheHeader) {
  EXPECT_EQ(reason_for_header(header_with_members(64)), Reason::allowed);
  EXPECT_EQ(reason_for_header(header_with_members(65)), Reason::token_header_invalid);
}

TEST(Token, BoundsTheDepthOfTheHeader) {
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","x":)" + std::string(7, '[') + std::string(7, ']') + "}"), Reason::allowed);
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","x":)" + std::string(8, '[') + std::string(8, ']') + "}"), Reason::token_header_invalid);
}

TEST(Token, BoundsTheSizeOfTheHeader) {
  const std::string frame = R"({"alg":"RS256","x":""})";
  const auto header_of = [&](std::size_t size) {
    std::string header = frame;
    header.insert(frame.size() - 2, size - frame.size(), 'x');
    return header;
  };

  EXPECT_EQ(reason_for_header(header_of(4096)), Reason::allowed);
  EXPECT_EQ(reason_for_header(header_of(4097)), Reason::token_header_invalid);
}

TEST(Token, KnowsEachAlgorithm) {
  for (const Algorithm algorithm : all_algorithms()) {
    const std::string text = with_header(R"({"alg":")" + std::string(algorithm_name(algorithm)) + "\"}");

    const auto token = parse_token(text, kLimits);

    ASSERT_TRUE(token.ok()) << algorithm_name(algorithm);
    EXPECT_EQ(token->algorithm, algorithm);
  }
}

TEST(Token, RefusesAlgorithmsThatAreNotInTheList) {
  for (const std::string_view name :
       {"none",   "None",  "NONE",  "nOnE",  "none ", "HS256",   "HS384",   "HS512",  "rs256", "RS1",    "RS256 ",
        "ES256K", "ES521", "Ed448", "EDDSA", "eddsa", "ed25519", "ED25519", "RSA1_5", "dir",   "A256KW", "PBES2-HS256+A128KW"}) {
    EXPECT_EQ(reason_for_header(R"({"alg":")" + std::string(name) + "\"}"), Reason::alg_not_allowed) << name;
  }
}

TEST(Token, RefusesAnAlgorithmThatIsNoName) {
  for (const std::string_view member :
       {R"("alg":1)", R"("alg":null)", R"("alg":["RS256"])", R"("alg":{})", R"("alg":"")", R"("typ":"JWT")", R"("ALG":"RS256")"}) {
    EXPECT_EQ(reason_for_header("{" + std::string(member) + "}"), Reason::token_header_invalid) << member;
  }
}

TEST(Token, RefusesNulInTheHeader) {
  EXPECT_EQ(reason_for_header(R"({"alg":"none\u0000"})"), Reason::token_header_invalid);
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","kid":"k\u0000"})"), Reason::token_header_invalid);
}

TEST(Token, RefusesCritWhateverItHolds) {
  for (const std::string_view crit : {R"(["exp"])", R"(["b64"])", "[]", "[null]", R"("b64")", "null", "false", R"(["alg"])"}) {
    EXPECT_EQ(reason_for_header(R"({"alg":"RS256","x":1,"crit":)" + std::string(crit) + "}"), Reason::crit_unsupported) << crit;
  }
}

TEST(Token, RefusesUnencodedPayloads) {
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","b64":false})"), Reason::crit_unsupported);
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","b64":0})"), Reason::crit_unsupported);
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","b64":false,"crit":["b64"]})"), Reason::crit_unsupported);
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","b64":true})"), Reason::allowed);
}

TEST(Token, ReportsCritBeforeTheAlgorithm) { EXPECT_EQ(reason_for_header(R"({"alg":"none","crit":["x"]})"), Reason::crit_unsupported); }

TEST(Token, AcceptsAKeyIdOfUpTo256Bytes) {
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","kid":""})"), Reason::allowed);
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","kid":")" + std::string(256, 'k') + "\"}"), Reason::allowed);
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","kid":")" + std::string(257, 'k') + "\"}"), Reason::kid_invalid);
  EXPECT_EQ(reason_for_header("{\"alg\":\"RS256\",\"kid\":\"\xc3\xa9\"}"), Reason::allowed);
}

TEST(Token, RefusesAKeyIdThatIsNoString) {
  for (const std::string_view kid : {"1", "null", "true", R"(["k"])", "{}"}) {
    const std::string text = with_header(R"({"alg":"RS256","kid":)" + std::string(kid) + "}");

    const auto token = parse_token(text, kLimits);

    ASSERT_FALSE(token.ok());
    EXPECT_EQ(token.error(), (Error{Reason::kid_invalid, "token 'kid' header is not a string"}));
  }
}

TEST(Token, RefusesControlsInAKeyId) {
  for (const std::string_view kid : {R"(a\nb)", R"(\u001b[2J)", "\x7f", R"(\u0085)"}) {
    EXPECT_EQ(reason_for_header(R"({"alg":"RS256","kid":")" + std::string(kid) + "\"}"), Reason::kid_invalid) << kid;
  }
}

TEST(Token, EscapesAKeyIdInItsMessage) {
  const std::string text = with_header(R"({"alg":"RS256","kid":"a\r\nforged line"})");

  const auto token = parse_token(text, kLimits);

  ASSERT_FALSE(token.ok());
  EXPECT_EQ(token.error().detail.find_first_of("\r\n"), std::string::npos);
}

TEST(Token, RefusesATypeThatIsNoString) {
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","typ":1})"), Reason::token_header_invalid);
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","typ":null})"), Reason::token_header_invalid);
}

TEST(Token, NormalizesTypes) {
  EXPECT_EQ(normalize_type("JWT"), "jwt");
  EXPECT_EQ(normalize_type("at+jwt"), "at+jwt");
  EXPECT_EQ(normalize_type("Application/AT+JWT"), "at+jwt");
  EXPECT_EQ(normalize_type("application/"), "");
  EXPECT_EQ(normalize_type("[Z`{"), "[z`{");
}

TEST(Token, NeverReadsKeysInTheHeader) {
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","jwk":1,"jku":[],"x5c":{},"x5u":null})"), Reason::allowed);
}

TEST(Token, RefusesEncryptedTokens) {
  EXPECT_EQ(reason_for("eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA"), Reason::token_malformed);
}

TEST(Token, ChecksTheEncodingOfEachPartBeforeTheHeader) {
  EXPECT_EQ(reason_for("e30.!.AA"), Reason::token_malformed);
  EXPECT_EQ(reason_for("e30.e30.!"), Reason::token_malformed);
}

}  // namespace
}  // namespace portcullis
