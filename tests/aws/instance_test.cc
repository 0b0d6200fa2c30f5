// The instance metadata service: version 2, quick to give up, slow to forget.
#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "aws/providers/instance.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::ChainWorld;
using test::contains;
using test::header_of;
using test::kNow;

std::string answer(const std::string& id, const std::string& expiration = "2026-03-01T12:30:00Z") {
  return R"({"Code":"Success","AccessKeyId":")" + id + R"(","SecretAccessKey":"s","Token":"t","Expiration":")" + expiration + "\"}";
}

class InstanceMetadataTest : public testing::Test {
 protected:
  InstanceMetadata make(bool allow_v1 = false) {
    ImdsSettings settings;
    settings.allow_v1 = allow_v1;
    return {world_.aws(), settings, [this](std::string_view text) { world_.warnings.emplace_back(text); }};
  }
  void give_session(const char* ttl = "21600") {
    HttpHeaders headers;
    if (ttl != nullptr) headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", ttl);
    world_.http.answer(200, "session-token", headers);
  }
  void give_role(const std::string& text) {
    world_.http.answer(200, "web-role\nsecond");
    world_.http.answer(200, text);
  }
  std::string said(InstanceMetadata& source, bool refresh = false) {
    const auto found = source.credentials(refresh);
    return found ? (*found)->access_key_id : found.error().detail;
  }

  ChainWorld world_;
};

