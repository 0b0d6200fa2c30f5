#include "policy/compile.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/policy_fixture.h"

namespace portcullis {
namespace {

using test::PolicyFixture;

/// Findings of `severity`, a line each: path and message.
std::string findings(const PolicyFixture& policy, Severity severity) {
  std::string text;
  for (const Finding& finding : policy.findings()) {
    if (finding.severity == severity) text += finding.path + ": " + finding.message + "\n";
  }
  return text;
}

std::string warnings(std::string_view members, const PolicyContext& context = {}) {
  const PolicyFixture policy(members, context);
  EXPECT_TRUE(policy.compiled()) << format_findings(policy.findings());
  return findings(policy, Severity::warning);
}

bool holds(const std::string& text, std::string_view fragment) { return text.find(fragment) != std::string::npos; }

TEST(CompilePolicy, HasNothingToSayOfAPlainPolicy) {
  EXPECT_EQ(
      warnings(R"("repositories":{"**":{"policies":[{"users":["u"],"actions":["read","create","update"]}],"defaultPolicy":["read"]}},)"
               R"("groups":{"g":{"users":["u"]}},"adminPolicy":{"groups":["g"],"actions":["read","create","update","delete"]},)"
               R"("metrics":{"users":["prometheus"]})"),
      "");
  EXPECT_EQ(warnings(""), "");
}

TEST(CompilePolicy, ListsEveryFault) {
  AccessControlConfig config;
  config.repositories.push_back(
      {.pattern = "[", .policies = {{.users = {"*", ""}, .groups = {}, .actions = {"pull"}, .conditions = {{"1", ""}}}}});
  config.repositories.push_back({.pattern = ""});
  config.admin_policy = PolicyConfig{.users = {"a"}, .groups = {}, .actions = {"read"}, .conditions = {{"req.", ""}}};
  const CompiledPolicy compiled = compile_policy(config, {});

  EXPECT_EQ(compiled.policy, nullptr);
  std::string paths;
  for (const Finding& finding : compiled.findings) {
    if (finding.severity == Severity::error) paths += finding.path + "\n";
  }
  EXPECT_EQ(paths,
            "http.accessControl.repositories[\"[\"]\n"
            "http.accessControl.repositories[\"[\"].policies[0].users\n"
            "http.accessControl.repositories[\"[\"].policies[0].users\n"
            "http.accessControl.repositories[\"[\"].policies[0].actions\n"
            "http.accessControl.repositories[\"[\"].policies[0].conditions[0].expression\n"
            "http.accessControl.repositories[\"\"]\n"
            "http.accessControl.adminPolicy.conditions[0].expression\n");
}

TEST(CompilePolicy, BoundsDoubleStars) {
  const auto pattern = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "**/a/";
    return R"("repositories":{")" + text + R"(b":{}})";
  };

