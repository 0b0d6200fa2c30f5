// Every file of examples/policies says what it means in its own tests: they pass, and each of them could fail.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "plugin/policies.h"

namespace portcullis {
namespace {

std::filesystem::path source_folder() { return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path(); }

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class PolicyExamples : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string text = read(source_folder() / "examples" / "policies" / GetParam());
    LoadedConfig loaded = load_config_text(text, "/etc/portcullis", {});
    ASSERT_TRUE(loaded.config.has_value()) << format_findings(loaded.findings);
    config_ = std::move(*loaded.config);
  }

  Config config_;
};

TEST_P(PolicyExamples, KeepItsOwnTestsWithoutAWarning) {
  const CompiledPolicy compiled = compile_access_control(config_);

  EXPECT_NE(compiled.policy, nullptr);
  EXPECT_TRUE(compiled.findings.empty()) << format_findings(compiled.findings);
}

TEST_P(PolicyExamples, EachOfItsTestsFailsWhereTheOppositeIsExpected) {
  ASSERT_FALSE(config_.policy_tests.empty());
  for (PolicyTestConfig& test : config_.policy_tests) test.allow = !test.allow;

  const CompiledPolicy compiled = compile_access_control(config_);

  EXPECT_EQ(compiled.policy, nullptr);
  EXPECT_EQ(compiled.findings.size(), config_.policy_tests.size()) << format_findings(compiled.findings);
  EXPECT_EQ(as_error(compiled.findings).reason, Reason::policy_test_failed);
}

INSTANTIATE_TEST_SUITE_P(Files, PolicyExamples,
                         testing::Values("gate-one-line.json", "gate-team.json", "gate-home.json", "gate-immutable-tags.json",
                                         "gate-networks.json", "gate-freeze.json", "gate-multi-tenant.json"));

}  // namespace
}  // namespace portcullis
