// What `/readyz?verbose` says of a decision log; the other checks are asked of a daemon in admin_test.
#include "plugin/http/health.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace portcullis::test {
namespace {

std::string verbose(const LiveState& live, bool log_failing) {
  const HttpAnswer answer = answer_health("readyz", readiness(live, log_failing, false, kNow), "verbose&exclude=keys");
  EXPECT_EQ(answer.status, 200) << answer.body;
  return answer.body;
}

TEST(Readiness, SaysThatDecisionsCannotBeLogged) {
  LiveState live;
  EXPECT_EQ(verbose(live, false).find("decisionLog"), std::string::npos) << "there is none";

  live.state.config.decision_log.output = "/var/log/d.jsonl";
  EXPECT_NE(verbose(live, false).find("[+]decisionLog ok\n"), std::string::npos);
  EXPECT_NE(verbose(live, true).find("[+]decisionLog ok: /var/log/d.jsonl cannot be written\n"), std::string::npos);

  live.state.config.decision_log.refuse_when_full = true;
  EXPECT_NE(verbose(live, true).find("[+]decisionLog ok: /var/log/d.jsonl cannot be written, and nothing is allowed until it can\n"),
            std::string::npos);
}

}  // namespace
}  // namespace portcullis::test
