#include "policy/who_can.h"

#include <gtest/gtest.h>

#include "policy/compile.h"

namespace portcullis {
namespace {

PolicyConfig rule(std::vector<std::string> users, std::vector<std::string> groups, std::vector<std::string> actions) {
  PolicyConfig policy;
  policy.users = std::move(users);
  policy.groups = std::move(groups);
  policy.actions = std::move(actions);
  return policy;
}

AccessControlConfig sample() {
  AccessControlConfig config;
  PolicyConfig late = rule({"carol"}, {}, {"delete"});
  late.conditions = {{"req.time.getHours() >= 18", ""}};
  PolicyConfig freeze = rule({}, {}, {"delete"});
  freeze.deny = true;
  freeze.conditions = {{"req.repository.startsWith('prod/frozen')", ""}};
  config.repositories = {{"prod/**", {rule({"alice"}, {"ops"}, {"read", "delete"}), late}, {"read"}, {}},
                         {"**", {rule({"bob"}, {}, {"read"}), freeze}, {}, {"read"}},
                         {"home/${user}/**", {}, {"read", "create", "update", "delete"}, {}}};
  config.groups = {{"ops", {"olga"}}};
  config.admin_policy = rule({"root"}, {}, {"read", "create", "update", "delete"});
  return config;
}

class WhoCanTest : public testing::Test {
 protected:
  void SetUp() override {
    CompiledPolicy compiled = compile_policy(sample(), {});
    ASSERT_NE(compiled.policy, nullptr) << format_findings(compiled.findings);
    policy_ = std::move(compiled.policy);
  }

  static std::vector<std::string> texts(const std::vector<GrantLine>& lines) {
    std::vector<std::string> all;
    for (const GrantLine& line : lines) {
      std::string text = line.who == GrantLine::Who::user          ? "user " + line.name
                         : line.who == GrantLine::Who::group       ? "group " + line.name
                         : line.who == GrantLine::Who::known_users ? "known"
                         : line.who == GrantLine::Who::anonymous   ? "anonymous"
                                                                   : "everyone";
      if (line.only_user) text += " only " + *line.only_user;
      for (const std::string& action : line.actions) text += " " + action;
      if (!line.conditions.empty()) text += " if " + line.conditions[0];
      all.push_back(std::move(text));
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  using Texts = std::vector<std::string>;
  std::shared_ptr<const Policy> policy_;
};

TEST_F(WhoCanTest, ListsUsersGroupsConditionsAndTheAdmin) {
  const WhoCan found = who_can(*policy_, "delete", "prod/app");

  EXPECT_EQ(found.pattern, "prod/**");
  EXPECT_EQ(texts(found.grants), (Texts{"group ops read delete", "user alice read delete", "user carol delete if req.time.getHours() >= 18",
                                        "user root read create update delete"}));
}

TEST_F(WhoCanTest, ListsTheDeniesOfEveryPatternThatMatches) {
  EXPECT_EQ(texts(who_can(*policy_, "delete", "prod/app").denies), (Texts{"everyone delete if req.repository.startsWith('prod/frozen')"}));
  EXPECT_TRUE(who_can(*policy_, "read", "prod/app").denies.empty());
}

TEST_F(WhoCanTest, TheLongestPatternAloneCounts) {
  EXPECT_EQ(texts(who_can(*policy_, "read", "prod/app").grants),
            (Texts{"group ops read delete", "known read", "user alice read delete", "user root read create update delete"}))
      << "neither bob nor the anonymous of **";
  EXPECT_EQ(texts(who_can(*policy_, "read", "other/app").grants),
            (Texts{"anonymous read", "user bob read", "user root read create update delete"}));
}

TEST_F(WhoCanTest, APlaceholderKeepsItsPatternForOne) {
  const WhoCan found = who_can(*policy_, "update", "home/dora/app");

  EXPECT_EQ(found.pattern, "home/${user}/**");
  EXPECT_EQ(texts(found.grants), (Texts{"known only dora read create update delete", "user root read create update delete"}));
}

TEST_F(WhoCanTest, SaysWhenNobodyIsGranted) { EXPECT_TRUE(who_can(*policy_, "detectManifestCollision", "other/app").grants.empty()); }

TEST_F(WhoCanTest, TellsWhatAUserMayDoPatternByPattern) {
  EXPECT_EQ(texts(what_can(*policy_, "alice", {}).grants),
            (Texts{"known only alice read create update delete", "known read", "user alice read delete"}));
  EXPECT_EQ(texts(what_can(*policy_, "alice", {}).denies), (Texts{"everyone delete if req.repository.startsWith('prod/frozen')"}));
}

TEST_F(WhoCanTest, CountsGroupsOfTheConfigurationAndOfTheToken) {
  const std::vector<std::string> ops = {"ops", "unheard-of"};
  EXPECT_EQ(texts(what_can(*policy_, "olga", {}).grants), texts(what_can(*policy_, "olga", ops).grants));
  EXPECT_EQ(texts(what_can(*policy_, "dora", ops).grants),
            (Texts{"group ops read delete", "known only dora read create update delete", "known read"}));
}

TEST_F(WhoCanTest, TheRuleIsAPathInTheConfiguration) {
  EXPECT_EQ(who_can(*policy_, "read", "other/app").grants.at(0).rule, "http.accessControl.repositories[\"**\"].policies[0]");
}

}  // namespace
}  // namespace portcullis
