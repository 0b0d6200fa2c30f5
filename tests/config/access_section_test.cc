#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

LoadedConfig access(const std::string& members) { return load({.http = R"("accessControl":{)" + members + "},"}); }

LoadedConfig policy(const std::string& members) { return access(R"("repositories":{"Team/*":{"policies":[{)" + members + "}]}}"); }

constexpr std::string_view kPolicy = "http.accessControl.repositories[\"Team/*\"].policies[0]";

TEST(AccessControl, IsReadWhole) {
  const LoadedConfig loaded = access(
      R"("repositories":{"**":{"policies":[{"users":["u"],"groups":"g","actions":["read","create","update","delete","detectManifestCollision"],"deny":true,
         "conditions":[{"expression":"true","message":"m"},{"expression":"true","message":""}]}],"defaultPolicy":["read"],"anonymousPolicy":[]},"Team":{}},
         "groups":{"Devs":{"users":["u"]}},"adminPolicy":{"users":["a"],"actions":["read"]},"metrics":{"users":["m"],"anonymousPolicy":["read"]})");

  ASSERT_TRUE(loads(loaded));
  AccessControlConfig expected;
  expected.repositories.push_back({.pattern = "**",
                                   .policies = {{.users = {"u"},
                                                 .groups = {"g"},
                                                 .actions = {"read", "create", "update", "delete", "detectManifestCollision"},
                                                 .conditions = {{"true", "m"}, {"true", ""}},
                                                 .deny = true}},
                                   .default_policy = {"read"},
                                   .anonymous_policy = {}});
  expected.repositories.push_back({.pattern = "Team", .policies = {}, .default_policy = {}, .anonymous_policy = {}});
  expected.groups.push_back({.name = "Devs", .users = {"u"}});
  expected.admin_policy = PolicyConfig{.users = {"a"}, .groups = {}, .actions = {"read"}, .conditions = {}, .deny = false};
  expected.metrics = MetricsPolicyConfig{.users = {"m"}, .anonymous_policy = {"read"}};
  EXPECT_EQ(*loaded.config->access_control, expected);
}

TEST(AccessControl, IsSharedByCopiesOfTheConfiguration) {
  const LoadedConfig loaded = access(R"("repositories":{"**":{"defaultPolicy":["read"]}})");
  ASSERT_TRUE(loads(loaded));

  const Config copy = *loaded.config;

  EXPECT_EQ(copy.access_control, loaded.config->access_control) << "each publish of the gate's state copies the configuration";
}

TEST(AccessControl, AnAdminPolicyDeniesNothing) {
  EXPECT_TRUE(
      refuses(access(R"("adminPolicy":{"users":["a"],"actions":["read"],"deny":true})"), "http.accessControl.adminPolicy.deny", "grants"));
}

TEST(AccessControl, ADenyNamesWhatItTakesAway) {
  EXPECT_TRUE(loads(policy(R"("deny":true,"actions":["delete"])")));
  for (const char* nothing : {R"("deny":true)", R"("deny":true,"actions":[])", R"("deny":true,"users":["u"],"actions":[])"})
    EXPECT_TRUE(refuses(policy(nothing), std::string(kPolicy) + ".actions", "a deny names what it takes away")) << nothing;
  EXPECT_TRUE(loads(policy(R"("users":["u"],"actions":[])"))) << "no deny";
}

TEST(AccessControl, ADenyOfAnEmptyListIsNotOneForEveryone) {
  const auto deny = [](const std::string& whom) { return policy(R"("deny":true,"actions":["delete"])" + whom); };
  for (const char* whom : {"", R"(,"users":["u"],"groups":[])", R"(,"users":[],"groups":"g")"}) EXPECT_TRUE(loads(deny(whom))) << whom;
  EXPECT_TRUE(refuses(deny(R"(,"users":[])"), std::string(kPolicy) + ".users", "is an empty list, and a deny without users and groups"));
  EXPECT_TRUE(refuses(deny(R"(,"groups":[])"), std::string(kPolicy) + ".groups", "is an empty list, and a deny without users and groups"));
}

TEST(AccessControl, AMessageFitsIntoAHeader) {
  const auto with_message = [](std::string message) {
    return policy(R"("users":["u"],"actions":["read"],"conditions":[{"expression":"true","message":")" + std::move(message) + "\"}]");
  };
  EXPECT_TRUE(loads(with_message(std::string(256, 'a'))));
  EXPECT_TRUE(refuses(with_message(std::string(257, 'a')), std::string(kPolicy) + ".conditions[0].message", "at most 256"));
  EXPECT_TRUE(refuses(with_message("a\\nb"), std::string(kPolicy) + ".conditions[0].message", "control"));
}

TEST(AccessControl, SuggestsActions) {
  EXPECT_TRUE(refuses(policy(R"("actions":["raed"])"), std::string(kPolicy) + ".actions", "did you mean \"read\"?"));
  EXPECT_TRUE(refuses(policy(R"("actions":["pull"])"), std::string(kPolicy) + ".actions", "did you mean \"read\"?"));
  EXPECT_TRUE(refuses(policy(R"("actions":["push"])"), std::string(kPolicy) + ".actions", "did you mean \"create\"?"));
  EXPECT_TRUE(refuses(policy(R"("actions":["*"])"), std::string(kPolicy) + ".actions", "is no action"));
}

TEST(AccessControl, PointsStarUsersToTheDefaultPolicy) {
  EXPECT_TRUE(refuses(policy(R"("users":["*"])"), std::string(kPolicy) + ".users", "defaultPolicy"));
  EXPECT_TRUE(refuses(policy(R"("users":[""])"), std::string(kPolicy) + ".users[0]", "must not be empty"));
}

TEST(AccessControl, FindsUnknownKeysAtEveryDepth) {
  EXPECT_TRUE(refuses(policy(R"("user":["u"])"), std::string(kPolicy) + ".user", "did you mean \"users\"?"));
  EXPECT_TRUE(refuses(policy(R"("conditions":[{"expresion":"x"}])"), std::string(kPolicy) + ".conditions[0].expresion",
                      "did you mean \"expression\"?"));
  EXPECT_TRUE(
      refuses(policy(R"("conditions":[{"message":"x"}])"), std::string(kPolicy) + ".conditions[0].expression", "needs an expression"));
  EXPECT_TRUE(refuses(access(R"("groups":{"devs":["u"]})"), "http.accessControl.groups[\"devs\"]", "must be an object"));
}

TEST(AccessControl, OneLetterCaseOfAPatternIsNotTheOther) {
  const LoadedConfig loaded = access(R"("groups":{"Devs":{"users":["u"]},"devs":{"users":["v"]}})");

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->access_control->groups.size(), 2U);
}

TEST(Shadow, IsReadAndCheckedAsAccessControlIs) {
  const LoadedConfig good = load({.portcullis = R"("shadow":{"repositories":{}},)"});

  EXPECT_TRUE(loads(good));
  EXPECT_NE(good.config->shadow, nullptr);
  EXPECT_TRUE(
      refuses(load({.portcullis = R"("shadow":{"adminPolicy":{"actions":["raed"]}},)"}), "portcullis.shadow.adminPolicy.actions", "read"));
}

}  // namespace
}  // namespace portcullis
