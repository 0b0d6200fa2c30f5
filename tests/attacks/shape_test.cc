// Section 2C: the shape of a token: parts, base64url, the Authorization header.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/codec/base64url.h"
#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

struct Parts {
  std::string header;
  std::string payload;
  std::string signature;

  [[nodiscard]] std::string text() const { return header + "." + payload + "." + signature; }
};

Parts parts_of(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  return {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

GateAnswer ask_with(TestGate& gate, std::string_view authorization) { return gate.ask_uncached(nginx_asks("GET", kWanted, authorization)); }

/// A good token whose every part ends in a character with bits to spare.
std::string token_with_spare_bits() {
  for (std::string pad;; pad += 'x') {
    const std::string header = R"({"alg":"EdDSA","kid":"k1","typ":")" + pad + "\"}";
    const std::string payload = good_payload(kNow, "team/app", "pull", R"("pad":")" + pad + "\"");
    if (header.size() % 3 != 0 && payload.size() % 3 != 0) return mint(header, payload, key_pair("ED25519"), "EdDSA");
  }
}

TEST(Attacks2C, E1_RefusesAnyOtherNumberOfParts) {
  TestGate gate;
  const Parts good = parts_of(good_token());

  for (const std::string& wrong :
       {std::string("x"), good.header, good.header + "." + good.payload, good.text() + ".", good.text() + "." + good.signature,
        good.text() + ".." + good.signature, good.text() + ".a.b.c", "." + good.text()}) {
    expect_token_refused(gate, wrong, Reason::token_malformed);
  }
  expect_token_refused(gate, "..", Reason::token_header_invalid);
}

