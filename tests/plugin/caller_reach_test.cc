// What a caller may be given by the policies alone: never more than they grant, whatever IAM's wildcards match.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/broker/caller_reach.h"
#include "plugin/token_check.h"
#include "policy/compile.h"
#include "tests/support/gate_fixture.h"

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

TEST(CallerReach, ADenyOfOneNameTakesAwayThatNameAlone) {
  const auto denied = [](const char* text) {
    RepositoryPolicyConfig config{.pattern = text};
    config.policies.push_back({.actions = kRead, .deny = true});
    return config;
  };
  const auto taken = [&denied](const char* given, const char* text) {
    return reach({pattern(given, {"ada"}, kRead), denied(text)}).not_pull;
  };

  EXPECT_EQ(taken("team", "team/**"), (Names{"team", "team/*"})) << "two stars stand for nothing too";
  EXPECT_TRUE(taken("team", "team/*").empty()) << "one star is a segment";
  EXPECT_TRUE(taken("team", "team/*/**").empty());
  EXPECT_TRUE(taken("team", "team/app").empty());
  EXPECT_TRUE(taken("team/app", "team").empty());
  EXPECT_TRUE(taken("team/**", "other/**").empty());
  EXPECT_EQ(taken("team/**", "team"), (Names{"team"}));
  EXPECT_EQ(taken("team/**", "team/a/b"), (Names{"team/a/b"}));
  EXPECT_EQ(taken("team/app", "{team,other}/app"), (Names{"team/app"}));
}

TEST(CallerReach, AStarAtTheEndStaysWhereTheOthersAreElsewhere) {
  const auto stays = [](const char* star, const char* other) {
    const SessionReach found = reach({pattern(star, {"ada"}, kRead), pattern(other, {"ada"}, kRead)});
    // What one star does not match has to be taken away.
    return std::find(found.not_pull.begin(), found.not_pull.end(), std::string(star) + "/*") != found.not_pull.end();
  };

  EXPECT_TRUE(stays("team/*", "other/app/**"));
  EXPECT_TRUE(stays("team/*", "team")) << "above it";
  EXPECT_TRUE(stays("team/x/*", "team")) << "further above";
  EXPECT_TRUE(stays("team/*", "team/app")) << "beside it";
  EXPECT_FALSE(stays("team/*", "team/app/x")) << "below it";
  EXPECT_FALSE(stays("team/x/*", "team/**"));
  EXPECT_FALSE(stays("team/x/*", "team/x/**"));
}

TEST(CallerReach, AnAdministratorIsWhoTheRuleNamesWithoutACondition) {
  const std::vector<RepositoryPolicyConfig> others = {pattern("team/**", {"bob"}, kRead)};
  EXPECT_FALSE(reach(others, "root", {}, PolicyConfig{.users = {"root"}, .actions = {"read"}}).empty());
  EXPECT_FALSE(reach(others, "olga", {"ops"}, PolicyConfig{.groups = {"ops"}, .actions = {"read"}}).empty());

  EXPECT_TRUE(reach(others, "olga", {"dev"}, PolicyConfig{.groups = {"ops"}, .actions = {"read"}}).empty());
  const PolicyConfig conditional{.users = {"root"}, .actions = {"read"}, .conditions = {{.expression = "true", .message = ""}}};
  EXPECT_TRUE(reach(others, "root", {}, conditional).empty());
}

TEST(CallerReach, AShorterPatternThatNamesAHomeRulesThere) {
  RepositoryPolicyConfig home{.pattern = "home/${user}/**"};
  home.default_policy = kRead;

  const SessionReach found = reach({home, pattern("home/ada/s", {"bob"}, kRead)});
  EXPECT_EQ(found.pull, (Names{"home/ada", "home/ada/*"}));
  EXPECT_EQ(found.not_pull, (Names{"home/ada/s"})) << "its text is shorter, with the name in it is not";
  EXPECT_TRUE(reach({home, pattern("**", {"bob"}, kRead)}).not_pull.empty()) << "and this one names nothing";
}

TEST(CallerReach, OfNobodyIsNothing) { EXPECT_TRUE(reach({pattern("team/**", {"ada"}, kAll)}, "mallory").empty()); }

/// What `reach_of` says to a traditional token of alice, who may pull and push below `team`, pull `public` and `move`, and push to `drop`.
class TraditionalReach {
 public:
  explicit TraditionalReach(const std::string& tokens)
      : gate_(
            {.config = config(tokens), .keys = test::secret_json({{"k1", &test::key_pair("ED25519")}}), .markers = {}, .revocations = {}}) {
  }

