// Section 2C, continued: what a token's header may ask for.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/codec/base64url.h"
#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

/// A good token of the right key whose header has these members too.
std::string token_with(std::string_view members, const KeyPair& pair = key_pair("ED25519")) {
  return mint(R"({"alg":"EdDSA","kid":"k1",)" + std::string(members) + "}", good_payload(kNow), pair, "EdDSA");
}

std::string token_with_kid(std::string_view kid_json) {
  return mint(R"({"alg":"EdDSA","kid":)" + std::string(kid_json) + "}", good_payload(kNow), key_pair("ED25519"), "EdDSA");
}

TEST(Attacks2C, E14_RefusesEveryCriticalExtension) {
  TestGate gate;

  for (const char* members :
       {R"("crit":["x"],"x":1)", R"("crit":["x"])", R"("crit":[])", R"("crit":[null])", R"("crit":"b64")", R"("crit":["alg"])",
        R"("crit":["exp"],"exp":1)", R"("crit":["b64"],"b64":true)", R"("crit":["x","x"],"x":1)", R"("crit":null)", R"("crit":{})"}) {
    expect_token_refused(gate, token_with(members), Reason::crit_unsupported);
  }
  expect_token_refused(gate, token_with(R"("crit":["x"],"crit":[])"), Reason::token_header_invalid);
}

TEST(Attacks2C, E15_RefusesUnencodedAndDetachedPayloads) {
  TestGate gate;
  const KeyPair& pair = key_pair("ED25519");
  const std::string payload = good_payload(kNow);

  for (const char* value : {"false", "0", "null", "\"false\""})
    expect_token_refused(gate, token_with(R"("b64":)" + std::string(value)), Reason::crit_unsupported);
  expect_token_refused(gate, token_with(R"("b64":false,"crit":["b64"])"), Reason::crit_unsupported);
  // RFC 7797: the payload stands as it is, or is sent elsewhere.
  const std::string header = base64url_encode(header_json("EdDSA", "k1"));
  const std::string input = header + "." + base64url_encode(payload);
  expect_token_refused(gate, header + ".." + base64url_encode(sign("EdDSA", pair, input)), Reason::bad_signature);
  EXPECT_REASON(verdict_on(gate, header + "." + payload + "." + base64url_encode(sign("EdDSA", pair, header + "." + payload))),
                Reason::token_malformed);
}

TEST(Attacks2C, E16_ReadsNoEmbeddedKey) {
  TestGate gate;
  const KeyPair& attacker = key_pair("ED25519", "attacker");
  JwkOptions named;
  named.kid = "k1";

  expect_token_refused(gate, token_with(R"("jwk":)" + attacker.public_jwk(), attacker), Reason::bad_signature);
  expect_token_refused(gate, token_with(R"("jwk":)" + attacker.public_jwk(named), attacker), Reason::bad_signature);
  expect_token_refused(gate, mint(R"({"alg":"EdDSA","jwk":)" + attacker.public_jwk() + "}", good_payload(kNow), attacker, "EdDSA"),
                       Reason::kid_missing);
}

TEST(Attacks2C, E17_FollowsNoKeyUrlAndNoCertificateChain) {
  TestGate gate;
  const KeyPair& attacker = key_pair("ED25519", "attacker");
  const std::vector<std::string> members = {R"("jku":"https://attacker.example/jwks.json")",
                                            R"("x5u":"https://attacker.example/chain.pem")",
                                            R"("x5c":["MIIB"])",
                                            R"("x5t":"AAAA","x5t#S256":"AAAA")",
                                            R"("jku":"file:///etc/passwd")",
                                            R"("jku":7,"x5c":"x")"};

  // They are not read: the key of the kid decides alone. No part of this version can make an outbound request.
  for (const std::string& member : members) {
    expect_token_refused(gate, token_with(member, attacker), Reason::bad_signature);
    expect_token_allowed(gate, token_with(member));
  }
}

