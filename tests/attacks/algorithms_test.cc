// Section 2A: a token that wants to choose its algorithm, or a key that is taken for another kind of key.
#include <gtest/gtest.h>

#include <string>

#include "base/codec/base64url.h"
#include "keystore/key_text.h"
#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

std::string header_with(std::string_view alg_json) { return R"({"alg":)" + std::string(alg_json) + R"(,"kid":"k1","typ":"JWT"})"; }

/// Signed with the Ed25519 key whatever the header says.
std::string token_with_alg(std::string_view alg_json) {
  return mint(header_with(alg_json), good_payload(kNow), key_pair("ED25519"), "EdDSA");
}

TEST(Attacks2A, A1_RefusesUnsignedTokens) {
  TestGate gate;
  const std::string input = signing_input(header_with("\"none\""), good_payload(kNow));

  expect_token_refused(gate, input + ".", Reason::alg_not_allowed);
  expect_token_refused(gate, with_signature(input, "signature"), Reason::alg_not_allowed);
}

TEST(Attacks2A, A2_RefusesNoneInEverySpelling) {
  TestGate gate;

  for (const char* name : {"\"None\"", "\"NONE\"", "\"nOnE\"", "\"none \"", "\" none\"", "\"n\\u006fne\""}) {
    expect_token_refused(gate, token_with_alg(name), Reason::alg_not_allowed);
  }
  expect_token_refused(gate, token_with_alg("\"none\\u0000\""), Reason::token_header_invalid);
}

TEST(Attacks2A, A3_RefusesHmacKeyedByThePublicKeyInAnyForm) {
  const KeyPair& pair = key_pair("RSA-2048");
  TestGate gate = gate_with({{"k1", &pair}});
  const std::string pem = pair.public_pem();

  for (const std::string& secret :
       {pem, pem.substr(0, pem.size() - 1), pair.public_der(), pair.public_pkcs1_pem(), pair.public_jwk(), pair.part("n")}) {
    for (const char* name : {"HS256", "HS384", "HS512"}) {
      expect_token_refused(gate, mint_hmac(header_json(name, "k1"), good_payload(kNow), secret, name), Reason::alg_not_allowed);
    }
    // The family's name is RSA, the bytes are a MAC.
    expect_token_refused(gate, mint_hmac(header_json("RS256", "k1"), good_payload(kNow), secret, "HS256"), Reason::bad_signature);
  }
}

TEST(Attacks2A, A4_RefusesHmacWithTheEmptyKey) {
  TestGate gate = gate_with_keys_text(jwks_json({{"k1", &key_pair("RSA-2048")}}));

  for (const char* name : {"HS256", "HS384", "HS512"}) {
    expect_token_refused(gate, mint_hmac(header_json(name, "k1"), good_payload(kNow), "", name), Reason::alg_not_allowed);
  }
}

TEST(Attacks2A, A5_NeverTakesAWrappedPublicKeyForASecret) {
  const std::string pem = key_pair("RSA-2048").public_pem();
  std::string escaped = pem;
  for (std::size_t at = 0; (at = escaped.find('\n', at)) != std::string::npos; at += 2) escaped.replace(at, 1, "\\n");

  for (const std::string& wrapping : {std::string("  "), std::string("\\n\\t"), std::string("\\ufeff")}) {
    std::string keys = R"({"good":)" + key_pair("ED25519").public_jwk() + R"(,"k1":")";
    keys.append(wrapping).append(escaped).append("\"}");
    TestGate gate = gate_with_keys_text(keys);
    for (const std::string& secret : {pem, wrapping + pem, "  " + pem}) {
      expect_token_refused(gate, mint_hmac(header_json("HS256", "k1"), good_payload(kNow), secret, "HS256"), Reason::alg_not_allowed);
    }
  }
}

TEST(Attacks2A, A6_RefusesASisterOfTheKeysOwnAlgorithm) {
  const KeyPair& pair = key_pair("RSA-2048");
  TestGate gate = gate_with_keys_text(R"({"k1":)" + jwk_with_alg(pair, "RS256") + "}");

  expect_token_allowed(gate, mint(good_payload(kNow), pair, "RS256", "k1"));
  for (const char* name : {"RS384", "RS512", "PS256", "PS384", "PS512"}) {
    expect_token_refused(gate, mint(good_payload(kNow), pair, name, "k1"), Reason::alg_key_mismatch);
  }
}

TEST(Attacks2A, A7_RefusesACurveThatIsNotTheAlgorithms) {
  const KeyPair& p384 = key_pair("P-384");
  const KeyPair& p521 = key_pair("P-521");
  const KeyPair& p256 = key_pair("P-256");
  TestGate gate = gate_with({{"p256", &p256}, {"p384", &p384}, {"p521", &p521}});
  const auto token = [](std::string_view name, std::string_view kid, const KeyPair& pair, std::string_view hash, std::size_t width) {
    const std::string input = signing_input(header_json(name, kid), good_payload(kNow));
    return with_signature(input, sign_ecdsa(hash, pair, input, width));
  };

  // libjwt 1.10.2 accepts the first one.
  expect_token_refused(gate, token("ES256", "p384", p384, "SHA256", 48), Reason::alg_key_mismatch);
  expect_token_refused(gate, token("ES256", "p521", p521, "SHA256", 66), Reason::alg_key_mismatch);
  expect_token_refused(gate, token("ES384", "p256", p256, "SHA384", 32), Reason::alg_key_mismatch);
  expect_token_refused(gate, token("ES384", "p256", p256, "SHA384", 48), Reason::alg_key_mismatch);
  expect_token_refused(gate, token("ES512", "p384", p384, "SHA512", 66), Reason::alg_key_mismatch);
}

