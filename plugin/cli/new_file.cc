#include "plugin/cli/new_file.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portcullis {
namespace {

Error failed(const std::string& path, int code) { return {Reason::io_failed, path + ": " + std::generic_category().message(code)}; }

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Makes the new file what `before` was for everybody who may read it. Only root gives a file to another user, and others give it to a
/// group of theirs; what may not be done is left: the content is worth more.
bool keep_permissions(int descriptor, const struct stat& before) {
  if (::fchown(descriptor, before.st_uid, before.st_gid) != 0 && ::fchown(descriptor, static_cast<uid_t>(-1), before.st_gid) != 0 &&
      errno != EPERM)
    return false;
  return ::fchmod(descriptor, before.st_mode & 07777U) == 0;
}

}  // namespace

Result<void> create_file(const std::string& path, std::string_view bytes, unsigned mode) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, static_cast<mode_t>(mode));
  if (descriptor < 0) {
    if (errno == EEXIST) return Error{Reason::io_failed, path + " exists already; it is never overwritten"};
    return failed(path, errno);
  }
  const bool written = write_all(descriptor, bytes) && ::fsync(descriptor) == 0;
  const int code = errno;
  ::close(descriptor);
  if (written) return {};
  ::unlink(path.c_str());
  return failed(path, code);
}

Result<void> replace_content(Files& files, const std::string& path, std::string_view bytes, unsigned mode) {
  struct stat before {};
  if (::stat(path.c_str(), &before) != 0 || !S_ISREG(before.st_mode)) return files.write(path, bytes, mode);
  std::error_code unknown;
  const std::string target = std::filesystem::canonical(path, unknown).string();
  if (unknown) return failed(path, unknown.value());
  std::string temporary = target + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return failed(target, errno);
  const bool written = write_all(descriptor, bytes) && keep_permissions(descriptor, before) && ::fsync(descriptor) == 0 &&
                       ::rename(temporary.c_str(), target.c_str()) == 0;
  const int code = errno;
  ::close(descriptor);
  if (written) return {};
  ::unlink(temporary.c_str());
  return failed(target, code);
}

}  // namespace portcullis
