// Section B of the compatibility table: structure and algorithms of tokens, for one key of `cert`, whose `kid` zot does not look at.
#include <gtest/gtest.h>

#include "base/codec/base64url.h"
#include "tests/support/printing.h"
#include "tests/support/tokens.h"
#include "tests/support/verification.h"

namespace portcullis {
namespace {

using test::good_payload;
using test::key_pair;
using test::kNow;
using test::mint;

test::Verification with_cert(const test::KeyPair& key) {
  test::Verification verification = test::verification_with({{"cert", &key}});
  verification.kid_required = false;
  return verification;
}

const test::KeyPair& edwards() { return key_pair("ED25519"); }
Reason reason_for(std::string_view token) { return with_cert(edwards()).reason(token); }
/// A token with this header, well signed.
Reason reason_for_header(std::string_view header) { return reason_for(mint(header, good_payload(kNow), edwards(), "EdDSA")); }
Reason reason_for_payload(std::string_view payload) { return reason_for(mint(R"({"alg":"EdDSA"})", payload, edwards(), "EdDSA")); }
Reason reason_for_algorithm(std::string_view algorithm, const test::KeyPair& key) {
  return with_cert(key).reason(mint(good_payload(kNow), key, algorithm, "any"));
}

std::string good() { return mint(R"({"alg":"EdDSA"})", good_payload(kNow), edwards(), "EdDSA"); }

// zot: "token contains an invalid number of segments".
TEST(ZotRowsB, B1_AnyOtherNumberOfSegmentsIsRefused) {
  EXPECT_EQ(reason_for(good()), Reason::allowed);
  for (const std::string& text : {std::string("a"), std::string("a.b"), good() + ".a", good() + ".a.b"}) {
    EXPECT_EQ(reason_for(text), Reason::token_malformed) << text;
  }
}

// zot: "could not base64 decode header".
TEST(ZotRowsB, B2_AHeaderThatIsNotBase64urlIsRefused) {
  EXPECT_EQ(reason_for("!!!." + good().substr(good().find('.') + 1)), Reason::token_malformed);
}

// zot: the same, its alphabet is the unpadded URL one.
TEST(ZotRowsB, B3_PaddingAndTheStandardAlphabetAreRefused) {
  const std::string rest = good().substr(good().find('.'));
  EXPECT_EQ(reason_for(base64url_encode(R"({"alg":"EdDSA"})") + "=" + rest), Reason::token_malformed);
  EXPECT_EQ(reason_for("ey+/" + rest), Reason::token_malformed);
}

// zot accepts non-canonical trailing bits; we do not: one token, one text.
TEST(ZotRowsB, B4_SpareBitsThatAreNotZeroAreRefused) {
  std::string text = good();
  ASSERT_EQ(text.size() - text.rfind('.') - 1, 86U);  // 64 bytes: the last character has four spare bits
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  text.back() = kAlphabet[kAlphabet.find(text.back()) + 1];

  EXPECT_EQ(reason_for(text), Reason::token_malformed);
}

// zot: "could not JSON decode header".
TEST(ZotRowsB, B5_AHeaderThatIsNoObjectIsRefused) {
  for (const std::string_view header : {"", "[]", "null", "\"EdDSA\"", "{"})
    EXPECT_EQ(reason_for_header(header), Reason::token_header_invalid) << header;
}

// zot: "could not base64 decode claim", "could not JSON decode claim", both before the signature; we read JSON only behind a good
// signature.
TEST(ZotRowsB, B6_APayloadThatIsNoJsonIsRefused) {
  EXPECT_EQ(reason_for(base64url_encode(R"({"alg":"EdDSA"})") + ".!." + base64url_encode(std::string(64, 'x'))), Reason::token_malformed);
  EXPECT_EQ(reason_for_payload("no json"), Reason::token_payload_invalid);
}

// zot: "could not JSON decode claim".
TEST(ZotRowsB, B7_ClaimsOfOtherTypesAreRefused) {
  const std::string exp = R"("exp":)" + std::to_string(test::unix_seconds(kNow) + 60);
  for (const std::string_view claim : {R"("access":{})", R"("sub":1)", R"("access":[{"type":"repository","name":"a","actions":"pull"}])",
                                       R"("aud":1)", R"("aud":["a",1])"}) {
    EXPECT_EQ(reason_for_payload("{" + exp + "," + std::string(claim) + "}"), Reason::claim_invalid) << claim;
  }
}

// zot: "signing method (alg) is unspecified".
TEST(ZotRowsB, B8_AnAlgorithmThatIsAbsentOrNoStringIsRefused) {
  for (const std::string_view header : {R"({"typ":"JWT"})", R"({"alg":1})", R"({"alg":null})"})
    EXPECT_EQ(reason_for_header(header), Reason::token_header_invalid);
}

// zot: "signing method (alg) is unavailable", for Ed25519 too; we know that name (RFC 9864).
TEST(ZotRowsB, B9_UnknownAlgorithmsAndOtherCasesAreRefused) {
  for (const std::string_view name : {"rs256", "ES256K", "EDDSA"}) {
    EXPECT_EQ(reason_for_header(R"({"alg":")" + std::string(name) + "\"}"), Reason::alg_not_allowed) << name;
  }
  EXPECT_EQ(reason_for_header(R"({"alg":"Ed25519"})"), Reason::allowed);
}

// zot: "could not base64 decode signature".
TEST(ZotRowsB, B10_ASignatureThatIsNotBase64urlIsRefused) {
  EXPECT_EQ(reason_for(good().substr(0, good().rfind('.')) + ".!!"), Reason::token_malformed);
}

// zot: "signing method HS256 is invalid".
TEST(ZotRowsB, B11_MacsAreRefused) {
  const test::KeyPair& rsa = key_pair("RSA-2048");
  for (const std::string algorithm : {"HS256", "HS384", "HS512"}) {
    const std::string text = test::mint_hmac(R"({"alg":")" + algorithm + "\"}", good_payload(kNow), rsa.public_pem(), algorithm);
    EXPECT_EQ(with_cert(rsa).reason(text), Reason::alg_not_allowed) << algorithm;
  }
}

