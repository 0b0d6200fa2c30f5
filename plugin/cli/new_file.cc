#include "plugin/cli/new_file.h"

#include <cerrno>
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

}  // namespace portcullis
