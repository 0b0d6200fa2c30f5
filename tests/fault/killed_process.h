// Work that a process is killed at.
#pragma once

#include <cstdint>
#include <functional>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/fault/system_calls.h"

namespace portcullis::test {

/// Runs `work` in a process of its own, which is killed at its `nth` file call. Whether that came.
inline bool killed_at(std::uint64_t nth, const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    const CallFault fault(nth, {.calls = Calls::file, .ending = Ending::death});
    work();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status)) {
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
    return true;
  }
  EXPECT_EQ(WEXITSTATUS(status), 0);
  return false;
}

}  // namespace portcullis::test
