// Rows N19 to N24 of zot's behaviour: faults of access control are found at load.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/policy_fixture.h"

namespace portcullis {
namespace {

using test::PolicyFixture;

std::string with_condition(const std::string& expression) {
  return R"("repositories":{"P":{"policies":[{"users":["u"],"actions":["read"],"conditions":[{"expression":"true"},{"expression":")" +
         expression + R"("}]}]}})";
}

bool has_error(const PolicyFixture& policy, std::string_view path, std::string_view fragment) {
  for (const Finding& finding : policy.findings()) {
    if (finding.severity == Severity::error && finding.path == path && finding.message.find(fragment) != std::string::npos) return true;
  }
  ADD_FAILURE() << format_findings(policy.findings());
  return false;
}

TEST(ZotRowsN, N19N20_AnonymousPoliciesAloneLoadToo) {
  EXPECT_TRUE(PolicyFixture(R"("repositories":{"**":{"anonymousPolicy":["read"]}})").compiled());
  EXPECT_TRUE(PolicyFixture(R"("metrics":{"anonymousPolicy":["read"]})").compiled());
}

TEST(ZotRowsN, N21_ABadConditionIsFoundAtLoad) {
  const PolicyFixture policy(with_condition("foo == 1"));

  EXPECT_FALSE(policy.compiled());
  EXPECT_TRUE(
      has_error(policy, R"(http.accessControl.repositories["P"].policies[0].conditions[1].expression)",
                R"(repositories["P"].policies[0]: condition[1]: failed to parse the CEL expression 'foo == 1': ERROR: <input>:1:1:)"));
  const PolicyFixture admin(R"("adminPolicy":{"users":["u"],"actions":["read"],"conditions":[{"expression":"1 +"}]})");
  EXPECT_TRUE(has_error(admin, "http.accessControl.adminPolicy.conditions[0].expression", "adminPolicy: condition[0]: failed to parse"));
}

TEST(ZotRowsN, N22_AConditionThatCanNeverBeABoolIsRefused) {
  EXPECT_TRUE(has_error(PolicyFixture(with_condition("1 + 1")),
                        R"(http.accessControl.repositories["P"].policies[0].conditions[1].expression)",
                        "a condition is true or false, and this is int"));
  EXPECT_TRUE(PolicyFixture(with_condition("req.auth.admin")).compiled());
}

TEST(ZotRowsN, N23_AConditionNeedsNoMessage) { EXPECT_TRUE(PolicyFixture(with_condition("true")).compiled()); }

TEST(ZotRowsN, N24_ABadGlobIsFoundAtLoad) {
  const PolicyFixture policy(R"("repositories":{"[":{"defaultPolicy":["read"]},"a{":{},"fine":{}})");

  EXPECT_FALSE(policy.compiled());
  EXPECT_TRUE(has_error(policy, R"(http.accessControl.repositories["["])", "syntax error in pattern: `[` opens a class"));
  EXPECT_TRUE(has_error(policy, R"(http.accessControl.repositories["a{"])", "syntax error in pattern: `{` opens a group"));
}

}  // namespace
}  // namespace portcullis
