// Section 2D, continued: text inside JSON: encodings, look-alikes, odd names, odd syntax, size.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "keystore/key_text.h"
#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

std::string payload_with(std::string_view members) {
  const std::string payload = good_payload(kNow);
  return payload.substr(0, payload.size() - 1) + "," + std::string(members) + "}";
}

/// A payload of this subject and this repository; both are put in as they stand.
std::string payload_for(std::string_view subject, std::string_view repository) {
  return R"({"sub":")" + std::string(subject) + R"(","exp":)" + std::to_string(unix_seconds(kNow) + 60) +
         R"(,"access":[{"type":"repository","name":")" + std::string(repository) + R"(","actions":["pull"]}]})";
}

TEST(Attacks2D, J9_RefusesTextThatIsNoUtf8) {
  TestGate gate;

  for (const char* bytes : {"\xff", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
                            "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\x80", "\xe2\x82", "\xf8\x88\x80\x80\x80"}) {
    expect_token_refused(gate, token_of(payload_for("a" + std::string(bytes) + "b", "team/app")), Reason::token_payload_invalid);
    expect_token_refused(gate, token_of(payload_for("alice", "team/app" + std::string(bytes))), Reason::token_payload_invalid);
    const std::string header = R"({"alg":"EdDSA","kid":"k1)" + std::string(bytes) + "\"}";
    expect_token_refused(gate, mint(header, good_payload(kNow), key_pair("ED25519"), "EdDSA"), Reason::token_header_invalid);
  }
  // Surrogates by escape: alone they are no character.
  for (const char* escape : {"\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800x"}) {
    expect_token_refused(gate, token_of(payload_for(escape, "team/app")), Reason::token_payload_invalid);
  }
}

TEST(Attacks2D, J9_RefusesControlCharacters) {
  TestGate gate;

  for (const char* raw : {"\x01", "\n", "\r", "\t", "\x1f"})
    expect_token_refused(gate, token_of(payload_for(raw, "team/app")), Reason::token_payload_invalid);
  for (const char* escape : {"\\u0001", "\\n", "\\r\\nX-Admin: 1", "\\t", "\\u001f", "\\u007f", "\\u0085", "\\u009f"}) {
    expect_token_refused(gate, token_of(payload_for(escape, "team/app")), Reason::claim_invalid);
    expect_token_refused(gate, token_of(payload_for("alice", escape)), Reason::claim_invalid);
  }
}

TEST(Attacks2D, J10_RefusesNulInNamesAndValues) {
  TestGate gate;

  expect_token_refused(gate, token_of(payload_for("admin\\u0000x", "team/app")), Reason::token_payload_invalid);
  expect_token_refused(gate, token_of(payload_for("alice", "team/app\\u0000/other")), Reason::token_payload_invalid);
  expect_token_refused(gate, token_of(payload_with(R"("a\u0000b":1)")), Reason::token_payload_invalid);
  expect_token_refused(gate, token_of(payload_for(std::string("a\0b", 3), "team/app")), Reason::token_payload_invalid);
}

TEST(Attacks2D, J11_ComparesNamesAsBytes) {
  TestGate gate;

  // Composed and decomposed, a homoglyph, a bidi override, a zero-width joiner, full width: another repository each.
  for (const char* name : {"team/\xc3\xa1pp", "team/a\xcc\x81pp", "team/\xd0\xb0pp", "\xe2\x80\xaeteam/app", "team/a\xe2\x80\x8dpp",
                           "team/\xef\xbd\x81pp", "Team/App", "team/app/", "/team/app", "team//app", "team/./app", "team%2Fapp"}) {
    expect_token_refused(gate, token_of(payload_for("alice", name)), Reason::scope_insufficient);
    EXPECT_EQ(
        gate.ask_uncached(nginx_asks("GET", "/v2/" + std::string(name) + "/manifests/v1", bearer(token_of(payload_for("alice", name)))))
            .http.status,
        403)
        << name;
  }
}

TEST(Attacks2D, J11_EncodesNamesForTheRegistry) {
  TestGate gate;

  const GateAnswer answer = try_token(gate, token_of(payload_for("ad\xe2\x80\x8dmin", "team/app")));

  expect_allowed(answer);
  EXPECT_EQ(header_of(answer, "X-Auth-Request-User"), "ad%E2%80%8Dmin");
}

TEST(Attacks2D, J12_TakesOddNamesAsPlainData) {
  TestGate gate;
  expect_token_allowed(gate,
                       token_of(payload_with(R"("__proto__":{"sub":"root"},"constructor":{"prototype":{}},"":1,"a.b":2,"toString":null)")));
  TestGate mapped = gate_configured(R"("tokens":{"issuers":["any"],"audiences":["any"],"claimMapping":{"username":"claims.name"}})");

  // The claim is a member of the payload, and of nothing else.
  for (const char* members :
       {R"("claims.name":"root")", R"("claims":{"name":"root"})", R"("NAME":"root")", R"("__proto__":{"name":"root"})"}) {
    expect_token_refused(mapped, token_of(payload_with(members)), Reason::claim_mapping_failed);
  }
  EXPECT_EQ(header_of(try_token(mapped, token_of(payload_with(R"("name":"bob","NAME":"root")"))), "X-Auth-Request-User"), "bob");
}

TEST(Attacks2D, J13_RefusesWhatOnlyLenientParsersRead) {
  TestGate gate;
  const std::string good = good_payload(kNow);

  for (const std::string& text :
       {good.substr(0, good.size() - 1) + ",}", "/* x */" + good, good + "// x", "# x\n" + good, std::string("{'sub':'alice'}"),
        std::string("{sub:\"alice\"}"), good.substr(0, good.size() - 1), std::string(R"({"sub":"a" "exp":1})"),
        std::string(R"({"sub":undefined})"), std::string(R"({"sub":"\x61"})"), std::string(R"({"sub":"\u00zz"})"),
        std::string(R"({"sub":True})"), std::string(R"({,"sub":"a"})"), std::string(R"({"sub"})"), std::string(R"({"a":[1,]})"),
        std::string(R"({"a":[,1]})"), std::string(R"({"a":1;"b":2})")}) {
    SCOPED_TRACE(text);
    expect_token_refused(gate, token_of(text), Reason::token_payload_invalid);
  }
}

TEST(Attacks2D, J14_BoundsTextsAndArraysBySize) {
  TestGate gate;

  expect_token_refused(gate, token_of(payload_with(R"("x":")" + std::string(1'048'576, 'x') + "\"")), Reason::token_too_large);
  std::string array = "[1";
  while (array.size() < 2'000'000) array += ",1";
  EXPECT_FALSE(read_jwks(array + "]", "k1").ok());
  EXPECT_FALSE(read_jwks(R"({"keys":[],"x":")" + std::string(1'048'576, 'x') + "\"}", "k1").ok());
  EXPECT_FALSE(read_secret(R"({"k1":")" + std::string(10UL * 1024 * 1024, 'x') + "\"}", kNow).ok());
}

}  // namespace
}  // namespace portcullis::attacks
