#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/codec/json.h"
#include "plugin/cli/command.h"
#include "tests/support/fake_clock.h"
#include "tests/support/gate_fixture.h"
#include "tests/support/tokens.h"

namespace portcullis {
namespace {

constexpr const char* kConfig = "/c/config.json";
constexpr JsonLimits kLimits{.bytes = 1024UL * 1024, .depth = 16, .members = 10'000};

/// `access` is the text of `accessControl`, `tests` of `policyTests`.
std::string config(const std::string& access, const std::string& tests = "[]") {
  return R"json({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":)json" +
         access + R"json(},"portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},"proxy":{"trusted":["127.0.0.1/32"]},
  "tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"ignored","claimMapping":{"groups":"claims.?groups.orValue([])"}},
  "policyTests":)json" +
         tests + "}}";
}

constexpr const char* kAccess = R"json({"repositories":{
  "prod/*":{"policies":[{"users":["alice"],"groups":["ops"],"actions":["read","delete"]},
                        {"users":["carol"],"actions":["delete"],"conditions":[{"expression":"req.time.getHours() >= 18"}]},
                        {"actions":["delete"],"deny":true,"conditions":[{"expression":"req.tag == 'stable'"}]}]}}})json";

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

class WhoCanCommand : public testing::Test {
 protected:
  void SetUp() override {
    put(kConfig, config(kAccess));
    put("/c/keys.json", test::secret_json({{"k1", &test::key_pair("ED25519")}}));
  }

  void put(const std::string& path, const std::string& text) { ASSERT_TRUE(files_.write(path, text, 0600).ok()); }

  ExitStatus run(std::vector<const char*> arguments) {
    out_.clear();
    err_.clear();
    CommandContext context{.clock = clock_,
                           .files = files_,
                           .entropy = entropy_,
                           .out = [&](std::string_view text) { out_ += text; },
                           .err = [&](std::string_view text) { err_ += text; },
                           .read_input = [](std::size_t) { return Result<std::string>(std::string()); }};
    arguments.insert(arguments.begin(), "portcullis");
    return run_command_line(static_cast<int>(arguments.size()), arguments.data(), context);
  }

  test::FakeClock clock_;
  FakeFiles files_;
  SystemEntropy entropy_;
  std::string out_;
  std::string err_;
};

TEST_F(WhoCanCommand, ListsUsersGroupsConditionsAndDenies) {
  ASSERT_EQ(run({"who-can", kConfig, "--action", "delete", "--repository", "prod/app"}), ExitStatus::yes) << err_;

  EXPECT_TRUE(out_.starts_with("pattern: prod/*\n")) << out_;
  for (const char* part : {"user alice", "group ops", "user carol", "req.time.getHours() >= 18", "policies[1]",
                           "but denied, whatever grants:", "everyone", "req.tag == 'stable'"}) {
    EXPECT_TRUE(contains(out_, part)) << part << "\n" << out_;
  }
}

TEST_F(WhoCanCommand, SaysNoWhereNobodyCan) {
  EXPECT_EQ(run({"who-can", kConfig, "--action", "update", "--repository", "prod/app"}), ExitStatus::no);
  EXPECT_TRUE(contains(out_, "nobody is granted it")) << out_;
  EXPECT_EQ(run({"who-can", kConfig, "--action", "read", "--repository", "other/app"}), ExitStatus::no);
  EXPECT_TRUE(contains(out_, "no pattern matches other/app")) << out_;
}

TEST_F(WhoCanCommand, TellsWhatAUserMayDo) {
  ASSERT_EQ(run({"who-can", kConfig, "--user", "dora", "--group", "ops"}), ExitStatus::yes) << err_;

  EXPECT_TRUE(contains(out_, "group ops")) << out_;
  EXPECT_EQ(run({"who-can", kConfig, "--user", "dora"}), ExitStatus::no);
}

TEST_F(WhoCanCommand, SpeaksJson) {
  ASSERT_EQ(run({"who-can", kConfig, "--json", "--action", "delete", "--repository", "prod/app"}), ExitStatus::yes);

  const auto document = parse_json(out_, kLimits);
  ASSERT_TRUE(document.ok()) << out_;
  EXPECT_EQ(document->root().get("pattern").string(), "prod/*");
  EXPECT_EQ(document->root().get("grants").size(), 3U);
  EXPECT_EQ(document->root().get("denies").elements().at(0).get("who").string(), "everyone");
  EXPECT_EQ(document->root().get("denies").elements().at(0).get("conditions").elements().at(0).string(), "req.tag == 'stable'");
}

/// Everybody of each kind: a known user, whoever has no credentials, and in a home its owner alone.
constexpr const char* kKinds = R"json({"repositories":{
  "open/*":{"defaultPolicy":["read"],"anonymousPolicy":["read"]},
  "home/${user}/**":{"defaultPolicy":["read"],"policies":[{"users":["dora","alice"],"groups":["ops"],"actions":["read"]}]}}})json";

TEST_F(WhoCanCommand, NamesKnownUsersThoseWithoutCredentialsAndTheOwnerOfAHome) {
  put(kConfig, config(kKinds));

  ASSERT_EQ(run({"who-can", kConfig, "--action", "read", "--repository", "open/app"}), ExitStatus::yes) << err_;
  EXPECT_TRUE(contains(out_, "\nevery known user ")) << out_;
  EXPECT_TRUE(contains(out_, "\nwithout credentials ")) << out_;

  ASSERT_EQ(run({"who-can", kConfig, "--action", "read", "--repository", "home/dora/app"}), ExitStatus::yes) << err_;
  EXPECT_TRUE(out_.starts_with("pattern: home/${user}/**\n")) << out_;
  EXPECT_TRUE(contains(out_, "\nuser dora ")) << out_;
  EXPECT_TRUE(contains(out_, "\ngroup ops, of whom dora alone ")) << out_;
  for (const char* other : {"every known user", "alice", "without credentials"}) EXPECT_FALSE(contains(out_, other)) << out_;
}

