// What JFrog's registry operator does with secrets, each by its id (JR-01 to JR-04, JR-14 to JR-22); ids without a test are in
// jfrog_requirements.txt with the reason.
#include <gtest/gtest.h>

#include "broker/pull_secret/rotation.h"
#include "tests/broker/pull_secret_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::contains;
using test::PullSecretWorld;
using Type = GeneratedSecretConfig::Type;

/// Namespaces by name, and a role in each of them alone.
PullSecretConfig in_named(std::vector<std::string> namespaces) {
  PullSecretConfig config = test::selecting_pull_secret();
  config.match_labels.clear();
  config.namespaces = std::move(namespaces);
  return config;
}

PullSecretConfig to_files() {
  PullSecretConfig config = in_named({});
  config.kubernetes = false;
  config.folder = "/secrets";
  return config;
}

TEST(JfrogOperator, JR_01_AClusterWideRoleServesEveryNamespaceThatIsSelected) {
  PullSecretWorld world;
  for (const char* name : {"a", "b", "c"}) world.cluster.add_namespace(name, {{"pulls", "yes"}});
  EXPECT_EQ(world.run(*world.rotation()).counts.created, 3U);
}

TEST(JfrogOperator, JR_01_ARoleInOneNamespaceIsEnoughForIt) {
  PullSecretWorld world;
  world.cluster.remove_token(test::kPodToken);
  world.cluster.add_user({.token = test::kPodToken,
                          .name = "system:serviceaccount:registry:portcullis",
                          .rules = {{.verbs = {"list", "create", "patch", "delete"}, .resources = {"secrets"}, .space = "shop"}}});
  world.cluster.add_namespace("shop");
  const auto rotation = world.rotation(in_named({"shop"}));

  EXPECT_TRUE(world.run(*rotation).ok());

  EXPECT_EQ(world.cluster.secrets_in("shop"), std::vector<std::string>{"regcred"});
}

TEST(JfrogOperator, JR_01_TwoWorkersAtOnceSpoilNothing) {
  PullSecretWorld world;
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  const auto one = world.rotation();
  const auto other = world.rotation();

  EXPECT_TRUE(world.run(*one).ok());
  EXPECT_TRUE(world.run(*other).ok());

  EXPECT_EQ(world.data("a", "regcred", ".dockerconfigjson"), test::docker_config_of("registry.example.com", "canary-password-1"));
}

TEST(JfrogOperator, JR_02_TheSelectorPicksTheNamespaces) {
  PullSecretWorld world;
  world.cluster.add_namespace("a", {{"team", "x"}, {"tier", "prod"}});
  world.cluster.add_namespace("b", {{"team", "y"}});
  world.cluster.add_namespace("c", {{"team", "z"}});
  PullSecretConfig config = test::selecting_pull_secret();
  config.match_labels.clear();
  config.match_expressions = {{.key = "team", .op = LabelRequirement::Operator::in, .values = {"x", "y"}},
                              {.key = "tier", .op = LabelRequirement::Operator::not_in, .values = {"test"}}};

  EXPECT_EQ(world.run(*world.rotation(config)).counts.created, 2U);

  EXPECT_TRUE(world.cluster.secrets_in("c").empty());
}

TEST(JfrogOperator, JR_02_ASelectorThatPicksNothingIsAnError) {
  PullSecretWorld world;
  const RoundReport report = world.run(*world.rotation());
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_TRUE(contains(report.problems[0].what, "no namespace has the labels pulls=yes"));
}

TEST(JfrogOperator, JR_03_SeveralSecretsOfEitherKindHaveOneLogin) {
  PullSecretWorld world;
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  PullSecretConfig config = test::selecting_pull_secret();
  config.secrets = {
      {.name = "regcred", .type = Type::docker}, {.name = "again", .type = Type::docker}, {.name = "plain", .type = Type::generic}};

  EXPECT_EQ(world.run(*world.rotation(config)).counts.created, 3U);

  EXPECT_EQ(world.cluster.secrets_in("a"), (std::vector<std::string>{"again", "plain", "regcred"}));
  EXPECT_EQ(world.registries.logins, 1);
}

