#include "keystore/pem.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

using test::key_pair;
using test::kNow;
using test::pem;

Result<Key> read(std::string_view text, TimePoint now = kNow) { return read_pem("a", text, now); }

Reason verdict(std::string_view text, TimePoint now = kNow) {
  const Result<Key> key = read(text, now);
  EXPECT_EQ(ERR_peek_error(), 0UL);
  return key ? Reason::allowed : key.error().reason;
}

const std::string& good() {
  static const std::string text = key_pair("ED25519").public_pem();
  return text;
}

std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

TEST(Pem, ReadsThePublicKeyForms) {
  for (const char* kind : {"RSA-2048", "P-256", "P-384", "P-521", "ED25519"}) {
    const Result<Key> key = read(key_pair(kind).public_pem());
    ASSERT_TRUE(key.ok()) << kind << key.error().detail;
    EXPECT_EQ(key->id(), "a");
  }
  EXPECT_EQ(verdict(key_pair("RSA-2048").public_pkcs1_pem()), Reason::allowed);
}

TEST(Pem, BlanksAroundAndCrlfAreFine) {
  EXPECT_EQ(verdict(" \r\n\t" + good() + "\n \r\n"), Reason::allowed);
  EXPECT_EQ(verdict(with_crlf(good())), Reason::allowed);
  EXPECT_EQ(verdict(good().substr(0, good().size() - 1)), Reason::allowed);  // no newline at the end
}

TEST(Pem, BlanksInsideALineAreRefusedAndAtItsEndFine) {
  // Found by pem_fuzz: a line that read "PRIVATE KEY", blank and all, was taken as base64.
  std::string inside = good();
  inside.insert(40, " ");
  std::string before = good();
  before.insert(27, " ");
  std::string behind = good();
  behind.insert(behind.find("\n-----END"), " \t");
  EXPECT_EQ(verdict(inside), Reason::key_malformed);
  EXPECT_EQ(verdict(before), Reason::key_malformed);
  EXPECT_EQ(verdict(behind), Reason::allowed);
}

TEST(Pem, OtherTextAroundIsRefused) {
  EXPECT_EQ(verdict("note\n" + good()), Reason::key_malformed);
  EXPECT_EQ(verdict(good() + "note"), Reason::key_malformed);
  EXPECT_EQ(verdict("\xef\xbb\xbf" + good()), Reason::key_malformed);
  EXPECT_EQ(verdict("#\n" + good()), Reason::key_malformed);
}

TEST(Pem, ASecondBlockIsRefused) {
  EXPECT_EQ(verdict(good() + good()), Reason::key_malformed);
  EXPECT_EQ(read(good() + good()).error().detail, "more than one PEM block");
  EXPECT_EQ(verdict(good() + key_pair("P-256").certificate_pem(kNow, kNow)), Reason::key_malformed);
}

TEST(Pem, EcParametersBeforeAKeyAreRefused) {
  EXPECT_EQ(verdict(pem("EC PARAMETERS", test::der(0x06, test::kP256Oid)) + key_pair("P-256").public_pem()), Reason::key_malformed);
}

TEST(Pem, TheLabelMustMatchWhatIsInside) {
  const test::KeyPair& rsa = key_pair("RSA-2048");
  EXPECT_EQ(verdict(pem("RSA PUBLIC KEY", rsa.public_der())), Reason::key_malformed);
  EXPECT_EQ(verdict(pem("CERTIFICATE", rsa.public_der())), Reason::key_malformed);
  EXPECT_EQ(verdict(pem("PUBLIC KEY", test::der_rsa_public_key(test::big_number(2048), test::kExponent65537))), Reason::key_malformed);
  for (const char* label : {"", "PUBLIC  KEY", "public key", "EC PUBLIC KEY", "SSH2 PUBLIC KEY", "CERTIFICATE REQUEST", "X509 CERTIFICATE",
                            "TRUSTED CERTIFICATE", "X509 CRL", "PKCS7"}) {
    EXPECT_EQ(verdict(pem(label, rsa.public_der())), Reason::key_malformed) << label;
  }
}

