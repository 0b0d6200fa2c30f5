// Section 2B: signatures of a wrong shape, and sums that come out right by accident.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/codec/base64url.h"
#include "base/codec/hex.h"
#include "tests/attacks/attack.h"
#include "verifier/signature.h"
#include "verifier/token.h"

namespace portcullis::attacks {
namespace {

struct Curve {
  const char* algorithm;
  const char* key;
  const char* hash;
  std::size_t width;
  const char* order;  ///< of the base point, hex, padded to `width` (FIPS 186-5, SP 800-186)
};
constexpr Curve kCurves[] = {
    {"ES256", "P-256", "SHA256", 32, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
    {"ES384", "P-384", "SHA384", 48, "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"},
    {"ES512", "P-521", "SHA512", 66,
     "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e9138640"
     "9"},
};

std::string bytes_of(std::string_view hex) { return hex_decode(hex).value(); }

/// `value` as a big-endian number of `width` bytes.
std::string small(std::uint8_t value, std::size_t width) { return std::string(width - 1, '\0') + static_cast<char>(value); }

/// left - right, or left + right, of big-endian numbers of the same width; what does not fit is dropped.
std::string combine(const std::string& left, const std::string& right, bool add) {
  std::string out(left.size(), '\0');
  int carry = 0;
  for (std::size_t i = left.size(); i-- > 0;) {
    const int a = static_cast<unsigned char>(left[i]);
    const int b = static_cast<unsigned char>(right[i]);
    const int sum = add ? a + b + carry : a - b - carry;
    carry = add ? sum >> 8 : (sum < 0 ? 1 : 0);
    out[i] = static_cast<char>(sum & 0xff);
  }
  return out;
}

std::string input_for(std::string_view algorithm) { return signing_input(header_json(algorithm, "k1"), good_payload(kNow)); }

void expect_signature_refused(TestGate& gate, std::string_view algorithm, std::string_view signature,
                              Reason reason = Reason::bad_signature) {
  expect_token_refused(gate, with_signature(input_for(algorithm), signature), reason);
}

TEST(Attacks2B, S1_RefusesSignaturesOfZeroAndOfTheOrder) {
  for (const Curve& curve : kCurves) {
    TestGate gate = gate_with({{"k1", &key_pair(curve.key)}});
    const std::string zero(curve.width, '\0');
    const std::string order = bytes_of(curve.order);
    const std::string one = small(1, curve.width);
    const std::string order_less_one = combine(order, one, false);

    for (const auto& [r, s] : std::vector<std::pair<std::string, std::string>>{{zero, zero},
                                                                               {zero, one},
                                                                               {one, zero},
                                                                               {order, order},
                                                                               {order, one},
                                                                               {one, order},
                                                                               {one, one},
                                                                               {one, order_less_one},
                                                                               {order_less_one, one}}) {
      expect_signature_refused(gate, curve.algorithm, r + s);
    }
  }
}

TEST(Attacks2B, S2_RefusesDerWhereRawIsDue) {
  for (const Curve& curve : kCurves) {
    TestGate gate = gate_with({{"k1", &key_pair(curve.key)}});

    expect_signature_refused(gate, curve.algorithm, sign_ecdsa_der(curve.hash, key_pair(curve.key), input_for(curve.algorithm)));
  }
}

TEST(Attacks2B, S3_RefusesRawSignaturesOfAnotherLength) {
  for (const Curve& curve : kCurves) {
    TestGate gate = gate_with({{"k1", &key_pair(curve.key)}});
    const std::string good = sign_ecdsa(curve.hash, key_pair(curve.key), input_for(curve.algorithm), curve.width);
    const std::string r = good.substr(0, curve.width);
    const std::string s = good.substr(curve.width);
    const std::string zero(1, '\0');

    for (const std::string& wrong : {good.substr(1), good.substr(0, good.size() - 1), good + zero, zero + good, zero + r + zero + s,
                                     good + good, good.substr(1, good.size() - 2), std::string("x")}) {
      expect_signature_refused(gate, curve.algorithm, wrong);
    }
    expect_signature_refused(gate, curve.algorithm, "", Reason::token_malformed);
    expect_token_allowed(gate, with_signature(input_for(curve.algorithm), good));
  }
}

TEST(Attacks2B, S4_RefusesOversizedSignaturesBeforeAnyConversion) {
  TestGate gate = gate_with({{"k1", &key_pair("P-256")}});

  expect_signature_refused(gate, "ES256", std::string(11'000, 'x'));
  expect_signature_refused(gate, "ES256", std::string(16'384, 'x'), Reason::token_too_large);
  expect_signature_refused(gate, "ES256", std::string(32'768, 'x'), Reason::token_too_large);
  const Result<Key> key = read_pem("k1", key_pair("P-256").public_pem(), kNow);
  ASSERT_TRUE(key.ok());
  for (const std::size_t size : {4096U, 16'384U, 1'048'576U}) {
    const Result<void> checked = check_signature(Algorithm::es256, *key, "message", std::string(size, '\x7f'));
    ASSERT_FALSE(checked.ok());
    EXPECT_REASON(checked.error().reason, Reason::bad_signature);
  }
}

TEST(Attacks2B, S5_RefusesSignaturesThatAreNoBase64) {
  TestGate gate;

  EXPECT_REASON(verdict_on(gate, input_for("EdDSA") + ".!!!!"), Reason::token_malformed);
  expect_token_refused(gate, input_for("EdDSA") + ".!!!!", Reason::authorization_malformed);
}

TEST(Attacks2B, S6_RefusesRsaSignaturesOutOfRange) {
  const KeyPair& rsa = key_pair("RSA-2048");
  TestGate gate = gate_with({{"k1", &rsa}});
  const std::string n = rsa.part("n");
  for (const char* name : {"RS256", "PS256"}) {
    const std::string good = sign(name, rsa, input_for(name));
    const std::string zero(1, '\0');
    for (const std::string& wrong :
         {good.substr(1), good.substr(0, 255), zero + good, good + zero, std::string(256, '\0'), small(1, 256),
          combine(n, small(1, 256), false), n, combine(n, small(1, 256), true), std::string(256, '\xff'), std::string("\x01")}) {
      expect_signature_refused(gate, name, wrong);
    }
  }
}

TEST(Attacks2B, S6_RefusesRsaSignaturesThatAreNotReduced) {
  const KeyPair& rsa = key_pair("RSA-2048");
  TestGate gate = gate_with({{"k1", &rsa}});
  const std::string n = rsa.part("n");
  // signature + n has the same remainder; it fits into 256 bytes only for small signatures, so messages are tried until one gives that.
  for (int i = 0; i < 10'000; ++i) {
    const std::string input =
        signing_input(header_json("RS256", "k1"), good_payload(kNow, "team/app", "pull", "\"jti\":\"" + std::to_string(i) + "\""));
    const std::string good = sign("RS256", rsa, input);
    const std::string sum = combine(good, n, true);
    if (sum < good) continue;  // it did not fit
    expect_token_refused(gate, with_signature(input, sum), Reason::bad_signature);
    return;
  }
  FAIL() << "no signature was small enough";
}

TEST(Attacks2B, S8_RefusesOtherSaltsAndMaskHashes) {
  const KeyPair& rsa = key_pair("RSA-2048");
  TestGate gate = gate_with({{"k1", &rsa}});
  const std::string input = input_for("PS256");

  for (const int salt : {0, 20, 31, 33, 64}) expect_signature_refused(gate, "PS256", sign_pss("SHA256", "SHA256", salt, rsa, input));
  expect_signature_refused(gate, "PS256", sign_pss("SHA256", "SHA1", 32, rsa, input));
  expect_signature_refused(gate, "PS256", sign_pss("SHA512", "SHA512", 64, rsa, input));
  expect_token_allowed(gate, with_signature(input, sign_pss("SHA256", "SHA256", 32, rsa, input)));
}

TEST(Attacks2B, S9_RefusesTheOtherPadding) {
  const KeyPair& rsa = key_pair("RSA-2048");
  TestGate gate = gate_with({{"k1", &rsa}});

  for (const auto& [name, primitive] : std::vector<std::pair<const char*, const char*>>{{"RS256", "PS256"},
                                                                                        {"RS384", "PS384"},
                                                                                        {"RS512", "PS512"},
                                                                                        {"PS256", "RS256"},
                                                                                        {"PS384", "RS384"},
                                                                                        {"PS512", "RS512"},
                                                                                        {"RS256", "RS512"}}) {
    expect_signature_refused(gate, name, sign(primitive, rsa, input_for(name)));
  }
}

TEST(Attacks2B, S10_RefusesMalleatedEd25519Signatures) {
  TestGate gate;
  const std::string good = sign("EdDSA", key_pair("ED25519"), input_for("EdDSA"));
  // L of RFC 8032 section 5.1, big-endian; S is little-endian.
  const std::string order = bytes_of("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
  const std::string scalar(good.rbegin(), good.rbegin() + 32);
  const std::string raised = combine(scalar, order, true);
  const std::string little(raised.rbegin(), raised.rend());
  const std::string identity = small(1, 32);

  expect_signature_refused(gate, "EdDSA", good.substr(0, 32) + little);
  for (const std::string& point : {std::string(32, '\0'), std::string(identity.rbegin(), identity.rend()), std::string(32, '\xff')}) {
    expect_signature_refused(gate, "EdDSA", point + std::string(32, '\0'));
    expect_signature_refused(gate, "EdDSA", point + good.substr(32));
  }
  for (const std::string& wrong : {good.substr(0, 63), good + "x", good.substr(0, 32)}) expect_signature_refused(gate, "EdDSA", wrong);
}

TEST(Attacks2B, S11_RefusesTokensWithoutSignature) {
  TestGate gate;

  expect_token_refused(gate, input_for("EdDSA") + ".", Reason::token_malformed);
  expect_token_refused(gate, input_for("EdDSA"), Reason::token_malformed);
}

TEST(Attacks2B, S12_RefusesSplicedTokens) {
  TestGate gate;
  const std::string header = header_json("EdDSA", "k1");
  const std::string pull = signing_input(header, good_payload(kNow, "team/app", "pull"));
  const std::string push = signing_input(header, good_payload(kNow, "team/app", "push"));
  const KeyPair& pair = key_pair("ED25519");

  expect_token_refused(gate, with_signature(pull, sign("EdDSA", pair, push)), Reason::bad_signature);
  expect_token_refused(gate, with_signature(pull, sign("EdDSA", pair, pull.substr(0, pull.find('.')))), Reason::bad_signature);
  expect_token_refused(gate, with_signature(pull, sign("EdDSA", pair, pull.substr(pull.find('.') + 1))), Reason::bad_signature);
  expect_token_refused(gate, with_signature(pull, sign("EdDSA", pair, "")), Reason::bad_signature);
}

TEST(Attacks2B, S13_RevokesBothFormsOfAnEcdsaSignature) {
  const KeyPair& pair = key_pair("P-256");
  const std::string input = input_for("ES256");
  const std::string good = sign("ES256", pair, input);
  const std::string flipped = good.substr(0, 32) + combine(bytes_of(kCurves[0].order), good.substr(32), false);
  TestGate open = gate_with({{"k1", &pair}});
  GateTexts texts = texts_of(gate_config(), secret_json({{"k1", &pair}}));
  texts.revocations = R"({"revocations":[{"tokenSha256":")" + to_hex(sha256(input)) + "\"}]}";
  TestGate revoking(texts);

  // Both verify: so the token's text is no identity, and the signing input is.
  expect_token_allowed(open, with_signature(input, good));
  expect_token_allowed(open, with_signature(input, flipped));
  expect_token_refused(revoking, with_signature(input, good), Reason::token_revoked);
  expect_token_refused(revoking, with_signature(input, flipped), Reason::token_revoked);
}

TEST(Attacks2B, S14_KeepsVerdictsApartOnOneThread) {
  TestGate gate = gate_with({{"k1", &key_pair("P-256")}, {"k2", &key_pair("RSA-2048")}, {"k3", &key_pair("ED25519")}});
  const std::string good_ec = mint(good_payload(kNow), key_pair("P-256"), "ES256", "k1");
  const std::string good_rsa = mint(good_payload(kNow), key_pair("RSA-2048"), "RS256", "k2");
  const std::string bad_ec = with_signature(input_for("ES256"), std::string(64, 'x'));
  const std::string bad_rsa = with_signature(signing_input(header_json("RS256", "k2"), good_payload(kNow)), std::string(256, 'x'));

  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(verdict_on(gate, bad_ec), Reason::bad_signature);
    ASSERT_EQ(verdict_on(gate, good_rsa), Reason::allowed);
    ASSERT_EQ(verdict_on(gate, bad_rsa), Reason::bad_signature);
    ASSERT_EQ(verdict_on(gate, good_ec), Reason::allowed);
  }
}

}  // namespace
}  // namespace portcullis::attacks
