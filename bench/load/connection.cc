#include "bench/load/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace load {
namespace {

/// The value of `Content-Length` in a header block, 0 where there is none.
std::size_t content_length(const std::string& head) {
  constexpr std::string_view kName = "\r\ncontent-length:";
  for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
    if (strncasecmp(head.c_str() + at, kName.data(), kName.size()) == 0) return std::strtoul(head.c_str() + at + kName.size(), nullptr, 10);
  }
  return 0;
}

}  // namespace

Connection::Connection(std::uint16_t port) : port_(port) { open(); }

Connection::~Connection() { close(socket_); }

void Connection::open() {
  if (socket_ >= 0) close(socket_);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket_ < 0 || connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(socket_, F_SETFL, O_NONBLOCK);
  arrived_.clear();
  busy_ = false;
}

void Connection::send(std::string_view request, Instant due) {
  due_ = due;
  busy_ = true;
  // A request is far smaller than a socket's buffer, so a short write means a broken connection, which `receive` will see.
  (void)!::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
}

int Connection::receive() {
  std::array<char, 8192> buffer{};
  const ssize_t bytes = recv(socket_, buffer.data(), buffer.size(), 0);
  if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (bytes <= 0) {
    open();
    return -1;
  }
  arrived_.append(buffer.data(), static_cast<std::size_t>(bytes));
  const std::size_t end = arrived_.find("\r\n\r\n");
  if (end == std::string::npos || arrived_.size() < 13) return 0;
  if (arrived_.size() < end + 4 + content_length(arrived_.substr(0, end + 2))) return 0;
  const int status = std::atoi(arrived_.c_str() + 9);
  arrived_.clear();
  busy_ = false;
  return status;
}

}  // namespace load
