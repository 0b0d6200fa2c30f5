// The subcommands as a shell sees them: arguments and files in, two streams and an exit status out.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/codec/json.h"
#include "plugin/cli/command.h"
#include "tests/support/command_line.h"
#include "tests/support/fake_clock.h"
#include "tests/support/gate_fixture.h"
#include "tests/support/tokens.h"

namespace portcullis {
namespace {

using test::kNow;
using test::Said;

constexpr const char* kConfig = "/etc/portcullis/config.json";
constexpr const char* kToken = "/tmp/token.jwt";
constexpr JsonLimits kLimits{.bytes = 1024UL * 1024, .depth = 16, .members = 10'000};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

class CliCommands : public testing::Test {
 protected:
  void SetUp() override {
    put(kConfig, test::gate_config());
    put("/etc/portcullis/keys.json", test::secret_json({{"k1", &test::key_pair("ED25519")}}));
    put(kToken, test::good_token() + "\n");
  }

  void put(const std::string& path, const std::string& text) { ASSERT_TRUE(files_.write(path, text, 0600).ok()); }

  Said run(std::vector<const char*> arguments, const std::string& input = {}) {
    return test::run_command({.clock = clock_, .files = files_, .entropy = entropy_}, std::move(arguments), input);
  }

  test::FakeClock clock_;
  FakeFiles files_;
  SystemEntropy entropy_;
};

TEST_F(CliCommands, CheckPassesAGoodConfiguration) {
  const Said said = run({"check", kConfig});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
  EXPECT_TRUE(contains(said.out, "0 errors, 0 warnings, 1 key from /etc/portcullis/keys.json: good\n")) << said.out;
}

TEST_F(CliCommands, CheckFailsOnAWarningOnlyIfStrict) {
  put(kConfig, test::gate_config(R"("tokens":{})"));

  EXPECT_EQ(run({"check", kConfig}).status, ExitStatus::yes);
  EXPECT_EQ(run({"check", "--strict", kConfig}).status, ExitStatus::no);
}

TEST_F(CliCommands, CheckWarnsOfFilesOfTheBrokerThatAreNotThere) {
  put(kConfig, test::gate_config(R"("broker":{"registries":{"r.example.com":{"username":"robot","passwordFile":"robot.password"},)"
                                 R"("210987654321.dkr.ecr.us-east-1.amazonaws.com":{"accessKey":"AKIAIOSFODNN7EXAMPLE",)"
                                 R"("secretKeyFile":"ecr.secret"},"acme.jfrog.io":{"artifactory":{"authType":"oidc",)"
                                 R"("oidcProvider":"gate","oidcTokenFile":"oidc.token"}}}})"));

  const Said without = run({"check", kConfig});
  EXPECT_EQ(without.status, ExitStatus::yes) << without.out;
  for (const char* said : {R"(portcullis.broker.registries["r.example.com"]: /etc/portcullis/robot.password: )",
                           "/etc/portcullis/ecr.secret: ", "/etc/portcullis/oidc.token: ", "without it there is no login of this registry"})
    EXPECT_TRUE(contains(without.out, said)) << without.out;

  for (const char* path : {"/etc/portcullis/robot.password", "/etc/portcullis/ecr.secret", "/etc/portcullis/oidc.token"})
    put(path, "canary");
  const Said with = run({"check", kConfig});
  EXPECT_FALSE(contains(with.out, "there is no login")) << with.out;
  EXPECT_FALSE(contains(without.out + with.out, "canary"));
}

TEST_F(CliCommands, CheckNamesTheSettingThatDoesNotCompileAndNoOther) {
  put("/etc/portcullis/marker", "a-marker-of-sixteen-bytes-and-more");
  put(kConfig,
      test::gate_config(
          R"("proxy":{"trusted":["127.0.0.1/32"],"markerFile":"marker"},"broker":{"registries":{"r.example.com":{"username":"robot",)"
          R"("password":"canary"}},"routes":[{"repositories":"a[","registry":"r.example.com"}]})"));

  const Said said = run({"check", kConfig});

  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.out, "error: portcullis.broker.routes[0].repositories: ")) << said.out;
  EXPECT_FALSE(contains(said.out, "markerFile")) << said.out;
}

TEST_F(CliCommands, UsageErrorsNameTheSubcommandAndItsHelp) {
  EXPECT_EQ(run({"chekc"}).err, "portcullis: there is no subcommand 'chekc'; `portcullis --help` lists them\n");
  EXPECT_EQ(run({"aws", "foo"}).err, "portcullis: aws has no subcommand 'foo'; `portcullis aws --help` lists them\n");
  EXPECT_EQ(run({"aws", "a\nb"}).err, "portcullis: aws has no subcommand 'a\\x0ab'; `portcullis aws --help` lists them\n");
  EXPECT_EQ(run({"check"}).err, "portcullis check: CONFIG is required; `portcullis check --help` shows how\n");
  EXPECT_EQ(run({"key", "generate", "--bogus"}).err,
            "portcullis key generate: The following argument was not expected: --bogus; `portcullis key generate --help` shows how\n");
  for (std::vector<const char*> words : std::vector<std::vector<const char*>>{{}, {"ecr"}, {""}, {"chekc"}})
    EXPECT_EQ(run(words).status, ExitStatus::cannot_judge);
}

TEST_F(CliCommands, CheckListsEveryFaultWithItsPath) {
  put(kConfig, test::gate_config(R"("tokens":{"leeway":5},"workers":"many","drain":{"delay":7})"));

  const Said said = run({"check", kConfig});

  EXPECT_EQ(said.status, ExitStatus::no);
  for (const char* path : {"portcullis.tokens.leeway", "portcullis.workers", "portcullis.drain.delay"})
    EXPECT_TRUE(contains(said.out, path)) << said.out;
}

TEST_F(CliCommands, CheckReadsTheFilesThatAreNamed) {
  put(kConfig, test::gate_config(R"("tokens":{"issuers":["any"],"audiences":["any"],"revocations":"revoked.json"},)"
                                 R"("proxy":{"trusted":["127.0.0.1/32"],"markerFile":"marker"})"));
  put("/etc/portcullis/keys.json", "{}");

  const Said said = run({"check", kConfig});

  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.out, "error: portcullis.keys.file: ")) << said.out;
  EXPECT_TRUE(contains(said.out, "error: portcullis.proxy.markerFile: ")) << said.out;
  EXPECT_TRUE(contains(said.out, "error: portcullis.tokens.revocations: ")) << said.out;
}