TEST_F(InstanceMetadataTest, AsksForATokenTheRoleAndItsCredentials) {
  give_session();
  give_role(answer("ASIA"));
  InstanceMetadata source = make();

  EXPECT_EQ(said(source), "ASIA");

  const auto asked = world_.http.asked();
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_EQ(asked[0].method, "PUT");
  EXPECT_EQ(asked[0].url, "http://169.254.169.254/latest/api/token");
  EXPECT_EQ(header_of(asked[0], "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), "21600");
  EXPECT_EQ(asked[1].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(asked[2].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/web-role");
  EXPECT_EQ(header_of(asked[2], "X-Aws-Ec2-Metadata-Token"), "session-token");
  for (const OutgoingRequest& one : asked) EXPECT_EQ(one.reachable, ReachableHosts::metadata_service);
}

TEST_F(InstanceMetadataTest, KeepsItsTokenAsLongAsTheAnswerSaid) {
  give_session("60");
  give_role(answer("A1"));
  InstanceMetadata source = make();
  EXPECT_EQ(said(source), "A1");
  world_.clock.advance(59s);
  give_role(answer("A2"));
  EXPECT_EQ(said(source), "A2");
  world_.clock.advance(1s);
  give_session("60");
  give_role(answer("A3"));
  EXPECT_EQ(said(source), "A3");
}

TEST_F(InstanceMetadataTest, AsksForATokenEachTimeWhereNoLifetimeWasSaid) {
  InstanceMetadata source = make();
  for (const char* id : {"A1", "A2"}) {
    give_session(nullptr);
    give_role(answer(id));
    EXPECT_EQ(said(source), id);
  }
  EXPECT_EQ(world_.http.asked().size(), 6U);
}

TEST_F(InstanceMetadataTest, GivesUpWithinASecondWhereThereIsNone) {
  for (int i = 0; i < 5; ++i) world_.http.fail("169.254.169.254: Timeout was reached");
  InstanceMetadata source = make();

  const std::string text = said(source);

  EXPECT_TRUE(contains(text, "no session token: 169.254.169.254: Timeout was reached")) << text;
  EXPECT_TRUE(contains(text, "hop limit")) << text;
  std::chrono::milliseconds most = std::accumulate(world_.pauses.begin(), world_.pauses.end(), 0ms);
  for (const OutgoingRequest& one : world_.http.asked()) most += one.timeout;
  EXPECT_LE(most, 1000ms);
  EXPECT_EQ(world_.http.asked().size(), 2U);
}

TEST_F(InstanceMetadataTest, NeverGoesWithoutATokenUnlessThatWasAllowed) {
  for (const int status : {400, 403, 404, 405}) {
    world_.http.answer(status, "");
    InstanceMetadata source = make();
    EXPECT_TRUE(contains(said(source), "no session token: HTTP " + std::to_string(status)));
  }
  EXPECT_EQ(world_.http.asked().size(), 4U);
  for (const OutgoingRequest& one : world_.http.asked()) EXPECT_EQ(one.method, "PUT");
}

TEST_F(InstanceMetadataTest, GoesWithoutATokenWhereThatWasAllowed) {
  world_.http.answer(404, "");
  give_role(answer("V1"));
  InstanceMetadata source = make(true);
  EXPECT_EQ(said(source), "V1");
  EXPECT_EQ(header_of(world_.http.asked().at(1), "X-Aws-Ec2-Metadata-Token"), "");
  world_.http.answer(400, "");
  InstanceMetadata refused = make(true);
  EXPECT_TRUE(contains(said(refused), "HTTP 400"));  // terminal even then
}

TEST_F(InstanceMetadataTest, RenewsARevokedTokenOnce) {
  give_session();
  world_.http.answer(401, "");
  give_session();
  give_role(answer("A1"));
  InstanceMetadata source = make();
  EXPECT_EQ(said(source), "A1");
  give_session();
  for (int i = 0; i < 2; ++i) world_.http.answer(401, "");
  InstanceMetadata other = make();
  EXPECT_FALSE(other.credentials(false).ok());
}

TEST_F(InstanceMetadataTest, RetriesFaultsThreeTimesOnceItHasAnswered) {
  give_session();
  world_.http.answer(500, "");
  world_.http.fail("reset");
  world_.http.answer(200, "web-role");
  world_.http.answer(503, "");
  world_.http.answer(200, answer("A1"));
  InstanceMetadata source = make();
  EXPECT_EQ(said(source), "A1");
}

TEST_F(InstanceMetadataTest, SaysThatNoRoleIsAttachedAndRefusesOddRoleNames) {
  give_session();
  world_.http.answer(404, "");
  InstanceMetadata none = make();
  EXPECT_TRUE(contains(said(none), "no IAM role is attached"));
  for (const char* name : {"", "a/../b", "a?x", "a b", "<html>"}) {
    give_session();
    world_.http.answer(200, name);
    InstanceMetadata source = make();
    EXPECT_TRUE(contains(said(source), "names no role")) << name;
  }
}

TEST_F(InstanceMetadataTest, CapsTheLifeAtAnHour) {
  give_session();
  give_role(answer("A1", "2026-03-01T18:00:00Z"));
  InstanceMetadata source = make();
  EXPECT_EQ((*source.credentials(false))->expires, kNow + 1h);
}

TEST_F(InstanceMetadataTest, KeepsOldCredentialsForFiveToFifteenMinutesWhereItFails) {
  give_session();
  give_role(answer("A1", "2026-03-01T12:30:00Z"));
  InstanceMetadata source = make();
  EXPECT_EQ(said(source), "A1");
  world_.clock.advance(31min);
  for (int i = 0; i < 3; ++i) world_.http.fail("gone");

  const auto kept = source.credentials(false);

  ASSERT_TRUE(kept.ok());
  EXPECT_EQ((*kept)->access_key_id, "A1");
  EXPECT_GE(*(*kept)->expires, world_.clock.now() + 5min);
  EXPECT_LE(*(*kept)->expires, world_.clock.now() + 15min);
  ASSERT_EQ(world_.warnings.size(), 1U);
  EXPECT_TRUE(contains(world_.warnings[0], "kept past their time"));
}

TEST_F(InstanceMetadataTest, KeepsNothingForThoseWhoWereRefused) {
  give_session();
  give_role(answer("A1"));
  InstanceMetadata source = make();
  EXPECT_EQ(said(source), "A1");
  for (int i = 0; i < 3; ++i) world_.http.fail("gone");
  EXPECT_FALSE(source.credentials(true).ok());
}

TEST_F(InstanceMetadataTest, UsesWhatArrivesExpiredUntilSomethingBetterComes) {
  give_session();
  give_role(answer("OLD", "2026-03-01T11:00:00Z"));
  InstanceMetadata source = make();
  const auto found = source.credentials(false);
  ASSERT_TRUE(found.ok());
  EXPECT_GT(*(*found)->expires, kNow);
  EXPECT_TRUE(contains(world_.warnings.at(0), "have expired"));
}

TEST_F(InstanceMetadataTest, SaysWhatTheServiceAnsweredAboutTheRole) {
  give_session();
  world_.http.answer(403, "");
  InstanceMetadata source = make();
  EXPECT_TRUE(contains(said(source), "HTTP 403")) << said(source);
  give_session();
  world_.http.answer(200, "web-role");
  world_.http.answer(404, "");
  InstanceMetadata gone = make();
  const std::string text = said(gone);
  EXPECT_TRUE(contains(text, "HTTP 404")) << text;
  EXPECT_FALSE(contains(text, "no IAM role is attached")) << "one is, and it has no credentials";
}

TEST_F(InstanceMetadataTest, RefusesWhatIsNoToken) {
  for (const char* body : {"", "two words", "line\n", "line\r"}) {
    world_.http.answer(200, body);
    InstanceMetadata source = make();
    EXPECT_TRUE(contains(said(source), "the session token is no token")) << body;
  }
}

TEST_F(InstanceMetadataTest, GoesWithoutATokenWhereNobodyAnswersAndThatWasAllowed) {
  world_.http.fail("Timeout was reached");
  give_role(answer("V1"));
  InstanceMetadata source = make(true);
  EXPECT_EQ(said(source), "V1");
}

TEST_F(InstanceMetadataTest, BoundsTheNameOfTheRole) {
  for (const std::string& name : {std::string(128, 'r'), std::string("A-z_0.9+=,@")}) {
    give_session();
    world_.http.answer(200, name);
    world_.http.answer(200, answer("A1"));
    InstanceMetadata source = make();
    EXPECT_EQ(said(source), "A1") << name;
  }
  give_session();
  world_.http.answer(200, std::string(129, 'r'));
  InstanceMetadata source = make();
  EXPECT_TRUE(contains(said(source), "names no role"));
}

TEST_F(InstanceMetadataTest, SaysWhereTheCredentialsAreNone) {
  give_session();
  give_role(R"({"Code":"Failed","Message":"no role"})");
  InstanceMetadata source = make();
  const std::string text = said(source);
  EXPECT_EQ(text, "EC2 instance metadata: the instance metadata service says Failed: no role");
}

}  // namespace
}  // namespace portcullis
