#include "plugin/cli/pull_secret_rounds.h"

#include <gtest/gtest.h>

#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::contains;

constexpr const char* kRegistry = R"("registries": {"r.example.com": {"username": "ada", "passwordFile": "/password"}},)";
constexpr const char* kToFiles =
    R"({"name": "files", "registries": ["r.example.com"], "secrets": [{"name": "auth"}], "folder": "/out"},)"
    R"({"name": "others", "registries": ["r.example.com"], "secrets": [{"name": "auth"}], "folder": "/other"})";

class PullSecretRoundsTest : public testing::Test {
 protected:
  PullSecretRoundsTest() {
    options.config = "/gate.json";
    configure(kToFiles);
    (void)world.files.write("/password", "canary-password", 0600);
  }

  void configure(const std::string& pull_secrets, const std::string& issuer = "i") {
    (void)world.files.write("/gate.json",
                            R"({"http": {"auth": {"bearer": {"realm": "https://auth.example.com/token", "service": "s"}}},)"
                            R"("portcullis": {"keys": {"file": "keys.json"}, "tokens": {"issuers": [")" +
                                issuer + R"("], "audiences": ["a"]}, "broker": {)" + kRegistry + R"("pullSecrets": [)" + pull_secrets +
                                "]}}}",
                            0600);
  }
  std::string refusal() {
    const auto loaded = rounds.load();
    if (loaded.ok()) return "loaded";
    EXPECT_EQ(loaded.error().reason, Reason::config_invalid);
    return loaded.error().detail;
  }

  test::ChainWorld world;
  CommandContext context{
      .clock = world.clock, .files = world.files, .entropy = world.entropy, .http = &world.http, .environment = &world.environment};
  PullSecretOptions options;
  PullSecretRounds rounds{options, context, 30s};
};

TEST_F(PullSecretRoundsTest, EachIsDueAtOnceAndThenAfterThePoll) {
  EXPECT_EQ(rounds.due(), TimePoint::max()) << "nothing is loaded";
  ASSERT_EQ(refusal(), "loaded");
  EXPECT_LE(rounds.due(), world.clock.now());

  EXPECT_EQ(rounds.run_due().size(), 2U);
  EXPECT_EQ(rounds.due(), world.clock.now() + 30s);
  world.clock.advance(30s - 1ms);
  EXPECT_TRUE(rounds.run_due().empty());
  world.clock.advance(1ms);
  EXPECT_EQ(rounds.run_due().size(), 2U);
}

TEST_F(PullSecretRoundsTest, TheOneThatIsDueFirstIsWaitedFor) {
  configure(R"({"name": "broken", "registries": ["r.example.com"], "secrets": [{"name": "auth"}], "folder": "/out"})");
  world.files.remove("/password");
  ASSERT_EQ(refusal(), "loaded");
  (void)rounds.run_due();
  const TimePoint retry = rounds.due();

  configure(kToFiles);
  (void)world.files.write("/password", "canary-password", 0600);
  ASSERT_EQ(refusal(), "loaded");
  (void)rounds.run_due();

  EXPECT_LT(retry, world.clock.now() + 30s) << "a failure is tried again before the next look";
  EXPECT_GT(retry, world.clock.now());
  EXPECT_EQ(rounds.due(), world.clock.now() + 30s);
}

TEST_F(PullSecretRoundsTest, AnotherPartOfTheFileStartsNothingAnew) {
  ASSERT_EQ(refusal(), "loaded");
  (void)rounds.run_due();

  configure(kToFiles, "another-issuer");
  ASSERT_EQ(refusal(), "loaded");
  EXPECT_TRUE(rounds.run_due().empty());

  configure(R"({"name": "new", "registries": ["r.example.com"], "secrets": [{"name": "auth"}], "folder": "/new"})");
  ASSERT_EQ(refusal(), "loaded");
  const auto reports = rounds.run_due();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].pull_secret, "new");
  EXPECT_TRUE(world.files.read("/new/auth.json", 4096).ok());
}

TEST_F(PullSecretRoundsTest, AFileThatBreaksLeavesTheOldConfigurationAtWork) {
  ASSERT_EQ(refusal(), "loaded");
  (void)rounds.run_due();
  world.files.remove("/out/auth.json");
  (void)world.files.write("/gate.json", "{", 0600);

  EXPECT_TRUE(contains(refusal(), "/gate.json does not load; `portcullis check /gate.json` lists everything:\nerror: "));

  world.clock.advance(30s);
  EXPECT_EQ(rounds.run_due().size(), 2U);
  EXPECT_TRUE(world.files.read("/out/auth.json", 4096).ok());
}

TEST_F(PullSecretRoundsTest, SaysThatNoPullSecretIsWanted) {
  configure("");
  EXPECT_EQ(refusal(), "/gate.json has no `portcullis.broker.pullSecrets`: say there which secrets are wanted");
  (void)world.files.write("/gate.json",
                          R"({"http": {"auth": {"bearer": {"realm": "https://auth.example.com/token", "service": "s"}}},)"
                          R"("portcullis": {"keys": {"file": "keys.json"}, "tokens": {"issuers": ["i"], "audiences": ["a"]}}})",
                          0600);
  EXPECT_EQ(refusal(), "/gate.json has no `portcullis.broker.pullSecrets`: say there which secrets are wanted");
}

TEST_F(PullSecretRoundsTest, ANameThatIsNotThereIsToldWithThoseThatAre) {
  options.names = {"files", "gone"};
  EXPECT_EQ(refusal(), "no pull secret is called gone; there are files, others");
  EXPECT_TRUE(rounds.run_due().empty());
  options.names = {"others"};
  ASSERT_EQ(refusal(), "loaded");
  ASSERT_EQ(rounds.run_due().size(), 1U);
  EXPECT_FALSE(world.files.read("/out/auth.json", 4096).ok());
}

TEST_F(PullSecretRoundsTest, ManifestsNameThePullSecretWhoseLoginFails) {
  options.print = true;
  ASSERT_EQ(refusal(), "loaded");
  ASSERT_TRUE(rounds.manifests().ok());
  world.files.remove("/password");

  const auto manifests = rounds.manifests();

  ASSERT_FALSE(manifests.ok());
  EXPECT_TRUE(manifests.error().detail.starts_with("files: r.example.com: ")) << manifests.error().detail;
}

TEST_F(PullSecretRoundsTest, WhatIsNotInKubernetesIsNotRemovedFromThere) {
  ASSERT_EQ(refusal(), "loaded");
  EXPECT_TRUE(rounds.remove().empty());
  EXPECT_TRUE(world.http.asked().empty());
}

}  // namespace
}  // namespace portcullis