// zot: "signing method none is invalid".
TEST(ZotRowsB, B12_NoneIsRefused) {
  EXPECT_EQ(reason_for(test::signing_input(R"({"alg":"none"})", good_payload(kNow)) + "."), Reason::alg_not_allowed);
  EXPECT_EQ(reason_for_header(R"({"alg":"none"})"), Reason::alg_not_allowed);
}

TEST(ZotRowsB, B13_RsaWithPkcs1PaddingPasses) {
  for (const std::string_view algorithm : {"RS256", "RS384", "RS512"})
    EXPECT_EQ(reason_for_algorithm(algorithm, key_pair("RSA-2048")), Reason::allowed);
}

// zot accepts any salt length; we want that of the hash (RFC 7518 section 3.5).
TEST(ZotRowsB, B14_RsaWithPssPaddingPassesWithASaltAsLongAsTheHash) {
  const test::KeyPair& rsa = key_pair("RSA-2048");
  for (const std::string_view algorithm : {"PS256", "PS384", "PS512"}) EXPECT_EQ(reason_for_algorithm(algorithm, rsa), Reason::allowed);
  const std::string input = test::signing_input(R"({"alg":"PS256"})", good_payload(kNow));
  EXPECT_EQ(with_cert(rsa).reason(test::with_signature(input, test::sign_pss("SHA256", "SHA256", 20, rsa, input))), Reason::bad_signature);
}

TEST(ZotRowsB, B15_EcdsaPassesAsRawNumbers) {
  EXPECT_EQ(reason_for_algorithm("ES256", key_pair("P-256")), Reason::allowed);
  EXPECT_EQ(reason_for_algorithm("ES384", key_pair("P-384")), Reason::allowed);
  EXPECT_EQ(reason_for_algorithm("ES512", key_pair("P-521")), Reason::allowed);
}

// zot: "crypto/ecdsa: verification error".
TEST(ZotRowsB, B16_EcdsaAsDerIsRefused) {
  const std::string input = test::signing_input(R"({"alg":"ES256"})", good_payload(kNow));
  const std::string text = test::with_signature(input, test::sign_ecdsa_der("SHA256", key_pair("P-256"), input));
  EXPECT_EQ(with_cert(key_pair("P-256")).reason(text), Reason::bad_signature);
}

// zot accepts an ES512 token made with a P-256 key; we tie the curve to the algorithm (RFC 7518 section 3.4).
TEST(ZotRowsB, B17_ACurveThatIsNotTheAlgorithmsIsRefused) {
  const std::string input = test::signing_input(R"({"alg":"ES512"})", good_payload(kNow));
  const std::string text = test::with_signature(input, test::sign_ecdsa("SHA512", key_pair("P-256"), input, 66));
  EXPECT_EQ(with_cert(key_pair("P-256")).reason(text), Reason::alg_key_mismatch);
}

TEST(ZotRowsB, B18_Ed25519Passes) { EXPECT_EQ(reason_for_algorithm("EdDSA", edwards()), Reason::allowed); }

