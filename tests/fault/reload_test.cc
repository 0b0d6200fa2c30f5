// Reloads of a whole daemon while its file calls fail: the new configuration or the old one, never half of either, and the next one works.
#include <cerrno>
#include <string>

#include <gtest/gtest.h>

#include "tests/fault/system_calls.h"
#include "tests/support/daemon.h"
#include "tests/support/raw_client.h"

namespace portcullis::test {
namespace {

/// How many reloads there were, by their result.
double reloads(const TestDaemon& daemon, std::string_view result) {
  const auto answer = get(daemon.admin(), "/metrics");
  const std::string series = "portcullis_config_reload_total{result=\"" + std::string(result) + "\"} ";
  const std::size_t at = answer ? answer->body.find(series) : std::string::npos;
  return at == std::string::npos ? 0 : std::stod(answer->body.substr(at + series.size()));
}

/// Whose challenge the gate gives.
bool service_is(const TestDaemon& daemon, std::string_view name) {
  const auto answer = ask_once(daemon.tcp(), nginx_request("/v2/", ""));
  return answer && answer->header("WWW-Authenticate").find("service=\"" + std::string(name) + "\"") != std::string::npos;
}

constexpr std::string_view kMembers =
    R"("proxy":{"trusted":["127.0.0.1/32"]},"tokens":{"issuers":["any"],"audiences":["any"],"revocations":"revoked.json"},)"
    R"("decisionLog":{"output":"decisions.jsonl"})";

constexpr std::uint64_t kRefused = 3;
/// Several times what a reload makes.
constexpr std::uint64_t kMostCalls = 200;

class ReloadWithBrokenFiles : public testing::TestWithParam<int> {};

TEST_P(ReloadWithBrokenFiles, LeavesOneWholeConfigurationAndSaysSo) {
  TestDaemon daemon;
  ASSERT_EQ(daemon.fault(), "");
  daemon.folder().write("revoked.json", R"({"revocations":[]})");
  std::uint64_t refused = 0;
  for (std::uint64_t nth = 1;; ++nth) {
    SCOPED_TRACE("call " + std::to_string(nth));
    const std::string before = nth == 1 ? "registry.example" : "service" + std::to_string(nth - 1);
    const std::string name = "service" + std::to_string(nth);
    const double good = reloads(daemon, "good");
    const double failed = reloads(daemon, "failed");
    bool happened = false;
    {
      const CallFault fault(nth, {.calls = Calls::file, .error = GetParam(), .whose = Whose::other_threads});
      daemon.folder().replace("gate.json", TestDaemon::config(kMembers, name));
      daemon.app().reload();
      ASSERT_TRUE(eventually([&] { return reloads(daemon, "good") > good || reloads(daemon, "failed") > failed; }));
      happened = CallFault::happened();
    }
    EXPECT_TRUE(service_is(daemon, name) || service_is(daemon, before) || service_is(daemon, name));
    if (reloads(daemon, "failed") > failed) {
      ++refused;
      EXPECT_NE(daemon.log().find("reload refused: the old configuration stays in force"), std::string::npos);
    }
    EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 200);
    daemon.app().reload();
    ASSERT_TRUE(eventually([&] { return service_is(daemon, name); })) << "the next reload does not work";
    // A reload that the round before left behind may end first, and this one is then not seen: later calls are.
    if ((!happened && refused >= kRefused) || HasFailure() || nth == kMostCalls) break;
  }
  EXPECT_GE(refused, kRefused) << "the configuration, the list of revocations and the decision log were never out of reach";
}

INSTANTIATE_TEST_SUITE_P(Errors, ReloadWithBrokenFiles, testing::Values(EIO, EMFILE, EACCES));

}  // namespace
}  // namespace portcullis::test
