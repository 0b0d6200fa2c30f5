// Credentials as JSON, of each kind of giver: whole, lacking a member, and hostile.
#include <string>

#include <gtest/gtest.h>

#include "aws/providers/answer.h"
#include "aws/providers/sso_token.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::contains;
using test::kNow;

constexpr const char* kWhole =
    R"({"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"canary-secret","SessionToken":"canary-token","Expiration":"2026-03-01T13:00:00Z","AccountId":"123456789012"})";

TEST(ProcessAnswer, IsReadWholeAndWithWhatMayBeAbsentAbsent) {
  const auto whole = read_process_answer(kWhole);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->access_key_id, "AKID");
  EXPECT_EQ(whole->session_token.reveal(), "canary-token");
  EXPECT_EQ(whole->expires, kNow + 1h);
  EXPECT_EQ(whole->account_id, "123456789012");
  const auto bare = read_process_answer(R"({"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"s"})");
  ASSERT_TRUE(bare.ok());
  EXPECT_FALSE(bare->expires.has_value());
  EXPECT_TRUE(bare->session_token.empty());
}

TEST(ProcessAnswer, RefusesAnotherVersionAndAMissingMember) {
  for (const char* text : {R"({"Version":2,"AccessKeyId":"a","SecretAccessKey":"s"})", R"({"AccessKeyId":"a","SecretAccessKey":"s"})",
                           R"({"Version":"1","AccessKeyId":"a","SecretAccessKey":"s"})"}) {
    EXPECT_EQ(read_process_answer(text).error().detail, "wrong version in process output (not 1)") << text;
  }
  EXPECT_TRUE(contains(read_process_answer(R"({"Version":1,"SecretAccessKey":"s"})").error().detail, "AccessKeyId"));
  EXPECT_TRUE(contains(read_process_answer(R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":""})").error().detail, "SecretAccessKey"));
  EXPECT_FALSE(read_process_answer(R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"s","Expiration":"tomorrow"})").ok());
}

TEST(ProcessAnswer, PutsNothingOfTheOutputIntoAnError) {
  for (const char* text : {"canary-secret", R"(["canary-secret"])", R"({"Version":1,"AccessKeyId":7,"SecretAccessKey":"canary-secret"})",
                           R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"s","Expiration":"canary-secret"})"}) {
    const auto read = read_process_answer(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_FALSE(contains(read.error().detail, "canary")) << read.error().detail;
  }
}

TEST(InstanceAnswer, NeedsSuccessATokenAndAnExpiration) {
  EXPECT_TRUE(
      read_instance_answer(R"({"Code":"Success","AccessKeyId":"a","SecretAccessKey":"s","Token":"t","Expiration":"2026-03-01T13:00:00Z"})")
          .ok());
  EXPECT_TRUE(contains(read_instance_answer(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"no trust"})").error().detail,
                       "AssumeRoleUnauthorizedAccess: no trust"));
  EXPECT_FALSE(read_instance_answer(R"({"AccessKeyId":"a","SecretAccessKey":"s","Token":"t","Expiration":"2026-03-01T13:00:00Z"})").ok());
  EXPECT_FALSE(read_instance_answer(R"({"Code":"Success","AccessKeyId":"a","SecretAccessKey":"s","Token":"t"})").ok());
  EXPECT_FALSE(
      read_instance_answer(R"({"Code":"Success","AccessKeyId":"a","SecretAccessKey":"s","Expiration":"2026-03-01T13:00:00Z"})").ok());
}

TEST(SsoAnswer, CountsItsExpirationInMilliseconds) {
  const auto read =
      read_sso_answer(R"({"roleCredentials":{"accessKeyId":"a","secretAccessKey":"s","sessionToken":"t","expiration":1772366400000}})");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->expires, kNow);
  for (const char* text :
       {R"({"roleCredentials":{"accessKeyId":"a","secretAccessKey":"s","sessionToken":"t"}})", R"({"roleCredentials":{}})", "{}", "x",
        R"({"roleCredentials":{"accessKeyId":"a","secretAccessKey":"s","sessionToken":"t","expiration":-1}})",
        R"({"roleCredentials":{"accessKeyId":"a","secretAccessKey":"s","sessionToken":"t","expiration":"1772366400000"}})"}) {
    EXPECT_FALSE(read_sso_answer(text).ok()) << text;
  }
}

TEST(Expiry, IsRefusedFromItsVeryMomentAndNamed) {
  AwsCredentials credentials;
  EXPECT_TRUE(check_not_expired(credentials, kNow, "it").ok());
  credentials.expires = kNow + 1ms;
  EXPECT_TRUE(check_not_expired(credentials, kNow, "it").ok());
  credentials.expires = kNow;
  EXPECT_EQ(check_not_expired(credentials, kNow, "it").error().detail, "it gave credentials that expired at 2026-03-01T12:00:00.000Z");
}

TEST(SsoTokenFile, IsNamedByTheDigestOfItsSession) {
  EXPECT_EQ(sso_cache_path("/home", "dev"), "/home/.aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json");
}

TEST(SsoTokenFile, NeedsATokenAndItsEnd) {
  EXPECT_TRUE(read_sso_token(R"({"accessToken":"t","expiresAt":"2026-03-01T13:00:00Z"})").ok());
  EXPECT_TRUE(read_sso_token(R"({"accessToken":"t","expiresAt":"2026-03-01T13:00:00UTC"})").ok());
  for (const char* text : {"{}", "[]", "x", R"({"accessToken":"t"})", R"({"accessToken":"","expiresAt":"2026-03-01T13:00:00Z"})",
                           R"({"accessToken":"t","expiresAt":"soon"})"}) {
    EXPECT_FALSE(read_sso_token(text).ok()) << text;
  }
}

TEST(SsoTokenFile, KeepsForeignMembersWhenItIsRenewed) {
  RefreshedToken token;
  token.access_token = Secret("new");
  token.expires = kNow;
  EXPECT_EQ(renewed_sso_file(R"({"accessToken":"old","expiresAt":"x","refreshToken":"r","region":"eu-west-1","more":[1]})", token),
            R"({"refreshToken":"r","region":"eu-west-1","more":[1],"accessToken":"new","expiresAt":"2026-03-01T12:00:00Z"})");
}

}  // namespace
}  // namespace portcullis
