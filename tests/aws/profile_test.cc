// The shared AWS files: the published parser cases, and what they leave open.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "aws/profile.h"
#include "base/codec/json.h"

namespace portcullis {
namespace {

std::optional<std::string> published_cases() {
  const char* folder = std::getenv("PORTCULLIS_VECTORS");
  if (folder == nullptr) return std::nullopt;
  std::ifstream file(std::string(folder) + "/aws-credentials/profile-parser-tests.json");
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string text_of(JsonView value) { return std::string(value.string().value_or("")); }

std::map<std::string, Properties, std::less<>> sections_of(JsonView object) {
  std::map<std::string, Properties, std::less<>> sections;
  for (const auto& [name, properties] : object.members()) {
    auto& section = sections[std::string(name)];
    for (const auto& [key, value] : properties.members()) section[std::string(key)] = text_of(value);
  }
  return sections;
}

TEST(ProfileParser, AgreesWithThePublishedCases) {
  const auto text = published_cases();
  if (!text) GTEST_SKIP() << "published cases are not here: set PORTCULLIS_VECTORS";
  const auto json = parse_json(*text, {.bytes = 1'000'000, .depth = 16, .members = 10'000});
  ASSERT_TRUE(json.ok());
  int seen = 0;
  for (const JsonView test : json->root().get("tests").elements()) {
    SCOPED_TRACE(text_of(test.get("name")));
    const auto parsed = parse_profiles(text_of(test.get("input").get("configFile")), text_of(test.get("input").get("credentialsFile")),
                                       ProfileStrictness::strict);
    ++seen;
    if (const auto wanted = test.get("output").get("errorContaining").string()) {
      ASSERT_FALSE(parsed.ok());
      EXPECT_NE(parsed.error().detail.find(*wanted), std::string::npos) << parsed.error().detail;
      continue;
    }
    ASSERT_TRUE(parsed.ok()) << parsed.error().detail;
    EXPECT_EQ(parsed->profiles, sections_of(test.get("output").get("config").get("profiles")));
    EXPECT_EQ(parsed->sso_sessions, sections_of(test.get("output").get("config").get("sso_sessions")));
  }
  EXPECT_GT(seen, 40);
}

ProfileFiles lenient(std::string_view config, std::string_view credentials = "") {
  auto parsed = parse_profiles(config, credentials, ProfileStrictness::lenient);
  EXPECT_TRUE(parsed.ok());
  return std::move(parsed).value();
}

TEST(ProfileParser, WarnsOfAMalformedLineWithItsNumberAndGoesOn) {
  const ProfileFiles files = lenient("[profile a]\nnonsense\nregion = eu-west-1\n");
  EXPECT_EQ(files.profiles.at("a").at("region"), "eu-west-1");
  ASSERT_EQ(files.warnings.size(), 1U);
  EXPECT_NE(files.warnings[0].find("config file, line 2"), std::string::npos);
}

TEST(ProfileParser, NeverPutsAValueIntoAWarning) {
  const ProfileFiles files = lenient("", "[a]\nwJalrXUtnFEMI\n");
  ASSERT_EQ(files.warnings.size(), 1U);
  EXPECT_EQ(files.warnings[0].find("wJalr"), std::string::npos);
}

TEST(ProfileParser, CutsACommentOnlyBehindABlank) {
  const ProfileFiles files = lenient("[profile a]\nx = AKC # c\ny = AKC#c\n");
  EXPECT_EQ(files.profiles.at("a").at("x"), "AKC");
  EXPECT_EQ(files.profiles.at("a").at("y"), "AKC#c");
}

TEST(ProfileParser, StripsOnePairOfQuotesAndLowersNames) {
  const ProfileFiles files = lenient("[profile a]\nRegion = \"eu-west-1\"\nother: v\n");
  EXPECT_EQ(files.profiles.at("a").at("region"), "eu-west-1");
  EXPECT_EQ(files.profiles.at("a").at("other"), "v");
}

TEST(ProfileParser, FindsSubProperties) {
  const ProfileFiles files = lenient("[services s]\nsts =\n  endpoint_url = http://x\n");
  EXPECT_EQ(sub_property(files.services.at("s").at("sts"), "endpoint_url"), "http://x");
  EXPECT_EQ(sub_property(files.services.at("s").at("sts"), "other"), std::nullopt);
}

TEST(ProfileParser, RefusesAFileThatIsTooLarge) {
  EXPECT_TRUE(parse_profiles(std::string(1024UL * 1024, '#'), "", ProfileStrictness::strict).ok());
  EXPECT_FALSE(parse_profiles(std::string(1024UL * 1024 + 1, '#'), "", ProfileStrictness::strict).ok());
}

}  // namespace
}  // namespace portcullis