TEST_F(CliCommands, CheckWarnsOfAKeyThatIsSetAside) {
  put("/etc/portcullis/keys.json", R"({"bad":"x","good":)" + test::key_pair("ED25519").public_jwk() + "}");

  const Said said = run({"check", kConfig});

  EXPECT_EQ(said.status, ExitStatus::yes);
  EXPECT_TRUE(contains(said.out, "warning: portcullis.keys.file: key 'bad' is set aside (key_malformed)")) << said.out;
}

TEST_F(CliCommands, CheckAndKeysTellOfACertificateThatEndsSoon) {
  const auto certificate = [](TimePoint end) { return test::certificate_secret_json("c1", test::key_pair("P-256"), kNow, end); };
  put("/etc/portcullis/keys.json", certificate(kNow + std::chrono::days(30) + std::chrono::seconds(1)));
  EXPECT_FALSE(contains(run({"check", kConfig}).out, "certificate"));
  EXPECT_FALSE(contains(run({"keys", kConfig}).out, "ends soon"));
  put("/etc/portcullis/keys.json", certificate(kNow + std::chrono::days(30)));

  const Said check = run({"check", kConfig});
  const Said keys = run({"keys", kConfig});
  const Result<JsonDocument> json = parse_json(run({"keys", kConfig, "--json"}).out, kLimits);

  EXPECT_EQ(check.status, ExitStatus::yes);
  EXPECT_TRUE(contains(check.out, "warning: portcullis.keys.file: the certificate of key 'c1' ends at 2026-03-31T12:00:00.000Z: renew it"))
      << check.out;
  EXPECT_EQ(keys.status, ExitStatus::yes);
  EXPECT_TRUE(contains(keys.out, "NOT AFTER")) << keys.out;
  EXPECT_TRUE(contains(keys.out, "ends soon: c1: its certificate ends at 2026-03-31T12:00:00.000Z\n")) << keys.out;
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->root().get("keys").elements().at(0).get("certificateNotAfter").string(), "2026-03-31T12:00:00.000Z");
}

