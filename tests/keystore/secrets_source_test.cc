#include "keystore/refresh/secrets_source.h"

#include <gtest/gtest.h>

#include "base/codec/base64url.h"
#include "keystore/refresh/round.h"
#include "tests/keystore/keys.h"
#include "tests/support/aws_host.h"
#include "tests/support/printing.h"

namespace portcullis {
namespace {

using test::key_pair;
using test::kNow;

const std::string kFirst = test::secret_json({{"k1", &key_pair("ED25519")}});
const std::string kBoth = test::secret_json({{"k1", &key_pair("ED25519")}, {"k2", &key_pair("P-256")}});

class SecretsSourceTest : public testing::Test {
 protected:
  std::unique_ptr<KeySource> source(std::vector<std::string> stages = {"AWSCURRENT"}, std::string id = "zot/keys") {
    return make_secrets_source([this]() -> Result<AwsClient*> { return &client_; },
                               {.secret_id = std::move(id), .stages = std::move(stages)});
  }
  Error fault(const std::unique_ptr<KeySource>& from) {
    const Result<ParsedKeys> brought = from->fetch(kNow);
    return brought ? Error{Reason::allowed, "it was good"} : brought.error();
  }
  /// The fault of a round that was given this secret.
  Error fault_of(std::string_view text, std::string_view member = "SecretString") {
    aws_.has_secret(text, "v1", member);
    return fault(source());
  }

  test::AwsHost aws_;
  test::FixedCredentials credentials_;
  AwsClient client_{aws_.tools(), test::AwsHost::endpoint(AwsService::secrets_manager), &credentials_};
};

TEST_F(SecretsSourceTest, HasALabelAndNoFiles) {
  EXPECT_EQ(source()->name(), "awsSecretsManager");
  EXPECT_TRUE(source()->watched_files().empty());
}

TEST_F(SecretsSourceTest, AsksOnceForEachStage) {
  aws_.has_secret(kFirst);
  ASSERT_TRUE(source()->fetch(kNow));

  ASSERT_EQ(aws_.http.asked().size(), 1U);
  EXPECT_EQ(aws_.http.asked()[0].body, R"({"SecretId":"zot/keys","VersionStage":"AWSCURRENT"})");
}

TEST_F(SecretsSourceTest, SaysWhichVersionEachKeyIsOf) {
  aws_.has_secret(kBoth, "v2");
  aws_.has_secret(kFirst, "v1");
  const Result<ParsedKeys> brought = source({"AWSCURRENT", "AWSPREVIOUS"})->fetch(kNow);

  ASSERT_TRUE(brought) << brought.error().detail;
  EXPECT_EQ(brought->origin.version, "AWSCURRENT v2, AWSPREVIOUS v1");
  EXPECT_EQ(brought->origin.of_keys.at("k1"), "AWSCURRENT v2, AWSPREVIOUS v1");
  EXPECT_EQ(brought->origin.of_keys.at("k2"), "AWSCURRENT v2");
  EXPECT_EQ(brought->origin.of_keys.size(), 2U);
  EXPECT_EQ(brought->origin.account, "123456789012") << "of the ARN that AWS answered with";
  EXPECT_EQ(brought->origin.since.at("k1"), TimePoint(std::chrono::milliseconds(1500)));
}

TEST_F(SecretsSourceTest, TheSameKeyInTwoVersionsIsOneKey) {
  aws_.has_secret(kBoth);
  aws_.has_secret(kFirst);
  const Result<ParsedKeys> brought = source({"AWSCURRENT", "AWSPREVIOUS"})->fetch(kNow);

  ASSERT_TRUE(brought);
  EXPECT_EQ(brought->keys.size(), 2U);
}

TEST_F(SecretsSourceTest, TwoKeysUnderOneIdFailTheRound) {
  aws_.has_secret(kFirst);
  aws_.has_secret(test::secret_json({{"k1", &key_pair("P-256")}}));
  const Error error = fault(source({"AWSCURRENT", "AWSPREVIOUS"}));

  EXPECT_EQ(error.reason, Reason::key_duplicate);
  EXPECT_NE(error.detail.find("AWSPREVIOUS"), std::string::npos) << error.detail;
}

TEST_F(SecretsSourceTest, ASecretThatWasNeverRotatedHasNoPreviousVersion) {
  aws_.has_secret(kFirst);
  aws_.says(400, "ResourceNotFoundException", "can't find the specified secret value for staging label: AWSPREVIOUS");
  const Result<ParsedKeys> brought = source({"AWSCURRENT", "AWSPREVIOUS"})->fetch(kNow);

  ASSERT_TRUE(brought) << brought.error().detail;
  EXPECT_EQ(brought->origin.version, "AWSCURRENT v1");
}

TEST_F(SecretsSourceTest, ASecretThatIsMissingFailsTheRound) {
  aws_.says(400, "ResourceNotFoundException");

  EXPECT_EQ(fault(source({"AWSCURRENT", "AWSPREVIOUS"})).reason, Reason::io_failed);
  EXPECT_EQ(aws_.http.asked().size(), 1U);
}

TEST_F(SecretsSourceTest, AnyOtherFaultOfALaterStageFailsTheRound) {
  aws_.has_secret(kFirst);
  aws_.says(400, "AccessDeniedException", "ResourceNotFoundException (HTTP 400)");

  EXPECT_EQ(fault(source({"AWSCURRENT", "AWSPREVIOUS"})).reason, Reason::io_failed);
}

TEST_F(SecretsSourceTest, APendingVersionIsReadWhereItIsAskedForAlone) {
  aws_.has_secret(kBoth, "v3");
  ASSERT_TRUE(source({"AWSPENDING"})->fetch(kNow));

  EXPECT_EQ(aws_.http.asked()[0].body, R"({"SecretId":"zot/keys","VersionStage":"AWSPENDING"})");
}

TEST_F(SecretsSourceTest, ASecretThatIsReplacedBetweenTwoCallsFailsTheRound) {
  aws_.has_secret(kFirst);
  aws_.http.answer(
      200, R"({"ARN":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:zot/keys-Zzzzzz","Name":"zot/keys","SecretString":"{}"})");