TEST(Attacks2C, E2_CountsNoDots) {
  TestGate gate;

  expect_token_refused(gate, std::string(8000, '.'), Reason::token_malformed);
  expect_token_refused(gate, std::string(16'384, '.'), Reason::token_malformed);
  expect_token_refused(gate, std::string(16'385, '.'), Reason::token_too_large);
  expect_token_refused(gate, std::string(1'000'000, '.'), Reason::token_too_large);
}

TEST(Attacks2C, E3_RefusesPadding) {
  TestGate gate;
  const Parts good = parts_of(token_with_spare_bits());
  expect_token_allowed(gate, good.text());

  for (const std::string padding : {"=", "==", "==="}) {
    expect_token_refused(gate, good.text() + padding, Reason::token_malformed);
    EXPECT_REASON(verdict_on(gate, good.header + padding + "." + good.payload + "." + good.signature), Reason::token_malformed);
    EXPECT_REASON(verdict_on(gate, good.header + "." + good.payload + padding + "." + good.signature), Reason::token_malformed);
  }
}

TEST(Attacks2C, E4_RefusesTheStandardAlphabet) {
  TestGate gate;
  int tried = 0;
  // A signature holds `-` or `_` almost always; payloads are changed until both were seen.
  for (int i = 0; i < 200 && tried < 8; ++i) {
    const std::string token = good_token("team/app", "pull", "\"jti\":\"" + std::to_string(i) + "\"");
    for (const auto& [from, to] : {std::pair{'-', '+'}, std::pair{'_', '/'}}) {
      const std::size_t at = token.find(from);
      if (at == std::string::npos) continue;
      std::string wrong = token;
      wrong[at] = to;
      expect_token_refused(gate, wrong, Reason::token_malformed);
      ++tried;
    }
  }
  EXPECT_GE(tried, 8);
}

TEST(Attacks2C, E5_RefusesForeignBytesAtEveryPlace) {
  TestGate gate;
  const std::string good = good_token();
  const std::vector<std::string> junk = {" ", "\t",   "\r",   "\n",           std::string(1, '\0'), "?",       "!", ".",
                                         ",", "\x80", "\xff", "\xe2\x80\xa4", "\xef\xbd\x81",       "\xc2\xa0"};

  for (const std::string& bytes : junk) {
    for (std::size_t at = 0; at <= good.size(); ++at) {
      const std::string wrong = good.substr(0, at) + bytes + good.substr(at);
      ASSERT_NE(verdict_on(gate, wrong), Reason::allowed) << at;
      if (at == 0 && bytes == " ") continue;  // `Bearer` may be followed by two blanks
      ASSERT_NE(ask_with(gate, "Bearer " + wrong).http.status, 200) << at;
    }
  }
}

TEST(Attacks2C, E6_RefusesOtherSpellingsOfTheSameBytes) {
  TestGate gate;
  const Parts good = parts_of(token_with_spare_bits());
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  int tried = 0;
  const auto try_part = [&](std::string Parts::*part) {
    // Two characters carry 8 bits and 4 to spare; three carry 16 and 2.
    const unsigned spare = (good.*part).size() % 4 == 2 ? 0x0fU : 0x03U;
    const auto value = static_cast<unsigned>(kAlphabet.find((good.*part).back()));
    ASSERT_EQ(value & spare, 0U);
    for (unsigned bits = 1; bits <= spare; ++bits) {
      Parts wrong = good;
      (wrong.*part).back() = kAlphabet[value | bits];
      expect_token_refused(gate, wrong.text(), Reason::token_malformed);
      ++tried;
    }
  };

  try_part(&Parts::header);
  try_part(&Parts::payload);
  try_part(&Parts::signature);
  EXPECT_GE(tried, 15 + 3 + 3);
}

TEST(Attacks2C, E7_RefusesPartsThatCannotBeWholeBytes) {
  TestGate gate;
  const Parts good = parts_of(good_token());
  const auto cut = [](std::string text) {
    do text.pop_back();
    while (text.size() % 4 != 1);
    return text;
  };

  expect_token_refused(gate, cut(good.header) + "." + good.payload + "." + good.signature, Reason::token_malformed);
  expect_token_refused(gate, good.header + "." + cut(good.payload) + "." + good.signature, Reason::token_malformed);
  expect_token_refused(gate, good.header + "." + good.payload + "." + cut(good.signature), Reason::token_malformed);
}

TEST(Attacks2C, E8_ReadsOneSchemeAndOneToken) {
  TestGate gate;
  const std::string token = good_token();
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer  ", "Bearer    "})
    expect_allowed(ask_with(gate, scheme + token));

  const std::vector<std::pair<std::string, Reason>> wrong = {{"Bearer\t" + token, Reason::authorization_malformed},
                                                             {"Bearer \t" + token, Reason::authorization_malformed},
                                                             {" Bearer " + token, Reason::authorization_malformed},
                                                             {"Bearer " + token + " ", Reason::authorization_malformed},
                                                             {"Bearer " + token + ",", Reason::authorization_malformed},
                                                             {"Bearer " + token + "," + token, Reason::authorization_malformed},
                                                             {"Bearer " + token + ", Bearer " + token, Reason::authorization_malformed},
                                                             {"Bearer " + token + " " + token, Reason::authorization_malformed},
                                                             {"Bearer token=\"" + token + "\"", Reason::authorization_malformed},
                                                             {"Bearer \"" + token + "\"", Reason::authorization_malformed},
                                                             {"Bearer", Reason::authorization_malformed},
                                                             {"Bearer ", Reason::authorization_malformed},
                                                             {token, Reason::authorization_malformed},
                                                             {"Bearer:" + token, Reason::authorization_malformed},
                                                             {"Basic x bearer " + token, Reason::scheme_unsupported},
                                                             {"xBearer " + token, Reason::scheme_unsupported},
                                                             {"Bearer-Token " + token, Reason::scheme_unsupported},
                                                             {"Token " + token, Reason::scheme_unsupported},
                                                             {"DPoP " + token, Reason::scheme_unsupported}};
  for (const auto& [authorization, reason] : wrong) expect_refused(ask_with(gate, authorization), reason, token);
}

TEST(Attacks2C, E9_ReadsNoTokenFromQueryOrCookie) {
  TestGate gate;
  const std::string token = good_token();

  expect_refused(gate.ask_uncached(nginx_asks("GET", "/v2/team/app/tags/list?access_token=" + token)), Reason::token_missing, token);
  expect_refused(gate.ask_uncached(nginx_asks("GET", "/v2/?token=" + token)), Reason::token_missing, token);
  GateQuestion question = nginx_asks("GET", kWanted);
  question.with("Cookie", "access_token=" + token).with("X-Access-Token", token).with("Proxy-Authorization", bearer(token));
  expect_refused(gate.ask_uncached(question), Reason::token_missing, token);
  question.uri = "/auth?access_token=" + token;
  expect_refused(gate.ask_uncached(question), Reason::token_missing, token);
}

TEST(Attacks2C, E10_ReadsNoTokenFromBasicCredentials) {
  TestGate gate;
  const std::string token = good_token();

  // base64url of the tokens's alphabet is base64 where the length is a multiple of three.
  for (const char* user : {"u:", "uu:", "uuu:", "oauth2accesstoken:"}) {
    expect_refused(ask_with(gate, "Basic " + base64url_encode(user + token)), Reason::scheme_unsupported, token);
  }
}

TEST(Attacks2C, E11_ReadsNoJsonSerialisation) {
  TestGate gate;
  const Parts good = parts_of(good_token());
  const std::string flattened =
      R"({"protected":")" + good.header + R"(","payload":")" + good.payload + R"(","signature":")" + good.signature + "\"}";
  const std::string general = R"({"payload":")" + good.payload + R"(","signatures":[{"protected":")" + good.header + R"(","signature":")" +
                              good.signature + "\"}]}";
  // Text that is a compact token and a JSON serialisation at once (CVE-2022-39227).
  const std::string polyglot = R"({" ":")" + good.header + "." + good.payload + "." + good.signature + "\"}";

  for (const std::string& text : {flattened, general, polyglot}) {
    EXPECT_REASON(verdict_on(gate, text), Reason::token_malformed);
    expect_refused(ask_with(gate, "Bearer " + text), Reason::authorization_malformed, text);
  }
}

TEST(Attacks2C, E12_OpensNoEncryptedNestedOrCompressedToken) {
  TestGate gate;
  const std::string inner = good_token();
  const auto with_header = [](std::string_view header, std::string_view payload) {
    return mint(header, payload, key_pair("ED25519"), "EdDSA");
  };

  expect_token_refused(gate, base64url_encode(R"({"alg":"RSA-OAEP","enc":"A256GCM","kid":"k1"})") + ".a2V5.aXY.Y2lwaGVy.dGFn",
                       Reason::token_malformed);
  expect_token_refused(gate, base64url_encode(R"({"alg":"dir","enc":"A256GCM"})") + "..aXY.Y2lwaGVy.dGFn", Reason::token_malformed);
  expect_token_refused(gate, with_header(R"({"alg":"EdDSA","kid":"k1","cty":"JWT"})", inner), Reason::token_payload_invalid);
  // DEFLATE of "{}": never inflated.
  expect_token_refused(gate, with_header(R"({"alg":"EdDSA","kid":"k1","zip":"DEF"})", "\xab\xae\x05"), Reason::token_payload_invalid);
}

TEST(Attacks2C, E13_CountsNoIterations) {
  TestGate gate;
  const auto started = std::chrono::steady_clock::now();

  for (const char* header : {R"({"alg":"PBES2-HS256+A128KW","p2c":2147483647,"p2s":"AAAA","kid":"k1"})",
                             R"({"alg":"PBES2-HS512+A256KW","p2c":2147483647,"kid":"k1"})"}) {
    expect_token_refused(gate, mint(header, good_payload(kNow), key_pair("ED25519"), "EdDSA"), Reason::alg_not_allowed);
  }

  // One iteration count of 2^31 would take minutes; anything else takes microseconds.
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(20));
}

}  // namespace
}  // namespace portcullis::attacks