TEST_F(CliCommands, CheckWarnsOfATrustedUserWhoIsNotThere) {
  put(kConfig, test::gate_config(R"("proxy":{"trusted":["127.0.0.1/32"],"trustedUsers":["no-such-user-here"]})"));

  const Said said = run({"check", kConfig});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out;
  EXPECT_TRUE(contains(said.out, "warning: portcullis.proxy.trustedUsers: ")) << said.out;
}

TEST_F(CliCommands, CheckCannotJudgeAFileThatIsNotThere) {
  const Said said = run({"check", "/nowhere.json"});

  EXPECT_EQ(said.status, ExitStatus::cannot_judge);
  EXPECT_TRUE(said.out.empty());
  EXPECT_TRUE(contains(said.err, "/nowhere.json")) << said.err;
}

TEST_F(CliCommands, CheckSpeaksJson) {
  const Said said = run({"check", "--json", kConfig});

  const Result<JsonDocument> document = parse_json(said.out, kLimits);
  ASSERT_TRUE(document.ok()) << said.out;
  EXPECT_EQ(document->root().get("ok").boolean(), true);
  EXPECT_EQ(document->root().get("keys").integer(), 1);
}

TEST_F(CliCommands, VerifyAllowsWhatTheTokenGrants) {
  const Said said = run({"verify", kConfig, "--token", kToken, "--uri", "/v2/team/app/manifests/v1"});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
  EXPECT_TRUE(said.out.starts_with("allow: GET /v2/team/app/manifests/v1\n")) << said.out;
  EXPECT_TRUE(contains(said.out, "  ok    signature")) << said.out;
}

TEST_F(CliCommands, VerifyTellsTheStepThatFailedAndWhatMendsIt) {
  const Said said = run({"verify", kConfig, "--token", kToken, "--method", "PUT", "--uri", "/v2/team/app/manifests/v1"});

  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.out, "  FAIL  scope")) << said.out;
  EXPECT_TRUE(contains(said.out, "reason: scope_insufficient")) << said.out;
  EXPECT_TRUE(contains(said.out, "A token that grants repository:team/app:push would be let in.")) << said.out;
}

TEST_F(CliCommands, VerifyReadsTheTokenFromStandardInput) {
  const Said said = run({"verify", kConfig, "--token", "-", "--repository", "team/app", "--action", "pull"}, test::good_token() + "\r\n");

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
}

TEST_F(CliCommands, VerifyNeverPrintsTheToken) {
  const std::string token = test::good_token();
  for (const std::string& text : {token, token + "x", std::string("not.a.token"), token.substr(0, token.rfind('.'))}) {
    put(kToken, text);
    for (const char* form : {"--json", "--uri=/v2/"}) {
      const Said said = run({"verify", kConfig, "--token", kToken, form});
      EXPECT_FALSE(contains(said.out + said.err, text)) << form;
      EXPECT_FALSE(contains(said.out + said.err, text.substr(text.find('.')))) << form;
    }
  }
}

TEST_F(CliCommands, VerifyJudgesAtTheTimeThatIsAsked) {
  EXPECT_EQ(run({"verify", kConfig, "--token", kToken, "--at", "2026-03-01T12:05:09Z"}).status, ExitStatus::yes);
  EXPECT_EQ(run({"verify", kConfig, "--token", kToken, "--at", "2026-03-01T12:05:10Z"}).status, ExitStatus::no);
  EXPECT_EQ(run({"verify", kConfig, "--token", kToken, "--at", "noon"}).status, ExitStatus::cannot_judge);
}

