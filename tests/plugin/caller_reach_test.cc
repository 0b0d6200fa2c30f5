// What a caller may be given by the policies alone: never more than they grant, whatever IAM's wildcards match.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/broker/caller_reach.h"
#include "policy/compile.h"

namespace portcullis {
namespace {

using Names = std::vector<std::string>;

RepositoryPolicyConfig pattern(const std::string& text, const Names& users, const Names& actions) {
  RepositoryPolicyConfig config{.pattern = text};
  config.policies.push_back({.users = users, .actions = actions});
  return config;
}

SessionReach reach(const std::vector<RepositoryPolicyConfig>& repositories, const std::string& user = "ada", const Names& groups = {},
                   std::optional<PolicyConfig> admin = {}) {
  AccessControlConfig config{.repositories = repositories, .groups = {}, .admin_policy = std::move(admin), .metrics = {}};
  const auto compiled = compile_policy(config, {.path = "http.accessControl", .tag_lookup = false, .tokens_name_groups = true});
  EXPECT_NE(compiled.policy, nullptr);
  return reach_by_policies(*compiled.policy, user, groups);
}

const Names kRead = {"read"};
const Names kAll = {"read", "create", "update"};

TEST(CallerReach, IsThePatternsThatGrant) {
  const SessionReach found = reach({pattern("team/**", {"ada"}, kAll), pattern("other/**", {"bob"}, kAll), pattern("app", {"ada"}, kRead)});

  EXPECT_EQ(found.pull, (Names{"app", "team", "team/*"}));
  EXPECT_EQ(found.push, (Names{"team", "team/*"}));
  EXPECT_TRUE(found.not_pull.empty());
  EXPECT_TRUE(found.not_push.empty());
}

TEST(CallerReach, APushIsBothCreateAndUpdate) {
  EXPECT_TRUE(reach({pattern("team/**", {"ada"}, {"create"})}).empty());
  EXPECT_TRUE(reach({pattern("team/**", {"ada"}, {"update"})}).empty());
  EXPECT_EQ(reach({pattern("team/**", {"ada"}, {"create", "update"})}).push, (Names{"team", "team/*"}));
}

TEST(CallerReach, WhatALongerPatternRulesWithoutGrantingIsTakenAway) {
  const SessionReach found =
      reach({pattern("**", {"ada"}, kRead), pattern("secret/**", {"bob"}, kRead), pattern("secret/ada", {"ada"}, kRead)});

  EXPECT_EQ(found.pull, (Names{"*", "secret/ada"}));
  EXPECT_EQ(found.not_pull, (Names{"secret", "secret/*"}));
}

TEST(CallerReach, WhatAShorterPatternWouldSayIsNot) {
  const SessionReach found = reach({pattern("**", {"bob"}, kRead), pattern("team/**", {"ada"}, kRead)});

  EXPECT_EQ(found.pull, (Names{"team", "team/*"}));
  EXPECT_TRUE(found.not_pull.empty());
}

TEST(CallerReach, ADenyTakesAwayWhateverItsLengthAndItsConditions) {
  RepositoryPolicyConfig denied{.pattern = "*/old"};
  denied.policies.push_back({.groups = {"staff"}, .actions = kRead, .conditions = {{.expression = "true", .message = ""}}, .deny = true});

  const SessionReach found = reach({pattern("team/apps/**", {"ada"}, kRead), pattern("team/**", {"ada"}, kRead), denied}, "ada", {"staff"});

  EXPECT_EQ(found.pull, (Names{"team", "team/*", "team/apps", "team/apps/*"}));
  EXPECT_EQ(found.not_pull, (Names{"*/old"}));
}

TEST(CallerReach, AConditionGrantsNothing) {
  RepositoryPolicyConfig conditional{.pattern = "team/**"};
  conditional.policies.push_back({.users = {"ada"}, .actions = kAll, .conditions = {{.expression = "true", .message = ""}}});

  EXPECT_TRUE(reach({conditional}).empty());
}

TEST(CallerReach, AStarAtTheEndIsOneSegment) {
  const SessionReach found = reach({pattern("team/*", {"ada"}, kRead)});

  EXPECT_EQ(found.pull, (Names{"team/*"}));
  EXPECT_EQ(found.not_pull, (Names{"team/*/*"}));
}

TEST(CallerReach, AStarAtTheEndGoesWhereItWouldTakeAwayWhatAnotherGives) {
  const SessionReach found = reach({pattern("team/*", {"ada"}, kRead), pattern("team/app/**", {"ada"}, kRead)});

  EXPECT_EQ(found.pull, (Names{"team/app", "team/app/*"}));
  EXPECT_TRUE(found.not_pull.empty());
}

TEST(CallerReach, WhatIamCannotWriteIsLeftOut) {
  for (const char* text : {"*/app", "team/a?p", "team/**/app", "team/{a,b}*", "team/[ab]/**"})
    EXPECT_TRUE(reach({pattern(text, {"ada"}, kAll)}).empty()) << text;
  EXPECT_EQ(reach({pattern("team/{a,b}/**", {"ada"}, kRead)}).pull, (Names{"team/a", "team/a/*", "team/b", "team/b/*"}));
}

TEST(CallerReach, ThePlaceholderIsTheCallersOwn) {
  RepositoryPolicyConfig home{.pattern = "home/${user}/**"};
  home.default_policy = kAll;

  EXPECT_EQ(reach({home}).push, (Names{"home/ada", "home/ada/*"}));
  EXPECT_TRUE(reach({home}, "Ada Lovelace").empty());
  EXPECT_TRUE(reach({home}, "*").empty());
}

TEST(CallerReach, OtherHomesAreTakenAwayFromWhoeverMayReadAroundThem) {
  RepositoryPolicyConfig home{.pattern = "home/${user}/**"};
  home.default_policy = kRead;

  const SessionReach found = reach({home, pattern("home/**", {"ada"}, kRead)});

  EXPECT_EQ(found.not_pull, (Names{"home/*", "home/*/*"}));
}

TEST(CallerReach, AnAdministratorReachesAllThatIsNotDenied) {
  RepositoryPolicyConfig denied{.pattern = "locked/**"};
  denied.policies.push_back({.actions = kAll, .deny = true});

  const SessionReach found =
      reach({pattern("team/**", {"bob"}, kRead), denied}, "root", {}, PolicyConfig{.users = {"root"}, .actions = {"read"}});

  EXPECT_EQ(found.pull, (Names{"*", "team", "team/*"}));
  EXPECT_EQ(found.not_pull, (Names{"locked", "locked/*"}));
  EXPECT_TRUE(found.push.empty());
}

TEST(CallerReach, OfNobodyIsNothing) { EXPECT_TRUE(reach({pattern("team/**", {"ada"}, kAll)}, "mallory").empty()); }

}  // namespace
}  // namespace portcullis