// zot: "key is of invalid type".
TEST(ZotRowsB, B19_AnAlgorithmOfAnotherKeyTypeIsRefused) {
  for (const std::string_view algorithm : {"RS256", "PS256", "ES256"}) {
    EXPECT_EQ(reason_for_header(R"({"alg":")" + std::string(algorithm) + "\"}"), Reason::alg_key_mismatch) << algorithm;
  }
  EXPECT_EQ(with_cert(key_pair("RSA-2048")).reason(good()), Reason::alg_key_mismatch);
  EXPECT_EQ(with_cert(key_pair("P-256")).reason(good()), Reason::alg_key_mismatch);
}

// zot: "ed25519: verification error" and the like.
TEST(ZotRowsB, B20_ABadSignatureIsRefused) {
  EXPECT_EQ(with_cert(key_pair("ED25519", "second")).reason(good()), Reason::bad_signature);
  for (const auto& [kind, algorithm] : {std::pair("RSA-2048", "RS256"), std::pair("RSA-2048", "PS256"), std::pair("P-256", "ES256")}) {
    const std::string text = mint(good_payload(kNow), key_pair(kind), algorithm, "any");
    EXPECT_EQ(with_cert(key_pair(kind, "second")).reason(text), Reason::bad_signature) << algorithm;
  }
}

TEST(ZotRowsB, B21_TheTypeIsIgnoredUnlessConfigured) {
  for (const std::string_view type : {"JWT", "at+jwt", "anything"}) {
    EXPECT_EQ(reason_for_header(R"({"alg":"EdDSA","typ":")" + std::string(type) + "\"}"), Reason::allowed) << type;
  }
}

// zot's traditional path ignores `crit`; we refuse it, as RFC 7515 section 4.1.11 says.
TEST(ZotRowsB, B22_CritIsRefused) { EXPECT_EQ(reason_for_header(R"({"alg":"EdDSA","x":1,"crit":["x"]})"), Reason::crit_unsupported); }

TEST(ZotRowsB, B23_KeysInTheHeaderAreIgnored) {
  const std::string jwk = key_pair("ED25519", "second").public_jwk();
  const std::string header = R"({"alg":"EdDSA","jwk":)" + jwk + R"(,"jku":"https://a.example","x5c":["AA"],"x5u":"https://b.example"})";
  EXPECT_EQ(reason_for_header(header), Reason::allowed);
  EXPECT_EQ(reason_for(mint(header, good_payload(kNow), key_pair("ED25519", "second"), "EdDSA")), Reason::bad_signature);
}

// zot takes the last of duplicate members; we refuse them.
TEST(ZotRowsB, B24_DuplicateMembersAreRefused) {
  EXPECT_EQ(reason_for_header(R"({"alg":"RS256","alg":"EdDSA"})"), Reason::token_header_invalid);
  EXPECT_EQ(reason_for_payload(R"({"exp":1,"exp":253402300799})"), Reason::token_payload_invalid);
}

// zot matches claim names in any case; ours are exact, so `EXP` is no expiry.
TEST(ZotRowsB, B25_ClaimNamesAreExact) {
  EXPECT_EQ(reason_for_payload(R"({"EXP":253402300799})"), Reason::expiry_missing);
  const auto token = with_cert(edwards())(mint(R"({"alg":"EdDSA"})", R"({"exp":253402300799,"Access":[]})", edwards(), "EdDSA"));
  ASSERT_TRUE(token.ok());
  EXPECT_FALSE(token->access.has_value());
}

// zot: segments, header, payload, algorithm, signature text, key, signature, claims; we look at the payload's JSON last, behind the
// signature.
TEST(ZotRowsB, B26_ChecksComeInAFixedOrder) {
  const test::KeyPair& stranger = key_pair("ED25519", "second");
  EXPECT_EQ(reason_for("!.!"), Reason::token_malformed);
  EXPECT_EQ(reason_for(mint(R"({"alg":"none","crit":[]})", "no json", stranger, "EdDSA")), Reason::crit_unsupported);
  EXPECT_EQ(reason_for(mint(R"({"alg":"none"})", "no json", stranger, "EdDSA")), Reason::alg_not_allowed);
  EXPECT_EQ(reason_for(mint(R"({"alg":"RS256"})", "no json", stranger, "EdDSA")), Reason::alg_key_mismatch);
  EXPECT_EQ(reason_for(mint(R"({"alg":"EdDSA"})", "no json", stranger, "EdDSA")), Reason::bad_signature);
  EXPECT_EQ(reason_for_payload("no json"), Reason::token_payload_invalid);
  EXPECT_EQ(reason_for_payload(R"({"exp":"1","nbf":253402300799})"), Reason::claim_invalid);
}

}  // namespace
}  // namespace portcullis
