#include "broker/pull_secret/kube_delivery.h"

#include <gtest/gtest.h>

#include "tests/broker/pull_secret_world.h"

namespace portcullis {
namespace {

using test::contains;
using test::PullSecretWorld;

class KubeDeliveryTest : public testing::Test {
 protected:
  KubeDeliveryTest() : config(test::selecting_pull_secret()), delivery(*world.api, config), set(filled("one")) {}

  SecretSet filled(const std::string& password) {
    world.registries.hosts.at("registry.example.com").password = password;
    return *fill_secrets(config, {*world.registries.log_in("registry.example.com")}, {.renewed = world.clock.now(), .expires = {}});
  }
  RoundReport deliver() {
    RoundReport report;
    delivery.deliver(&set, report);
    return report;
  }

  PullSecretWorld world;
  PullSecretConfig config;
  KubeDelivery delivery;
  SecretSet set;
};

TEST_F(KubeDeliveryTest, MakesTheSecretWithItsDataAndItsOwnUid) {
  world.cluster.add_namespace("shop", {{"pulls", "yes"}});

  const RoundReport report = deliver();

  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.counts.created, 1U);
  EXPECT_EQ(world.data("shop", "regcred", ".dockerconfigjson"), test::docker_config_of("registry.example.com", "one"));
  EXPECT_EQ(world.text("shop", "regcred", {"metadata", "annotations", "portcullis.internal/uid"}),
            world.text("shop", "regcred", {"metadata", "uid"}));
}

TEST_F(KubeDeliveryTest, OnlyReadsWhereNothingChanged) {
  world.cluster.add_namespace("shop", {{"pulls", "yes"}});
  (void)deliver();
  const int written = world.cluster.calls("patch", "") + world.cluster.calls("create", "");

  const RoundReport report = deliver();

  EXPECT_EQ(report.counts.kept, 1U);
  EXPECT_EQ(world.cluster.calls("patch", "") + world.cluster.calls("create", ""), written);
}

TEST_F(KubeDeliveryTest, AsksOfAThousandNamespacesInAFewPages) {
  constexpr int kNamespaces = 1000;
  for (int i = 0; i < kNamespaces; ++i) world.cluster.add_namespace("team-" + std::to_string(i), {{"pulls", "yes"}});

  const RoundReport first = deliver();

  EXPECT_TRUE(first.ok());
  EXPECT_EQ(first.counts.created, 1000U);
  const auto changes = [this] { return world.cluster.calls("patch", "secrets") + world.cluster.calls("create", "secrets"); };
  EXPECT_LE(changes(), 2 * kNamespaces);  // made, then told its own UID
  const auto made = static_cast<std::size_t>(changes());
  EXPECT_LE(world.http.asked.size() - made, 20U) << "pages of namespaces and of secrets";

  world.http.asked.clear();
  EXPECT_EQ(deliver().counts.kept, 1000U);
  EXPECT_LE(world.http.asked.size(), 20U) << "nothing changed";

  set = filled("two");
  delivery.forget();
  world.http.asked.clear();
  EXPECT_EQ(deliver().counts.renewed, 1000U);
  EXPECT_LE(world.http.asked.size(), kNamespaces + 20U);
}

TEST_F(KubeDeliveryTest, MendsWhatSomebodyChanged) {
  world.cluster.add_namespace("shop", {{"pulls", "yes"}});
  (void)deliver();
  world.cluster.remove({"secrets", "shop", "regcred"});
  EXPECT_EQ(deliver().counts.created, 1U);

  fake_aws::Request edit{
      .method = "PATCH",
      .path = "/api/v1/namespaces/shop/secrets/regcred",
      .query = {},
      .headers = {{"Authorization", std::string("Bearer ") + test::kPodToken}, {"Content-Type", "application/merge-patch+json"}},
      .body = R"({"data":{".dockerconfigjson":"e30="}})"};
  ASSERT_EQ(world.cluster.serve(edit).status, 200);
  EXPECT_EQ(deliver().counts.renewed, 1U);
  EXPECT_EQ(world.data("shop", "regcred", ".dockerconfigjson"), test::docker_config_of("registry.example.com", "one"));
}

TEST_F(KubeDeliveryTest, TakesAwayALabelThatIsNoLongerConfigured) {
  world.cluster.add_namespace("shop", {{"pulls", "yes"}});
  config.labels = {{"team", "shop"}};
  (void)deliver();
  EXPECT_EQ(world.text("shop", "regcred", {"metadata", "labels", "team"}), "shop");

  config.labels.clear();
  delivery.forget();
  (void)deliver();

  EXPECT_EQ(world.text("shop", "regcred", {"metadata", "labels", "team"}), "");
  EXPECT_EQ(world.text("shop", "regcred", {"metadata", "labels", "portcullis.internal/pull-secret"}), "pulls");
}

TEST_F(KubeDeliveryTest, GoesToNamedNamespacesAndWithoutAnyToItsOwn) {
  config.match_labels.clear();
  EXPECT_EQ(deliver().counts.created, 1U);
  EXPECT_EQ(world.cluster.secrets_in("registry"), std::vector<std::string>{"regcred"});

  world.cluster.add_namespace("shop");
  config.namespaces = {"shop"};
  const RoundReport report = deliver();

  EXPECT_EQ(report.counts.created, 1U);
  EXPECT_EQ(report.counts.removed, 1U);
  EXPECT_EQ(world.cluster.secrets_in("registry"), std::vector<std::string>{});
}

TEST_F(KubeDeliveryTest, WritesNothingWithoutALoginAndRemovesAllTheSame) {
  world.cluster.add_namespace("shop", {{"pulls", "yes"}});
  (void)deliver();
  world.cluster.add_namespace("late", {{"pulls", "yes"}});
  world.cluster.label_namespace("shop", "pulls", "");

  RoundReport report;
  delivery.deliver(nullptr, report);

  EXPECT_EQ(report.counts.removed, 1U);
  EXPECT_TRUE(world.cluster.secrets_in("late").empty());
}

TEST_F(KubeDeliveryTest, RemovesNothingWhereNamespacesCannotBeListed) {
  world.cluster.add_namespace("shop", {{"pulls", "yes"}});
  (void)deliver();
  world.cluster.add_fault({.verb = "list", .resource = "namespaces", .status = 503});

  const RoundReport report = deliver();

  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_TRUE(report.problems[0].is_fault);
  EXPECT_EQ(world.cluster.secrets_in("shop"), std::vector<std::string>{"regcred"});
}

TEST_F(KubeDeliveryTest, RemovesNothingWhereSecretsCannotBeListed) {
  world.cluster.add_namespace("shop", {{"pulls", "yes"}});
  (void)deliver();
  world.cluster.label_namespace("shop", "pulls", "");
  world.cluster.add_fault({.verb = "list", .resource = "secrets", .status = 500});

  EXPECT_FALSE(deliver().ok());
  EXPECT_EQ(world.cluster.secrets_in("shop"), std::vector<std::string>{"regcred"});
}

TEST_F(KubeDeliveryTest, OneNamespaceThatRefusesHoldsUpNoOther) {
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  world.cluster.add_namespace("b", {{"pulls", "yes"}});
  world.cluster.add_fault({.verb = "create", .resource = "secrets", .status = 500});

  const RoundReport report = deliver();

  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].where, "a/regcred");
  EXPECT_EQ(report.counts.created, 1U);
  EXPECT_TRUE(deliver().ok());
}

