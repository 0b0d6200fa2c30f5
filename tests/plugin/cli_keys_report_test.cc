// `portcullis keys`, with keys that come from Secrets Manager: what a rotation would change, and which keys running gates have seen.
#include "plugin/cli/keys_report.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "base/codec/json_writer.h"
#include "tests/support/command_line.h"
#include "tests/support/key_sets.h"

namespace portcullis {
namespace {

using test::contains;
using test::key_pair;
using test::Said;
using test::secret_json;

constexpr const char* kConfig = "/etc/portcullis/config.json";
constexpr JsonLimits kLimits{.bytes = 100'000, .depth = 12, .members = 1000};

class CliKeysReport : public testing::Test {
 protected:
  CliKeysReport() { configure(R"("AWSCURRENT")"); }

  void configure(const std::string& stages) {
    put(R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example","awsSecretsManager":{"region":"eu-west-1",)"
        R"("secretName":"zot/keys","versionStage":)" +
        stages +
        R"(}}}},"portcullis":{"listen":["127.0.0.1:0"],"proxy":{"trusted":["127.0.0.1/32"]},"tokens":{"issuers":["any"],"audiences":["any"]}}})");
  }
  void put(const std::string& text) { ASSERT_TRUE(world_.files.write(kConfig, text, 0600).ok()); }

  /// AWS answers the next question with this version.
  void answer(std::string_view version, const std::string& secret, int created = 1772366400) {
    JsonWriter json;
    json.begin_object()
        .key("ARN")
        .string("arn:aws:secretsmanager:eu-west-1:123456789012:secret:zot/keys-AbCdEf")
        .key("Name")
        .string("zot/keys");
    json.key("VersionId").string(version).key("SecretString").string(secret).key("CreatedDate").integer(created).end_object();
    world_.http.answer(200, std::move(json).text());
  }
  void answer_missing() { world_.http.answer(400, R"({"__type":"ResourceNotFoundException","Message":"no such version"})"); }

  Said run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"keys", kConfig});
    return test::run_command(world_, std::move(arguments));
  }
  /// The stages that were asked for, in order.
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> stages;
    for (const OutgoingRequest& request : world_.http.asked()) {
      const auto body = parse_json(request.body, kLimits);
      stages.emplace_back(body.ok() ? body->root().get("VersionStage").string().value_or("") : request.url);
    }
    return stages;
  }

  test::ChainWorld world_{{{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "canary-secret"}}};
  const std::string one_ = secret_json({{"one", &key_pair("ED25519")}});
  const std::string both_ = secret_json({{"one", &key_pair("ED25519")}, {"two", &key_pair("P-256")}});
  const std::string two_ = secret_json({{"two", &key_pair("P-256")}});
};

TEST_F(CliKeysReport, SaysOfWhichVersionAKeyIsAndSinceWhen) {
  answer("v1", one_);

  const Said said = run({});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
  EXPECT_TRUE(contains(said.out, "awsSecretsManager:zot/keys  AWSCURRENT v1  2026-03-01T12:00:00")) << said.out;
  EXPECT_FALSE(contains(said.out, "CHANGE"));
}

TEST_F(CliKeysReport, PreviewsWhichKeysComeAndGo) {
  answer("v1", one_);
  answer("v2", two_);

  const Said said = run({"--stage", "AWSPENDING"});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
  EXPECT_EQ(asked(), (std::vector<std::string>{"AWSCURRENT", "AWSPENDING"}));
  EXPECT_TRUE(contains(said.out, "\ncomes   two")) << said.out;
  EXPECT_TRUE(contains(said.out, "\ngoes    one")) << said.out;
  EXPECT_TRUE(contains(said.out, "if AWSPENDING became AWSCURRENT: 1 comes, 0 stays, 0 replaced, 1 goes\n")) << said.out;
}

TEST_F(CliKeysReport, KnowsThatTheCurrentVersionBecomesThePreviousOne) {
  configure(R"(["AWSCURRENT","AWSPREVIOUS"])");
  answer("v1", one_);
  answer_missing();
  answer("v2", two_);
  answer("v1", one_);

  const Said said = run({"--stage", "AWSPENDING"});

  EXPECT_EQ(asked(), (std::vector<std::string>{"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING", "AWSCURRENT"}));
  EXPECT_TRUE(contains(said.out, "1 comes, 1 stays, 0 replaced, 0 goes\n")) << said.out;
}

TEST_F(CliKeysReport, TellsAnotherKeyUnderTheSameIdFromTheSame) {
  answer("v1", one_);
  answer("v2", secret_json({{"one", &key_pair("ED25519", "second")}}));

  const Said said = run({"--stage", "AWSPENDING"});

  EXPECT_TRUE(contains(said.out, "\nreplaced  one")) << said.out;
}

