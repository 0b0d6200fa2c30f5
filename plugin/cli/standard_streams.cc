#include "plugin/cli/standard_streams.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace portcullis {
namespace {

/// Waits until `descriptor`, which somebody made non-blocking, takes more. False where it never will.
bool wait_for_room(int descriptor) noexcept {
  pollfd one{.fd = descriptor, .events = POLLOUT, .revents = 0};
  return ::poll(&one, 1, -1) > 0 || errno == EINTR;
}

}  // namespace

void open_standard_streams() noexcept {
  constexpr int kDirections[] = {O_WRONLY, O_RDONLY, O_WRONLY};
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is this one: those below are open by now.
    if (::open("/dev/null", kDirections[descriptor]) != descriptor) return;
  }
}

void OutputStream::write(std::string_view text) noexcept {
  used_ = used_ || !text.empty();
  while (failure_ == 0 && !text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && !(errno == EAGAIN && wait_for_room(descriptor_))) {
      failure_ = errno;
    }
  }
}

Result<void> OutputStream::finish() {
  if (!used_) return {};
  if (::close(descriptor_) != 0 && failure_ == 0 && errno != EINTR) failure_ = errno;
  if (failure_ == 0 || failure_ == EPIPE) return {};
  return Error{Reason::io_failed, "standard output: " + std::generic_category().message(failure_)};
}

}  // namespace portcullis
