// The configuration that docs/broker.md shows loads, and its table of AWS's codes has advice for every code that the broker knows.
#include <filesystem>

#include <gtest/gtest.h>

#include "base/io/files.h"
#include "tests/config/sample.h"

namespace portcullis {
namespace {

std::string page(const char* name) {
  const auto source = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  const auto text = SystemFiles().read((source / "docs" / name).string(), 1 << 20);
  EXPECT_TRUE(text.ok()) << name;
  return text ? *text : std::string();
}

/// The blocks of that language.
std::vector<std::string> blocks(const std::string& text, const std::string& language) {
  std::vector<std::string> found;
  const std::string begin = "```" + language + "\n";
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    at += begin.size();
    const std::size_t end = text.find("```", at);
    found.push_back(text.substr(at, end - at));
    at = end;
  }
  return found;
}

TEST(BrokerPage, ShowsAConfigurationThatLoads) {
  const auto examples = blocks(page("broker.md"), "json");
  ASSERT_EQ(examples.size(), 1U);
  const LoadedConfig loaded = load({.portcullis = "\"broker\":" + examples[0] + ","});
  ASSERT_TRUE(loads(loaded)) << format_findings(loaded.findings);
  EXPECT_TRUE(loaded.findings.empty()) << format_findings(loaded.findings);
  EXPECT_EQ(loaded.config->broker->registries.size(), 6U);
  EXPECT_EQ(loaded.config->broker->routes.size(), 2U);
}

TEST(BrokerPage, HasEachCodeThatIsAnsweredWithAdvice) {
  const std::string text = page("broker.md");
  for (const char* code : {"AccessDenied", "ValidationError", "InvalidParameterValue", "RegionDisabledException", "ExpiredToken",
                           "InvalidClientTokenId", "SignatureDoesNotMatch", "PackedPolicyTooLarge", "AccessDeniedException",
                           "UnrecognizedClientException", "InvalidSignatureException"}) {
    EXPECT_NE(text.find(std::string("`") + code + "`"), std::string::npos) << code;
  }
}

}  // namespace
}  // namespace portcullis