TEST(JfrogOperator, JR_14_TheNextRunIsAfterTheRefreshTimeElseThreeQuartersOfTheLife) {
  PullSecretWorld world;
  PullSecretConfig config = test::selecting_pull_secret();
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  const auto logs_in_again_after = [&world](const PullSecretConfig& of) {
    const auto rotation = world.rotation(of);
    const TimePoint begin = world.clock.now();
    (void)world.run(*rotation);
    const int before = world.registries.logins;
    while (world.registries.logins == before) (void)world.run_next(*rotation);
    return world.clock.now() - begin;
  };
  EXPECT_EQ(logs_in_again_after(config), 9h);
  config.refresh_time = 30min;
  EXPECT_EQ(logs_in_again_after(config), 30min);
}

TEST(JfrogOperator, JR_14_FailuresBackOffInsteadOfComingEachSecond) {
  PullSecretWorld world;
  world.registries.hosts.at("registry.example.com").fault = "401";
  const auto rotation = world.rotation(to_files());
  const TimePoint begin = world.clock.now();
  while (world.clock.now() < begin + 24h) (void)world.run_next(*rotation);

  // 86,400 with the operator's second; doubling to ten minutes makes about 150.
  EXPECT_LE(world.registries.logins, 155);
  EXPECT_GE(world.registries.logins, 140);
}

TEST(JfrogOperator, JR_14_AfterASuccessTheWaitIsShortAgain) {
  PullSecretWorld world;
  auto& registry = world.registries.hosts.at("registry.example.com");
  registry.fault = "401";
  const auto rotation = world.rotation(to_files());
  for (int i = 0; i < 400; ++i) (void)world.run_next(*rotation);
  registry.fault.clear();
  while (!world.run_next(*rotation).logged_in) {
  }
  registry.fault = "401";
  while (world.run_next(*rotation).problems.empty()) {
  }
  const int before = world.registries.logins;
  const TimePoint failed = world.clock.now();
  while (world.registries.logins == before) (void)world.run_next(*rotation);
  EXPECT_GE(world.clock.now() - failed, 3750ms);
  EXPECT_LE(world.clock.now() - failed, 6250ms);
}

TEST(JfrogOperator, JR_15_OneTokenServesAllNamespaces) {
  PullSecretWorld world;
  for (int i = 0; i < 40; ++i) world.cluster.add_namespace("team-" + std::to_string(i), {{"pulls", "yes"}});
  EXPECT_EQ(world.run(*world.rotation()).counts.created, 40U);
  EXPECT_EQ(world.registries.logins, 1);
}

TEST(JfrogOperator, JR_16_DockerAndGenericSecretsHaveTheKeysAndTypesOfKubernetes) {
  PullSecretWorld world;
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  world.registries.hosts.at("registry.example.com").more_hosts = {"docker.registry.example.com"};
  PullSecretConfig config = test::selecting_pull_secret();
  config.secrets.push_back({.name = "plain", .type = Type::generic});
  config.labels = {{"team", "shop"}};
  config.annotations = {{"example.com/note", "any text: at all"}};

  ASSERT_TRUE(world.run(*world.rotation(config)).ok());

  EXPECT_EQ(world.text("a", "regcred", {"type"}), "kubernetes.io/dockerconfigjson");
  EXPECT_TRUE(contains(world.data("a", "regcred", ".dockerconfigjson"), "docker.registry.example.com"));
  EXPECT_EQ(world.text("a", "plain", {"type"}), "Opaque");
  EXPECT_EQ(world.data("a", "plain", "user"), "AWS");
  EXPECT_EQ(world.data("a", "plain", "token"), "canary-password-1");
  EXPECT_EQ(world.text("a", "plain", {"metadata", "labels", "team"}), "shop");
  EXPECT_EQ(world.text("a", "plain", {"metadata", "annotations", "example.com/note"}), "any text: at all");
}