TEST_F(CliCommands, VerifyTakesOtherKeysThanTheConfiguredOnes) {
  put("/tmp/other.json", test::secret_json({{"k1", &test::key_pair("ED25519", "other")}}));
  put("/tmp/same.pem", test::key_pair("ED25519").public_pem());

  EXPECT_EQ(run({"verify", kConfig, "--token", kToken, "--keys", "/tmp/other.json"}).status, ExitStatus::no);
  EXPECT_EQ(run({"verify", kConfig, "--token", kToken, "--keys", "/tmp/same.pem"}).status, ExitStatus::yes);
}

TEST_F(CliCommands, VerifyCannotJudgeWithoutKeysConfigurationOrToken) {
  EXPECT_EQ(run({"verify", kConfig, "--token", "/nowhere"}).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"verify", kConfig, "--token", kToken, "--uri", "/v2/", "--repository", "a", "--action", "pull"}).status,
            ExitStatus::cannot_judge);
  EXPECT_EQ(run({"verify", kConfig, "--token", kToken, "--repository", "a"}).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"verify", kConfig, "--token", kToken, "--repository", "a", "--action", "fly"}).status, ExitStatus::cannot_judge);
  files_.remove("/etc/portcullis/keys.json");
  const Said said = run({"verify", kConfig, "--token", kToken});
  EXPECT_EQ(said.status, ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(said.out, "keys_not_loaded")) << said.out;
  put(kConfig, "{}");
  EXPECT_EQ(run({"verify", kConfig, "--token", kToken}).status, ExitStatus::cannot_judge);
}

TEST_F(CliCommands, VerifyJsonHasADecisionOnlyWhereAnAccessIsAsked) {
  const Result<JsonDocument> alone = parse_json(run({"verify", kConfig, "--json", "--token", kToken}).out, kLimits);
  const Result<JsonDocument> asked = parse_json(run({"verify", kConfig, "--json", "--token", kToken, "--uri", "/v2/"}).out, kLimits);

  ASSERT_TRUE(alone.ok() && asked.ok());
  EXPECT_FALSE(alone->root().get("decision").exists());
  EXPECT_EQ(alone->root().get("active").boolean(), true);
  EXPECT_EQ(asked->root().get("decision").string(), "allow");
  EXPECT_GT(asked->root().get("trace").size(), 5U);
}

TEST_F(CliCommands, KeysListsKeysAndWhatWasSetAside) {
  EXPECT_EQ(run({"keys", kConfig}).status, ExitStatus::yes);
  put("/etc/portcullis/keys.json", R"({"bad":"x","good":)" + test::key_pair("ED25519").public_jwk() + "}");

  const Said said = run({"keys", kConfig});

  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.out, "good  Ed25519  256   EdDSA Ed25519  ")) << said.out;
  EXPECT_TRUE(contains(said.out, "set aside: bad: key_malformed: ")) << said.out;
}

TEST_F(CliCommands, KeysSaysWhyNoneLoads) {
  put("/etc/portcullis/keys.json", "garbage");

  const Said said = run({"keys", kConfig});
  const Result<JsonDocument> json = parse_json(run({"keys", "--json", kConfig}).out, kLimits);

  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.out, "not loaded: /etc/portcullis/keys.json: secret_malformed: ")) << said.out;
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->root().get("error").get("reason").string(), "secret_malformed");
  EXPECT_EQ(json->root().get("state").string(), "empty");
}

TEST_F(CliCommands, RoutesAndReasonsAreComplete) {
  const Result<JsonDocument> routes = parse_json(run({"routes", "--json"}).out, kLimits);
  const Result<JsonDocument> reasons = parse_json(run({"routes", "--json", "--reasons"}).out, kLimits);

  ASSERT_TRUE(routes.ok() && reasons.ok());
  EXPECT_EQ(routes->root().size(), route_table().size());
  EXPECT_EQ(reasons->root().size(), all_reasons().size());
  EXPECT_TRUE(contains(run({"routes"}).out, "/v2/<name>/manifests/<reference>"));
  EXPECT_TRUE(contains(run({"routes", "--reasons", "--markdown"}).out,
                       "| token_expired | 401 | UNAUTHORIZED | invalid_token | the token has expired |"));
}

class CliKeyFiles : public CliCommands {};

