// The program's three standard streams: there from the first moment on, and an answer that nobody could read is never called one.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

/// Opens /dev/null on each of the descriptors 0, 1 and 2 that is closed, so that no file or socket which is opened later gets its number
/// and what is meant for the stream. In place of a closed standard input or output the wrong way round: whoever reads or writes there fails
/// with EBADF, as before. Call it before anything else opens a descriptor.
void open_standard_streams() noexcept;

/// What a program prints, to a descriptor that it does not own until `finish`.
class OutputStream {
 public:
  explicit OutputStream(int descriptor) noexcept : descriptor_(descriptor) {}
  OutputStream(const OutputStream&) = delete;
  OutputStream& operator=(const OutputStream&) = delete;
  ~OutputStream() = default;

  /// Writes all of `text`, waiting for a slow reader. After the first failure nothing more is written.
  void write(std::string_view text) noexcept;
  /// Closes the descriptor, where file systems over a network and quotas tell what they could not keep. `Reason::io_failed` with
  /// "standard output: <cause>" where anything that was written is lost; a reader that went away (EPIPE) wanted no more, and is no error.
  /// A stream that nothing was written to is left alone.
  Result<void> finish();

 private:
  int descriptor_;
  int failure_ = 0;  ///< errno of the first failure
  bool used_ = false;
};

}  // namespace portcullis