  EXPECT_NE(fault(source({"AWSCURRENT", "AWSPREVIOUS"})).detail.find("replaced"), std::string::npos);
}

TEST_F(SecretsSourceTest, AnAnswerForAnotherSecretFailsTheRound) {
  aws_.has_secret(kFirst);

  EXPECT_NE(fault(source({"AWSCURRENT"}, "zot/other")).detail.find("another secret"), std::string::npos);
}

TEST_F(SecretsSourceTest, MessagesThatUsersKnowStandInTheFaults) {
  aws_.says(400, "AccessDeniedException", "not authorized to perform secretsmanager:GetSecretValue");
  const Error denied = fault(source());
  EXPECT_NE(denied.detail.find("failed to retrieve secret"), std::string::npos) << denied.detail;
  EXPECT_NE(denied.detail.find("AccessDeniedException"), std::string::npos) << denied.detail;
  EXPECT_EQ(aws_.http.asked().size(), 1U) << "a denial is not repeated";

  EXPECT_NE(fault_of("garbage").detail.find("failed to parse secret JSON"), std::string::npos);

  credentials_.fault = "failed to load AWS configuration: nothing found";
  EXPECT_NE(fault(source()).detail.find("failed to load AWS configuration"), std::string::npos);
}

TEST_F(SecretsSourceTest, AChainThatCannotBeBuiltIsAFailedRound) {
  const auto broken = [](std::string why) {
    return make_secrets_source(
        [why]() -> Result<AwsClient*> {
          return Error{Reason::bad_request, why};
        },
        {.secret_id = "zot/keys", .stages = {"AWSCURRENT"}});
  };

  EXPECT_EQ(fault(broken("no profile")).detail, "failed to load AWS configuration: no profile");
  EXPECT_EQ(fault(broken("failed to load AWS configuration: no profile")).detail, "failed to load AWS configuration: no profile");
}

TEST_F(SecretsSourceTest, ShapesThatNoSecretMayHaveFailTheRound) {
  EXPECT_EQ(fault_of("").reason, Reason::secret_malformed);
  EXPECT_EQ(fault_of("[]").reason, Reason::secret_malformed);
  EXPECT_EQ(fault_of("null").reason, Reason::secret_malformed);
  EXPECT_EQ(fault_of("\xef\xbb\xbf" + kFirst).reason, Reason::secret_malformed) << "a byte order mark";
  EXPECT_EQ(fault_of("{}").reason, Reason::keys_empty);
  EXPECT_EQ(fault_of(R"({"k1":1,"k2":"x"})").reason, Reason::keys_empty);
  EXPECT_NE(fault_of(R"({"k1":1})").detail.find("\"k1\": key_malformed"), std::string::npos) << "it says what is wrong with which entry";
  EXPECT_EQ(fault_of(R"({"k1":"x","k1":"y"})").reason, Reason::secret_malformed);
}

TEST_F(SecretsSourceTest, ABinarySecretIsReadAsText) {
  aws_.has_secret("eyI=", "v1", "SecretBinary");
  EXPECT_EQ(fault(source()).reason, Reason::secret_malformed);

  std::string base64 = base64url_encode(kFirst);
  for (char& c : base64) c = c == '-' ? '+' : (c == '_' ? '/' : c);
  base64.append((4 - base64.size() % 4) % 4, '=');
  aws_.has_secret(base64, "v1", "SecretBinary");
  EXPECT_EQ(source()->fetch(kNow)->keys.size(), 1U);
}

TEST_F(SecretsSourceTest, OneBadKeyIsSetAsideOnceAndTheGoodOnesServe) {
  const std::string text = R"({"bad":"x","k1":)" + key_pair("ED25519").public_jwk() + "}";
  aws_.has_secret(text, "v2");
  aws_.has_secret(text, "v1");
  const Result<ParsedKeys> brought = source({"AWSCURRENT", "AWSPREVIOUS"})->fetch(kNow);

  ASSERT_TRUE(brought);
  EXPECT_EQ(brought->keys.size(), 1U);
  ASSERT_EQ(brought->quarantined.size(), 1U);
  EXPECT_EQ(brought->quarantined[0].id, "bad");
}

TEST_F(SecretsSourceTest, AVersionThatHoldsNoKeyIsNoFaultBesideOneThatDoes) {
  aws_.has_secret(kFirst);
  aws_.has_secret("{}");

  EXPECT_TRUE(source({"AWSCURRENT", "AWSPREVIOUS"})->fetch(kNow));
}

TEST_F(SecretsSourceTest, AnUnreadableVersionFailsTheRoundAndIsNamed) {
  aws_.has_secret(kFirst);
  aws_.has_secret("garbage");
  const Error error = fault(source({"AWSCURRENT", "AWSPREVIOUS"}));

  EXPECT_EQ(error.reason, Reason::secret_malformed);
  EXPECT_TRUE(error.detail.starts_with("secret zot/keys (AWSPREVIOUS): failed to parse secret JSON")) << error.detail;
}

TEST_F(SecretsSourceTest, APrivateKeyIsNamedAndNeverShown) {
  const std::string pem = key_pair("P-256").private_pem();
  std::string escaped;
  for (const char c : pem) escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
  const Error error = fault_of("{\"k1\":\"" + escaped + "\"}");

  EXPECT_NE(error.detail.find("key_private"), std::string::npos) << error.detail;
  EXPECT_EQ(error.detail.find(pem.substr(40, 20)), std::string::npos);
}

TEST_F(SecretsSourceTest, WeatherIsRetriedAndThenAFailedRound) {
  aws_.says(400, "ThrottlingException");
  aws_.http.answer(503, "");
  aws_.has_secret(kFirst);
  EXPECT_TRUE(source()->fetch(kNow)) << "two of three attempts failed";

  for (int i = 0; i < 3; ++i) aws_.http.answer(500, "");
  EXPECT_EQ(fault(source()).reason, Reason::io_failed);
  for (int i = 0; i < 3; ++i) aws_.http.fail("secretsmanager.eu-west-1.amazonaws.com: no route");
  EXPECT_NE(fault(source()).detail.find("no route"), std::string::npos);
}

TEST_F(SecretsSourceTest, ARedirectIsNotFollowed) {
  aws_.http.answer(307, "", {{"Location", "https://elsewhere.example/"}});

  EXPECT_EQ(fault(source()).reason, Reason::io_failed);
  EXPECT_EQ(aws_.http.asked().size(), 1U);
}

TEST_F(SecretsSourceTest, CredentialsThatExpiredAreFetchedAnewOnce) {
  aws_.says(400, "ExpiredTokenException");
  aws_.has_secret(kFirst);

  EXPECT_TRUE(source()->fetch(kNow));
  EXPECT_EQ(credentials_.refreshes, 1);
}

TEST_F(SecretsSourceTest, AFailedRoundKeepsTheKeysThatServe) {
  const std::unique_ptr<KeySource> keys = source();
  aws_.has_secret(kFirst);
  SourceState state;
  state.max_stale = std::chrono::hours(24);
  state = finish_round(state, keys->fetch(kNow), 1, kNow).next;
  ASSERT_EQ(state.freshness(kNow), Freshness::fresh);
  EXPECT_EQ(state.origin->of_keys.at("k1"), "AWSCURRENT v1");

  for (const char* text : {"{}", "null", "garbage", R"({"k1":"x"})"}) {
    aws_.has_secret(text);
    const SourceState after = finish_round(state, keys->fetch(kNow), 2, kNow).next;
    EXPECT_EQ(after.keys, state.keys) << text;
    EXPECT_EQ(after.freshness(kNow), Freshness::stale) << text;
    EXPECT_EQ(after.origin, state.origin) << text;
  }
}

}  // namespace
}  // namespace portcullis
