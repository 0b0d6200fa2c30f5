// What doctor tells of the gate that runs, from the document of its `/status`.
#include "plugin/cli/doctor_running.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/command_line.h"

namespace portcullis {
namespace {

using test::contains;
using Health = DoctorStep::Health;

constexpr const char* kDigest = "4bbcb1278539c46613e4e62d1791f4d6e687ebbb7fdcacc68ff5dfa450010d30";

/// The members of a `/status` that a test may replace.
struct Status {
  std::string config = R"({"digest":"4bbcb1278539c46613e4e62d1791f4d6e687ebbb7fdcacc68ff5dfa450010d30","loaded":"2026-03-01T11:00:00.000Z",
    "lastReload":null,"reloadWaitsFor":null,"reloadFault":null,"markerFault":null,"revocationsFault":null,"revocations":0})";
  std::string source = R"({"name":"file","state":"fresh","lastSuccess":"2026-03-01T11:59:00.000Z","lastError":null,
    "keys":[{"kid":"k1"}],"quarantined":[]})";
  std::string decision_log = "null";
  std::string broker = "null";
  std::string refusals = "{}";
  std::string stopping = "false";

  [[nodiscard]] std::string text() const {
    return R"({"version":"0.1.0","time":"2026-03-01T12:00:00.000Z","stopping":)" + stopping + R"(,"config":)" + config + R"(,"sources":[)" +
           source + R"(],"cache":{},"shadow":null,"decisionLog":)" + decision_log + R"(,"broker":)" + broker + R"(,"refusals":)" +
           refusals + "}";
  }
};

DoctorReport told(const Status& status, std::string_view digest = kDigest) {
  DoctorReport report;
  tell_status(status.text(), "http://127.0.0.1:9181/status", digest, report);
  return report;
}

/// The step of that name; one that is not there is a failure of the test.
DoctorStep step_of(const DoctorReport& report, const std::string& name) {
  for (const DoctorStep& step : report.steps()) {
    EXPECT_EQ(step.part, "running gate");
    if (step.step == name) return step;
  }
  ADD_FAILURE() << "no step " << name;
  return {};
}

TEST(DoctorRunning, FindsNothingInAGateThatIsWell) {
  const DoctorReport report = told({});

  for (const DoctorStep& step : report.steps()) EXPECT_EQ(step.health, Health::ok) << step.step << ": " << step.detail;
  EXPECT_EQ(step_of(report, "answer").detail, "version 0.1.0 at http://127.0.0.1:9181/status");
  EXPECT_EQ(step_of(report, "configuration").detail, "this file, loaded 2026-03-01T11:00:00.000Z");
  EXPECT_EQ(step_of(report, "keys from file").detail, "1 key, read 2026-03-01T11:59:00.000Z");
  EXPECT_EQ(step_of(report, "refusals").detail, "none since its start");
}

TEST(DoctorRunning, NamesTheFaultOfAReloadThatWasRefused) {
  Status status;
  status.config =
      R"({"digest":"00","loaded":"2026-03-01T11:00:00.000Z","reloadFault":"portcullis.tokens.audience: did you mean \\\"audiences\\\"?"})";

  const DoctorStep step = step_of(told(status), "configuration");

  EXPECT_EQ(step.health, Health::failed);
  EXPECT_EQ(step.detail,
            "the newest reload was refused, and that of 2026-03-01T11:00:00.000Z is in force: portcullis.tokens.audience: did you mean "
            "\"audiences\"?");
  EXPECT_TRUE(contains(step.advice, "SIGHUP")) << step.advice;
}

TEST(DoctorRunning, WarnsWhereTheGateServesByAnotherFileOrWaits) {
  Status status;
  EXPECT_EQ(step_of(told(status, "another"), "configuration").health, Health::warning);
  EXPECT_EQ(step_of(told(status, ""), "configuration").health, Health::ok) << "a file that cannot be read is compared with nothing";
  status.config = R"({"digest":"00","loaded":"2026-03-01T11:00:00.000Z","reloadWaitsFor":"jwksURL","reloadFault":null})";
  const DoctorStep waits = step_of(told(status), "configuration");
  EXPECT_EQ(waits.health, Health::warning);
  EXPECT_TRUE(contains(waits.detail, "until the new one has keys from jwksURL")) << waits.detail;
}

TEST(DoctorRunning, NamesMarkersAndRevocationsThatCouldNotBeRead) {
  Status status;
  status.config = R"({"digest":"00","loaded":"t","markerFault":"marker: Permission denied","revocationsFault":"revoked.json: not JSON"})";

  const DoctorReport report = told(status);

  EXPECT_EQ(step_of(report, "marker").health, Health::failed);
  EXPECT_TRUE(contains(step_of(report, "marker").detail, "marker: Permission denied"));
  EXPECT_EQ(step_of(report, "revocations").health, Health::failed);
  EXPECT_TRUE(contains(step_of(report, "revocations").detail, "revoked.json: not JSON"));
}

TEST(DoctorRunning, TellsHowFreshTheKeysAreAndWhy) {
  Status status;
  const auto source = [](const std::string& state) {
    return R"({"name":"file","state":")" + state +
           R"(","lastSuccess":"2026-03-01T11:00:00.000Z","lastError":"io_failed: keys.json: Permission denied","keys":[{"kid":"a"},{"kid":"b"}],"quarantined":[]})";
  };

  status.source = source("stale");
  DoctorStep step = step_of(told(status), "keys from file");
  EXPECT_EQ(step.health, Health::warning);
  EXPECT_EQ(step.detail, "2 keys of 2026-03-01T11:00:00.000Z serve on: io_failed: keys.json: Permission denied");
  EXPECT_TRUE(contains(step.advice, "the gate's user")) << step.advice;

  status.source = source("expired");
  step = step_of(told(status), "keys from file");
  EXPECT_EQ(step.health, Health::failed);
  EXPECT_TRUE(contains(step.detail, "maxStale") && contains(step.detail, "503") && contains(step.detail, "Permission denied"))
      << step.detail;

  status.source = source("empty");
  step = step_of(told(status), "keys from file");
  EXPECT_EQ(step.health, Health::failed);
  EXPECT_TRUE(contains(step.detail, "503") && contains(step.detail, "Permission denied")) << step.detail;
}

