#include "plugin/hardening.h"

#include <algorithm>
#include <csignal>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace portcullis::test {
namespace {

/// Runs `check` in a child process, which hardening cannot be undone in.
template <class Check>
bool holds_in_child(Check check, void (*prepare)() noexcept = harden_process) {
  const pid_t child = ::fork();
  if (child == 0) {
    prepare();
    ::_exit(check() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Hardening, SwitchesCoreDumpsAndDebuggersOff) {
  EXPECT_TRUE(holds_in_child([] {
    rlimit core{1, 1};
    return ::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE) == 0;
  }));
}

TEST(Hardening, ForbidsCoreDumpsAloneForCommandsThatRunOthers) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_CORE, &before), 0);
  const int privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  EXPECT_TRUE(holds_in_child(
      [&before, privileges] {
        rlimit core{1, 1};
        return ::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == before.rlim_max &&
               ::prctl(PR_GET_DUMPABLE) == 0 && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == privileges;
      },
      forbid_core_dumps));
}

TEST(Hardening, GivesUpNewPrivileges) {
  EXPECT_TRUE(holds_in_child([] { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }));
}

TEST(Hardening, IgnoresABrokenPipe) {
  EXPECT_TRUE(holds_in_child([] { return std::raise(SIGPIPE) == 0; }));
}

TEST(Hardening, KeepsNewFilesFromOthers) {
  EXPECT_TRUE(holds_in_child([] { return ::umask(0) == 027; }));
}

TEST(Hardening, LeavesNoWeaknessButRoot) {
  EXPECT_TRUE(holds_in_child([] {
    const auto found = process_weaknesses();
    return std::all_of(found.begin(), found.end(), [](std::string_view text) { return text.starts_with("running as root"); });
  }));
}

TEST(Hardening, WarnsAboutRootAndNobodyElse) {
  const auto found = process_weaknesses();

  const bool warned = std::any_of(found.begin(), found.end(), [](std::string_view text) { return text.starts_with("running as root"); });
  EXPECT_EQ(warned, ::geteuid() == 0);
}

}  // namespace
}  // namespace portcullis::test