TEST(Attacks2A, A7_LoadsNoKeyOfAnotherCurveOf256Bits) {
  for (const char* group : {"secp256k1", "brainpoolP256r1"}) {
    const KeyPair& foreign = key_pair(group);
    TestGate gate = gate_with({{"good", &key_pair("P-256")}, {"k1", &foreign}});
    const std::string input = signing_input(header_json("ES256", "k1"), good_payload(kNow));

    expect_token_refused(gate, with_signature(input, sign_ecdsa("SHA256", foreign, input, 32)), Reason::key_unknown);
    ASSERT_EQ(gate.state().source.keys->quarantined().size(), 1U) << group;
    EXPECT_REASON(gate.state().source.keys->quarantined().front().error.reason, Reason::key_type_unsupported) << group;
  }
}

TEST(Attacks2A, A8_LoadsNoEd448AndNoX25519Key) {
  const std::string keys = R"({"good":)" + key_pair("ED25519").public_jwk() + R"(,"ed448":)" + key_pair("ED448").public_jwk() +
                           R"(,"x25519":)" + key_pair("X25519").public_jwk() + "}";
  TestGate gate = gate_with_keys_text(keys);
  const std::string input = signing_input(header_json("EdDSA", "ed448"), good_payload(kNow));

  expect_token_refused(gate, with_signature(input, sign("EdDSA", key_pair("ED448"), input)), Reason::key_unknown);
  EXPECT_EQ(gate.state().source.keys->quarantined().size(), 2U);
  // An Ed448 signature is longer; under the name of an Ed25519 key it is just wrong.
  const std::string other = signing_input(header_json("EdDSA", "good"), good_payload(kNow));
  expect_token_refused(gate, with_signature(other, sign("EdDSA", key_pair("ED448"), other)), Reason::bad_signature);
}

TEST(Attacks2A, A9_NeverUsesAKeyThatIsForPssAlone) {
  const KeyPair& pss = key_pair("RSA-PSS-2048");
  TestGate gate = gate_with({{"good", &key_pair("ED25519")}, {"k1", &pss}});

  for (const char* name : {"RS256", "RS512", "PS256"}) {
    const std::string input = signing_input(header_json(name, "k1"), good_payload(kNow));
    const GateAnswer answer = try_token(gate, with_signature(input, sign("PS256", pss, input)));
    EXPECT_EQ(answer.http.status, 401) << name << describe(answer);
  }
}

TEST(Attacks2A, A10_RefusesWeakAndForeignAlgorithms) {
  TestGate gate;

  for (const char* name : {"RS1", "ES256K", "HS256", "HS384", "HS512", "RSA1_5", "RSA-OAEP", "dir", "A256KW", "A128GCM", "ECDH-ES", "Ed448",
                           "ML-DSA-44", "SM2"}) {
    expect_token_refused(gate, token_with_alg("\"" + std::string(name) + "\""), Reason::alg_not_allowed);
  }
}

TEST(Attacks2A, A11_RefusesAnAlgorithmThatIsNoName) {
  TestGate gate;

  for (const char* value : {"1", "null", "true", "[\"EdDSA\"]", "{\"name\":\"EdDSA\"}", "\"\""}) {
    expect_token_refused(gate, token_with_alg(value), Reason::token_header_invalid);
  }
  expect_token_refused(gate, mint(R"({"kid":"k1"})", good_payload(kNow), key_pair("ED25519"), "EdDSA"), Reason::token_header_invalid);
}

TEST(Attacks2A, A12_ComparesAlgorithmsWithTheirLetterCase) {
  TestGate gate = gate_with({{"k1", &key_pair("ED25519")}, {"k2", &key_pair("RSA-2048")}});

  for (const char* name : {"eddsa", "EDDSA", "EdDsa", "ed25519", "ED25519"}) {
    expect_token_refused(gate, token_with_alg("\"" + std::string(name) + "\""), Reason::alg_not_allowed);
  }
  // libjwt 1.10.2 accepts this one.
  expect_token_refused(gate, mint(header_json("rs256", "k2"), good_payload(kNow), key_pair("RSA-2048"), "RS256"), Reason::alg_not_allowed);
}

TEST(Attacks2A, A13_KnowsBothNamesOfEd25519AndNoEd448) {
  TestGate gate;

  expect_token_allowed(gate, token_with_alg("\"EdDSA\""));
  expect_token_allowed(gate, token_with_alg("\"Ed25519\""));
  expect_token_refused(gate, token_with_alg("\"Ed448\""), Reason::alg_not_allowed);
}

TEST(Attacks2A, A14_TakesTheAlgorithmsOfAKeyFromTypeAndCurveAlone) {
  const KeyPair& rsa = key_pair("RSA-2048");
  TestGate gate = gate_with_keys_text(jwks_json({{"k1", &rsa}}));

  for (const char* name : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
    expect_token_allowed(gate, mint(good_payload(kNow), rsa, name, "k1"));
}

TEST(Attacks2A, A14_SetsAsideKeysOfUnknownAlgorithms) {
  for (const char* name : {"ES521", "HS256", "none", "RS1", "es256", ""}) {
    const std::string jwk = jwk_with_alg(key_pair("P-256"), name);

    const Result<ParsedKeys> parsed = read_key_text(jwk, kNow);

    ASSERT_TRUE(parsed.ok()) << name;
    EXPECT_TRUE(parsed->keys.empty()) << name;
    ASSERT_EQ(parsed->quarantined.size(), 1U) << name;
    EXPECT_REASON(parsed->quarantined.front().error.reason, Reason::key_algorithm_unsupported) << name;
  }
}

}  // namespace
}  // namespace portcullis::attacks
