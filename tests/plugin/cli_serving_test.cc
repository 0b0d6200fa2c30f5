// What `serve` would need of this machine, and whom it would trust, told by the commands that judge it without starting it.
#include "plugin/cli/serving.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/command_line.h"
#include "tests/support/gate_fixture.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tokens.h"

namespace portcullis {
namespace {

using test::contains;

constexpr const char* kConfig = "/etc/portcullis/config.json";
/// As zot starts with it: it listens on TCP, and knows nothing of a gate.
constexpr const char* kZot =
    R"({"http":{"address":"127.0.0.1","port":"5000","auth":{"bearer":{"realm":"https://a/","service":"s","cert":"k.pem"}}},
  "storage":{"rootDirectory":"/tmp/zot"}})";

class CliServing : public testing::Test {
 protected:
  void SetUp() override {
    put("/etc/portcullis/keys.json", test::secret_json({{"k1", &test::key_pair("ED25519")}}));
    put("/etc/portcullis/k.pem", test::key_pair("ED25519").public_pem());
  }

  void put(const std::string& path, const std::string& text) { ASSERT_TRUE(world_.files.write(path, text, 0600).ok()); }
  test::Said run(std::vector<const char*> words) { return test::run_command(world_, std::move(words)); }
  /// What `check` says of the gate with `more` in its section.
  test::Said check(const std::string& more, const std::string& listen = "127.0.0.1:0") {
    std::string text = test::gate_config(more);
    const std::string_view usual = "127.0.0.1:0";
    text.replace(text.find(usual), usual.size(), listen);
    put(kConfig, text);
    return run({"check", kConfig});
  }

  test::ChainWorld world_;
  test::TempFolder folder_;
};

TEST_F(CliServing, WarnsOfAGroupThatIsNotThere) {
  const std::string absent = R"("listenGroup":"no-such-group-here")";
  const test::Said without = check(absent, "unix:/run/gate.sock");
  EXPECT_EQ(without.status, ExitStatus::yes) << without.out;
  EXPECT_TRUE(contains(without.out, "warning: portcullis.listenGroup: there is no group \"no-such-group-here\" on this machine"))
      << without.out;
  EXPECT_EQ(run({"check", "--strict", kConfig}).status, ExitStatus::no);

  EXPECT_FALSE(contains(check(R"("listenGroup":"root")", "unix:/run/gate.sock").out, "listenGroup"));
  EXPECT_FALSE(contains(check(absent).out, "listenGroup")) << "of sockets alone";
}

TEST_F(CliServing, WarnsOfFilesThatCouldNotBeWrittenWhereTheyAreNamed) {
  const std::string here = folder_.path("x.log");
  const auto decisions = [this](const std::string& path) { return check(R"("decisionLog":{"output":")" + path + "\"}").out; };
  EXPECT_TRUE(contains(decisions("/nope/x.log"),
                       "warning: portcullis.decisionLog.output: /nope/x.log: there is no folder /nope on this machine: make it"));
  EXPECT_TRUE(contains(decisions(folder_.path("")), "portcullis.decisionLog.output: "));
  EXPECT_FALSE(contains(decisions(here), "decisionLog"));
  EXPECT_FALSE(contains(decisions("/dev/stdout"), "decisionLog"));

  Config config;
  config.log.output = "/nope/y";
  config.keys.last_known_good = "/nope/keys.json";
  const std::vector<Finding> found = missing_on_this_machine(config);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, "log.output");
  EXPECT_EQ(found[1].path, "portcullis.keys.lastKnownGood");
  config.log.output = "/";
  config.keys.last_known_good = here;
  ASSERT_EQ(missing_on_this_machine(config).size(), 1U);
  EXPECT_EQ(missing_on_this_machine(config)[0].message, "/: is a folder on this machine: name a file");
  config.log.output = "/at-the-root.log";
  EXPECT_EQ(missing_on_this_machine(config), std::vector<Finding>{});
  EXPECT_FALSE(std::filesystem::exists(here)) << "a check makes nothing";
}

TEST_F(CliServing, NamesASettingOnce) {
  const test::Said said = check(R"("proxy":{"trusted":["127.0.0.1/32"],"trustedUsers":["no-such-user-here"],"markerFile":"none"},)"
                                R"("tokens":{"revocations":"norev"})");
  for (const char* line :
       {"warning: portcullis.proxy.trustedUsers: there is no user",
        "error: portcullis.proxy.markerFile: /etc/portcullis/none: ", "error: portcullis.tokens.revocations: /etc/portcullis/norev: "})
    EXPECT_TRUE(contains(said.out, line)) << said.out;
}

TEST_F(CliServing, AFileOfZotIsCheckedAsItWouldBeServed) {
  put("/etc/zot.json", kZot);
  put("/etc/k.pem", test::key_pair("ED25519").public_pem());

  const test::Said alone = run({"check", "/etc/zot.json"});
  EXPECT_EQ(alone.status, ExitStatus::no);
  EXPECT_TRUE(contains(alone.out, "trusts nobody")) << alone.out;
  const test::Said served = run({"check", "--listen", "127.0.0.1:9180", "--trust", "127.0.0.1/32", "/etc/zot.json"});
  EXPECT_EQ(served.status, ExitStatus::yes) << served.out << served.err;
  EXPECT_EQ(run({"check", "/etc/zot.json", "--trust", "nonsense"}).status, ExitStatus::no);
}

TEST_F(CliServing, WhoDoesNotListenNeedsNobodysTrust) {
  put("/etc/zot.json", kZot);
  put("/etc/k.pem", test::key_pair("ED25519").public_pem());
  put("/etc/token.jwt", test::good_token());

  const test::Said keys = run({"keys", "/etc/zot.json"});
  EXPECT_EQ(keys.status, ExitStatus::yes) << keys.out << keys.err;
  const test::Said verified = run({"verify", "/etc/zot.json", "--token", "/etc/token.jwt"});
  EXPECT_FALSE(contains(verified.err, "trusts nobody")) << verified.err;
  EXPECT_TRUE(contains(verified.out, "signature")) << verified.out << verified.err;

  const LoadedConfig loaded = load_config(world_.files, "/etc/zot.json", {});
  EXPECT_FALSE(loaded.config) << "and serve still needs somebody's";
}

TEST_F(CliServing, VerifyTellsWhyThereAreNoKeys) {
  put(kConfig, test::gate_config());
  put("/etc/token.jwt", test::good_token());
  put("/etc/portcullis/keys.json", "{}");
  const test::Said malformed = run({"verify", kConfig, "--token", "/etc/token.jwt"});
  EXPECT_EQ(malformed.status, ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(malformed.out, "FAIL  keys: nothing loaded from source file: ")) << malformed.out;

  world_.files.remove("/etc/portcullis/keys.json");
  for (const std::vector<const char*>& more : std::vector<std::vector<const char*>>{{}, {"--uri", "/v2/"}}) {
    std::vector<const char*> words{"verify", kConfig, "--token", "/etc/token.jwt"};
    words.insert(words.end(), more.begin(), more.end());
    const test::Said missing = run(words);
    EXPECT_TRUE(contains(missing.out, "nothing loaded from source file: /etc/portcullis/keys.json: No such file")) << missing.out;
    EXPECT_FALSE(contains(missing.out, "is empty")) << missing.out;
  }
}

}  // namespace
}  // namespace portcullis