  EXPECT_TRUE(PolicyFixture(pattern(16)).compiled());
  EXPECT_TRUE(holds(findings(PolicyFixture(pattern(17)), Severity::error), "more than 16 segments **"));
}

TEST(CompilePolicy, WarnsOfPatterns) {
  EXPECT_TRUE(holds(warnings(R"("repositories":{"team**":{"defaultPolicy":["read"]}})"), "** inside a segment is just *"));
  EXPECT_TRUE(holds(warnings(R"("repositories":{"org/**":{"defaultPolicy":["read"]}})"), "matches org itself too"));
  EXPECT_TRUE(holds(warnings(R"("repositories":{"Org/*":{"defaultPolicy":["read"]}})"), "matches no repository"));
}

TEST(CompilePolicy, WarnsOfEquallyLongPatternsThatOverlap) {
  EXPECT_EQ(
      warnings(
          R"("repositories":{"foo/*":{"defaultPolicy":["read"]},"*/bar":{"defaultPolicy":["read"]},"baz/*":{"defaultPolicy":["read"]}})"),
      "http.accessControl.repositories[\"*/bar\"]: may match the same repository as the equally long foo/*, and then rules alone, being "
      "the "
      "smaller text; make one longer\n"
      "http.accessControl.repositories[\"*/bar\"]: may match the same repository as the equally long baz/*, and then rules alone, being "
      "the "
      "smaller text; make one longer\n");
  EXPECT_TRUE(holds(warnings(R"("repositories":{"foo/*ar":{"defaultPolicy":["read"]},"foo/bar":{"defaultPolicy":["read"]}})"),
                    "equally long foo/bar"));
  EXPECT_EQ(warnings(R"("repositories":{"foo/bar":{"defaultPolicy":["read"]},"foo/baz":{"defaultPolicy":["read"]}})"), "");
}

TEST(CompilePolicy, WarnsOfLongerPatternsThatOpenWhatIsKeptForAUser) {
  const auto both = [](const std::string& pattern, const std::string& reserved = "home/${user}/*/**") {
    return warnings(R"("repositories":{")" + pattern + R"(":{"defaultPolicy":["read"]},")" + reserved + R"(":{"defaultPolicy":["read"]}})");
  };

  EXPECT_TRUE(holds(both("{home,people}/*/*/**"),
                    R"(http.accessControl.repositories["{home,people}/*/*/**"]: is longer than home/${user}/*/**, and rules alone)"));
  EXPECT_TRUE(holds(both("home/*/a-long-name/*/**"), "is longer than home/${user}/*/**"));
  EXPECT_TRUE(holds(both("**/a-long-name-of-all/*/**"), "is longer than home/${user}/*/**"));
  for (const char* harmless : {"home/alice-of-all-people/*/**", "{people,persons}/*/*/**", "home/alice/app-of-her-own", "home/*/*/**"})
    EXPECT_EQ(both(harmless), "") << harmless;
}

TEST(CompilePolicy, WarnsOfMembersThatARequestDoesNotHave) {
  const auto under = [](const std::string& expression) {
    return warnings(R"("adminPolicy":{"users":["a"],"actions":["read"],"conditions":[{"expression":")" + expression + R"("}]})");
  };

  EXPECT_EQ(under("req.user.username == 'a' && req.repositry == 'x'"),
            "http.accessControl.adminPolicy.conditions[0].expression: <input>:1:32: req has no member repositry; did you mean "
            "\"repository\"?\n"
            " | req.user.username == 'a' && req.repositry == 'x'\n"
            " | ...............................^\n");
  EXPECT_TRUE(holds(under("req['client'].adress == ''"), "req.client has no member adress"));
  EXPECT_TRUE(holds(under("req.tag.name == ''"), "req.tag has no member name; it is no map"));
  EXPECT_TRUE(holds(under("has(req.nothing)"), "req has no member nothing"));
  for (const char* known :
       {"req.claims.anything.at.all == 1", "req.client.forwardedFor.size() == 0", "req.tls.version == '' && req.tls.enabled",
        "req.auth.admin || req.auth.anonymous", "req.user.groups.exists(g, g == 'x')", "req.time.getHours() == 1", "req[req.tag] == ''"})
    EXPECT_EQ(under(known), "") << known;
}

TEST(CompilePolicy, WarnsOfClaimsThatTheDecisionLogCannotKnow) {
  const auto under = [](const std::string& expression, bool logged) {
    const std::string members = R"("adminPolicy":{"users":["a"],"actions":["read"],"conditions":[{"expression":")" + expression + R"("}]})";
    return warnings(members, {.decisions_logged = logged});
  };

  for (const char* unnamed : {"req.claims[req.tag] == 1", "size(req.claims) == 1", "'x' in req.claims"}) {
    EXPECT_TRUE(holds(under(unnamed, true), "conditions[0].expression: which claims it reads cannot be told")) << unnamed;
    EXPECT_EQ(under(unnamed, false), "") << unnamed;
  }
  for (const char* named : {"req.claims.team == 'x'", "'r' in req.claims['roles']", "req.tag == ''"})
    EXPECT_EQ(under(named, true), "") << named;
}

TEST(CompilePolicy, WarnsOfHalfAPush) {
  const std::string half = R"("repositories":{"a":{"policies":[{"users":["u"],"actions":["create"]}],"defaultPolicy":["update"]}})";

  EXPECT_TRUE(holds(warnings(half), "policies[0].actions: create without update pushes no tag"));
  EXPECT_TRUE(holds(warnings(half), "defaultPolicy: update without create pushes no tag"));
  EXPECT_EQ(warnings(half, {.path = "http.accessControl", .tag_lookup = true}), "");
  EXPECT_EQ(warnings(R"("repositories":{"a":{"policies":[{"users":["u"],"actions":["create"],"deny":true}]}})"), "");
}

TEST(CompilePolicy, WarnsOfPoliciesThatDoNothing) {
  EXPECT_TRUE(holds(warnings(R"("repositories":{"a":{"policies":[{"actions":["read"]}]}})"), "names neither users nor groups"));
  EXPECT_TRUE(holds(warnings(R"("repositories":{"a":{"policies":[{"users":["u"]}]}})"), "names no action"));
  EXPECT_EQ(warnings(R"("repositories":{"a":{"policies":[{"actions":["read"],"deny":true}]}})"), "");
  EXPECT_TRUE(holds(warnings(R"("metrics":{})"), "nobody can read metrics"));
}

TEST(CompilePolicy, WarnsOfGroupsThatNobodyHas) {
  const std::string groups = R"("groups":{"empty":{},"full":{"users":["u"]}},"repositories":{"a":{"policies":[{"groups":[)";
  const PolicyContext nobody_names_groups{.path = "http.accessControl", .tag_lookup = false, .tokens_name_groups = false};

  EXPECT_TRUE(holds(warnings(groups + R"("empty"],"actions":["read"]}]}})", nobody_names_groups), "nobody is in the group empty"));
  EXPECT_EQ(warnings(groups + R"("full"],"actions":["read"]}]}})", nobody_names_groups), "");
  EXPECT_EQ(warnings(groups + R"("other"],"actions":["read"]}]}})"), "");
}

TEST(CompilePolicy, ListsAHundredWarningsAndCountsTheRest) {
  const auto with = [](int count) {
    std::string members;
    for (int i = 0; i < count; ++i) members += (i > 0 ? ",\"t" : "\"t") + std::to_string(i) + R"(/**":{"defaultPolicy":["read"]})";
    return PolicyFixture("\"repositories\":{" + members + "}").findings();
  };

  EXPECT_EQ(with(100).size(), 100U);
  EXPECT_EQ(with(102).size(), 101U);
  EXPECT_EQ(with(102).back(),
            (Finding{Severity::warning, "http.accessControl", "2 more warnings are not listed; mend those that are, and ask again"}));
}

TEST(CompilePolicy, KnowsWhatConditionsRead) {
  const auto fields = [](const std::string& expression) {
    return PolicyFixture(R"("adminPolicy":{"users":["a"],"actions":["read"],"conditions":[{"expression":")" + expression + R"("}]})")
        .policy()
        .fields();
  };

  EXPECT_TRUE(reads_claims(fields("req.claims.x == 1")));
  EXPECT_FALSE(reads_claims(fields("req.repository == 'x'")));
  EXPECT_TRUE(reads_time(fields("req.time > timestamp('2026-01-01T00:00:00Z')")));
  EXPECT_FALSE(reads_time(fields("true")));
  EXPECT_TRUE(reads_claims(fields("size(req) > 3")));
}

TEST(CompilePolicy, KeepsTheMetricsPolicy) {
  const PolicyFixture policy(R"("metrics":{"users":["prometheus"],"anonymousPolicy":["read"]})");
  const PolicyFixture closed(R"("metrics":{"users":["prometheus"],"anonymousPolicy":["delete"]})");

  EXPECT_TRUE(policy.policy().has_metrics());
  EXPECT_TRUE(policy.policy().may_read_metrics("prometheus"));
  EXPECT_TRUE(policy.policy().may_read_metrics(""));
  EXPECT_FALSE(policy.policy().may_read_metrics("alice"));
  EXPECT_FALSE(closed.policy().may_read_metrics(""));
  EXPECT_FALSE(PolicyFixture("").policy().has_metrics());
}

}  // namespace
}  // namespace portcullis
