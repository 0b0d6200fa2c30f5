// The shadow: judged on each decision, never enforced, and told of in numbers and a few lines.
#include <string>

#include <gtest/gtest.h>

#include "plugin/log_output.h"
#include "plugin/shadow.h"
#include "tests/support/gate_fixture.h"
#include "tests/support/key_sets.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

constexpr std::string_view kEnforced = R"({"repositories":{"team/**":{"policies":[{"users":["alice"],"actions":["read"]}]}}})";
constexpr std::string_view kShadow =
    R"({"repositories":{"team/**":{"policies":[{"users":["bob"],"actions":["read"]}]},"open/**":{"anonymousPolicy":["read"]}}})";

std::string config_with(std::string_view shadow) {
  return R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":)" +
         std::string(kEnforced) +
         R"(},"portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},"proxy":{"trusted":["127.0.0.1/32"]},"shadow":)" +
         std::string(shadow) + R"(,"tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"ignored"}}})";
}

std::string token_for(std::string_view user) {
  return bearer(token_of(R"({"sub":")" + std::string(user) + R"(","exp":)" + std::to_string(unix_seconds(kNow) + 300) + "}"));
}

struct Bench {
  Bench() : gate(texts()) { set_shadow(gate.state(), compile_shadow(gate.state().config).policy); }

  static GateTexts texts() {
    GateTexts texts;
    texts.config = config_with(kShadow);
    texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
    return texts;
  }
  /// What the gate says, and the shadow.
  std::pair<Reason, ShadowVerdict> ask(const GateQuestion& question) {
    const GateAnswer given = gate.ask(question);
    const HttpRequest request = request_of(question);
    report.note(request, given, gate.state(), {}, "id", kNow);
    return {given.decision->reason(), judge_shadow(request, given, gate.state(), {}, kNow)};
  }

  TempFolder folder;
  FakeClock clock;
  LogOutput output = LogOutput::open(folder.path("app.log")).value();
  Log log{clock, output.descriptor(), LogForm::json, LogLevel::info};
  GateMetrics metrics;
  TestGate gate;
  ShadowReport report{log, metrics};
};

using Seen = std::pair<Reason, ShadowVerdict>;

TEST(ShadowTest, SaysWhatItWouldHaveDecided) {
  Bench bench;
  const std::string_view uri = "/v2/team/app/manifests/v1";

  EXPECT_EQ(bench.ask(nginx_asks("GET", uri, token_for("alice"))), (Seen{Reason::allowed, ShadowVerdict::would_deny}));
  EXPECT_EQ(bench.ask(nginx_asks("GET", uri, token_for("bob"))), (Seen{Reason::policy_denied, ShadowVerdict::would_allow}));
  EXPECT_EQ(bench.ask(nginx_asks("GET", uri, token_for("carol"))), (Seen{Reason::policy_denied, ShadowVerdict::agrees}));
  EXPECT_EQ(bench.ask(nginx_asks("GET", uri)), (Seen{Reason::token_missing, ShadowVerdict::agrees}));
  EXPECT_EQ(bench.ask(nginx_asks("GET", "/v2/open/app/manifests/v1")), (Seen{Reason::token_missing, ShadowVerdict::would_allow}));
  EXPECT_EQ(bench.metrics.shadow_disagreements(false), 1U);
  EXPECT_EQ(bench.metrics.shadow_disagreements(true), 2U);
}

TEST(ShadowTest, JudgesNothingThatWasDecidedBeforeRights) {
  Bench bench;
  EXPECT_EQ(bench.ask(nginx_asks("GET", "/v3/")).second, ShadowVerdict::not_judged);
  EXPECT_EQ(bench.ask(nginx_asks("GET", "/v2/team/app/manifests/v1", "Bearer e30.e30.e30")).second, ShadowVerdict::not_judged);
}

TEST(ShadowTest, JudgesNothingWhereThereIsNone) {
  Bench bench;
  set_shadow(bench.gate.state(), nullptr);
  EXPECT_EQ(bench.ask(nginx_asks("GET", "/v2/team/app/manifests/v1", token_for("alice"))).second, ShadowVerdict::not_judged);
  EXPECT_EQ(bench.metrics.shadow_disagreements(false), 0U);
}

TEST(ShadowTest, WritesAFewLinesASecondAndCountsAll) {
  Bench bench;
  for (int i = 0; i < 20; ++i) bench.ask(nginx_asks("GET", "/v2/team/app/manifests/v1", token_for("alice")));
  const std::string said = bench.folder.read("app.log");
  std::size_t lines = 0;
  for (std::size_t at = said.find("disagrees"); at != std::string::npos; at = said.find("disagrees", at + 1)) ++lines;

  EXPECT_EQ(lines, ShadowReport::kLinesPerSecond);
  EXPECT_EQ(bench.metrics.shadow_disagreements(false), 20U);
  EXPECT_NE(said.find(R"("direction":"allow_to_deny","username":"alice")"), std::string::npos) << said;
}

TEST(ShadowTest, IsFaultyInItsOwnName) {
  const LoadedConfig loaded = load_config_text(config_with(R"({"repositories":{"[":{"anonymousPolicy":["read"]}}})"), "/etc", {});
  ASSERT_TRUE(loaded.config.has_value()) << format_findings(loaded.findings);
  const CompiledPolicy compiled = compile_shadow(*loaded.config);
  EXPECT_EQ(compiled.policy, nullptr);
  ASSERT_FALSE(compiled.findings.empty());
  EXPECT_TRUE(compiled.findings[0].path.starts_with("portcullis.shadow.repositories")) << compiled.findings[0].path;
}

}  // namespace
}  // namespace portcullis::test
