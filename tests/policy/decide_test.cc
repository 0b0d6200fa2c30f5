#include "policy/decide.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/policy_fixture.h"

namespace portcullis {
namespace {

using test::PolicyFixture;

std::string trace_of(const PolicyFixture& policy, const test::PolicyQuestion& question) {
  Trace trace;
  (void)policy.ask(question, &trace);
  std::string text;
  for (const TraceStep& step : trace.steps()) text.append(step.step).append(step.passed ? " + " : " - ").append(step.detail).append("\n");
  return text;
}

TEST(Deny, BeatsEveryGrant) {
  const PolicyFixture policy(
      R"("repositories":{"**":{"policies":[{"users":["alice","root"],"actions":["read","delete"]},{"users":["alice"],"actions":["delete"],"deny":true}]}},)"
      R"("adminPolicy":{"users":["alice"],"actions":["delete"]})");

  EXPECT_FALSE(policy.ask({.method = "DELETE", .user = "alice"}));
  EXPECT_EQ(policy.ask({.method = "DELETE", .user = "alice"}).rule, R"(http.accessControl.repositories["**"].policies[1])");
  EXPECT_TRUE(policy.ask({.method = "DELETE", .user = "root"}));
  EXPECT_TRUE(policy.pull("app", "alice"));
}

TEST(Deny, IsLookedForBelowEveryMatchingPattern) {
  const PolicyFixture policy(
      R"("repositories":{"**":{"policies":[{"groups":["guests"],"actions":["read"],"deny":true}]},"team/app":{"defaultPolicy":["read"]}})");

  EXPECT_TRUE(policy.pull("team/app", "alice"));
  EXPECT_FALSE(policy.pull("team/app", "alice", {"guests"}));
}

TEST(Deny, WithoutNamesMeansEveryone) {
  const PolicyFixture policy(
      R"("repositories":{"sealed/**":{"policies":[{"actions":["read"],"deny":true}],"defaultPolicy":["read"],"anonymousPolicy":["read"]}},)"
      R"("adminPolicy":{"users":["root"],"actions":["read"]})");

  for (const char* user : {"", "alice", "root"}) EXPECT_FALSE(policy.pull("sealed/app", user)) << user;
}

TEST(Deny, HoldsWhereItsConditionsHoldOrErr) {
  const auto denies = [](const std::string& expression) {
    const PolicyFixture policy(R"("repositories":{"**":{"policies":[{"actions":["read"],"deny":true,"conditions":[{"expression":")" +
                               expression + R"(","message":"closed"}]}],"defaultPolicy":["read"]}})");
    const auto answer = policy.pull("app", "alice");
    EXPECT_EQ(answer.message, answer.granted ? "" : "closed");
    return !answer.granted;
  };

  EXPECT_TRUE(denies("req.repository == 'app'"));
  EXPECT_FALSE(denies("req.repository == 'other'"));
  EXPECT_TRUE(denies("req.claims.missing == 1"));
}

TEST(Deny, OfAMountsSourceIsADeniedSource) {
  const PolicyFixture policy(
      R"("repositories":{"**":{"defaultPolicy":["read","create"]},"secret/**":{"policies":[{"actions":["read"],"deny":true}]}})");
  const auto answer = policy.ask({.method = "POST",
                                  .uri = "/v2/app/blobs/uploads/?from=secret/x&mount="
                                         "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                  .user = "alice"});

  EXPECT_TRUE(answer.source_denied);
}

TEST(Placeholder, StandsForTheCallersName) {
  const PolicyFixture policy(R"("repositories":{"home/${user}/**":{"defaultPolicy":["read"]},"**":{"defaultPolicy":["read"]}})");

  EXPECT_TRUE(policy.pull("home/alice/x", "alice"));
  EXPECT_FALSE(policy.pull("home/alice/x", "bob"));
  EXPECT_FALSE(policy.pull("home/alice/x", "https://issuer.example/alice"));
  EXPECT_TRUE(policy.pull("homes/alice/x", "bob"));
}

TEST(Placeholder, KeepsItsPlaceForOthersButNotFromAdmins) {
  const PolicyFixture policy(
      R"("repositories":{"home/${user}/**":{"defaultPolicy":["read"],"anonymousPolicy":["read"]},"**":{"anonymousPolicy":["read"]}},)"
      R"("adminPolicy":{"users":["root"],"actions":["read"]})");

  EXPECT_FALSE(policy.pull("home/alice/x", ""));
  EXPECT_TRUE(policy.pull("home/alice/x", "root"));
}

TEST(Placeholder, YieldsToAPatternThatWritesItsPlaceOut) {
  const PolicyFixture policy(
      R"("repositories":{"home/${user}/**":{"defaultPolicy":["read"]},"home/alice/**":{"policies":[{"users":["bob"],"actions":["read"]}]},)"
      R"("home/*/shared/**":{"policies":[{"users":["carol"],"actions":["read"]}]},"home/*/x":{"policies":[{"users":["dave"],"actions":["read"]}]}})");

  EXPECT_TRUE(policy.pull("home/alice/x", "bob"));
  EXPECT_FALSE(policy.pull("home/alice/x", "alice"));
  EXPECT_TRUE(policy.pull("home/eve/x", "eve"));
  EXPECT_FALSE(policy.pull("home/eve/x", "dave"));         // shorter than the template
  EXPECT_TRUE(policy.pull("home/eve/shared/x", "carol"));  // longer
}

TEST(Placeholder, NeedsAUserWhoseNameIsASegment) {
  const PolicyFixture policy(R"("repositories":{"home/${user}":{"defaultPolicy":["read"]}})");

  EXPECT_TRUE(policy.pull("home/a-b.c", "a-b.c"));
  for (const char* user : {"A", "a/b", "a b", "-a", ""}) EXPECT_FALSE(policy.pull("home/a", user)) << user;
}

TEST(Placeholder, IsNoWayInForHostileNames) {
  const PolicyFixture policy(R"("repositories":{"home/${user}/**":{"defaultPolicy":["read"]},"home/*":{"defaultPolicy":[]}})");

  for (const char* const name : {"*", "**", "?", "[a-z]*", "{alice,bob}", "{}",      "${user}", "..",       ".", "alice/..", "alice/app",
                                 "/", "",   " ", "alice ", "Alice",       "al%69ce", "alice\\", "\xC3\xA9", "-", "a//b"}) {
    EXPECT_FALSE(policy.ask({.uri = "/v2/home/alice/app/manifests/v1", .user = name})) << name;
  }
  EXPECT_TRUE(policy.ask({.uri = "/v2/home/alice/app/manifests/v1", .user = "alice"}));
  EXPECT_FALSE(policy.ask({.uri = "/v2/home/alicea/app/manifests/v1", .user = "alice"}));
}

TEST(Names, OfUsersAndGroupsAreTextsAndNeverPatterns) {
  const PolicyFixture policy(R"("repositories":{"app":{"policies":[{"users":["al*"],"groups":["dev*","user"],"actions":["read"]}]}})");

  EXPECT_TRUE(policy.ask({.user = "al*"}));
  EXPECT_FALSE(policy.ask({.user = "alice"}));
  EXPECT_FALSE(policy.ask({.user = "user"}));  // a group is no user
  EXPECT_FALSE(policy.ask({.user = "bob", .groups = {"devs", "al*", ""}}));
  EXPECT_TRUE(policy.ask({.user = "bob", .groups = {"dev*"}}));
}

TEST(Deny, ReachesAdminsAndDefaultsAndNobody) {
  const PolicyFixture policy(R"("repositories":{"**":{"defaultPolicy":["read"],"anonymousPolicy":["read"]},
    "app":{"policies":[{"deny":true,"actions":["read"]}],"defaultPolicy":["read"],"anonymousPolicy":["read"]}},
    "adminPolicy":{"users":["root"],"actions":["read","delete"]})");

  for (const char* const user : {"root", "alice", ""}) EXPECT_FALSE(policy.ask({.user = user})) << user;
  EXPECT_TRUE(policy.ask({.uri = "/v2/other/manifests/v1", .user = ""}));
  EXPECT_TRUE(policy.ask({.method = "DELETE", .user = "root"}));  // what is not denied stays
}

TEST(Defaults, DoNotMergeWithThoseOfShorterPatternsOrOfNobody) {
  const PolicyFixture policy(R"("repositories":{"**":{"defaultPolicy":["read"],"anonymousPolicy":["read"]},
    "app":{"policies":[{"users":["alice"],"actions":["read"]}]},"open":{"anonymousPolicy":["read"]}})");

  EXPECT_TRUE(policy.ask({.user = "alice"}));
  EXPECT_FALSE(policy.ask({.user = "bob"}));
  EXPECT_FALSE(policy.ask({.user = ""}));
  EXPECT_TRUE(policy.ask({.uri = "/v2/open/manifests/v1", .user = ""}));
  EXPECT_FALSE(policy.ask({.uri = "/v2/open/manifests/v1", .user = "bob"}));  // who is known is no longer nobody
}

TEST(Groups, OfTheConfigurationAreAddedToTheTokens) {
  const PolicyFixture policy(
      R"("groups":{"devs":{"users":["alice"]}},"repositories":{"app":{"policies":[{"groups":["devs"],"actions":["read"]}]}})");

  EXPECT_TRUE(policy.pull("app", "alice"));
  EXPECT_FALSE(policy.pull("app", "bob"));
  EXPECT_TRUE(policy.pull("app", "bob", {"devs"}));
}

TEST(Tags, AreWantedWhereKnowingThemCouldHelp) {
  const auto ask = [](const std::string& actions, std::vector<TagFact> tags) {
    return PolicyFixture(R"("repositories":{"**":{"defaultPolicy":[)" + actions + "]}}")
        .ask({.method = "PUT", .user = "alice", .tags = std::move(tags)});
  };

  EXPECT_TRUE(ask(R"("create")", {}).wants_tags);
  EXPECT_TRUE(ask(R"("update")", {}).wants_tags);
  EXPECT_FALSE(ask(R"("create","update")", {}).wants_tags);
  EXPECT_FALSE(ask(R"("read")", {}).wants_tags);
  EXPECT_FALSE(ask(R"("create")", {{"v1", true}}).wants_tags);
  EXPECT_FALSE(ask(R"("create")", {{"v1", false}}).wants_tags);
}

TEST(Tags, OfADigestAreJudgedTogether) {
  const PolicyFixture policy(R"("repositories":{"**":{"defaultPolicy":["create"]}})");
  const std::string uri = "/v2/app/manifests/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855?tag=a&tag=b";

  EXPECT_TRUE(policy.ask({.method = "PUT", .uri = uri, .user = "alice"}).wants_tags);
  EXPECT_TRUE(policy.ask({.method = "PUT", .uri = uri, .user = "alice", .tags = {{"a", false}}}).wants_tags);
  EXPECT_TRUE(policy.ask({.method = "PUT", .uri = uri, .user = "alice", .tags = {{"a", false}, {"b", false}}}).granted);
  EXPECT_FALSE(policy.ask({.method = "PUT", .uri = uri, .user = "alice", .tags = {{"a", false}, {"b", true}}}).granted);
}

TEST(PolicyTrace, TellsPatternsPoliciesAndWhatWouldHaveHelped) {
  const PolicyFixture policy(
      R"("repositories":{"**":{"defaultPolicy":["read"]},"team/*":{"policies":[{"users":["alice"],"actions":["read"]},)"
      R"({"groups":["ops"],"actions":["delete"]}]}},"adminPolicy":{"users":["root"],"actions":["delete"]})");

  EXPECT_EQ(trace_of(policy, {.method = "DELETE", .uri = "/v2/team/app/manifests/v1", .user = "alice"}),
            "pattern - ** matches, and is not the one that rules\n"
            "pattern + team/* rules: of the patterns that match it is the longest\n"
            "policy - http.accessControl.repositories[\"team/*\"].policies[0] names the user, and not the action\n"
            "policy - http.accessControl.repositories[\"team/*\"].policies[1] names neither the user nor a group of the user\n"
            "admin_policy - http.accessControl.adminPolicy does not name the caller\n"
            "access - delete on team/app at v1: not granted\n"
            "flip - it would be granted by http.accessControl.repositories[\"team/*\"].policies[0]: if it listed the action\n");
}

TEST(PolicyTrace, TellsWhatGranted) {
  const PolicyFixture policy(R"("repositories":{"team/*":{"defaultPolicy":["read"]}})");

  EXPECT_EQ(trace_of(policy, {.uri = "/v2/team/app/tags/list", .user = "alice"}),
            "pattern + team/* rules: of the patterns that match it is the longest\n"
            "default_policy + http.accessControl.repositories[\"team/*\"].defaultPolicy grants the action\n"
            "access + read on team/app: granted\n");
}

TEST(PolicyTrace, NamesTheConditionThatFailed) {
  const PolicyFixture policy(
      R"("repositories":{"team/*":{"policies":[{"users":["alice"],"actions":["read"],"conditions":[{"expression":"true"},{"expression":"req.claims.x"}]}]}})");
  const std::string trace = trace_of(policy, {.uri = "/v2/team/app/tags/list", .user = "alice"});

  EXPECT_NE(trace.find("does not apply: conditions[1] cannot be evaluated: failed to evaluate the CEL expression 'req.claims.x'"),
            std::string::npos)
      << trace;
  EXPECT_NE(trace.find("flip - it would be granted by http.accessControl.repositories[\"team/*\"].policies[0]: if its conditions[1] could"),
            std::string::npos)
      << trace;
}

TEST(PolicyTrace, TellsADenyAndAReservedPlace) {
  const PolicyFixture policy(
      R"("repositories":{"home/${user}/**":{"defaultPolicy":["read"]},"**":{"policies":[{"users":["eve"],"actions":["read"],"deny":true}]}})");

  const std::string denied = trace_of(policy, {.uri = "/v2/home/eve/tags/list", .user = "eve"});
  EXPECT_NE(denied.find("deny - http.accessControl.repositories[\"**\"].policies[0] denies\n"), std::string::npos) << denied;
  EXPECT_NE(denied.find("flip - it would be granted by"), std::string::npos) << denied;
  const std::string reserved = trace_of(policy, {.uri = "/v2/home/eve/tags/list", .user = "bob"});
  EXPECT_NE(reserved.find("home/${user}/** rules: of the patterns that match it is the longest; it keeps the place for another user"),
            std::string::npos)
      << reserved;
}

TEST(PolicyTrace, SaysThatNoPatternMatches) {
  const std::string trace = trace_of(PolicyFixture(R"("repositories":{"a":{}})"), {.uri = "/v2/b/tags/list", .user = "alice"});

  EXPECT_NE(trace.find("pattern - no pattern matches b\n"), std::string::npos) << trace;
  EXPECT_NE(trace.find("flip - it would be granted by a pattern that matches the repository\n"), std::string::npos) << trace;
}

}  // namespace
}  // namespace portcullis
