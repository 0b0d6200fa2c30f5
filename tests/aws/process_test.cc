// credential_process: a real shell, bounded in time and size, silent about what it printed.
#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "aws/providers/process.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::contains;
using test::FakeClock;

constexpr const char* kGood =
    R"(echo '{"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"canary-secret","Expiration":"2026-03-01T13:00:00Z"}')";

TEST(RunCommand, GoesThroughTheShellWithPipesAndQuotes) {
  const auto text = run_command("printf 'a b' | tr a-z A-Z", {});
  ASSERT_TRUE(text.ok()) << text.error().detail;
  EXPECT_EQ(*text, "A B");
}

TEST(RunCommand, InheritsTheEnvironment) {
  ASSERT_EQ(::setenv("PORTCULLIS_TEST_CHILD", "seen", 1), 0);
  EXPECT_EQ(*run_command("printf %s \"$PORTCULLIS_TEST_CHILD\"", {}), "seen");
  ::unsetenv("PORTCULLIS_TEST_CHILD");
}

TEST(RunCommand, IsKilledWithItsChildrenWhenItTakesTooLong) {
  const auto start = std::chrono::steady_clock::now();
  const auto text = run_command("sleep 600 | sleep 600", {.time = 100ms});
  EXPECT_TRUE(contains(text.error().detail, "took longer than")) << text.error().detail;
  EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
}

TEST(RunCommand, IsKilledWhenItClosesItsOutputAndGoesOn) {
  const auto text = run_command("exec >&-; sleep 600", {.time = 100ms});
  EXPECT_TRUE(contains(text.error().detail, "did not end in time")) << text.error().detail;
}

TEST(RunCommand, HoldsItsOutputToTheByte) {
  EXPECT_EQ(run_command("printf 1234", {.time = 1min, .output = 4})->size(), 4U);
  EXPECT_TRUE(contains(run_command("printf 12345", {.time = 1min, .output = 4}).error().detail, "printed more than 4 bytes"));
  EXPECT_TRUE(contains(run_command("yes", {}).error().detail, "printed more than"));
}

TEST(RunCommand, TellsTheStatusAndTheSignalAndNothingOfTheOutput) {
  const auto status = run_command("echo canary; exit 3", {});
  EXPECT_EQ(status.error().detail, "credential_process ended with exit status 3");
  EXPECT_TRUE(contains(run_command("kill -TERM $$", {}).error().detail, "was ended by signal 15"));
  EXPECT_TRUE(contains(run_command("/no/such/program 2>/dev/null", {}).error().detail, "exit status 127"));
}

TEST(RunCommand, SaysWhyItCannotStart) {
  // Linux takes no argument of 32 pages or more, with its end (MAX_ARG_STRLEN).
  const std::string longest(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) * 32 - 1 - 2, 'x');
  EXPECT_TRUE(run_command(": " + longest, {}).ok());
  const auto text = run_command(": " + longest + "x", {});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().detail, "credential_process cannot start: Argument list too long");
}

TEST(RunCommand, AStatusThatSomebodyElseTookLetsTheOutputDecide) {
  struct sigaction before {};
  struct sigaction taken {};
  taken.sa_handler = SIG_IGN;  // the kernel reaps the child by itself
  ASSERT_EQ(::sigaction(SIGCHLD, &taken, &before), 0);
  const auto text = run_command("printf done; exit 3", {});
  ASSERT_EQ(::sigaction(SIGCHLD, &before, nullptr), 0);
  ASSERT_TRUE(text.ok()) << text.error().detail;
  EXPECT_EQ(*text, "done");
}

TEST(ProcessCredentials, TakesWhatTheProgramPrintsAndTheProfilesAccount) {
  const FakeClock clock;
  ProcessCredentials source(clock, {.command = kGood, .account_id = "123456789012"});
  const auto found = source.credentials(false);
  ASSERT_TRUE(found.ok()) << found.error().detail;
  EXPECT_EQ((*found)->secret_access_key.reveal(), "canary-secret");
  EXPECT_EQ((*found)->account_id, "123456789012");
}

TEST(ProcessCredentials, RefusesWhatHasExpiredFromItsVeryMoment) {
  FakeClock clock;
  ProcessCredentials source(clock, {.command = kGood, .account_id = {}});
  clock.advance(1h - 1ms);
  EXPECT_TRUE(source.credentials(false).ok());
  clock.advance(1ms);
  EXPECT_EQ(source.credentials(false).error().detail, "credential_process gave credentials that expired at 2026-03-01T13:00:00.000Z");
}

TEST(ProcessCredentials, SaysNothingOfCommandOrOutput) {
  const FakeClock clock;
  ProcessCredentials source(clock, {.command = "echo canary-output # canary-command", .account_id = {}});
  const auto found = source.credentials(false);
  EXPECT_EQ(found.error().detail, "credential_process: the answer is no JSON");
}

}  // namespace
}  // namespace portcullis
