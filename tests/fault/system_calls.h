// File and socket calls of the whole test program that fail, or end it, when a test says so.
#pragma once

#include <cstdint>

#include "tests/fault/allocations.h"

namespace portcullis::test {

enum class Calls {
  file,    ///< open, mkostemp, read, write, pread, stat, lstat, fstat, fchmod, fsync, rename
  socket,  ///< socket, connect, accept4, send, sendmsg, recv, getsockopt, setsockopt
  accept,  ///< accept4 alone
  thread,  ///< pthread_create
};

enum class Ending {
  error,  ///< the call does nothing and fails; the ones behind it go on
  half,   ///< a `write` takes half of its bytes; another call is as ever
  death,  ///< the process gets SIGKILL instead of the call; a `write` has taken half of its bytes
};

/// What becomes of a call whose turn has come.
struct CallPlan {
  Calls calls = Calls::file;
  Ending ending = Ending::error;
  int error = 0;  ///< `errno`; 0: EIO, of a `write` ENOSPC, of a socket ECONNRESET; of a thread always EAGAIN
  Outage outage = Outage::one;
  Whose whose = Whose::this_thread;  ///< with `death` any thread's
};

/// While it lives, the `nth` call (from 1) of that kind ends so. One at a time in a program.
class CallFault {
 public:
  CallFault(std::uint64_t nth, const CallPlan& plan) noexcept;
  CallFault(const CallFault&) = delete;
  CallFault& operator=(const CallFault&) = delete;
  ~CallFault();

  /// Whether the n-th call was reached.
  [[nodiscard]] static bool happened() noexcept;
};

}  // namespace portcullis::test