TEST(Attacks2C, E18_TakesTheKeyIdAsAnOpaqueName) {
  TestGate gate;

  for (const char* kid : {R"("../../../../etc/passwd")", R"("/dev/null")", R"("k1' OR '1'='1")", R"("k1; DROP TABLE keys")",
                          R"x("$(reboot)")x", R"("|cat /etc/passwd")", R"("%s%n%x")", R"("%6b1")", R"("K1")", R"("k1 ")", R"(" k1")",
                          R"("")", R"("k\u200d1")", R"("http://attacker.example/")", R"("__proto__")"}) {
    expect_token_refused(gate, token_with_kid(kid), Reason::key_unknown);
  }
}

TEST(Attacks2C, E18_BoundsTheKeyIdAndEscapesItInTheLog) {
  TestGate gate;
  const std::string longest(256, 'k');

  for (const char* kid : {"1", "null", "true", "[\"k1\"]", "{\"kid\":\"k1\"}", R"("k1\n")", R"("k\u00011")", R"("k1\u007f")"}) {
    expect_token_refused(gate, token_with_kid(kid), Reason::kid_invalid);
  }
  expect_token_refused(gate, token_with_kid(R"("k1\u0000")"), Reason::token_header_invalid);
  expect_token_refused(gate, token_with_kid("\"" + longest + "\""), Reason::key_unknown);
  expect_token_refused(gate, token_with_kid("\"" + longest + "k\""), Reason::kid_invalid);
  expect_token_refused(gate, token_with_kid("\"" + std::string(1'048'576, 'k') + "\""), Reason::token_too_large);
  const Result<CheckedToken> checked = check_token(token_with_kid(R"("a\"b\\c\u202e")"), gate.state(), nullptr, kNow, nullptr);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().detail.find('"'),
            checked.error().detail.find("\\\"") == std::string::npos ? std::string::npos : checked.error().detail.find("\\\"") + 1);
  EXPECT_LT(checked.error().detail.size(), 1200U);
}

TEST(Attacks2C, E20_AcceptsOnlyTheTypesThatAreListed) {
  TestGate gate = gate_configured(R"("tokens":{"issuers":["any"],"audiences":["any"],"types":["at+jwt"]})");

  for (const char* type : {"at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"}) {
    expect_token_allowed(gate, token_with(R"("typ":")" + std::string(type) + "\""));
  }
  for (const char* type :
       {"JWT", "jwt", "secevent+jwt", "dpop+jwt", "logout+jwt", "at+jwt ", "at jwt", "x/at+jwt", "application/application/at+jwt", ""}) {
    expect_token_refused(gate, token_with(R"("typ":")" + std::string(type) + "\""), Reason::type_not_accepted);
  }
  expect_token_refused(gate, token_with(R"("x":1)"), Reason::type_not_accepted);
  for (const char* value : {"1", "null", "[\"at+jwt\"]"})
    expect_token_refused(gate, token_with(R"("typ":)" + std::string(value)), Reason::token_header_invalid);
}

TEST(Attacks2C, E20_LooksAtNoTypeUnlessConfigured) {
  TestGate gate;

  for (const char* type : {"JWT", "at+jwt", "secevent+jwt", "anything"})
    expect_token_allowed(gate, token_with(R"("typ":")" + std::string(type) + "\""));
}

TEST(Attacks2C, E21_RefusesHeadersThatAreNoSmallObject) {
  TestGate gate;
  const auto token = [](std::string_view header) { return mint(header, good_payload(kNow), key_pair("ED25519"), "EdDSA"); };
  std::string deep = R"({"alg":"EdDSA","kid":"k1","x":)" + std::string(8, '[') + std::string(8, ']') + "}";
  std::string many = R"({"alg":"EdDSA","kid":"k1")";
  for (int i = 0; i < 63; ++i) many += ",\"m" + std::to_string(i) + "\":1";

  for (const char* header : {"[]", "[{\"alg\":\"EdDSA\"}]", "\"EdDSA\"", "null", "1", "true", "{}", "{", "", "{}{}"}) {
    expect_token_refused(gate, token(header), Reason::token_header_invalid);
  }
  expect_token_refused(gate, token(deep), Reason::token_header_invalid);
  expect_token_refused(gate, token(many + "}"), Reason::token_header_invalid);
  expect_token_allowed(gate, token(many.substr(0, many.rfind(',')) + "}"));
  expect_token_refused(gate, token(R"({"alg":"EdDSA","kid":"k1","x":")" + std::string(4096, 'x') + "\"}"), Reason::token_header_invalid);
}

}  // namespace
}  // namespace portcullis::attacks
