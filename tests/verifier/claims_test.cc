// Payloads as typed claims: right types, wrong types, and the edges of numbers.
#include "verifier/claims.h"

#include <gtest/gtest.h>

#include "tests/support/printing.h"

namespace portcullis {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

Result<Claims> claims_of(std::string_view payload) {
  const auto document = parse_payload(payload);
  if (!document) return document.error();
  return read_claims(document->root());
}

Reason reason_for(std::string_view payload) {
  const auto claims = claims_of(payload);
  return claims ? Reason::allowed : claims.error().reason;
}

std::optional<sys_seconds> expiry_of(std::string_view number) {
  const auto claims = claims_of(R"({"exp":)" + std::string(number) + "}");
  EXPECT_TRUE(claims.ok()) << number;
  return claims ? claims->expires : std::nullopt;
}

TEST(Claims, ReadsThemAll) {
  const auto claims =
      claims_of(R"({"iss":"https://issuer.example","sub":"alice","jti":"t1","aud":["registry","other"],"exp":300,"nbf":100,"iat":99,
      "access":[{"type":"repository","name":"team/app","actions":["pull","push"],"exp":200}],"cnf":{"jkt":"x"},"more":1})");

  ASSERT_TRUE(claims.ok());
  EXPECT_EQ(claims->issuer, "https://issuer.example");
  EXPECT_EQ(claims->subject, "alice");
  EXPECT_EQ(claims->token_id, "t1");
  EXPECT_EQ(claims->audiences, (std::vector<std::string>{"registry", "other"}));
  EXPECT_EQ(claims->expires, sys_seconds(seconds(300)));
  EXPECT_EQ(claims->not_before, sys_seconds(seconds(100)));
  EXPECT_EQ(claims->issued_at, sys_seconds(seconds(99)));
  EXPECT_EQ(claims->access, (std::vector<AccessEntry>{{"repository", "team/app", {"pull", "push"}, sys_seconds(seconds(200))}}));
  EXPECT_TRUE(claims->sender_constrained);
}

TEST(Claims, LeavesAbsentOnesAbsent) {
  const auto claims = claims_of("{}");

  ASSERT_TRUE(claims.ok());
  EXPECT_FALSE(claims->issuer || claims->subject || claims->token_id || claims->audiences || claims->access);
  EXPECT_FALSE(claims->expires || claims->not_before || claims->issued_at);
  EXPECT_FALSE(claims->sender_constrained);
}

TEST(Claims, NamesAreExact) {
  const auto claims = claims_of(R"({"EXP":1,"Exp":2,"Access":[],"ISS":"x","Sub":"y"})");

  ASSERT_TRUE(claims.ok());
  EXPECT_FALSE(claims->expires || claims->access || claims->issuer || claims->subject);
}

TEST(Claims, RefusesAPayloadThatIsNoObject) {
  for (const std::string_view payload :
       {"", "[]", "null", "1", "\"x\"", "{", "{}{}", "{}x", "\xef\xbb\xbf{}", "{'a':1}", "{\"a\":1,}", "{//\n}", "{\"a\":NaN}"}) {
    EXPECT_EQ(reason_for(payload), Reason::token_payload_invalid) << payload;
  }
}

TEST(Claims, RefusesDuplicateMembersAtAnyDepth) {
  EXPECT_EQ(reason_for(R"({"sub":"a","sub":"b"})"), Reason::token_payload_invalid);
  EXPECT_EQ(reason_for(R"({"exp":1,"\u0065xp":2})"), Reason::token_payload_invalid);
  EXPECT_EQ(reason_for(R"({"x":{"y":[{"z":1,"z":2}]}})"), Reason::token_payload_invalid);
  EXPECT_EQ(reason_for(R"({"access":[{"type":"repository","name":"a","name":"b","actions":[]}]})"), Reason::token_payload_invalid);
}

TEST(Claims, BoundsTheDepth) {
  EXPECT_EQ(reason_for(R"({"x":)" + std::string(31, '[') + std::string(31, ']') + "}"), Reason::allowed);
  EXPECT_EQ(reason_for(R"({"x":)" + std::string(32, '[') + std::string(32, ']') + "}"), Reason::token_payload_invalid);
  EXPECT_EQ(reason_for(R"({"x":)" + std::string(100000, '[')), Reason::token_payload_invalid);
}