TEST(Pem, PrivateKeysAreNamedLoudlyAndNeverShown) {
  const std::string secret = key_pair("ED25519").private_pem();
  for (const std::string& text :
       {secret, good() + secret, secret + good(), "note\n" + secret, pem("EC PARAMETERS", "x") + pem("EC PRIVATE KEY", "x"),
        pem("RSA PRIVATE KEY", "x"), pem("ENCRYPTED PRIVATE KEY", "x"), pem("OPENSSH PRIVATE KEY", "x"), pem("DSA PRIVATE KEY", "x"),
        std::string(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"),
        std::string("-----BEGIN PRIVATE KEY-----")}) {
    const Result<Key> key = read(text);
    ASSERT_FALSE(key.ok());
    EXPECT_EQ(key.error().reason, Reason::key_private);
    EXPECT_NE(key.error().detail.find("PRIVATE"), std::string::npos);
    EXPECT_EQ(key.error().detail.find(secret.substr(30, 20)), std::string::npos);
  }
}

TEST(Pem, APrivateKeyUnderAPublicLabelIsNamedAsPrivate) {
  EXPECT_EQ(verdict(pem("PUBLIC KEY", test::der(0x30, test::der_integer("") + test::der(0x30, test::der(0x06, test::kEd25519Oid)) +
                                                          test::der(0x04, "x")))),
            Reason::key_private);
}

TEST(Pem, DamagedBlocksAreRefused) {
  const std::string body = good().substr(27, good().size() - 27 - 25);
  ASSERT_EQ("-----BEGIN PUBLIC KEY-----\n" + body + "-----END PUBLIC KEY-----\n", good());
  for (const std::string& text :
       {std::string(), std::string(" \n"), std::string("-----BEGIN PUBLIC KEY-----"), std::string("-----BEGIN PUBLIC KEY-----\n"),
        "-----BEGIN PUBLIC KEY-----\n" + body, "-----BEGIN PUBLIC KEY-----\n" + body + "-----END CERTIFICATE-----\n",
        "-----BEGIN PUBLIC KEY-----" + body + "-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY--\n" + body + "-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n" + body.substr(0, body.size() - 1) + "-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nComment: x\n\n" + body + "-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n!" + body + "-----END PUBLIC KEY-----\n",
        std::string("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"), "---BEGIN PUBLIC KEY---\n" + body + "---END PUBLIC KEY---\n",
        std::string("not a key")}) {
    EXPECT_EQ(verdict(text), Reason::key_malformed) << text;
  }
}

TEST(Pem, ANulIsRefused) {
  EXPECT_EQ(verdict(good() + std::string(1, '\0')), Reason::key_malformed);
  EXPECT_EQ(verdict(std::string(1, '\0') + good()), Reason::key_malformed);
}

TEST(Pem, LongerThan64KiBIsRefusedUnread) {
  EXPECT_EQ(verdict(good() + std::string(kMaxPemBytes - good().size(), '\n')), Reason::allowed);
  EXPECT_EQ(verdict(good() + std::string(kMaxPemBytes - good().size() + 1, '\n')), Reason::key_malformed);
  EXPECT_EQ(verdict(std::string(1048576, 'A')), Reason::key_malformed);
}

TEST(Pem, KeysOfOtherTypesAreRefused) {
  for (const char* kind : {"RSA-PSS-2048", "secp256k1", "ED448", "X25519"}) {
    EXPECT_EQ(verdict(key_pair(kind).public_pem()), Reason::key_type_unsupported) << kind;
  }
}

TEST(Pem, WeakKeysAreRefused) {
  EXPECT_EQ(verdict(key_pair("RSA-1024").public_pem()), Reason::key_weak);
  EXPECT_EQ(verdict(test::make_rsa(2048, 3).public_pem()), Reason::key_weak);
}

class PemCertificate : public testing::Test {
 protected:
  const TimePoint begin_ = kNow - std::chrono::hours(1);
  const TimePoint finish_ = kNow + std::chrono::hours(1);
};

TEST_F(PemCertificate, GivesItsKey) {
  for (const char* kind : {"RSA-2048", "P-256", "P-384", "P-521", "ED25519"}) {
    const Result<Key> key = read(key_pair(kind).certificate_pem(begin_, finish_));
    ASSERT_TRUE(key.ok()) << kind << key.error().detail;
    EXPECT_EQ(key->thumbprint(), read(key_pair(kind).public_pem())->thumbprint());
  }
}

TEST_F(PemCertificate, IsValidFromItsFirstToItsLastSecond) {
  const std::string text = key_pair("P-256").certificate_pem(begin_, finish_);
  EXPECT_EQ(verdict(text, begin_ - Milliseconds(1)), Reason::key_certificate_invalid);
  EXPECT_EQ(verdict(text, begin_), Reason::allowed);
  EXPECT_EQ(verdict(text, finish_), Reason::allowed);
  EXPECT_EQ(verdict(text, finish_ + Milliseconds(999)), Reason::allowed);
  EXPECT_EQ(verdict(text, finish_ + Milliseconds(1000)), Reason::key_certificate_invalid);
}

TEST_F(PemCertificate, SaysWhenItEnds) {
  EXPECT_EQ(read(key_pair("P-256").certificate_pem(begin_, finish_))->not_after(), finish_);
  const TimePoint last = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31) + std::chrono::seconds(86399);
  EXPECT_EQ(read(key_pair("P-256").certificate_pem(begin_, last))->not_after(), last) << "RFC 5280 section 4.1.2.5: no end";
  EXPECT_EQ(read(key_pair("P-256").public_pem())->not_after(), std::nullopt);
}

TEST_F(PemCertificate, SaysWhetherItIsTooEarlyOrTooLate) {
  const std::string text = key_pair("P-256").certificate_pem(begin_, finish_);
  EXPECT_EQ(read(text, begin_ - Milliseconds(1)).error().detail, "certificate is not yet valid");
  EXPECT_EQ(read(text, finish_ + Milliseconds(1000)).error().detail, "certificate has expired");
}

TEST_F(PemCertificate, ItsKeyMeetsTheSamePolicy) {
  EXPECT_EQ(verdict(key_pair("RSA-1024").certificate_pem(begin_, finish_)), Reason::key_weak);
  EXPECT_EQ(verdict(key_pair("ED448").certificate_pem(begin_, finish_)), Reason::key_type_unsupported);
  EXPECT_EQ(verdict(key_pair("secp256k1").certificate_pem(begin_, finish_)), Reason::key_type_unsupported);
}

TEST_F(PemCertificate, GarbageIsRefused) {
  EXPECT_EQ(verdict(pem("CERTIFICATE", "garbage")), Reason::key_malformed);
  EXPECT_EQ(verdict(pem("CERTIFICATE", "")), Reason::key_malformed);
}

}  // namespace
}  // namespace portcullis
