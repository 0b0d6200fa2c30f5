// Where the log goes: standard error or a file, which can be swapped under the log without losing a line.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace portcullis {

/// Owns one descriptor whose number never changes: what stands behind it does.
class LogOutput {
 public:
  /// A copy of standard error where `path` is absent, else the file, appended to, made with mode 0640. `Reason::io_failed`.
  static Result<LogOutput> open(const std::optional<std::string>& path);
  LogOutput(LogOutput&& other) noexcept;
  LogOutput& operator=(LogOutput&&) = delete;
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;
  ~LogOutput();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// Whether somebody reads along.
  [[nodiscard]] bool is_terminal() const noexcept;
  /// Goes to `path` (absent: standard error) from the next line on; the same path again opens the file anew (SIGUSR1, after a rotation).
  /// Where it cannot be opened the old one stays.
  Result<void> redirect(const std::optional<std::string>& path);

 private:
  explicit LogOutput(int descriptor) noexcept : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace portcullis
