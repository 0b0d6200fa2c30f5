// One keep-alive HTTP/1.1 connection that carries one request at a time, without blocking.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

using Instant = std::chrono::steady_clock::time_point;

class Connection {
 public:
  /// Connects to loopback at once; ends the process where nobody listens.
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] bool busy() const noexcept { return busy_; }
  [[nodiscard]] int socket() const noexcept { return socket_; }
  [[nodiscard]] Instant due() const noexcept { return due_; }

  /// Sends `request`, which was due at `due`. The connection must not be busy.
  void send(std::string_view request, Instant due);
  /// Reads what has arrived. The status of a whole answer, 0 while there is none yet, -1 where the connection broke (it is then opened
  /// again).
  int receive();

 private:
  void open();

  std::uint16_t port_;
  int socket_ = -1;
  bool busy_ = false;
  Instant due_{};
  std::string arrived_;
};

}  // namespace load
