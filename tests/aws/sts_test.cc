// What STS is asked for and how its answers are read, to the edge.
#include "aws/sts.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::contains;

class Sts : public testing::Test {
 protected:
  AwsClient client() {
    const auto endpoint =
        resolve_endpoint({.service = AwsService::sts, .region = "eu-west-1", .fips = false, .dual_stack = false, .configured_url = {}});
    return AwsClient(world.aws(), *endpoint, nullptr);
  }
  StsOutcome assume(const std::string& body) {
    world.http.answer(200, body);
    AwsClient sts = client();
    return assume_role(sts, {.role_arn = "arn:aws:iam::123456789012:role/r", .session_name = "s1", .external_id = {}, .duration = {}});
  }
  std::string identity(const std::string& body) {
    world.http.answer(200, body);
    AwsClient sts = client();
    const auto found = get_caller_identity(sts);
    return found ? found->account + " " + found->arn + " " + found->user_id : found.error().detail;
  }

  test::ChainWorld world;
};

std::string without(const std::string& text, const std::string& part) {
  const std::size_t place = text.find(part);
  EXPECT_NE(place, std::string::npos) << part;
  return std::string(text).erase(place, part.size());
}

TEST_F(Sts, CredentialsThatLackAMemberAreNone) {
  const std::string whole = test::role_answer("ASIA");
  ASSERT_TRUE(assume(whole).credentials.has_value());
  for (const char* part : {"<AccessKeyId>ASIA</AccessKeyId>", "<SecretAccessKey>canary-role-secret</SecretAccessKey>",
                           "<SessionToken>canary-role-token</SessionToken>", "<Expiration>2026-03-01T13:00:00Z</Expiration>"}) {
    const StsOutcome outcome = assume(without(whole, part));
    EXPECT_FALSE(outcome.credentials.has_value()) << part;
    EXPECT_EQ(outcome.failed.message, "STS answered credentials that lack a member") << part;
  }
  EXPECT_EQ(assume(test::role_answer("ASIA", "tomorrow")).failed.message, "STS answered credentials that lack a member");
}

TEST_F(Sts, AnAnswerThatIsNoneIsToldAndNotQuoted) {
  EXPECT_TRUE(contains(assume("canary").failed.message, "STS answered what is no XML: "));
  EXPECT_FALSE(contains(assume("canary").failed.message, "canary"));
  EXPECT_EQ(assume("<AssumeRoleResponse/>").failed.message, "STS answered without credentials");
}

TEST_F(Sts, TheAccountIsThatOfTheArn) {
  const std::string whole = test::role_answer("ASIA");
  const std::string arn = "arn:aws:sts::123456789012:assumed-role/r/s";
  EXPECT_EQ(assume(whole).credentials->account_id, "123456789012");
  const auto with = [&](const std::string& other) { return assume(std::string(whole).replace(whole.find(arn), arn.size(), other)); };
  for (const char* odd : {"", "arn:aws:sts::", "arn:aws:sts::12345678901", "x"})
    EXPECT_EQ(with(odd).credentials->account_id, std::nullopt) << odd;
}

TEST_F(Sts, AnIdentityHasAnAccountAndAnArn) {
  const std::string whole = "<R><Arn>arn:aws:iam::1:user/a</Arn><UserId>U</UserId><Account>1</Account></R>";
  EXPECT_EQ(identity(whole), "1 arn:aws:iam::1:user/a U");
  EXPECT_EQ(identity(without(whole, "<UserId>U</UserId>")), "1 arn:aws:iam::1:user/a ");
  EXPECT_EQ(identity(without(whole, "<Account>1</Account>")), "STS answered without an account or an ARN");
  EXPECT_EQ(identity(without(whole, "<Arn>arn:aws:iam::1:user/a</Arn>")), "STS answered without an account or an ARN");
  EXPECT_TRUE(contains(identity("no XML"), "STS answered what is no XML: "));
}

TEST(AssumeRoleCheck, BoundsTheSessionPolicyAndTheNames) {
  AssumeRoleRequest request{.role_arn = "arn:aws:iam::123456789012:role/r", .session_name = "s1", .external_id = {}, .duration = {}};
  const auto detail = [&request] {
    const auto checked = check_assume_role(request);
    return checked.ok() ? std::string("good") : checked.error().detail;
  };
  for (const std::size_t good : {1U, 2048U}) {
    request.policy = std::string(good, 'p');
    EXPECT_EQ(detail(), "good");
  }
  for (const std::size_t bad : {0U, 2049U}) {
    request.policy = std::string(bad, 'p');
    EXPECT_EQ(detail(), "a session policy must have 1 to 2048 bytes");
  }
  request.policy.reset();
  for (const std::size_t good : {2U, 64U}) {
    request.session_name = std::string(good, 's');
    EXPECT_EQ(detail(), "good");
  }
  for (const std::string& bad : {std::string("s"), std::string(65, 's'), std::string("a b"), std::string("a/b")}) {
    request.session_name = bad;
    EXPECT_TRUE(contains(detail(), "the session name must have 2 to 64 characters")) << bad;
  }
}

TEST(RoleArn, HasAPartitionTwelveDigitsAndAName) {
  const std::string prefix = "arn:aws:iam::123456789012:role/";
  EXPECT_TRUE(is_role_arn(prefix + "r"));
  EXPECT_TRUE(is_role_arn(prefix + std::string(2048 - prefix.size(), 'r')));
  EXPECT_FALSE(is_role_arn(prefix + std::string(2049 - prefix.size(), 'r')));
  EXPECT_TRUE(is_role_arn("arn:aws-us-gov:iam::123456789012:role/a+=,.@-_/b"));
  for (const char* bad : {"arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:role/r/", "arn:aws:iam::12345678901a:role/r",
                          "arn:aws:iam::1234567890123:role/r", "arn:aws:iam::12345678901:role/r", "arn:aws1:iam::123456789012:role/r",
                          "arn:AWS:iam::123456789012:role/r", "arn:aws:sts::123456789012:role/r", "arn:aws:iam::123456789012:role/a b",
                          "arn:aws:iam::123456789012"})
    EXPECT_FALSE(is_role_arn(bad)) << bad;
}

}  // namespace
}  // namespace portcullis
