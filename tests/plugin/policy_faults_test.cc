#include "plugin/policy_faults.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/policy_fixture.h"

namespace portcullis {
namespace {

/// `path: message` of each error, a line each.
std::string errors_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::error) text += finding.path + ": " + finding.message + "\n";
  }
  return text;
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// One look shows what loading finds and what compiling finds, each with its place, once.
TEST(PolicyFaults, StandBesideThoseOfLoading) {
  LoadedConfig loaded = load_config_text(test::policy_config(R"("repositories":{
        "a/**":{"policies":[{"users":["alice"],"actions":["raed"]}]},
        "b/{x":{"policies":[{"users":["bob"],"actions":["read"],"conditions":[{"expression":"req.tag == 1 +"}]}]},
        "c/[":{"policies":[{"users":["carol"],"actions":["read"],"conditions":[{"expression":"nobody == 1"}]}]}})"),
                                         "/etc/portcullis", {});
  ASSERT_FALSE(loaded.config);

  add_policy_faults(loaded);

  const std::string errors = errors_of(loaded.findings);
  EXPECT_NE(errors.find(R"("raed" is no action; actions are read, create, update, delete, detectManifestCollision; did you mean "read"?)"),
            std::string::npos)
      << errors;
  EXPECT_EQ(count_of(errors, "is no action"), 1U) << errors;
  EXPECT_NE(errors.find(R"(http.accessControl.repositories["b/{x"]: syntax error in pattern)"), std::string::npos) << errors;
  EXPECT_NE(errors.find(R"(http.accessControl.repositories["c/["]: syntax error in pattern)"), std::string::npos) << errors;
  EXPECT_NE(errors.find("undeclared reference to 'nobody'"), std::string::npos) << errors;
  EXPECT_EQ(count_of(errors, "^"), 4U) << errors;  // a caret below each pattern and each expression
}

TEST(PolicyFaults, AreNoneWhereThereAreNone) {
  LoadedConfig good = load_config_text(test::policy_config(R"("repositories":{"**":{"defaultPolicy":["read"]}})"), "/etc/portcullis", {});
  ASSERT_TRUE(good.config) << format_findings(good.findings);
  const std::size_t before = good.findings.size();

  add_policy_faults(good);

  EXPECT_EQ(good.findings.size(), before);
  EXPECT_TRUE(policy_faults(*good.config).empty());
}

TEST(PolicyFaults, AreAllOfTheBroker) {
  auto broker = std::make_shared<BrokerConfig>();
  for (const char* const pattern : {"a/[", "b/**", "c/{"}) broker->routes.push_back({.repositories = pattern, .registry = "r"});
  for (const char* const expression : {"1 +", "true", "nobody"}) {
    BrokerPolicyConfig rule;
    rule.conditions.push_back({expression, ""});
    broker->policy.push_back(std::move(rule));
  }
  Config config;
  config.broker = broker;

  const std::string errors = errors_of(policy_faults(config));

  EXPECT_NE(errors.find("portcullis.broker.routes[0].repositories: "), std::string::npos) << errors;
  EXPECT_NE(errors.find("portcullis.broker.routes[2].repositories: "), std::string::npos) << errors;
  EXPECT_NE(errors.find("portcullis.broker.policy[0].conditions[0].expression: "), std::string::npos) << errors;
  EXPECT_NE(errors.find("portcullis.broker.policy[2].conditions[0].expression: "), std::string::npos) << errors;
  EXPECT_EQ(errors.find("[1]"), std::string::npos) << errors;
}

TEST(PolicyFaults, AreToldOnceAPlace) {
  std::vector<Finding> found = {{Severity::error, "a.b", "x"}, {Severity::warning, "a.d", "y"}, {Severity::error, "", "error: e.f: z"}};

  add_unknown_faults(found, {{Severity::error, "a.b", "again"},
                             {Severity::error, "a.b[0]", "below"},
                             {Severity::error, "e.f", "told in a text"},
                             {Severity::error, "a.d", "only a warning so far"},
                             {Severity::error, "g", "new"}});

  EXPECT_EQ(errors_of(found), "a.b: x\n: error: e.f: z\na.d: only a warning so far\ng: new\n");
}

}  // namespace
}  // namespace portcullis
