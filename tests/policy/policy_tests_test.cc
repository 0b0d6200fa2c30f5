#include "policy/policy_tests.h"

#include <gtest/gtest.h>

#include "policy/compile.h"
#include "tests/support/policy_fixture.h"

namespace portcullis {
namespace {

/// Developers push to `team/*` in the morning; prod is read by all and written by ci, never from elsewhere than 10.0.0.1.
AccessControlConfig sample() {
  AccessControlConfig config;
  PolicyConfig developers;
  developers.groups = {"devs"};
  developers.actions = {"read", "create", "update"};
  PolicyConfig ci;
  ci.users = {"ci"};
  ci.actions = {"read", "create", "update"};
  ci.conditions = {{"req.client.ip == '10.0.0.1'", "only from the build network"}};
  config.repositories = {{"team/*", {developers}, {}, {}}, {"prod/**", {ci}, {"read"}, {}}, {"public/**", {}, {}, {"read"}}};
  return config;
}

class PolicyTests : public testing::Test {
 protected:
  std::vector<std::string> run(const PolicyTestConfig& test) {
    const CompiledPolicy compiled = compile_policy(config_, {});
    EXPECT_NE(compiled.policy, nullptr) << format_findings(compiled.findings);
    std::vector<std::string> messages;
    for (const Finding& finding : run_policy_tests(std::span(&test, 1), *compiled.policy, context_)) {
      EXPECT_EQ(finding.severity, Severity::error);
      EXPECT_EQ(finding.path, "portcullis.policyTests[0]");
      messages.push_back(finding.message);
    }
    return messages;
  }
  bool passes(const PolicyTestConfig& test) { return run(test).empty(); }

