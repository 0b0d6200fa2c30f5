#include "base/io/files.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portcullis {
namespace {

/// Owns a file descriptor for one function.
class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

Error failed(const std::string& path, const std::string& what) { return {Reason::io_failed, path + ": " + what}; }
Error failed(const std::string& path) { return failed(path, std::strerror(errno)); }

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Whether a file may take the place of what `path` is: a device, a pipe, a folder would be lost by it, a link to one as well, and
/// /dev/stdout, which leads to a descriptor.
Result<void> check_replaceable(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return errno == ENOENT ? Result<void>() : failed(path);
  bool replaceable = S_ISREG(status.st_mode);
  if (S_ISLNK(status.st_mode)) {
    constexpr std::string_view kDescriptors = "/proc/";
    char target[kDescriptors.size()];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    if (size < 0) return failed(path);
    replaceable = std::string_view(target, static_cast<std::size_t>(size)) != kDescriptors &&
                  (::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode));
  }
  if (!replaceable) return failed(path, "not a regular file, and only such a one is replaced; name another path");
  return {};
}

}  // namespace

Result<std::string> SystemFiles::read(const std::string& path, std::size_t limit) const {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return failed(path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failed(path);
  if (!S_ISREG(status.st_mode)) return failed(path, "not a regular file");
  std::string bytes;
  char buffer[16384];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path);
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(got));
    if (bytes.size() > limit) return failed(path, "larger than " + std::to_string(limit) + " bytes");
  }
}

Result<void> SystemFiles::write(const std::string& path, std::string_view bytes, unsigned mode) {
  if (Result<void> replaceable = check_replaceable(path); !replaceable.ok()) return replaceable;
  std::string temporary = path + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return failed(path);
  const bool written = ::fchmod(file.get(), mode) == 0 && write_all(file.get(), bytes) && ::fsync(file.get()) == 0 &&
                       ::rename(temporary.c_str(), path.c_str()) == 0;
  if (written) return {};
  Error error = failed(path);
  ::unlink(temporary.c_str());
  return error;
}

bool SystemFiles::has_mode(const std::string& path, unsigned mode) const {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 07777U) == mode;
}

Result<std::string> FakeFiles::read(const std::string& path, std::size_t limit) const {
  const auto found = contents_.find(path);
  if (found == contents_.end()) return failed(path, "No such file or directory");
  if (found->second.bytes.size() > limit) return failed(path, "larger than " + std::to_string(limit) + " bytes");
  return found->second.bytes;
}

Result<void> FakeFiles::write(const std::string& path, std::string_view bytes, unsigned mode) {
  contents_[path] = {std::string(bytes), mode};
  return {};
}

bool FakeFiles::has_mode(const std::string& path, unsigned mode) const {
  const auto found = contents_.find(path);
  return found != contents_.end() && found->second.mode == mode;
}

std::string resolve_path(const std::string& folder, const std::string& path) {
  if (path.starts_with('/') || folder.empty()) return path;
  return folder + "/" + path;
}

}  // namespace portcullis