TEST(JfrogOperator, JR_17_AForeignSecretOfThatNameIsLeftAloneAndReported) {
  PullSecretWorld world;
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  world.cluster.add_namespace("b", {{"pulls", "yes"}});
  world.cluster.add_secret("a", test::foreign_secret("regcred"));
  const std::string before = world.cluster.object({"secrets", "a", "regcred"});
  const auto rotation = world.rotation();

  const RoundReport report = world.run(*rotation);

  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].where, "a/regcred");
  EXPECT_EQ(world.cluster.object({"secrets", "a", "regcred"}), before);
  EXPECT_EQ(report.counts.created, 1U);
  world.cluster.label_namespace("a", "pulls", "");
  (void)world.run_next(*rotation);
  EXPECT_EQ(world.cluster.object({"secrets", "a", "regcred"}), before);
}

TEST(JfrogOperator, JR_17_ACopyOfOursIsSomebodyElses) {
  PullSecretWorld world;
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  world.cluster.add_namespace("b");
  const auto rotation = world.rotation();
  (void)world.run(*rotation);
  const fake_kube::Json ours = fake_kube::parse(world.cluster.object({"secrets", "a", "regcred"}));
  for (const char* name : {"namespace", "resourceVersion", "managedFields"}) fake_kube::remove_at(ours.get(), {"metadata", name});
  world.cluster.add_secret("b", fake_kube::dump(ours.get()));

  EXPECT_TRUE(world.run_next(*rotation).ok());
  EXPECT_EQ(world.cluster.secrets_in("b"), std::vector<std::string>{"regcred"});
  world.cluster.label_namespace("b", "pulls", "yes");
  EXPECT_EQ(world.run_next(*rotation).counts.foreign, 1U);
}

TEST(JfrogOperator, JR_18_ANamespaceThatLosesItsLabelLosesItsSecret) {
  PullSecretWorld world;
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  world.cluster.add_namespace("b", {{"pulls", "yes"}});
  const auto rotation = world.rotation();
  (void)world.run(*rotation);
  world.cluster.label_namespace("b", "pulls", "no");

  EXPECT_EQ(world.run_next(*rotation).counts.removed, 1U);

  EXPECT_TRUE(world.cluster.secrets_in("b").empty());
  EXPECT_EQ(world.cluster.secrets_in("a"), std::vector<std::string>{"regcred"});
}

TEST(JfrogOperator, JR_18_ANameThatIsDroppedIsRemovedByTheNextProcess) {
  PullSecretWorld world;
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  PullSecretConfig config = test::selecting_pull_secret();
  config.secrets.push_back({.name = "dropped", .type = Type::generic});
  (void)world.run(*world.rotation(config));
  config.secrets.pop_back();

  EXPECT_EQ(world.run(*world.rotation(config)).counts.removed, 1U);

  EXPECT_EQ(world.cluster.secrets_in("a"), std::vector<std::string>{"regcred"});
}

TEST(JfrogOperator, JR_20_AReportSaysWhatIsProvisionedAndWhatFailed) {
  PullSecretWorld world;
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  world.cluster.add_namespace("b", {{"pulls", "yes"}});
  world.cluster.add_secret("b", test::foreign_secret("regcred"));

  const RoundReport report = world.run(*world.rotation());

  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.pull_secret, "pulls");
  EXPECT_EQ(report.counts.created, 1U);
  EXPECT_EQ(report.counts.foreign, 1U);
  EXPECT_EQ(report.problems.at(0).where, "b/regcred");
  EXPECT_EQ(report.expires, world.clock.now() + 12h);
}

TEST(JfrogOperator, JR_22_NewNamespacesAndNewLabelsAreServedWithinThirtySeconds) {
  PullSecretWorld world;
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  world.cluster.add_namespace("plain");
  const auto rotation = world.rotation();
  (void)world.run(*rotation);
  world.cluster.add_namespace("new", {{"pulls", "yes"}});
  world.cluster.label_namespace("plain", "pulls", "yes");
  const TimePoint changed = world.clock.now();

  EXPECT_EQ(world.run_next(*rotation).counts.created, 2U);

  EXPECT_LE(world.clock.now() - changed, 30s);
  EXPECT_EQ(world.registries.logins, 1);
}

}  // namespace
}  // namespace portcullis
