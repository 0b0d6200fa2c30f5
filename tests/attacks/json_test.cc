// Section 2D: JSON that two readers could read differently, or that costs one of them too much.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "keystore/key_text.h"
#include "tests/attacks/attack.h"
#include "verifier/claims.h"

namespace portcullis::attacks {
namespace {

/// Members that every good payload has, without braces.
std::string good_members() {
  const std::string payload = good_payload(kNow);
  return payload.substr(1, payload.size() - 2);
}

std::string payload_with(std::string_view members) { return "{" + good_members() + "," + std::string(members) + "}"; }

/// A payload with no time but these members.
std::string timed(std::string_view members) {
  return R"({"sub":"alice",)" + std::string(members) + R"(,"access":[{"type":"repository","name":"team/app","actions":["pull"]}]})";
}

std::string with_access(std::string_view access) {
  return R"({"sub":"alice","exp":)" + std::to_string(unix_seconds(kNow) + 60) + R"(,"access":)" + std::string(access) + "}";
}

void expect_payload_refused(TestGate& gate, std::string_view payload, Reason reason) {
  SCOPED_TRACE(std::string(payload.substr(0, 200)));
  expect_token_refused(gate, token_of(payload), reason);
}

TEST(Attacks2D, J1_RefusesDuplicateMembers) {
  TestGate gate;
  const KeyPair& pair = key_pair("ED25519");
  for (const char* header : {R"({"alg":"none","alg":"EdDSA","kid":"k1"})", R"({"alg":"EdDSA","alg":"EdDSA","kid":"k1"})",
                             R"({"alg":"EdDSA","kid":"x","kid":"k1"})", R"({"alg":"none","\u0061lg":"EdDSA","kid":"k1"})"}) {
    expect_token_refused(gate, mint(header, good_payload(kNow), pair, "EdDSA"), Reason::token_header_invalid);
  }

  for (const char* members : {R"("sub":"root")", R"("exp":9999999999)", R"("iat":1)", R"("access":[])", R"("\u0073ub":"root")",
                              R"("aud":"a","aud":"b")", R"("deep":{"a":[{"b":1,"b":2}]})", R"("":1,"":2)"}) {
    expect_payload_refused(gate, payload_with(members), Reason::token_payload_invalid);
  }
}

TEST(Attacks2D, J2_BoundsNesting) {
  TestGate gate;
  const auto nested = [](std::size_t levels) { return R"("x":)" + std::string(levels, '[') + std::string(levels, ']'); };
  expect_token_allowed(gate, token_of(payload_with(nested(31))));
  expect_payload_refused(gate, payload_with(nested(32)), Reason::token_payload_invalid);
  expect_payload_refused(gate, payload_with(nested(2049)), Reason::token_payload_invalid);

  // Nothing recurses as deep as the text does, closed or not.
  for (const std::size_t levels : {100'000U, 500'000U}) {
    for (const std::string& text :
         {std::string(levels, '['), std::string(levels, '[') + std::string(levels, ']'), R"({"keys":)" + std::string(levels, '[')}) {
      EXPECT_FALSE(parse_payload(text).ok());
      EXPECT_FALSE(read_jwks(text, "k1").ok());
      EXPECT_FALSE(read_secret(text, kNow).ok());
    }
  }
}

TEST(Attacks2D, J3_BoundsTheNumberOfMembers) {
  TestGate gate;
  const auto members = [](std::size_t count) {
    std::string text = "\"m\":[";
    for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "1" : ",1";
    return text + "]";
  };

  expect_token_allowed(gate, token_of(payload_with(members(980))));
  expect_payload_refused(gate, payload_with(members(1000)), Reason::token_payload_invalid);
  std::string colliding = "{";
  for (int i = 0; i < 10'000; ++i) colliding += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  EXPECT_FALSE(parse_payload(colliding + "}").ok());
}

TEST(Attacks2D, J4_RefusesAnythingAroundTheObject) {
  TestGate gate;
  const std::string good = good_payload(kNow);

  for (const std::string& text :
       {good + "x", good + good, good + ",", good + std::string(1, '\0'), std::string(1, '\0') + good, "\xef\xbb\xbf" + good, "x" + good,
        "[" + good + "]", ")]}'\n" + good, "\f" + good, "\xc2\xa0" + good, std::string(), std::string(" ")}) {
    expect_payload_refused(gate, text, Reason::token_payload_invalid);
  }
  expect_token_allowed(gate, token_of(" \t\r\n" + good + "\n"));
}

TEST(Attacks2D, J5_TakesOnlyNumbersThatAreTimes) {
  TestGate gate;
  for (const char* name : {"exp", "nbf", "iat"}) {
    const auto claim = [&](std::string_view number) {
      const std::string member = "\"" + std::string(name) + "\":" + std::string(number);
      return timed(name == std::string_view("exp") ? member : R"("exp":1772366460,)" + member);
    };
    for (const char* number : {"1e400", "-1e400", "100000000000000000000", "9223372036854775808", "-9223372036854775809"}) {
      expect_payload_refused(gate, claim(number), Reason::token_payload_invalid);
    }
    for (const char* number : {"9223372036854775807", "253402300800", "253402300799.5", "1e300", "-1", "-0.5", "-1e3"}) {
      expect_payload_refused(gate, claim(number), Reason::claim_invalid);
    }
  }
  for (const char* number : {"0", "-0", "0.0", "-0.0", "1E3", "1e-999"})
    expect_payload_refused(gate, timed("\"exp\":" + std::string(number)), Reason::token_expired);
  expect_token_allowed(gate, token_of(timed("\"exp\":253402300799")));
  expect_token_allowed(gate, token_of(timed("\"exp\":1.772366460E9")));
}

TEST(Attacks2D, J6_TakesNothingElseForATime) {
  TestGate gate;

  for (const char* value :
       {"\"9999999999\"", "\"never\"", "true", "false", "null", "[]", "{}", "[9999999999]", "\"NaN\"", "\"Infinity\"", "\"\""}) {
    expect_payload_refused(gate, timed("\"exp\":" + std::string(value)), Reason::claim_invalid);
    expect_payload_refused(gate, timed(R"("exp":1772366460,"nbf":)" + std::string(value)), Reason::claim_invalid);
  }
  for (const char* value :
       {"NaN", "Infinity", "-Infinity", "0x7fffffff", "01772366460", "1772366460.", ".5", "+1772366460", "1_000", "1n"}) {
    expect_payload_refused(gate, timed("\"exp\":" + std::string(value)), Reason::token_payload_invalid);
  }
}

TEST(Attacks2D, J7_TakesAudiencesAsTextOrTextsAlone) {
  TestGate gate = gate_configured(R"("tokens":{"issuers":["any"],"audiences":["registry.example"]})");
  const auto audience = [](std::string_view value) { return payload_with("\"aud\":" + std::string(value)); };

  expect_token_allowed(gate, token_of(audience(R"("registry.example")")));
  expect_token_allowed(gate, token_of(audience(R"(["other","registry.example"])")));
  for (const char* value : {"[]", "[\"\"]", "\"\"", "[\"other\"]"})
    expect_payload_refused(gate, audience(value), Reason::audience_mismatch);
  expect_payload_refused(gate, good_payload(kNow), Reason::audience_mismatch);
  for (const char* value : {R"([["registry.example"]])", "7", "true", "null", R"({"registry.example":1})", R"(["registry.example",7])",
                            R"(["registry.example",null])"}) {
    expect_payload_refused(gate, audience(value), Reason::claim_invalid);
  }
}

TEST(Attacks2D, J8_TakesNoAccessClaimOnABestEffort) {
  TestGate gate;
  const std::string good = R"({"type":"repository","name":"team/app","actions":["pull"]})";
  expect_token_allowed(gate, token_of(with_access("[" + good + "]")));

  for (const std::string& access :
       {good, std::string("\"repository:team/app:pull\""), std::string("7"), std::string("true"), "[[" + good + "]]",
        std::string(R"([{"type":"repository","name":"team/app","actions":"pull"}])"), "[" + good + ",null]", "[" + good + ",{}]",
        "[" + good + R"(,{"type":"repository","name":7,"actions":[]}])", "[" + good + R"(,{"type":"repository","name":"a","actions":[7]}])",
        "[" + good + R"(,{"name":"a","actions":["pull"]}])", "[" + good + R"(,{"type":"repository","name":"a"}])"}) {
    expect_payload_refused(gate, with_access(access), Reason::claim_invalid);
  }
  for (const char* access : {"null", "[]"}) expect_payload_refused(gate, with_access(access), Reason::scope_insufficient);
  std::string many = "[" + good;
  for (int i = 0; i < 300; ++i) many += "," + std::string(R"({"type":"x","name":"x","actions":[]})");
  expect_payload_refused(gate, with_access(many + "]"), Reason::token_payload_invalid);
}

}  // namespace
}  // namespace portcullis::attacks
