// Section 2B, S7: PKCS#1 v1.5 encodings that a lenient verifier takes for the real one (RFC 8017 section 9.2). Each is signed with the real
// key, so that nothing but the encoding is wrong.
#include <gtest/gtest.h>

#include <string>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/codec/hex.h"
#include "base/digest.h"
#include "base/handle.h"
#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

constexpr std::size_t kModulusBytes = 256;

/// The private operation on a block as it stands.
std::string sign_block(const KeyPair& pair, const std::string& block) {
  const Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(pair.native(), nullptr));
  std::size_t size = kModulusBytes;
  std::string out(size, '\0');
  const bool done = context && EVP_PKEY_sign_init(context.get()) == 1 && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1 &&
                    EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                  reinterpret_cast<const unsigned char*>(block.data()), block.size()) == 1;
  EXPECT_TRUE(done);
  return out;
}

std::string hash_of(const std::string& input) { return hex_decode(to_hex(sha256(input))).value(); }

/// `00 01 FF… 00` before `info`, padded to the modulus.
std::string block_of(const std::string& info) {
  return std::string("\x00\x01", 2) + std::string(kModulusBytes - 3 - info.size(), '\xff') + std::string(1, '\0') + info;
}

class Attacks2BPadding : public testing::Test {
 protected:
  [[nodiscard]] std::string info(std::string_view prefix_hex) const { return hex_decode(prefix_hex).value() + hash_of(input_); }

  void expect_block_refused(const std::string& block) {
    ASSERT_EQ(block.size(), kModulusBytes);
    expect_token_refused(gate_, with_signature(input_, sign_block(pair_, block)), Reason::bad_signature);
  }

  const KeyPair& pair_ = key_pair("RSA-2048");
  TestGate gate_ = gate_with({{"k1", &pair_}});
  std::string input_ = signing_input(header_json("RS256", "k1"), good_payload(kNow));
  /// DigestInfo of SHA-256 (RFC 8017 section 9.2, note 1).
  std::string good_ = info("3031300d060960864801650304020105000420");
};

TEST_F(Attacks2BPadding, S7_TakesTheOneTrueEncoding) {
  expect_token_allowed(gate_, with_signature(input_, sign_block(pair_, block_of(good_))));
}

TEST_F(Attacks2BPadding, S7_RefusesGarbageBehindTheHash) {
  // Bleichenbacher 2006: short padding, garbage at the end.
  expect_block_refused(std::string("\x00\x01", 2) + std::string(8, '\xff') + std::string(1, '\0') + good_ +
                       std::string(kModulusBytes - 11 - good_.size(), 'x'));
  expect_block_refused(block_of(good_ + "x"));
  expect_block_refused(block_of(good_ + std::string(1, '\0')));
}

TEST_F(Attacks2BPadding, S7_RefusesOtherPaddings) {
  std::string block = block_of(good_);
  block[1] = '\x02';
  expect_block_refused(block);
  block = block_of(good_);
  block[100] = '\xfe';
  expect_block_refused(block);
  block = block_of(good_);
  block[kModulusBytes - good_.size() - 1] = '\x01';
  expect_block_refused(block);
  // Seven bytes of padding, and the hash in the middle.
  expect_block_refused(std::string("\x00\x01", 2) + std::string(7, '\xff') + std::string(1, '\0') + good_ +
                       std::string(kModulusBytes - 10 - good_.size(), '\0'));
}

TEST_F(Attacks2BPadding, S7_RefusesOtherDigestInfos) {
  // Without the NULL parameter, with parameters of garbage, in long-form lengths, with the identifier of SHA-1 or SHA-512, and the bare
  // hash (BERserk).
  for (const char* prefix : {"302f300b0609608648016503040201"
                             "0420",
                             "3035301106096086480165030402010504deadbeef0420", "30813130810d060960864801650304020105000420",
                             "3031300d060960864801650304020305000420", "3021300906052b0e03021a05000420", ""}) {
    expect_block_refused(block_of(info(prefix)));
  }
}

}  // namespace
}  // namespace portcullis::attacks