std::string payload_with_members(int count) {
  std::string payload = R"({"m0":1)";
  for (int i = 1; i < count; ++i) payload += ",\"m" + std::to_string(i) + "\":1";
  return payload + "}";
}

TEST(Claims, BoundsTheMembers) {
  EXPECT_EQ(reason_for(payload_with_members(1000)), Reason::allowed);
  EXPECT_EQ(reason_for(payload_with_members(1001)), Reason::token_payload_invalid);
}

TEST(Claims, TimesAreNumbersInRange) {
  EXPECT_EQ(expiry_of("0"), sys_seconds(seconds(0)));
  EXPECT_EQ(expiry_of("253402300799"), sys_seconds(seconds(253402300799)));
  EXPECT_EQ(expiry_of("253402300799.0"), sys_seconds(seconds(253402300799)));
  EXPECT_EQ(expiry_of("1E3"), sys_seconds(seconds(1000)));
  for (const std::string_view number :
       {"-1", "253402300800", "9223372036854775807", "-9223372036854775808", "-0.5", "253402300799.5", "1e300", "-1e300"}) {
    EXPECT_EQ(reason_for(R"({"exp":)" + std::string(number) + "}"), Reason::claim_invalid) << number;
  }
}

TEST(Claims, FractionsAreRoundedDown) {
  EXPECT_EQ(expiry_of("1.5"), sys_seconds(seconds(1)));
  EXPECT_EQ(expiry_of("1.999999"), sys_seconds(seconds(1)));
  EXPECT_EQ(expiry_of("1e-300"), sys_seconds(seconds(0)));
  EXPECT_EQ(expiry_of("-0.0"), sys_seconds(seconds(0)));
}

TEST(Claims, RefusesNumbersThatNoTypeHolds) {
  for (const std::string_view number : {"1e400", "9223372036854775808", "100000000000000000000", "NaN", "Infinity", "01", "+1", "0x10"}) {
    EXPECT_EQ(reason_for(R"({"exp":)" + std::string(number) + "}"), Reason::token_payload_invalid) << number;
  }
}

TEST(Claims, RefusesTimesOfOtherTypes) {
  for (const std::string_view claim : {"exp", "nbf", "iat"}) {
    for (const std::string_view value : {R"("1700000000")", "true", "null", "[]", "{}", R"("NaN")"}) {
      EXPECT_EQ(reason_for("{\"" + std::string(claim) + "\":" + std::string(value) + "}"), Reason::claim_invalid) << claim << ' ' << value;
    }
  }
}

TEST(Claims, RefusesNamesOfOtherTypes) {
  for (const std::string_view claim : {"iss", "sub", "jti"}) {
    for (const std::string_view value : {"1", "true", "null", R"(["a"])", "{}"}) {
      EXPECT_EQ(reason_for("{\"" + std::string(claim) + "\":" + std::string(value) + "}"), Reason::claim_invalid) << claim << ' ' << value;
    }
  }
}

TEST(Claims, ReadsAudiences) {
  EXPECT_EQ(claims_of(R"({"aud":"a"})")->audiences, (std::vector<std::string>{"a"}));
  EXPECT_EQ(claims_of(R"({"aud":[]})")->audiences, std::vector<std::string>{});
  EXPECT_EQ(claims_of(R"({"aud":[""]})")->audiences, std::vector<std::string>{""});
  for (const std::string_view value : {"1", "null", "true", "{}", R"(["a",1])", R"(["a",null])", R"([["a"]])", R"("a\nb")"}) {
    EXPECT_EQ(reason_for(R"({"aud":)" + std::string(value) + "}"), Reason::claim_invalid) << value;
  }
}

TEST(Claims, TellsNoAccessClaimFromAnEmptyOne) {
  EXPECT_FALSE(claims_of(R"({"access":null})")->access.has_value());
  EXPECT_EQ(claims_of(R"({"access":[]})")->access, std::vector<AccessEntry>{});
}