  AccessControlConfig config_ = sample();
  PolicyTestContext context_{.extra_routes = {}, .route_limits = {4096}, .strips_mount = false};
};

PolicyTestConfig pull(std::string user, std::string repository, bool allow) {
  PolicyTestConfig test;
  test.name = "pulls";
  test.user = std::move(user);
  test.method = "GET";
  test.uri = "/v2/" + repository + "/manifests/v1";
  test.allow = allow;
  return test;
}

PolicyTestConfig push(std::string user, std::string repository, bool allow) {
  PolicyTestConfig test = pull(std::move(user), std::move(repository), allow);
  test.method = "PUT";
  return test;
}

TEST_F(PolicyTests, PassWhereTheAnswerIsTheExpectedOne) {
  EXPECT_TRUE(passes(pull("anybody", "prod/app", true)));
  EXPECT_TRUE(passes(pull("anybody", "team/app", false)));
}

TEST_F(PolicyTests, AFailureNamesTheTestBothAnswersAndWhatWouldChangeThem) {
  EXPECT_EQ(
      run(push("anybody", "prod/app", true)),
      std::vector<std::string>{"policy test 'pulls': expected allow, and the policies say deny (policy_denied): it would be granted by "
                               "http.accessControl.repositories[\"prod/**\"].policies[0]: if it named the user or a group of the user"});
  EXPECT_EQ(run(pull("anybody", "prod/app", false)),
            std::vector<std::string>{"policy test 'pulls': expected deny, and the policies say allow: "
                                     "http.accessControl.repositories[\"prod/**\"].defaultPolicy grants the action"});
}

TEST_F(PolicyTests, GroupsOfTheTestAreThoseOfTheToken) {
  PolicyTestConfig test = push("dora", "team/app", true);
  EXPECT_FALSE(passes(test));
  test.groups = {"devs"};
  EXPECT_TRUE(passes(test));
}

TEST_F(PolicyTests, ConditionsReadTheAddressOfTheTest) {
  PolicyTestConfig test = push("ci", "prod/app", true);
  EXPECT_FALSE(passes(test));
  test.client = "10.0.0.1";
  EXPECT_TRUE(passes(test));
  test.client = "10.0.0.2";
  EXPECT_FALSE(passes(test));
}

TEST_F(PolicyTests, ConditionsReadTheClaimsAndTheUserAgentOfTheTest) {
  config_.repositories[0].policies[0].users = {"dora"};
  config_.repositories[0].policies[0].conditions = {{"req.claims.level > 2.0 && req.userAgent.startsWith('docker/')", ""}};
  PolicyTestConfig test = push("dora", "team/app", true);
  test.claims = R"({"level":3})";
  EXPECT_FALSE(passes(test));
  test.user_agent = "docker/27";
  EXPECT_TRUE(passes(test));
  test.claims = R"({"level":2})";
  EXPECT_FALSE(passes(test));
}

TEST_F(PolicyTests, WithoutUserGroupsAndClaimsNobodyAsks) {
  PolicyTestConfig test = pull("x", "public/app", true);
  test.user.reset();
  EXPECT_TRUE(passes(test));
  test.uri = "/v2/prod/app/manifests/v1";
  test.allow = false;
  test.reason = "token_missing";
  EXPECT_TRUE(passes(test));
}

TEST_F(PolicyTests, ATagThatExistsNeedsUpdateAlone) {
  config_.repositories[0].policies[0].actions = {"update"};
  PolicyTestConfig test = push("dora", "team/app", true);
  test.groups = {"devs"};
  EXPECT_FALSE(passes(test)) << "nobody knows whether it is there";
  test.tag_exists = true;
  EXPECT_TRUE(passes(test));
  test.tag_exists = false;
  EXPECT_FALSE(passes(test));
}

TEST_F(PolicyTests, ATimeIsNeededWhereAConditionReadsIt) {
  EXPECT_TRUE(passes(pull("anybody", "prod/app", true)));
  config_.repositories[0].policies[0].conditions = {{"req.time.getHours() < 12", ""}};
  EXPECT_EQ(run(pull("anybody", "prod/app", true)),
            std::vector<std::string>{"policy test 'pulls': at: must be given: a condition of the policies reads req.time"});
  PolicyTestConfig test = push("dora", "team/app", true);
  test.groups = {"devs"};
  test.at = "2026-03-02T11:59:59Z";
  EXPECT_TRUE(passes(test));
  test.at = "2026-03-02T12:00:00Z";
  EXPECT_FALSE(passes(test));
}

TEST_F(PolicyTests, ATimeThatIsNoneFails) {
  PolicyTestConfig test = pull("anybody", "prod/app", true);
  test.at = "tomorrow";
  EXPECT_EQ(run(test), std::vector<std::string>{"policy test 'pulls': at: 'tomorrow' is no RFC 3339 time, such as 2026-03-01T12:00:00Z"});
}

TEST_F(PolicyTests, TheReasonMustBeTheGivenOne) {
  PolicyTestConfig test = pull("anybody", "team/app", false);
  test.reason = "policy_denied";
  EXPECT_TRUE(passes(test));
  test.reason = "token_missing";
  EXPECT_EQ(run(test), std::vector<std::string>{"policy test 'pulls': expected the reason token_missing, and it is policy_denied"});
  test.reason = "no_such_reason";
  EXPECT_EQ(run(test),
            std::vector<std::string>{
                "policy test 'pulls': reason: there is no reason called 'no_such_reason'; portcullis routes --reasons lists them"});
}

TEST_F(PolicyTests, ARouteThatIsRefusedIsADeny) {
  PolicyTestConfig test = pull("anybody", "prod/app", false);
  test.uri = "/v2/prod/../app/manifests/v1";
  EXPECT_TRUE(passes(test));
  test.allow = true;
  EXPECT_FALSE(passes(test));
}

TEST_F(PolicyTests, OfAMountTheSourceIsReadOrDropped) {
  PolicyTestConfig test = push("dora", "team/app", false);
  test.groups = {"devs"};
  test.method = "POST";
  test.uri = "/v2/team/app/blobs/uploads/?mount=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855&from=secret/app";
  test.reason = "mount_source_denied";
  EXPECT_TRUE(passes(test));
  context_.strips_mount = true;
  test.allow = true;
  test.reason.reset();
  EXPECT_TRUE(passes(test));
}

}  // namespace
}  // namespace portcullis