TEST(DoctorRunning, NamesKeysThatAreSetAside) {
  Status status;
  status.source = R"({"name":"file","state":"fresh","lastSuccess":"t","lastError":null,"keys":[{"kid":"a"}],
    "quarantined":[{"kid":"old","reason":"key_weak","detail":"RSA key of 1024 bits"}]})";
  const DoctorReport report = told(status);
  EXPECT_EQ(report.steps()[3].detail, "key old is set aside: key_weak: RSA key of 1024 bits");
  EXPECT_EQ(report.steps()[3].health, Health::warning);
}

TEST(DoctorRunning, FailsWhereDecisionsCannotBeLogged) {
  Status status;
  status.decision_log = R"({"output":"/var/log/d.jsonl","failing":true,"lines":3,"dropped":7,"sampled":0})";
  DoctorStep step = step_of(told(status), "decision log");
  EXPECT_EQ(step.health, Health::failed);
  EXPECT_EQ(step.detail, "/var/log/d.jsonl cannot be written; decisions without a line: 7");

  status.decision_log = R"({"output":"/var/log/d.jsonl","failing":false,"lines":3,"dropped":7,"sampled":0})";
  EXPECT_EQ(step_of(told(status), "decision log").health, Health::warning);
  status.decision_log = R"({"output":"/var/log/d.jsonl","failing":false,"lines":3,"dropped":0,"sampled":9})";
  EXPECT_EQ(step_of(told(status), "decision log").health, Health::ok);
}

TEST(DoctorRunning, TellsALoginThatCannotBeHadFromOneThatStillServes) {
  Status status;
  status.broker = R"({"registries":[{"host":"a.example","expires":null,"lastError":"cannot assume role: AccessDenied (HTTP 403): no"},
    {"host":"b.example","expires":"2026-03-01T13:00:00.000Z","lastError":"cannot assume role"},
    {"host":"c.example","expires":"2026-03-01T13:00:00.000Z","lastError":null},{"host":"d.example","expires":null,"lastError":null}]})";

  const DoctorReport report = told(status);

  EXPECT_EQ(step_of(report, "login to a.example").health, Health::failed);
  EXPECT_EQ(step_of(report, "login to a.example").code, "AccessDenied");
  EXPECT_EQ(step_of(report, "login to b.example").health, Health::warning);
  EXPECT_EQ(step_of(report, "login to c.example").detail, "ends 2026-03-01T13:00:00.000Z");
  EXPECT_EQ(step_of(report, "login to d.example").detail, "nobody has asked for it");
}

TEST(DoctorRunning, TellsTheProxysMistakesFromOrdinaryRefusals) {
  Status status;
  status.refusals = R"({"token_missing":4,"policy_denied":9,"request_incomplete":12})";

  const DoctorReport report = told(status);

  EXPECT_EQ(step_of(report, "refusals").detail, "since its start: request_incomplete 12, policy_denied 9, token_missing 4");
  const DoctorStep step = step_of(report, "request_incomplete");
  EXPECT_EQ(step.health, Health::warning);
  EXPECT_TRUE(contains(step.advice, "X-Original-URI")) << step.advice;
  EXPECT_EQ(report.steps().back().step, "request_incomplete") << "what clients do wrong is counted alone";
}

TEST(DoctorRunning, SaysThatAGateIsStopping) {
  Status status;
  status.stopping = "true";
  EXPECT_EQ(step_of(told(status), "answer").health, Health::warning);
}

TEST(DoctorRunning, TakesNoOtherProgramForAGate) {
  for (const char* text : {"", "hello", "{}", R"({"config":{}})", R"({"config":{},"sources":3})", "[]"}) {
    DoctorReport report;
    tell_status(text, "http://127.0.0.1:9181/status", kDigest, report);
    ASSERT_EQ(report.steps().size(), 1U) << text;
    EXPECT_EQ(report.steps().front().health, Health::failed) << text;
  }
}

TEST(DoctorRunning, PutsNoControlsOnATerminal) {
  Status status;
  status.source = R"({"name":"file","state":"stale","lastSuccess":"t","lastError":"\u001b[31mred","keys":[],"quarantined":[]})";
  const DoctorStep step = step_of(told(status), "keys from file");
  EXPECT_EQ(step.detail.find('\x1b'), std::string::npos) << step.detail;
}

TEST(DoctorRunning, AsksWhereAnAdminListenerCanBeReached) {
  const auto at = [](const char* host, std::uint16_t port) { return admin_address({ListenAddress::Kind::tcp, host, port, ""}); };
  EXPECT_EQ(at("127.0.0.1", 9181), "127.0.0.1:9181");
  EXPECT_EQ(at("0.0.0.0", 9181), "127.0.0.1:9181");
  EXPECT_EQ(at("::", 9181), "[::1]:9181");
  EXPECT_EQ(at("fd00::1", 9181), "[fd00::1]:9181");
  EXPECT_EQ(at("127.0.0.1", 0), std::nullopt);
  EXPECT_EQ(admin_address({ListenAddress::Kind::unix_socket, "/run/a.sock", 0, ""}), std::nullopt);
}

}  // namespace
}  // namespace portcullis
