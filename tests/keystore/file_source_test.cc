#include "keystore/refresh/file_source.h"

#include <gtest/gtest.h>

#include "keystore/key_set.h"
#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

using test::key_pair;
using test::kNow;

class FileSources : public testing::Test {
 protected:
  void write(const std::string& text) { ASSERT_TRUE(files_.write("/keys", text, 0600)); }

  FakeFiles files_;
  const std::unique_ptr<KeySource> cert_ = make_cert_source(files_, "/keys");
  const std::unique_ptr<KeySource> keys_file_ = make_keys_file_source(files_, "/keys");
};

TEST_F(FileSources, HaveALabelAndSayWhatToWatch) {
  EXPECT_EQ(cert_->name(), "cert");
  EXPECT_EQ(keys_file_->name(), "file");
  EXPECT_EQ(cert_->watched_files(), std::vector<std::string>{"/keys"});
  EXPECT_EQ(keys_file_->watched_files(), std::vector<std::string>{"/keys"});
}

TEST_F(FileSources, TheKeyOfACertHasNoId) {
  write(key_pair("P-256").public_jwk({.kid = "inner", .alg = {}, .use = {}, .extra = {}}));
  const Result<ParsedKeys> parsed = cert_->fetch(kNow);
  ASSERT_EQ(parsed->keys.size(), 1U);
  EXPECT_EQ(parsed->keys[0].id(), "");
}

TEST_F(FileSources, AreReadAnewEachTime) {
  write(test::secret_json({{"a", &key_pair("P-256")}}));
  EXPECT_EQ(keys_file_->fetch(kNow)->keys.at(0).id(), "a");
  write(test::secret_json({{"b", &key_pair("P-256")}}));
  EXPECT_EQ(keys_file_->fetch(kNow)->keys.at(0).id(), "b");
}

TEST_F(FileSources, AMissingFileIsAFailedRoundThatNamesIt) {
  EXPECT_EQ(keys_file_->fetch(kNow).error(), (Error{Reason::io_failed, "/keys: No such file or directory"}));
  EXPECT_EQ(cert_->fetch(kNow).error(), (Error{Reason::io_failed, "failed to load public key: /keys: No such file or directory"}));
}

TEST_F(FileSources, AFileThatTurnedToGarbageIsAFailedRoundThatNamesIt) {
  write("garbage");
  EXPECT_EQ(keys_file_->fetch(kNow).error().reason, Reason::secret_malformed);
  EXPECT_TRUE(keys_file_->fetch(kNow).error().detail.starts_with("/keys: failed to parse secret JSON"));
  EXPECT_EQ(cert_->fetch(kNow).error(), (Error{Reason::key_malformed, "failed to load public key: /keys: no valid PEM data found"}));
}

TEST_F(FileSources, AnEmptySecretIsAFailedRound) {
  write("{}");
  EXPECT_EQ(keys_file_->fetch(kNow).error().reason, Reason::keys_empty);
}

TEST_F(FileSources, ACertificateIsJudgedByTheTimeOfTheRound) {
  write(key_pair("P-256").certificate_pem(kNow, kNow));
  EXPECT_TRUE(cert_->fetch(kNow));
  EXPECT_EQ(cert_->fetch(kNow + std::chrono::seconds(1)).error().reason, Reason::key_certificate_invalid);
}

TEST_F(FileSources, AreBounded) {
  const std::string key = key_pair("P-256").public_jwk();
  write(key + std::string(1048576 - key.size(), ' '));
  EXPECT_TRUE(cert_->fetch(kNow));
  write(key + std::string(1048576 - key.size() + 1, ' '));
  EXPECT_EQ(cert_->fetch(kNow).error().reason, Reason::io_failed);
  write(key + std::string(10485760 - key.size(), ' '));
  EXPECT_TRUE(keys_file_->fetch(kNow));
  write(key + std::string(10485760 - key.size() + 1, ' '));
  EXPECT_EQ(keys_file_->fetch(kNow).error().reason, Reason::io_failed);
}

TEST_F(FileSources, WhatIsSetAsideComesWithTheRound) {
  write("{\"good\":" + key_pair("P-256").public_jwk() + ",\"bad\":1}");
  const Result<ParsedKeys> parsed = keys_file_->fetch(kNow);
  EXPECT_EQ(parsed->keys.size(), 1U);
  EXPECT_EQ(parsed->quarantined.at(0).id, "bad");
}

}  // namespace
}  // namespace portcullis