TEST_F(CliKeysReport, WarnsOfAKeyThatGoesThoughAGateHasSeenIt) {
  answer("v1", both_);
  answer("v2", two_);
  world_.http.answer(200,
                     R"({"sources":[{"name":"oidc","keys":[{"kid":"one","uses":99,"lastUsed":null}]},{"name":"awsSecretsManager","keys":[)"
                     R"({"kid":"one","uses":5,"lastUsed":"2026-03-01T11:00:00.000Z"},{"kid":"two","uses":0,"lastUsed":null}]}]})");
  world_.http.answer(200,
                     R"({"sources":[{"name":"awsSecretsManager","keys":[{"kid":"one","uses":7,"lastUsed":"2026-03-01T11:59:00.000Z"}]}]})");

  const Said said = run({"--stage", "AWSPENDING", "--status", "127.0.0.1:9181", "--status", "http://127.0.0.1:9182/status"});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
  EXPECT_EQ(world_.http.asked().at(2).url, "http://127.0.0.1:9181/status");
  EXPECT_TRUE(contains(said.out, "12    2026-03-01T11:59:00")) << said.out;
  EXPECT_TRUE(contains(said.out, "0     never")) << said.out;
  EXPECT_TRUE(contains(said.out, "warning: one goes, and was last used at 2026-03-01T11:59:00")) << said.out;
}

TEST_F(CliKeysReport, SaysWhichGateGaveNoStatusAndShowsTheRest) {
  answer("v1", one_);
  world_.http.fail("connection refused");

  const Said said = run({"--status", "127.0.0.1:9181"});

  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.out, "one ")) << said.out;
  EXPECT_TRUE(contains(said.err, "http://127.0.0.1:9181/status: connection refused")) << said.err;
}

TEST_F(CliKeysReport, ShowsAPendingVersionThatIsNotThere) {
  answer("v1", one_);
  answer_missing();

  const Said said = run({"--stage", "AWSPENDING"});

  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(
      contains(said.out, "not loaded: zot/keys: io_failed: failed to retrieve secret zot/keys (AWSPENDING): ResourceNotFoundException"))
      << said.out;
}

TEST_F(CliKeysReport, SpeaksJson) {
  answer("v1", one_);
  answer("v2", two_);
  world_.http.answer(200,
                     R"({"sources":[{"name":"awsSecretsManager","keys":[{"kid":"one","uses":5,"lastUsed":"2026-03-01T11:00:00.000Z"}]}]})");

  const Said said = run({"--stage", "AWSPENDING", "--status", "127.0.0.1:9181", "--json"});

  const auto document = parse_json(said.out, kLimits);
  ASSERT_TRUE(document.ok()) << said.out;
  const JsonView root = document->root();
  EXPECT_EQ(root.get("stage").string(), "AWSPENDING");
  EXPECT_EQ(root.get("keys").elements().at(0).get("change").string(), "comes");
  EXPECT_EQ(root.get("keys").elements().at(0).get("uses").integer(), 0);
  EXPECT_EQ(root.get("going").elements().at(0).get("id").string(), "one");
  EXPECT_EQ(root.get("going").elements().at(0).get("uses").integer(), 5);
  EXPECT_TRUE(root.get("nowError").is_null());
}

TEST_F(CliKeysReport, PreviewsNothingWhereKeysComeFromElsewhere) {
  put(R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}}},"portcullis":{"listen":["127.0.0.1:0"],"proxy":{"trusted":["127.0.0.1/32"]},)"
      R"("keys":{"jwksURL":"https://keys.example/jwks.json?token=canary"},"tokens":{"issuers":["any"],"audiences":["any"]}}})");
  world_.http.answer(200, R"({"keys":[)" + key_pair("ED25519").public_jwk() + "]}");

  const Said said = run({"--stage", "AWSPENDING"});

  EXPECT_EQ(said.status, ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(said.err, "portcullis.keys.jwksURL")) << said.err;
}

TEST_F(CliKeysReport, NeverShowsTheQueryOfAUrl) {
  put(R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}}},"portcullis":{"listen":["127.0.0.1:0"],"proxy":{"trusted":["127.0.0.1/32"]},)"
      R"("keys":{"jwksURL":"https://keys.example/jwks.json?token=canary"},"tokens":{"issuers":["any"],"audiences":["any"]}}})");
  world_.http.answer(200, R"({"keys":[)" + key_pair("ED25519").public_jwk() + "]}");

  const Said said = run({});
  const Said json = run({"--json"});

  EXPECT_TRUE(contains(said.out, "jwksURL:https://keys.example/jwks.json")) << said.out << said.err;
  EXPECT_FALSE(contains(said.out + said.err + json.out + json.err, "canary"));
}

}  // namespace
}  // namespace portcullis
