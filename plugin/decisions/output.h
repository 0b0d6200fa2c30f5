// The file of the decision log: whose it is, and how much of a text it took.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

/// Owns a descriptor that is written to at its end.
class DecisionOutput {
 public:
  /// Opens `path` to append, made with mode 0640 where it is not there. A regular file, a pipe or a character device (`/dev/stdout`); where
  /// the last byte of a file is no line end, as after a crash, one is written before the first line. `Reason::io_failed`, naming path and
  /// cause: also for a file that everybody can write to or that belongs to neither root nor this process's user, for a symbolic link that
  /// leads nowhere or is somebody else's, and for a pipe that nobody reads.
  static Result<DecisionOutput> open(const std::string& path);
  DecisionOutput(DecisionOutput&& other) noexcept;
  DecisionOutput& operator=(DecisionOutput&& other) noexcept;
  DecisionOutput(const DecisionOutput&) = delete;
  DecisionOutput& operator=(const DecisionOutput&) = delete;
  ~DecisionOutput();

  /// Writes as much of `text`, which is not empty, as goes in one call. How many bytes that were; `Reason::io_failed` where it is none. A
  /// pipe that is full is waited for, one second at most.
  Result<std::size_t> write(std::string_view text);
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  DecisionOutput(int descriptor, std::string path) noexcept : descriptor_(descriptor), path_(std::move(path)) {}
  Result<std::size_t> write_some(std::string_view text);

  int descriptor_;
  std::string path_;
  bool owes_line_end_ = false;  ///< before the next line
};

}  // namespace portcullis