TEST(Claims, AnAccessEntryMayHaveNoEnd) {
  EXPECT_FALSE(claims_of(R"({"access":[{"type":"t","name":"n","actions":[],"exp":null}]})")->access->front().expires.has_value());
  EXPECT_FALSE(claims_of(R"({"access":[{"type":"t","name":"","actions":[],"class":"image"}]})")->access->front().expires.has_value());
}

TEST(Claims, OneWrongAccessEntrySpoilsTheClaim) {
  const std::string good = R"({"type":"repository","name":"a","actions":["pull"]})";
  EXPECT_EQ(reason_for("{\"access\":[" + good + "]}"), Reason::allowed);
  for (const std::string_view bad :
       {"1", "null", R"("pull")", "[]", "{}", R"({"type":1,"name":"a","actions":[]})", R"({"name":"a","actions":[]})",
        R"({"type":"t","actions":[]})", R"({"type":"t","name":null,"actions":[]})", R"({"type":"t","name":"a"})",
        R"({"type":"t","name":"a","actions":null})", R"({"type":"t","name":"a","actions":"pull"})",
        R"({"type":"t","name":"a","actions":[1]})", R"({"type":"t","name":"a","actions":[],"exp":"1"})",
        R"({"type":"t","name":"a","actions":[],"exp":-1})", R"({"type":"t","name":"a\u0007","actions":[]})"}) {
    EXPECT_EQ(reason_for("{\"access\":[" + good + "," + std::string(bad) + "]}"), Reason::claim_invalid) << bad;
  }
}

TEST(Claims, RefusesAnAccessClaimThatIsNoArray) {
  for (const std::string_view value : {"{}", R"("pull")", "1", "false", R"({"type":"repository","name":"a","actions":["pull"]})"}) {
    EXPECT_EQ(reason_for(R"({"access":)" + std::string(value) + "}"), Reason::claim_invalid) << value;
  }
}

TEST(Claims, RefusesControlsInNames) {
  for (const std::string_view text : {R"(a\nb)", R"(\t)", R"(\u001b)", "\x7f", R"(\u0080)", R"(\u009f)"}) {
    EXPECT_EQ(reason_for(R"({"sub":")" + std::string(text) + "\"}"), Reason::claim_invalid) << text;
  }
  EXPECT_EQ(reason_for(R"({"sub":"\u00a0"})"), Reason::allowed);
}

TEST(Claims, RefusesNulAndBrokenUtf8) {
  for (const std::string_view text : {R"(admin\u0000x)", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", R"(\ud800)", "\n"}) {
    EXPECT_EQ(reason_for(R"({"sub":")" + std::string(text) + "\"}"), Reason::token_payload_invalid) << text;
  }
  EXPECT_EQ(reason_for(R"({"a\u0000b":1})"), Reason::token_payload_invalid);
}

TEST(Claims, ComparesTextAsBytes) {
  EXPECT_EQ(claims_of("{\"sub\":\"ad\xe2\x80\x8dmin\"}")->subject, "ad\xe2\x80\x8dmin");
  EXPECT_EQ(claims_of(R"({"sub":"\ud83d\ude00"})")->subject, "\xf0\x9f\x98\x80");
}

TEST(Claims, AnyConfirmationBindsTheSender) {
  for (const std::string_view value : {"{}", "null", "false", R"({"jkt":"x"})"}) {
    EXPECT_TRUE(claims_of(R"({"cnf":)" + std::string(value) + "}")->sender_constrained) << value;
  }
}

TEST(Claims, FaultsNameTheClaimAndNeverItsValue) {
  const auto claims = claims_of(R"({"sub":"alice","exp":"canary-value"})");

  ASSERT_FALSE(claims.ok());
  EXPECT_EQ(claims.error().detail, "claim 'exp' must be a number in 0..253402300799, found string");
  EXPECT_EQ(claims_of(R"({"access":[{"type":"t","name":"a"}]})").error().detail,
            "claim 'access.actions' must be an array of strings, found nothing");
}

}  // namespace
}  // namespace portcullis
