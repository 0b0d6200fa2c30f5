// File and socket calls of the whole test program that fail, or end it, when a test says so.
#pragma once

#include <cstdint>

namespace portcullis::test {

enum class Calls {
  file,    ///< open, mkostemp, read, write, pread, fstat, fchmod, fsync, rename
  socket,  ///< socket, connect, send, recv
};

enum class Ending {
  error,  ///< the call does nothing and fails (EIO, ECONNRESET); the ones behind it go on
  death,  ///< the process gets SIGKILL instead of the call; a `write` has taken half of its bytes
};

/// While it lives, the `nth` call (from 1) of that kind ends so: on this thread, or, with `death`, on any. One at a time in a program.
class CallFault {
 public:
  CallFault(std::uint64_t nth, Calls calls, Ending ending) noexcept;
  CallFault(const CallFault&) = delete;
  CallFault& operator=(const CallFault&) = delete;
  ~CallFault();

  /// Whether the n-th call was reached.
  [[nodiscard]] static bool happened() noexcept;
};

}  // namespace portcullis::test
