#include "plugin/decisions/output.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portcullis {
namespace {

constexpr mode_t kMode = 0640;
constexpr int kPipeWait = 1000;  // milliseconds

Error failed(const std::string& path, std::string_view what) {
  return {Reason::io_failed, "portcullis.decisionLog.output: " + path + ": " + std::string(what)};
}

bool is_ours(const struct stat& status) noexcept { return status.st_uid == 0 || status.st_uid == ::geteuid(); }

/// A link in the path's last place: somebody who may write to the folder could make us write elsewhere.
std::optional<Error> check_link(const std::string& path) {
  struct stat link {};
  if (::lstat(path.c_str(), &link) != 0 || !S_ISLNK(link.st_mode)) return std::nullopt;
  struct stat target {};
  if (::stat(path.c_str(), &target) != 0) return failed(path, "is a symbolic link that leads nowhere; name the file itself");
  if (!is_ours(link)) return failed(path, "is a symbolic link of another user; name the file itself");
  return std::nullopt;
}

std::optional<Error> check_file(const std::string& path, const struct stat& status) {
  if (S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode)) return std::nullopt;
  if (!S_ISREG(status.st_mode)) return failed(path, "is no file, pipe or character device");
  if (!is_ours(status)) return failed(path, "belongs to another user, who could change what it says");
  if ((status.st_mode & S_IWOTH) != 0) return failed(path, "can be written by everybody (chmod o-w)");
  return std::nullopt;
}

/// Whether a file's last line is whole. A process that was killed may have left half of one.
bool ends_with_a_line(int descriptor, const struct stat& status) noexcept {
  if (!S_ISREG(status.st_mode) || status.st_size == 0) return true;
  char last = '\n';
  return ::pread(descriptor, &last, 1, status.st_size - 1) != 1 || last == '\n';
}

int open_to_append(const std::string& path) noexcept {
  constexpr int flags = O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  struct stat status {};
  // A pipe that we could read from ourselves would never tell that its reader has gone.
  const bool file = ::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
  return ::open(path.c_str(), file ? flags | O_CREAT | O_RDWR : flags | O_WRONLY, kMode);
}

}  // namespace

Result<DecisionOutput> DecisionOutput::open(const std::string& path) {
  if (std::optional<Error> fault = check_link(path)) return std::move(*fault);
  DecisionOutput output(open_to_append(path), path);
  if (output.descriptor_ < 0) return failed(path, errno == ENXIO ? "is a pipe that nobody reads" : std::strerror(errno));
  struct stat status {};
  if (::fstat(output.descriptor_, &status) != 0) return failed(path, std::strerror(errno));
  if (std::optional<Error> fault = check_file(path, status)) return std::move(*fault);
  output.owes_line_end_ = !ends_with_a_line(output.descriptor_, status);
  return output;
}

DecisionOutput::DecisionOutput(DecisionOutput&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)), owes_line_end_(other.owes_line_end_) {}

DecisionOutput& DecisionOutput::operator=(DecisionOutput&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  path_.swap(other.path_);
  std::swap(owes_line_end_, other.owes_line_end_);
  return *this;
}

DecisionOutput::~DecisionOutput() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> DecisionOutput::write(std::string_view text) {
  if (owes_line_end_) {
    Result<std::size_t> ended = write_some("\n");
    if (!ended.ok()) return ended;
    owes_line_end_ = false;
  }
  return write_some(text);
}

Result<std::size_t> DecisionOutput::write_some(std::string_view text) {
  for (;;) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written > 0) return static_cast<std::size_t>(written);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      pollfd room{descriptor_, POLLOUT, 0};
      if (::poll(&room, 1, kPipeWait) > 0 && (room.revents & POLLOUT) != 0) continue;
      return failed(path_, "its reader does not keep up");
    }
    return failed(path_, written == 0 ? "nothing was written" : std::strerror(errno));
  }
}

}  // namespace portcullis
