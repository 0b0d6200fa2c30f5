// Section 2J: patterns that were made to be slow, that match more than they seem to, or less.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/attacks/attack.h"
#include "tests/support/policy_fixture.h"

namespace portcullis::attacks {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

bool matches(const std::string& pattern, const std::string& name) {
  const auto parsed = Pattern::parse(pattern);
  EXPECT_TRUE(parsed.ok()) << parsed.error().detail;
  return parsed.ok() && parsed->matches(name);
}

bool loads(const std::string& pattern) {
  AccessControlConfig config;
  config.repositories.push_back({.pattern = pattern, .policies = {}, .default_policy = {"read"}, .anonymous_policy = {}});
  return compile_policy(config, {}).policy != nullptr;
}

std::string warnings(const std::string& members) { return format_findings(PolicyFixture(members).findings()); }

TEST(Attacks2J, G1_MatchesRunsOfStarsWithoutTryingAll) {
  EXPECT_FALSE(matches(repeated("*", 34) + "X", repeated("a", 200)));
  EXPECT_FALSE(matches(repeated("*a", 34) + "[x]*", repeated("a", 200)));
  EXPECT_FALSE(matches(repeated("{*a,*}", 20) + "[x]", repeated("a", 200)));
  EXPECT_FALSE(Pattern::parse(repeated("*a", 257)).ok());
}

TEST(Attacks2J, G2_MatchesManyDoubleStarsWithoutTryingAll) {
  EXPECT_FALSE(matches(repeated("**/a/", 33) + "b/**", repeated("a/", 199) + "a"));
  EXPECT_TRUE(matches(repeated("**/a/", 33) + "b/**", repeated("a/", 199) + "b"));
  EXPECT_FALSE(loads(repeated("**/a/", 17) + "b"));
}

TEST(Attacks2J, G3_WritesNoGroupsOutByTheMillion) {
  EXPECT_TRUE(matches(repeated("{a,b}", 20), repeated("ab", 10)));
  EXPECT_FALSE(matches(repeated("{a,b}", 20), repeated("ab", 10) + "c"));
  EXPECT_FALSE(Pattern::parse(repeated("{a/x,b}", 20)).ok());
  EXPECT_FALSE(Pattern::parse(repeated("{a,", 9) + "b" + repeated("}", 9)).ok());
}

TEST(Attacks2J, G4_TellsThatATrailingDoubleStarMatchesTheStem) {
  EXPECT_TRUE(matches("org/**", "org"));
  EXPECT_FALSE(matches("org/*/**", "org"));
  EXPECT_FALSE(matches("org*", "org/app"));
  EXPECT_NE(warnings(R"("repositories":{"org/**":{"defaultPolicy":["read"]}})").find("matches org itself too"), std::string::npos);
}

TEST(Attacks2J, G5_TellsThatADoubleStarInASegmentIsAStar) {
  EXPECT_FALSE(matches("team**", "team/app"));
  EXPECT_NE(warnings(R"("repositories":{"team**":{"defaultPolicy":["read"]}})").find("just *"), std::string::npos);
}

TEST(Attacks2J, G6_LoadsNoPatternThatIsNone) {
  for (const char* pattern : {"[", "a\\", "{a", "a}", "[]", "[b-a]", ""}) EXPECT_FALSE(loads(pattern)) << pattern;
  EXPECT_TRUE(loads("a"));
}

TEST(Attacks2J, G7_KeepsLetterCaseAndCountsCodePoints) {
  EXPECT_FALSE(matches("Team", "team"));
  EXPECT_TRUE(matches("?", "ζ"));
  EXPECT_FALSE(matches("??", "ζ"));
  EXPECT_FALSE(matches("[a-z]", "ζ"));
}

TEST(Attacks2J, G8_DeniesWhateverTheOrder) {
  const char* const deny = R"({"users":["alice"],"actions":["read"],"deny":true})";
  const char* const allow = R"({"users":["alice"],"actions":["read"]})";
  for (const std::string& both : {std::string(deny) + "," + allow, std::string(allow) + "," + deny}) {
    EXPECT_FALSE(PolicyFixture(R"("repositories":{"**":{"policies":[)" + both + "]}}").pull("app", "alice"));
  }
  EXPECT_FALSE(PolicyFixture(std::string(R"("repositories":{"a*":{"policies":[)") + deny + R"(]},"app":{"policies":[)" + allow + "]}}")
                   .pull("app", "alice"));
}

TEST(Attacks2J, G9_TakesNoPatternForAName) {
  TestGate gate(
      texts_of(policy_config(R"("repositories":{"**":{"defaultPolicy":["read"]}})"), secret_json({{"k1", &key_pair("ED25519")}})));
  const std::string token = token_of(good_payload(kNow));

  for (const char* uri :
       {"/v2/a*/manifests/v1", "/v2/**/manifests/v1", "/v2/{a,b}/manifests/v1", "/v2/[a]/manifests/v1", "/v2/a?/manifests/v1"}) {
    EXPECT_EQ(gate.ask_uncached(nginx_asks("GET", uri, bearer(token))).http.status, 403) << uri;
  }
}

}  // namespace
}  // namespace portcullis::attacks
