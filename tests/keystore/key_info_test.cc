#include "keystore/key_info.h"

#include <gtest/gtest.h>

#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

using test::big_number;
using test::der;
using test::der_integer;
using test::der_key_info;
using test::der_rsa_public_key;
using test::kDerNull;
using test::kExponent65537;

Reason verdict(const std::string& bytes) {
  const Result<Key> key = read_key_info("", bytes);
  return key ? Reason::allowed : key.error().reason;
}
Reason rsa_verdict(const std::string& bytes) {
  const Result<Key> key = read_rsa_public_key("", bytes);
  return key ? Reason::allowed : key.error().reason;
}

/// The uncompressed point of a key.
std::string point_of(const test::KeyPair& pair, std::size_t width) {
  const std::string x = pair.part("qx");
  const std::string y = pair.part("qy");
  return "\x04" + std::string(width - x.size(), '\0') + x + std::string(width - y.size(), '\0') + y;
}

const std::string kP256Parameters = der(0x06, test::kP256Oid);

TEST(KeyInfo, ReadsWhatOpensslWrites) {
  for (const char* kind : {"RSA-2048", "P-256", "P-384", "P-521", "ED25519"})
    EXPECT_EQ(verdict(test::key_pair(kind).public_der()), Reason::allowed) << kind;
}

TEST(KeyInfo, RefusesEveryTruncationAndEveryTrailingByte) {
  for (const char* kind : {"P-256", "ED25519", "RSA-2048"}) {
    const std::string whole = test::key_pair(kind).public_der();
    for (std::size_t length = 0; length < whole.size(); ++length)
      EXPECT_NE(verdict(whole.substr(0, length)), Reason::allowed) << kind << length;
    EXPECT_EQ(verdict(whole + "x"), Reason::key_malformed);
  }
}

TEST(KeyInfo, RefusesTypesThatServeNoAlgorithm) {
  for (const char* kind : {"RSA-PSS-2048", "secp256k1", "ED448", "X25519", "brainpoolP256r1", "P-224"}) {
    EXPECT_EQ(verdict(test::key_pair(kind).public_der()), Reason::key_type_unsupported) << kind;
  }
  EXPECT_EQ(verdict(der_key_info("\x2a\x86\x48\xce\x38\x04\x01", "", "x")), Reason::key_type_unsupported);  // DSA
  EXPECT_EQ(verdict(der_key_info("\x2a\x03", "", "x")), Reason::key_type_unsupported);
}

TEST(KeyInfo, RefusesExplicitAndMissingCurveParameters) {
  const std::string point = point_of(test::key_pair("P-256"), 32);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kP256Parameters, point)), Reason::allowed);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, der(0x30, der_integer("\x01")), point)), Reason::key_type_unsupported);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kDerNull, point)), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, "", point)), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kP256Parameters + kDerNull, point)), Reason::key_malformed);
}

TEST(KeyInfo, RefusesPointsThatAreNotUncompressed) {
  const std::string point = point_of(test::key_pair("P-256"), 32);
  const std::string x = point.substr(1, 32);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kP256Parameters, "\x02" + x)), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kP256Parameters, "\x03" + x)), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kP256Parameters, "\x06" + point.substr(1))), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kP256Parameters, "\x07" + point.substr(1))), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kP256Parameters, std::string(1, '\0'))), Reason::key_malformed);  // infinity
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kP256Parameters, point + "x")), Reason::key_malformed);
}

TEST(KeyInfo, RefusesAPointOfAnotherCurveThanTheOneNamed) {
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kP256Parameters, point_of(test::key_pair("P-384"), 48))), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kEcOid, kP256Parameters, point_of(test::key_pair("secp256k1"), 32))), Reason::key_malformed);
}

TEST(KeyInfo, RsaHasNullParametersAndEd25519None) {
  const std::string numbers = der_rsa_public_key(big_number(2048), kExponent65537);
  const std::string point = test::key_pair("ED25519").part("pub");
  EXPECT_EQ(verdict(der_key_info(test::kRsaOid, kDerNull, numbers)), Reason::allowed);
  EXPECT_EQ(verdict(der_key_info(test::kRsaOid, "", numbers)), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kRsaOid, der(0x05, "x"), numbers)), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kRsaOid, kDerNull + kDerNull, numbers)), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kEd25519Oid, "", point)), Reason::allowed);
  EXPECT_EQ(verdict(der_key_info(test::kEd25519Oid, kDerNull, point)), Reason::key_malformed);
  EXPECT_EQ(verdict(der_key_info(test::kEd25519Oid, "", point + "x")), Reason::key_malformed);
}

TEST(KeyInfo, RefusesABitStringWithUnusedBits) {
  const std::string algorithm = der(0x30, der(0x06, test::kEd25519Oid));
  const std::string point = test::key_pair("ED25519").part("pub");
  EXPECT_EQ(verdict(der(0x30, algorithm + der(0x03, std::string(1, '\x01') + point))), Reason::key_malformed);
  EXPECT_EQ(verdict(der(0x30, algorithm + der(0x03, std::string(1, '\0')))), Reason::key_malformed);
  EXPECT_EQ(verdict(der(0x30, algorithm + der(0x03, ""))), Reason::key_malformed);
  EXPECT_EQ(verdict(der(0x30, der(0x30, "") + der(0x03, std::string(1, '\0') + point))), Reason::key_malformed);
}

TEST(RsaPublicKey, TakesTwoNumbersAndNothingElse) {
  const std::string n = big_number(2048);
  EXPECT_EQ(rsa_verdict(der_rsa_public_key(n, kExponent65537)), Reason::allowed);
  EXPECT_EQ(rsa_verdict(der_rsa_public_key(n, kExponent65537) + "x"), Reason::key_malformed);
  EXPECT_EQ(rsa_verdict(der(0x30, der_integer(n))), Reason::key_malformed);
  EXPECT_EQ(rsa_verdict(der(0x30, der_integer(n) + der_integer(kExponent65537) + der_integer("\x05"))), Reason::key_malformed);
  EXPECT_EQ(rsa_verdict(der(0x30, der(0x02, n) + der_integer(kExponent65537))), Reason::key_malformed);  // negative: no sign byte
  EXPECT_EQ(rsa_verdict(der(0x30, der(0x02, std::string(2, '\0') + n) + der_integer(kExponent65537))), Reason::key_malformed);
  EXPECT_EQ(rsa_verdict("garbage"), Reason::key_malformed);
  EXPECT_EQ(rsa_verdict(der_rsa_public_key(n, "")), Reason::key_weak);
}

TEST(RsaPublicKey, APrivateKeyUnderAPublicLabelIsNamedAsPrivate) {
  const std::string n = big_number(2048);
  const std::string pkcs1 = der(0x30, der_integer("") + der_integer(n) + der_integer(kExponent65537) + der_integer(n));
  const std::string pkcs8 = der(0x30, der_integer("") + der(0x30, der(0x06, test::kEd25519Oid)) + der(0x04, "secret"));
  const std::string sec1 = der(0x30, der_integer("\x01") + der(0x04, std::string(32, 'd')));
  EXPECT_EQ(rsa_verdict(pkcs1), Reason::key_private);
  for (const std::string& bytes : {pkcs1, pkcs8, sec1}) EXPECT_EQ(verdict(bytes), Reason::key_private);
}

}  // namespace
}  // namespace portcullis