TEST_F(WhoCanCommand, SpeaksJsonOfEveryKindOfPeople) {
  put(kConfig, config(kKinds));
  const auto grants_of = [this](const char* repository) {
    EXPECT_EQ(run({"who-can", kConfig, "--json", "--action", "read", "--repository", repository}), ExitStatus::yes) << err_;
    auto document = parse_json(out_, kLimits);
    EXPECT_TRUE(document.ok()) << out_;
    std::vector<std::string> told;
    for (const JsonView& line : document->root().get("grants").elements())
      told.push_back(std::string(line.get("who").string().value_or("")) + ":" + std::string(line.get("name").string().value_or("")) + ":" +
                     std::string(line.get("onlyUser").string().value_or("")));
    return told;
  };

  EXPECT_EQ(grants_of("open/app"), (std::vector<std::string>{"known users::", "anonymous::"}));
  EXPECT_EQ(grants_of("home/dora/app"), (std::vector<std::string>{"user:dora:dora", "group:ops:dora", "known users::dora"}));
}

TEST_F(WhoCanCommand, SpeaksJsonOfAUser) {
  EXPECT_EQ(run({"who-can", kConfig, "--json", "--user", "dora", "--group", "ops"}), ExitStatus::yes) << err_;

  const auto document = parse_json(out_, kLimits);
  ASSERT_TRUE(document.ok()) << out_;
  EXPECT_EQ(document->root().get("user").string(), "dora");
  for (const char* of_the_other_question : {"action", "repository", "pattern"})
    EXPECT_FALSE(document->root().get(of_the_other_question).exists()) << of_the_other_question;
  EXPECT_EQ(document->root().get("grants").elements().at(0).get("pattern").string(), "prod/*");
}

TEST_F(WhoCanCommand, SpeaksJsonWhereNoPatternMatches) {
  EXPECT_EQ(run({"who-can", kConfig, "--json", "--action", "read", "--repository", "other/app"}), ExitStatus::no);

  const auto document = parse_json(out_, kLimits);
  ASSERT_TRUE(document.ok()) << out_;
  EXPECT_TRUE(document->root().get("pattern").is_null());
  EXPECT_EQ(document->root().get("grants").size(), 0U);
  EXPECT_EQ(document->root().get("denies").size(), 0U);
}

TEST_F(WhoCanCommand, TellsTheFaultsOfPoliciesThatDoNotCompile) {
  put(kConfig, config(R"({"repositories":{"a[":{"defaultPolicy":["read"]}}})"));
  EXPECT_EQ(run({"who-can", kConfig, "--user", "a"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(err_, "http.accessControl.repositories")) << err_;
}

TEST_F(WhoCanCommand, WantsOneQuestion) {
  for (const std::vector<const char*>& question :
       std::vector<std::vector<const char*>>{{"who-can", kConfig},
                                             {"who-can", kConfig, "--user", "a", "--repository", "b", "--action", "read"},
                                             {"who-can", kConfig, "--user", "a", "--action", "read"},
                                             {"who-can", kConfig, "--repository", "b"},
                                             {"who-can", kConfig, "--repository", "b", "--action", "push"},
                                             {"who-can", kConfig, "--repository", "B", "--action", "read"},
                                             {"who-can", kConfig, "--repository", "b", "--action", "read", "--group", "g"},
                                             {"who-can", "/nowhere.json", "--user", "a"}}) {
    EXPECT_EQ(run(question), ExitStatus::cannot_judge);
    EXPECT_FALSE(err_.empty());
  }
}

TEST_F(WhoCanCommand, CannotJudgeWithoutPolicies) {
  put(kConfig, test::gate_config());
  EXPECT_EQ(run({"who-can", kConfig, "--user", "a"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(err_, "has no http.accessControl")) << err_;
}

TEST_F(WhoCanCommand, AnswersWhereAPolicyTestFailsSinceThatIsWhenItIsAsked) {
  put(kConfig,
      config(kAccess, R"([{"name":"t","method":"GET","uri":"/v2/prod/app/manifests/v1","at":"2026-03-01T12:00:00Z","expect":"allow"}])"));

  EXPECT_EQ(run({"who-can", kConfig, "--user", "alice"}), ExitStatus::yes) << err_;
}

TEST_F(WhoCanCommand, CheckRunsThePolicyTests) {
  const std::string passing =
      R"({"name":"alice reads","user":"alice","method":"GET","uri":"/v2/prod/app/manifests/v1","at":"2026-03-01T12:00:00Z","expect":"allow"})";
  put(kConfig, config(kAccess, "[" + passing + "]"));
  EXPECT_EQ(run({"check", kConfig}), ExitStatus::yes) << out_;

  put(kConfig,
      config(
          kAccess,
          "[" + passing +
              R"(,{"name":"bob reads","user":"bob","method":"GET","uri":"/v2/prod/app/manifests/v1","at":"2026-03-01T12:00:00Z","expect":"allow"}])"));
  EXPECT_EQ(run({"check", kConfig}), ExitStatus::no);
  EXPECT_TRUE(contains(out_, "error: portcullis.policyTests[1]: policy test 'bob reads': expected allow, and the policies say deny"))
      << out_;
}

}  // namespace
}  // namespace portcullis
