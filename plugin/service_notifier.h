// Tells systemd how we are (sd_notify(3)), without its library: one datagram to one unix socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace portcullis {

/// Safe from many threads.
class ServiceNotifier {
 public:
  /// `socket` is $NOTIFY_SOCKET: a path, or an abstract name that begins with `@`. Nothing: nobody listens, and `send` does nothing.
  explicit ServiceNotifier(std::optional<std::string> socket) : socket_(std::move(socket)) {}

  /// Sends `state`, say "READY=1" or several lines. Never waits; a lost datagram is nobody's loss but systemd's.
  void send(std::string_view state) const noexcept;

 private:
  const std::optional<std::string> socket_;
};

}  // namespace portcullis
