#include "broker/pull_secret/rotation.h"

#include <gtest/gtest.h>

#include "broker/pull_secret/schedule.h"
#include "tests/broker/pull_secret_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::contains;
using test::PullSecretWorld;

PullSecretConfig to_files() {
  PullSecretConfig config = test::selecting_pull_secret();
  config.kubernetes = false;
  config.match_labels.clear();
  config.folder = "/secrets";
  return config;
}

class RotationTest : public testing::Test {
 protected:
  test::Registries::Given& registry() { return world.registries.hosts.at("registry.example.com"); }
  std::string file() {
    return world.files.read("/secrets/regcred.json", 4096).ok() ? *world.files.read("/secrets/regcred.json", 4096) : "";
  }

  PullSecretWorld world;
};

TEST_F(RotationTest, LogsInAtOnceAndAgainAfterThreeQuartersOfTheLife) {
  const auto rotation = world.rotation(to_files());
  const TimePoint begin = world.clock.now();

  EXPECT_TRUE(world.run(*rotation).logged_in);
  registry().password = "canary-password-2";
  while (world.registries.logins == 1) (void)world.run_next(*rotation);

  EXPECT_EQ(world.clock.now() - begin, 9h);
  EXPECT_EQ(file(), test::docker_config_of("registry.example.com", "canary-password-2"));
}

TEST_F(RotationTest, LogsInAnewWhereTheClockIsSetBack) {
  const auto rotation = world.rotation(to_files());
  EXPECT_TRUE(world.run(*rotation).logged_in);
  EXPECT_FALSE(rotation->is_due(world.clock.now()));

  world.clock.advance(-5h);

  EXPECT_TRUE(rotation->is_due(world.clock.now()));
  EXPECT_TRUE(world.run(*rotation).logged_in);
  EXPECT_FALSE(rotation->is_due(world.clock.now()));
}

TEST_F(RotationTest, TriesAgainSoonWhereTheClockIsSetBackAfterAFailure) {
  const auto rotation = world.rotation(to_files());
  registry().fault = "the signature is too new";
  (void)world.run(*rotation);
  registry().fault.clear();

  world.clock.advance(-5h);

  EXPECT_TRUE(rotation->is_due(world.clock.now()));
  EXPECT_TRUE(world.run(*rotation).logged_in);
}

TEST_F(RotationTest, LooksAgainBetweenLoginsAndMendsAFile) {
  const auto rotation = world.rotation(to_files());
  (void)world.run(*rotation);
  world.files.remove("/secrets/regcred.json");

  const RoundReport report = world.run_next(*rotation);

  EXPECT_FALSE(report.logged_in);
  EXPECT_EQ(report.counts.renewed, 1U);
  EXPECT_EQ(file(), test::docker_config_of("registry.example.com", "canary-password-1"));
}

TEST_F(RotationTest, ServesTheOldLoginWhileNoNewOneCanBeHad) {
  const auto rotation = world.rotation();
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  (void)world.run(*rotation);
  world.clock.advance(10h);
  registry().fault = "STS is down";
  world.cluster.add_namespace("b", {{"pulls", "yes"}});

  const RoundReport report = world.run(*rotation);

  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_TRUE(contains(report.problems[0].what, "registry.example.com: STS is down"));
  EXPECT_EQ(report.counts.created, 1U);
  EXPECT_EQ(world.data("b", "regcred", ".dockerconfigjson"), test::docker_config_of("registry.example.com", "canary-password-1"));
}

TEST_F(RotationTest, WritesNoLoginThatHasEnded) {
  const auto rotation = world.rotation();
  (void)world.run(*rotation);
  registry().fault = "STS is down";
  world.clock.advance(12h - 1ms);
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  EXPECT_EQ(world.run(*rotation).counts.created, 1U);
  world.clock.advance(1ms);
  world.clock.advance(30s);
  world.cluster.add_namespace("b", {{"pulls", "yes"}});

  const RoundReport report = world.run(*rotation);

  EXPECT_EQ(report.counts.created, 0U);
  EXPECT_TRUE(world.cluster.secrets_in("b").empty());
  EXPECT_EQ(world.cluster.secrets_in("a"), std::vector<std::string>{"regcred"});
}

TEST_F(RotationTest, RefusesALoginThatHasEndedAlready) {
  registry().life = 0ms;
  const auto rotation = world.rotation(to_files());
  EXPECT_TRUE(contains(world.run(*rotation).problems.at(0).what, "ended already"));
  EXPECT_EQ(file(), "");
}

TEST_F(RotationTest, EndsWithTheFirstOfItsLogins) {
  world.registries.hosts["second.example.com"] = {.user = "u", .password = "canary-password-3", .life = 1h};
  PullSecretConfig config = to_files();
  config.registries.emplace_back("second.example.com");
  const auto rotation = world.rotation(config);

  const RoundReport report = world.run(*rotation);

  EXPECT_EQ(report.expires, world.clock.now() + 1h);
  EXPECT_TRUE(contains(file(), "second.example.com"));
}

TEST_F(RotationTest, ALoginThatFailsLeavesAllOfThemAsTheyWere) {
  world.registries.hosts["second.example.com"] = {.fault = "no"};
  PullSecretConfig config = to_files();
  config.registries.emplace_back("second.example.com");
  const auto rotation = world.rotation(config);
  EXPECT_FALSE(world.run(*rotation).ok());
  EXPECT_EQ(file(), "");
}

TEST_F(RotationTest, AStaticLoginThatIsTheSameIsNotWrittenAgain) {
  registry().life = std::nullopt;
  const auto rotation = world.rotation();
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  (void)world.run(*rotation);
  const int writes = world.cluster.calls("patch", "");
  world.clock.advance(kUnexpiringRenewal);

  EXPECT_TRUE(world.run(*rotation).logged_in);
  EXPECT_EQ(world.cluster.calls("patch", ""), writes);
  registry().password = "canary-password-2";
  world.clock.advance(kUnexpiringRenewal);
  EXPECT_EQ(world.run(*rotation).counts.renewed, 1U);
}

TEST_F(RotationTest, SaysSoWhereItGoesNowhere) {
  PullSecretConfig config = to_files();
  config.folder.reset();
  EXPECT_TRUE(contains(world.run(*world.rotation(config)).problems.at(0).what, "goes nowhere"));
}

TEST_F(RotationTest, AClusterThatIsDownIsAskedLessAndLessOften) {
  const auto rotation = world.rotation();
  world.http.down = true;
  const TimePoint begin = world.clock.now();
  while (world.clock.now() < begin + 6h) (void)world.run_next(*rotation);

  EXPECT_LE(world.http.asked.size(), 50U);
  EXPECT_EQ(world.registries.logins, 1);
  world.http.down = false;
  EXPECT_TRUE(world.run_next(*rotation).problems.at(0).what.starts_with("no namespace"));
}

TEST_F(RotationTest, NothingSecretIsInAReport) {
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  world.cluster.add_secret("a", test::foreign_secret("regcred"));
  world.cluster.add_fault({.verb = "patch", .resource = "", .status = 500});
  const auto rotation = world.rotation();
  for (const RoundProblem& problem : world.run(*rotation).problems) {
    EXPECT_FALSE(contains(problem.what, "canary"));
    EXPECT_FALSE(contains(problem.what, base64_encode("AWS:canary-password-1")));
  }
}

}  // namespace
}  // namespace portcullis
