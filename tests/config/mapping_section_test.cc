// `claimMapping`: each expression is compiled at load, and each fault stands at its path in zot's words.
#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

LoadedConfig mapping(const std::string& members) {
  return load({.tokens = R"("issuers":["any"],"audiences":["any"],"claimMapping":{)" + members + "}"});
}

std::string at(std::string_view name) { return "portcullis.tokens.claimMapping." + std::string(name); }

TEST(ClaimMapping, IsKeptAsItIsWritten) {
  const LoadedConfig loaded = mapping(
      R"x("variables":[{"name":"org","expression":"claims.email.split('@')[1]"},{"name":"low","expression":"vars.org.lowerAscii()"}],
          "validations":[{"expression":"claims.verified == true","message":"not verified"}],
          "username":"claims.sub\n + '@' + vars.low","groups":"claims.?groups.orValue([])")x");

  ASSERT_TRUE(loads(loaded));
  const ClaimMapping& read = loaded.config->tokens.claim_mapping;
  ASSERT_EQ(read.variables.size(), 2U);
  EXPECT_EQ(read.variables[1], (ClaimVariable{"low", "vars.org.lowerAscii()"}));
  EXPECT_EQ(read.validations, (std::vector<ClaimValidation>{{"claims.verified == true", "not verified"}}));
  EXPECT_EQ(read.username, "claims.sub\n + '@' + vars.low") << "an expression may have several lines";
  EXPECT_EQ(read.groups, "claims.?groups.orValue([])");
}

TEST(ClaimMapping, TakesAnEmptyUserNameForNone) {
  const LoadedConfig loaded = mapping(R"("username":"","groups":"")");

  ASSERT_TRUE(loads(loaded));
  EXPECT_TRUE(loaded.config->tokens.claim_mapping.empty());
}

TEST(ClaimMapping, NamesEachPlaceOfBadCel) {
  const LoadedConfig loaded = mapping(
      R"("variables":[{"name":"ok","expression":"1"},{"name":"org","expression":"claims."}],
         "validations":[{"expression":"foo == 1","message":"m"}],"username":"'a' + 1","groups":"[")");

  EXPECT_TRUE(refuses(loaded, at("variables[1].expression"), "failed to parse CEL expression for variable[1] (name: org): "));
  EXPECT_TRUE(refuses(loaded, at("validations[0].expression"), "failed to parse CEL expression for validation[0]: "));
  EXPECT_TRUE(refuses(loaded, at("validations[0].expression"), "undeclared reference to 'foo'"));
  EXPECT_TRUE(refuses(loaded, at("username"), "failed to parse CEL expression for username: "));
  EXPECT_TRUE(refuses(loaded, at("groups"), "failed to parse CEL expression for groups: "));
  EXPECT_EQ(count_errors(loaded), 4U) << format_findings(loaded.findings);
}

TEST(ClaimMapping, WantsAValidationThatIsBoolByItsType) {
  EXPECT_TRUE(refuses(mapping(R"("validations":[{"expression":"claims.verified","message":"m"}])"), at("validations[0].expression"),
                      "CEL expression output type mismatch: expected bool, got dyn"));
  EXPECT_TRUE(refuses(mapping(R"("validations":[{"expression":"claims.verified","message":"m"}])"), at("validations[0].expression"),
                      "write == true"));
  EXPECT_TRUE(refuses(mapping(R"("validations":[{"expression":"'a'","message":"m"}])"), at("validations[0].expression"),
                      "expected bool, got string"));
  EXPECT_TRUE(loads(mapping(R"("validations":[{"expression":"claims.verified == true","message":"m"}])")));
}

TEST(ClaimMapping, WantsNamesMessagesAndExpressions) {
  EXPECT_TRUE(refuses(mapping(R"("variables":[{"expression":"1"}])"), at("variables[0].name"), "variable[0]: variable name is empty"));
  EXPECT_TRUE(refuses(mapping(R"("variables":[{"name":"a"}])"), at("variables[0].expression"), "variable[0]: expression is empty"));
  EXPECT_TRUE(refuses(mapping(R"("variables":[{"name":"a","expression":""}])"), at("variables[0].expression"), "expression is empty"));
  EXPECT_TRUE(refuses(mapping(R"("variables":[{"name":"a","expression":7}])"), at("variables[0].expression"), "must be a string"));
  EXPECT_TRUE(refuses(mapping(R"("validations":[{"expression":"true"}])"), at("validations[0].message"),
                      "validation[0]: validation error message is empty"));
}

TEST(ClaimMapping, RefusesASecondVariableOfOneName) {
  EXPECT_TRUE(refuses(mapping(R"("variables":[{"name":"a","expression":"1"},{"name":"a","expression":"2"}])"), at("variables[1].name"),
                      "another variable"));
}

}  // namespace
}  // namespace portcullis
