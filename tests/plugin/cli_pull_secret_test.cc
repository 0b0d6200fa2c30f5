#include <algorithm>
#include <cstdlib>
#include <optional>

#include <gtest/gtest.h>
#include <unistd.h>

#include "plugin/cli/command.h"
#include "plugin/cli/pull_secret_report.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::contains;

constexpr const char* kConfig = R"({
  "http": {"auth": {"bearer": {"realm": "https://auth.example.com/token", "service": "s"}}},
  "portcullis": {"keys": {"file": "keys.json"}, "tokens": {"issuers": ["i"], "audiences": ["a"]}, "broker": {
    "registries": {"r.example.com": {"username": "ada", "passwordFile": "/password"}},
    "pullSecrets": [{"name": "files", "registries": ["r.example.com"], "secrets": [{"name": "auth"}], "folder": "/out"},
                    {"name": "pods", "registries": ["r.example.com"], "secrets": [{"name": "auth"}], "kubernetes": true, "namespaces": ["shop"]}]}}})";

class PullSecretCommand : public testing::Test {
 protected:
  PullSecretCommand() {
    (void)world.files.write("/gate.json", kConfig, 0600);
    (void)world.files.write("/password", "canary-password", 0600);
  }

  ExitStatus run(std::vector<const char*> words) {
    words.insert(words.begin(), {"portcullis", "pull-secret", "/gate.json"});
    out.clear();
    err.clear();
    CommandContext context{.clock = world.clock,
                           .files = world.files,
                           .entropy = world.entropy,
                           .out = [this](std::string_view text) { out += text; },
                           .err = [this](std::string_view text) { err += text; },
                           .read_input = [](std::size_t) { return Result<std::string>(std::string()); },
                           .http = &world.http,
                           .environment = &world.environment};
    return run_command_line(static_cast<int>(words.size()), words.data(), context);
  }

  test::ChainWorld world;
  std::string out;
  std::string err;
};

TEST_F(PullSecretCommand, WritesTheFilesOfTheOneThatIsNamed) {
  EXPECT_EQ(run({"--name", "files"}), ExitStatus::yes);

  EXPECT_EQ(world.files.read("/out/auth.json", 4096).value(), R"({"auths":{"r.example.com":{"auth":"YWRhOmNhbmFyeS1wYXNzd29yZA=="}}})");
  EXPECT_EQ(out, "files: 0 created, 1 renewed, 0 kept, 0 removed; the login does not end by itself\n");
}

TEST_F(PullSecretCommand, PrintsManifestsAndTouchesNothing) {
  EXPECT_EQ(run({"--stdout"}), ExitStatus::yes);

  EXPECT_TRUE(out.starts_with(R"({"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Secret")"));
  EXPECT_TRUE(contains(out, R"("namespace":"shop")"));
  EXPECT_FALSE(world.files.read("/out/auth.json", 4096).ok());
}

TEST_F(PullSecretCommand, OutsideAClusterKubernetesCannotBeJudged) {
  EXPECT_EQ(run({"--name", "pods"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(err, "no pod of Kubernetes"));
}

TEST_F(PullSecretCommand, AFailureIsToldToPeopleAndPrograms) {
  world.files.remove("/password");

  EXPECT_EQ(run({"--name", "files", "--json"}), ExitStatus::no);

  EXPECT_TRUE(contains(out, R"({"ok":false,"pullSecrets":[{"name":"files","ok":false)"));
  EXPECT_TRUE(contains(err, "files: login: r.example.com: "));
  EXPECT_FALSE(contains(out + err, "canary"));
}

TEST_F(PullSecretCommand, AFileWithoutPullSecretsOrWithFaultsIsRefused) {
  (void)world.files.write("/gate.json", "{}", 0600);
  EXPECT_EQ(run({}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(err, "does not load") || contains(err, "has no `portcullis.broker.pullSecrets`")) << err;
}

/// Lines that a log wrote to a pipe.
class LoggedRounds : public testing::Test {
 protected:
  LoggedRounds() {
    if (::pipe(pipe) != 0) std::abort();
    log.emplace(clock, pipe[1], LogForm::json, LogLevel::info);
    rounds.emplace(*log);
  }
  ~LoggedRounds() override {
    ::close(pipe[0]);
    ::close(pipe[1]);
  }

  std::string told(const RoundReport& report) {
    rounds->write(report, clock.now());
    log->write(LogLevel::info, "end");
    char buffer[8192];
    const ssize_t got = ::read(pipe[0], buffer, sizeof buffer);
    return {buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }

  int pipe[2] = {-1, -1};
  test::FakeClock clock;
  std::optional<Log> log;
  std::optional<RoundLog> rounds;
};

TEST_F(LoggedRounds, RenewalsFailuresAndMisconfigurationsAreLines) {
  RoundReport report{.pull_secret = "pulls", .logged_in = true};
  report.counts.renewed = 2;
  EXPECT_TRUE(contains(told(report), "pull secret delivered"));
  RoundReport failed{.pull_secret = "pulls"};
  failed.problems = {{.where = "login", .what = "AccessDenied"}};
  EXPECT_TRUE(contains(told(failed), R"("problem":"AccessDenied")"));
}

TEST_F(LoggedRounds, AProblemIsToldOnceThenEachHourAndWhenItIsOver) {
  RoundReport failed{.pull_secret = "pulls"};
  failed.problems = {{.where = "login", .what = "down"}};

  EXPECT_TRUE(contains(told(failed), "down"));
  clock.advance(1h - 1ms);
  EXPECT_FALSE(contains(told(failed), "down"));
  clock.advance(1ms);
  EXPECT_TRUE(contains(told(failed), "down"));
  EXPECT_TRUE(contains(told({.pull_secret = "pulls"}), "well again"));
  EXPECT_FALSE(contains(told({.pull_secret = "pulls"}), "pulls"));
}

}  // namespace
}  // namespace portcullis
