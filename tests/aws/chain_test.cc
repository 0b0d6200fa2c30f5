// The chain at work: roles on roles, errors that tell the whole story, and no source in place of another.
#include <string>

#include <gtest/gtest.h>

#include "aws/chain.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::ChainWorld;
using test::contains;
using test::header_of;
using test::role_answer;
using test::Variables;

constexpr const char* kKeys = "aws_access_key_id = AKID\naws_secret_access_key = canary-secret\n";

std::string found(ChainWorld& world, const SharedConfigOptions& options = {}) {
  const auto chain = world.resolve(options);
  if (!chain) return chain.error().detail;
  const auto credentials = chain->credentials->credentials(false);
  return credentials ? (*credentials)->access_key_id : credentials.error().detail;
}

TEST(Chain, GivesTheEnvironmentsKeysWithTokenAndAccount) {
  ChainWorld world(Variables{
      {"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}, {"AWS_ACCOUNT_ID", "123456789012"}});
  const auto chain = world.resolve();
  const auto credentials = chain->credentials->credentials(false);
  EXPECT_EQ((*credentials)->session_token.reveal(), "t");
  EXPECT_EQ((*credentials)->account_id, "123456789012");
  EXPECT_FALSE((*credentials)->expires.has_value());
}

TEST(Chain, AssumesRolesFromTheInnermostOutAndSignsWithTheOneBelow) {
  ChainWorld world;
  world.config(
      "[default]\nregion = eu-west-1\nrole_arn = arn:outer\nsource_profile = b\nexternal_id = ex/1\nrole_session_name = me\n"
      "[profile b]\nrole_arn = arn:inner\nsource_profile = c\n[profile c]\n" +
      std::string(kKeys));
  world.http.answer(200, role_answer("INNER"));
  world.http.answer(200, role_answer("OUTER"));

  EXPECT_EQ(found(world), "OUTER");

  const auto asked = world.http.asked();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_TRUE(contains(asked[0].body, "RoleArn=arn%3Ainner"));
  EXPECT_TRUE(contains(asked[0].body, "RoleSessionName=portcullis-1772366400000"));
  EXPECT_FALSE(contains(asked[0].body, "DurationSeconds"));
  EXPECT_TRUE(contains(header_of(asked[0], "Authorization"), "Credential=AKID/"));
  EXPECT_TRUE(contains(asked[1].body, "RoleArn=arn%3Aouter&RoleSessionName=me&ExternalId=ex%2F1"));
  EXPECT_TRUE(contains(header_of(asked[1], "Authorization"), "Credential=INNER/"));
}

TEST(Chain, RenewsARoleWithTheSameKeysBelowAsLongAsTheyServe) {
  ChainWorld world;
  world.config(
      "[default]\nregion = eu-west-1\nrole_arn = arn:outer\nsource_profile = b\n[profile b]\nrole_arn = arn:inner\nsource_profile = "
      "c\n[profile c]\n" +
      std::string(kKeys));
  world.http.answer(200, role_answer("INNER", "2026-03-01T23:00:00Z"));
  world.http.answer(200, role_answer("OUTER1"));
  world.http.answer(200, role_answer("OUTER2", "2026-03-01T14:00:00Z"));
  const auto chain = world.resolve();
  EXPECT_EQ((*chain->credentials->credentials(false))->access_key_id, "OUTER1");
  world.clock.advance(1h);
  EXPECT_EQ((*chain->credentials->credentials(false))->access_key_id, "OUTER2");
  EXPECT_EQ(world.http.asked().size(), 3U);
}

TEST(Chain, AsksTheSourceAnewWhereStsSaysThatItsKeysHaveExpired) {
  ChainWorld world;
  world.config(
      "[default]\nregion = eu-west-1\nrole_arn = arn:outer\nsource_profile = b\n[profile b]\nrole_arn = arn:inner\nweb_identity_token_file "
      "= /t\n");
  (void)world.files.write("/t", "first", 0600);
  world.http.answer(200, role_answer("WEB1", "2026-03-01T23:00:00Z"));
  world.http.answer(403, "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>");
  world.http.answer(200, role_answer("WEB2", "2026-03-01T23:00:00Z"));
  world.http.answer(200, role_answer("OUTER"));
  EXPECT_EQ(found(world), "OUTER");
  EXPECT_TRUE(contains(header_of(world.http.asked().at(3), "Authorization"), "Credential=WEB2/"));
}

TEST(Chain, ReadsTheWebIdentityTokenAnewAndSendsItByteForByte) {
  ChainWorld world(Variables{{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "arn:r"}, {"AWS_REGION", "eu-west-1"}});
  (void)world.files.write("/t", "first\n", 0600);
  world.http.answer(200, role_answer("A1"));
  world.http.answer(200, role_answer("A2"));
  const auto chain = world.resolve();
  EXPECT_EQ((*chain->credentials->credentials(false))->access_key_id, "A1");
  (void)world.files.write("/t", "second", 0600);
  EXPECT_EQ((*chain->credentials->credentials(true))->access_key_id, "A2");
  EXPECT_TRUE(contains(world.http.asked().at(0).body, "WebIdentityToken=first%0A"));
  EXPECT_TRUE(contains(world.http.asked().at(1).body, "WebIdentityToken=second"));
  EXPECT_EQ(header_of(world.http.asked().at(0), "Authorization"), "");
}

TEST(Chain, RefusesATokenFileThatIsMissingEmptyOrTooLarge) {
  for (const std::string text : {"", "-"}) {
    ChainWorld world(Variables{{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "arn:r"}, {"AWS_REGION", "eu-west-1"}});
    if (text.empty()) (void)world.files.write("/t", "", 0600);
    EXPECT_TRUE(contains(found(world), text.empty() ? "is empty" : "No such file")) << found(world);
  }
  for (const std::size_t size : {20'000U, 20'001U}) {
    ChainWorld world(Variables{{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "arn:r"}, {"AWS_REGION", "eu-west-1"}});
    (void)world.files.write("/t", std::string(size, 'x'), 0600);
    world.http.answer(200, role_answer("A1"));
    EXPECT_EQ(found(world) == "A1", size == 20'000U);
  }
}

TEST(Chain, NeverTriesAnotherSourceBecauseTheChosenOneFailed) {
  ChainWorld world(Variables{{"AWS_WEB_IDENTITY_TOKEN_FILE", "/gone"},
                             {"AWS_ROLE_ARN", "arn:r"},
                             {"AWS_REGION", "eu-west-1"},
                             {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}});
  world.config(std::string("[default]\n") + kKeys);

  const std::string text = found(world);

  EXPECT_TRUE(
      text.starts_with("failed to load AWS configuration: environment keys: skipped, AWS_ACCESS_KEY_ID is not set; environment web "
                       "identity: failed after 0 ms, the web identity token cannot be read: /gone"))
      << text;
  EXPECT_TRUE(world.http.asked().empty());
}

TEST(Chain, TellsWhatStsSaidAndWhatToLookAtAndNoSecret) {
  ChainWorld world;
  world.config("[default]\nregion = eu-west-1\nrole_arn = arn:r\nsource_profile = b\n[profile b]\n" + std::string(kKeys));
  world.http.answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>");
  const std::string text = found(world);
  EXPECT_TRUE(contains(text, "cannot assume role arn:r: AccessDenied (HTTP 403): not authorized; compare the role's trust policy")) << text;
  EXPECT_FALSE(contains(text, "canary"));
  EXPECT_EQ(world.http.asked().size(), 1U);
}

TEST(Chain, NeedsARegionForStsAndSaysSoBeforeItAsks) {
  ChainWorld world;
  world.config("[default]\nrole_arn = arn:r\nsource_profile = b\n[profile b]\nregion = eu-west-1\n" + std::string(kKeys));
  EXPECT_EQ(found(world),
            "failed to load AWS configuration: Invalid Configuration: Missing Region: set AWS_REGION or the profile's region");
}

TEST(Chain, GoesToAConfiguredEndpointForItsOwnCallsToo) {
  ChainWorld world(Variables{{"AWS_ENDPOINT_URL", "https://aws.example"}});
  world.config("[default]\nregion = eu-west-1\nrole_arn = arn:r\nsource_profile = b\n[profile b]\n" + std::string(kKeys));
  world.http.answer(200, role_answer("A1"));
  EXPECT_EQ(found(world), "A1");
  EXPECT_EQ(world.http.asked().at(0).url, "https://aws.example/");
}

TEST(Chain, TakesBundleAndAttemptsFromTheConfiguration) {
  ChainWorld world(Variables{{"AWS_CA_BUNDLE", "/ca.pem"}, {"AWS_MAX_ATTEMPTS", "2"}});
  world.config("[default]\nregion = eu-west-1\nrole_arn = arn:r\nsource_profile = b\n[profile b]\n" + std::string(kKeys));
  for (int i = 0; i < 5; ++i) world.http.answer(503, "");
  EXPECT_TRUE(contains(found(world), "HTTP 503"));
  EXPECT_EQ(world.http.asked().size(), 2U);
  EXPECT_EQ(world.http.asked().at(0).ca_file, "/ca.pem");
}

TEST(Chain, KeepsNoSecretOfTheFilesInItsConfiguration) {
  ChainWorld world;
  world.config("[default]\nregion = eu-west-1\naws_session_token = canary-token\n" + std::string(kKeys));
  const auto chain = world.resolve();
  ASSERT_TRUE(chain.ok());
  for (const auto& [name, properties] : chain->config.files.profiles) {
    for (const auto& [key, value] : properties) EXPECT_FALSE(contains(value, "canary")) << key;
  }
  EXPECT_EQ((*chain->credentials->credentials(false))->session_token.reveal(), "canary-token");
}

TEST(Chain, TellsTheWarningsOfItsChoice) {
  ChainWorld world(Variables{{"AWS_ACCESS_KEY_ID", "A"}});
  ASSERT_TRUE(world.resolve().ok());
  ASSERT_EQ(world.warnings.size(), 1U);
  EXPECT_TRUE(contains(world.warnings[0], "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"));
}

TEST(Chain, SaysWhatIsWrongWithTheFilesInTheSameWords) {
  ChainWorld world(Variables{{"AWS_PROFILE", "gone"}});
  EXPECT_TRUE(found(world).starts_with("failed to load AWS configuration: failed to get shared config profile, gone"));
  ChainWorld boolean(Variables{{"AWS_USE_FIPS_ENDPOINT", "yes"}});
  EXPECT_TRUE(found(boolean).starts_with("failed to load AWS configuration: AWS_USE_FIPS_ENDPOINT"));
}

}  // namespace
}  // namespace portcullis