  Result<SessionReach> of(const std::string& claims, const Names& named = {}) {
    const std::string token = test::token_of(R"({"sub":"alice","exp":9999999999)" + claims + "}");
    const auto checked = check_token(token, gate_.state(), nullptr, test::kNow, nullptr);
    if (!checked) return checked.error();
    return reach_of(*checked->token, gate_.state(), named, {}, test::kNow);
  }
  State& state() { return gate_.state(); }

 private:
  static std::string config(const std::string& tokens) {
    std::string text = test::gate_config(R"("tokens":{"issuers":["any"],"audiences":["any"],)" + tokens + "}");
    const std::string_view begin = R"({"http":{)";
    EXPECT_TRUE(text.starts_with(begin));
    return text.insert(begin.size(), R"("accessControl":{"repositories":{
      "team/**":{"policies":[{"users":["alice"],"actions":["read","create","update"]}]},
      "public":{"policies":[{"users":["alice"],"actions":["read","create"]}]},
      "move":{"policies":[{"users":["alice"],"actions":["read","update"]}]},
      "drop":{"policies":[{"users":["alice"],"actions":["create","update"]}]}}},)");
  }

  test::TestGate gate_;
};

constexpr const char* kAccess =
    R"(,"access":[{"type":"repository","name":"team/app","actions":["pull","push"]},{"type":"registry","name":"team/web","actions":["pull"]},)"
    R"({"type":"repository","name":"public","actions":["pull","push"]},{"type":"repository","name":"else","actions":["pull"]}])";

TEST(CallerReachOfAToken, IsThatOfTheClaimWithinThePolicies) {
  const auto found = TraditionalReach(R"("accessClaim":"optional")").of(kAccess);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->pull, (Names{"public", "team/app"}));
  EXPECT_EQ(found->push, (Names{"team/app"})) << "of public, alice may not update";
}

TEST(CallerReachOfAToken, IsThatOfThePoliciesWhereNoClaimHasASay) {
  for (const char* claims : {"", kAccess}) {
    const auto found = TraditionalReach(R"("accessClaim":"ignored")").of(claims);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->pull, (Names{"move", "public", "team", "team/*"})) << claims;
    EXPECT_EQ(found->push, (Names{"drop", "team", "team/*"})) << claims;
  }
  EXPECT_EQ(TraditionalReach(R"("accessClaim":"optional")").of("")->pull, (Names{"move", "public", "team", "team/*"}));
}

TEST(CallerReachOfAToken, IsNothingWhereAClaimIsRequiredAndAbsent) {
  EXPECT_TRUE(TraditionalReach(R"("accessClaim":"required")").of("")->empty());
  EXPECT_FALSE(TraditionalReach(R"("accessClaim":"required")").of(kAccess)->empty());
}

TEST(CallerReachOfAToken, IsNothingWithoutPoliciesThatJudgeIt) {
  EXPECT_TRUE(TraditionalReach(R"("accessClaim":"required","policy":"ignored")").of("")->empty());
  TraditionalReach unjudged(R"("accessClaim":"optional")");
  unjudged.state().rules.policy_enforced = false;
  EXPECT_TRUE(unjudged.of("")->empty()) << "no configuration says so, and it would be everything";
  TraditionalReach alone(R"("accessClaim":"optional")");
  alone.state().policy = nullptr;
  EXPECT_TRUE(alone.of("")->empty());
}

TEST(CallerReachOfAToken, OfNamedRepositoriesIsWhatTheGateWouldAllowThere) {
  TraditionalReach alice(R"("accessClaim":"ignored")");
  const auto found = alice.of("", {"team/app", "public", "move", "drop"});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->pull, (Names{"move", "public", "team/app"}));
  EXPECT_EQ(found->push, (Names{"drop", "team/app"})) << "a push is both create and update";

  const auto refused = alice.of("", {"team/app", "else"});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::policy_denied);
  const auto malformed = alice.of("", {"team/app", "No Name"});
  ASSERT_FALSE(malformed.ok());
  EXPECT_EQ(malformed.error().reason, Reason::bad_request);
  EXPECT_EQ(malformed.error().detail, "'No Name' is no repository's name");
}

}  // namespace
}  // namespace portcullis