TEST_F(CliKeyFiles, GenerateWritesAPrivateFileOnceAndForTheOwnerAlone) {
  const char* const file = "/tmp/signing.pem";

  const Said first = run({"key", "generate", "--id", "k1", "--private", file});
  const Said second = run({"key", "generate", "--id", "k1", "--private", file});

  EXPECT_EQ(first.status, ExitStatus::yes) << first.err;
  EXPECT_TRUE(first.out.starts_with("-----BEGIN PUBLIC KEY-----")) << first.out;
  EXPECT_TRUE(files_.has_mode(file, 0600));
  EXPECT_EQ(second.status, ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(second.err, "never overwritten")) << second.err;
}

TEST_F(CliKeyFiles, MintedTokensOfEveryAlgorithmAreAllowed) {
  for (const Algorithm algorithm : all_algorithms()) {
    const std::string name(algorithm_name(algorithm));
    const std::string file = "/tmp/" + name + ".pem";
    files_.remove("/etc/portcullis/keys.json");
    const Said made = run({"key", "generate", "--alg", name.c_str(), "--private", file.c_str(), "--keys", "/etc/portcullis/keys.json"});
    ASSERT_EQ(made.status, ExitStatus::yes) << made.err;
    EXPECT_TRUE(made.out.empty()) << made.out;
    const Result<std::string> pem = files_.read(file, 65536);
    ASSERT_TRUE(pem.ok());
    put(kConfig, test::gate_config());

    const Said minted =
        run({"token", "mint", "--key", "-", "--alg", name.c_str(), "--access", "repository:team/app:pull", "--out", kToken}, *pem);
    const Said judged = run({"verify", kConfig, "--token", kToken, "--uri", "/v2/team/app/tags/list"});

    EXPECT_EQ(minted.status, ExitStatus::yes) << minted.err;
    EXPECT_TRUE(minted.out.empty());
    EXPECT_EQ(judged.status, ExitStatus::yes) << name << judged.out << judged.err;
  }
}

TEST_F(CliKeyFiles, GenerateRefusesUnknownAlgorithmsSizesAndPrivateKeysAsJson) {
  EXPECT_EQ(run({"key", "generate", "--alg", "HS256"}).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"key", "generate", "--alg", "RS256", "--bits", "1024"}).status, ExitStatus::cannot_judge);
  const Said said = run({"key", "generate", "--json"});
  EXPECT_EQ(said.status, ExitStatus::cannot_judge);
  EXPECT_TRUE(said.out.empty());
}

TEST_F(CliKeyFiles, MintRefusesWhatItCannotSign) {
  const std::string pem = test::key_pair("ED25519").private_pem();

  EXPECT_EQ(run({"token", "mint", "--key", "-", "--alg", "RS256"}, pem).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"token", "mint", "--key", "-", "--alg", "none"}, pem).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"token", "mint", "--key", "-", "--access", "team/app"}, pem).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"token", "mint", "--key", "-", "--claim", "a=b"}, pem).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"token", "mint", "--key", "-", "--claim", "a=1", "--claim", "a=2"}, pem).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"token", "mint", "--key", "-", "--expires", "15"}, pem).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"token", "mint", "--key", "-", "--not-before", "soon"}, pem).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"token", "mint", "--key", "-"}, test::key_pair("ED25519").public_pem()).status, ExitStatus::cannot_judge);
  EXPECT_EQ(run({"token", "mint", "--key", "-", "--expires=-1m"}, pem).status, ExitStatus::yes);
}

TEST_F(CliKeyFiles, HelpOfEverySubcommandShowsExamples) {
  const std::vector<std::vector<const char*>> commands = {{"check"},  {"verify"},          {"keys"},
                                                          {"routes"}, {"key", "generate"}, {"token", "mint"}};
  for (std::vector<const char*> command : commands) {
    command.push_back("--help");
    const Said said = run(command);
    EXPECT_EQ(said.status, ExitStatus::yes) << command.front();
    EXPECT_TRUE(contains(said.out, "Examples:\n  ")) << said.out;
  }
}

}  // namespace
}  // namespace portcullis
