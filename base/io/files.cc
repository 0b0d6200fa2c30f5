#include "base/io/files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <system_error>

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

/// Makes the new file what `before` was for everybody who may read it. Only root gives a file to another user, and others give it to a
/// group of theirs; what may not be done is left: the content is worth more.
bool keep_permissions(int fd, const struct stat& before) {
  if (::fchown(fd, before.st_uid, before.st_gid) != 0 && ::fchown(fd, static_cast<uid_t>(-1), before.st_gid) != 0 && errno != EPERM)
    return false;
  return ::fchmod(fd, before.st_mode & 07777U) == 0;
}

/// A new file beside `path`, which `permit` makes readable for whom it is meant, and then the rename.
Result<void> put_in_place(const std::string& path, std::string_view bytes, const std::function<bool(int)>& permit) {
  std::string temporary = path + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return failed(path);
  if (permit(file.get()) && write_all(file.get(), bytes) && ::fsync(file.get()) == 0 && ::rename(temporary.c_str(), path.c_str()) == 0)
    return {};
  Error error = failed(path);
  ::unlink(temporary.c_str());
  return error;
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
  return put_in_place(path, bytes, [&](int fd) { return ::fchmod(fd, mode) == 0; });
}

Result<void> SystemFiles::create(const std::string& path, std::string_view bytes, unsigned mode) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, static_cast<mode_t>(mode)));
  if (file.get() < 0 && errno == EEXIST) return failed(path, "exists already; it is never overwritten");
  if (file.get() < 0) return failed(path);
  // fchmod, because the process's mask may have taken bits away.
  if (::fchmod(file.get(), mode) == 0 && write_all(file.get(), bytes) && ::fsync(file.get()) == 0) return {};
  Error error = failed(path);
  ::unlink(path.c_str());
  return error;
}

Result<void> SystemFiles::rewrite(const std::string& path, std::string_view bytes, unsigned mode) {
  struct stat before {};
  if (::stat(path.c_str(), &before) != 0 || !S_ISREG(before.st_mode)) return write(path, bytes, mode);
  std::error_code unknown;
  const std::string target = std::filesystem::canonical(path, unknown).string();
  if (unknown) return failed(path, unknown.message());
  return put_in_place(target, bytes, [&](int fd) { return keep_permissions(fd, before); });
}

void SystemFiles::remove(const std::string& path) { ::unlink(path.c_str()); }

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

Result<void> FakeFiles::create(const std::string& path, std::string_view bytes, unsigned mode) {
  if (contents_.contains(path)) return failed(path, "exists already; it is never overwritten");
  return write(path, bytes, mode);
}

Result<void> FakeFiles::rewrite(const std::string& path, std::string_view bytes, unsigned mode) {
  const auto found = contents_.find(path);
  return write(path, bytes, found == contents_.end() ? mode : found->second.mode);
}

void FakeFiles::remove(const std::string& path) { contents_.erase(path); }

bool FakeFiles::has_mode(const std::string& path, unsigned mode) const {
  const auto found = contents_.find(path);
  return found != contents_.end() && found->second.mode == mode;
}

std::string resolve_path(const std::string& folder, const std::string& path) {
  if (path.starts_with('/') || folder.empty()) return path;
  return folder + "/" + path;
}

}  // namespace portcullis