TEST_F(KubeDeliveryTest, FinishesWhatADeadProcessBegan) {
  world.cluster.add_namespace("shop", {{"pulls", "yes"}});
  world.cluster.add_fault({.verb = "patch", .resource = "secrets", .status = 500});
  EXPECT_FALSE(deliver().ok());  // created, and not filled: as after kill -9 between the two calls
  EXPECT_EQ(world.data("shop", "regcred", ".dockerconfigjson"), R"({"auths":{}})");

  KubeDelivery next(*world.api, config);
  RoundReport report;
  next.deliver(&set, report);

  EXPECT_TRUE(report.ok());
  EXPECT_EQ(world.data("shop", "regcred", ".dockerconfigjson"), test::docker_config_of("registry.example.com", "one"));
}

TEST_F(KubeDeliveryTest, ASecretThatAppearsMeanwhileIsNotOverwritten) {
  world.cluster.add_namespace("shop", {{"pulls", "yes"}});
  config.secrets[0].type = GeneratedSecretConfig::Type::generic;
  set = filled("one");
  // Between our look and our write; by then three lists were answered.
  int lists = 0;
  const std::function<void()> meddle = [&] {
    if (++lists < 4) {
      world.http.before = meddle;
    } else {
      world.cluster.add_secret("shop", test::foreign_secret("regcred"));
    }
  };
  world.http.before = meddle;

  const RoundReport report = deliver();

  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_TRUE(contains(report.problems[0].what, "already exists"));
  EXPECT_EQ(world.data("shop", "regcred", "k"), "v");
  EXPECT_EQ(world.data("shop", "regcred", "token"), "");
  EXPECT_EQ(deliver().counts.foreign, 1U);
}

TEST_F(KubeDeliveryTest, ASecretThatWasReplacedMeanwhileIsNotOverwrittenAndNotRemoved) {
  world.cluster.add_namespace("shop", {{"pulls", "yes"}});
  (void)deliver();
  delivery.forget();
  int calls = 0;
  const std::function<void()> meddle = [&] {
    if (++calls < 4) {
      world.http.before = meddle;
      return;
    }
    world.cluster.remove({"secrets", "shop", "regcred"});
    world.cluster.add_secret("shop", test::foreign_secret("regcred"));
  };
  world.http.before = meddle;
  EXPECT_TRUE(contains(deliver().problems.at(0).what, "409"));
  EXPECT_EQ(world.data("shop", "regcred", "k"), "v");
}

TEST_F(KubeDeliveryTest, SaysWhichRulesAreMissing) {
  world.cluster.remove_token(test::kPodToken);
  const RoundReport report = deliver();
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_TRUE(contains(report.problems[0].what, "401"));
  EXPECT_TRUE(contains(report.problems[0].what, "examples/kubernetes/pull-secrets.yaml"));
}

TEST_F(KubeDeliveryTest, RemovesEverythingThatItMadeAndNothingElse) {
  world.cluster.add_namespace("a", {{"pulls", "yes"}});
  world.cluster.add_namespace("b", {{"pulls", "yes"}});
  (void)deliver();
  world.cluster.add_secret("a", test::foreign_secret("own"));
  world.cluster.label_namespace("b", "pulls", "");

  RoundReport report;
  delivery.remove_all(report);

  EXPECT_EQ(report.counts.removed, 2U);
  EXPECT_EQ(world.cluster.secrets_in("a"), std::vector<std::string>{"own"});
  EXPECT_TRUE(world.cluster.secrets_in("b").empty());
}

}  // namespace
}  // namespace portcullis
