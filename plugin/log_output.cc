#include "plugin/log_output.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace portcullis {
namespace {

constexpr mode_t kLogMode = 0640;

Result<int> open_target(const std::optional<std::string>& path) {
  const int descriptor = path ? ::open(path->c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, kLogMode)
                              : ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (descriptor < 0) return Error{Reason::io_failed, "log.output: " + path.value_or("standard error") + ": " + std::strerror(errno)};
  return descriptor;
}

}  // namespace

Result<LogOutput> LogOutput::open(const std::optional<std::string>& path) {
  const Result<int> descriptor = open_target(path);
  if (!descriptor.ok()) return descriptor.error();
  return LogOutput(*descriptor);
}

LogOutput::LogOutput(LogOutput&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

LogOutput::~LogOutput() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool LogOutput::is_terminal() const noexcept { return ::isatty(descriptor_) == 1; }

Result<void> LogOutput::redirect(const std::optional<std::string>& path) {
  const Result<int> next = open_target(path);
  if (!next.ok()) return next.error();
  // Atomic: a line goes to the old file or to the new one, whole.
  const bool moved = ::dup3(*next, descriptor_, O_CLOEXEC) >= 0;
  const int why = errno;
  ::close(*next);
  if (!moved) return Error{Reason::io_failed, "log.output: " + std::string(std::strerror(why))};
  return {};
}

}  // namespace portcullis
