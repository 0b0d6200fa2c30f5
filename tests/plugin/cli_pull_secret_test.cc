#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>

#include <fcntl.h>
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
                           .environment = &world.environment,
                           .pause = pause};
    return run_command_line(static_cast<int>(words.size()), words.data(), context);
  }

  test::ChainWorld world;
  std::function<bool(std::chrono::milliseconds)> pause;
  std::string out;
  std::string err;
};

/// What goes to the process's standard error while it lives.
class StandardError {
 public:
  StandardError() : saved_(::dup(STDERR_FILENO)) {
    if (::pipe2(pipe_, O_NONBLOCK | O_CLOEXEC) != 0 || ::dup2(pipe_[1], STDERR_FILENO) < 0) std::abort();
  }
  StandardError(const StandardError&) = delete;
  StandardError& operator=(const StandardError&) = delete;
  ~StandardError() {
    (void)::dup2(saved_, STDERR_FILENO);
    for (const int descriptor : {saved_, pipe_[0], pipe_[1]}) ::close(descriptor);
  }

  /// What came since this was asked last.
  std::string text() {
    char buffer[16384];
    const ssize_t got = ::read(pipe_[0], buffer, sizeof buffer);
    return {buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }

 private:
  int saved_;
  int pipe_[2] = {-1, -1};
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

/// Runs rounds of `--watch`: each step is a pause, and after the last one the watch ends.
class PullSecretWatch : public PullSecretCommand {
 protected:
  ~PullSecretWatch() override {
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGINT, SIG_DFL);
  }

  /// What each round told, the first one before any step.
  std::vector<std::string> watch(const std::vector<std::function<void()>>& steps, std::vector<const char*> more = {}) {
    StandardError log;
    std::vector<std::string> told;
    pause = [&](std::chrono::milliseconds wait) {
      waits.push_back(wait);
      told.push_back(log.text());
      if (told.size() > steps.size()) return false;
      steps[told.size() - 1]();
      world.clock.advance(wait);
      return true;
    };
    more.insert(more.begin(), {"--watch", "--name", "files"});
    EXPECT_EQ(run(more), ExitStatus::yes) << err;
    return told;
  }

  std::vector<std::chrono::milliseconds> waits;
};

TEST_F(PullSecretWatch, AConfigurationThatBreaksIsToldOnceAndTheOldOneStays) {
  const auto nothing = [] {};
  const auto told = watch({[this] {
                             (void)world.files.write("/gate.json", "{", 0600);
                             world.files.remove("/out/auth.json");
                           },
                           nothing, [this] { (void)world.files.write("/gate.json", kConfig, 0600); },
                           [this] { (void)world.files.write("/gate.json", "{", 0600); }});

  ASSERT_EQ(told.size(), 5U);
  EXPECT_TRUE(contains(told[0], "pull secret delivered")) << told[0];
  EXPECT_TRUE(contains(told[1], "the configuration does not load: the old one stays")) << told[1];
  EXPECT_TRUE(contains(told[1], "/gate.json does not load")) << told[1];
  EXPECT_TRUE(contains(told[1], "pull secret delivered")) << "the file that was missing was written: " << told[1];
  EXPECT_EQ(told[2], "");
  EXPECT_EQ(told[3], "");
  EXPECT_TRUE(contains(told[4], "the configuration does not load")) << "it had been mended in between: " << told[4];
  EXPECT_TRUE(world.files.read("/out/auth.json", 4096).ok());
}

TEST_F(PullSecretWatch, WaitsForThePollAtMost) {
  (void)watch({[] {}});
  EXPECT_EQ(waits, (std::vector<std::chrono::milliseconds>{30s, 30s}));
  waits.clear();
  (void)watch({}, {"--poll", "1s"});
  EXPECT_EQ(waits, (std::vector<std::chrono::milliseconds>{1s}));
}

TEST_F(PullSecretWatch, WhatDoesNotLoadAtTheBeginningEndsIt) {
  (void)world.files.write("/gate.json", "{", 0600);
  EXPECT_EQ(run({"--watch"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(err, "/gate.json does not load")) << err;
}

TEST_F(PullSecretCommand, OptionsThatExcludeEachOtherAreRefused) {
  for (const char* other : {"--once", "--stdout", "--remove"}) {
    EXPECT_EQ(run({"--watch", other}), ExitStatus::cannot_judge) << other;
    EXPECT_TRUE(contains(err, "--watch goes with neither --once, --stdout nor --remove")) << err;
  }
  EXPECT_EQ(run({"--stdout", "--remove"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(err, "--stdout and --remove exclude each other")) << err;
  EXPECT_FALSE(world.files.read("/out/auth.json", 4096).ok());
}

TEST_F(PullSecretCommand, SaysThatNothingOfItIsInKubernetes) {
  EXPECT_EQ(run({"--remove", "--name", "files"}), ExitStatus::yes);
  EXPECT_EQ(out, "");
  EXPECT_EQ(err, "portcullis: nothing was removed: none of these pull secrets goes to Kubernetes; files of a folder are yours to delete\n");
  EXPECT_TRUE(world.http.asked().empty());
}

TEST_F(PullSecretCommand, APollHasASecondAtLeast) {
  for (const char* bad : {"999ms", "30", "soon"}) {
    EXPECT_EQ(run({"--name", "files", "--poll", bad}), ExitStatus::cannot_judge) << bad;
    EXPECT_TRUE(contains(err, "--poll must be a duration of a second or more, say 30s")) << err;
  }
  EXPECT_EQ(run({"--name", "files", "--poll", "1s"}), ExitStatus::yes) << err;
}

TEST_F(PullSecretCommand, AManifestWhoseLoginFailsIsNotPrinted) {
  world.files.remove("/password");
  EXPECT_EQ(run({"--stdout"}), ExitStatus::no);
  EXPECT_EQ(out, "");
  EXPECT_TRUE(contains(err, "files: r.example.com: ")) << err;
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
