#include "tests/support/raw_client.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace portcullis::test {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{10};

int connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

int connect_tcp(const std::string& address, const std::string& source) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in native{};
  native.sin_family = AF_INET;
  std::uint16_t port = 0;
  std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  native.sin_port = htons(port);
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &native.sin_addr);
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  if (!source.empty() && (::inet_pton(AF_INET, source.c_str(), &from.sin_addr) != 1 ||
                          ::bind(descriptor, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)) {
    ::close(descriptor);
    return -1;
  }
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&native), sizeof native) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

RawAnswer parse_head(std::string_view head) {
  RawAnswer answer;
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);  // behind "HTTP/1.1 "
  std::size_t line = head.find("\r\n");
  while (line != std::string_view::npos && line + 2 < head.size()) {
    head.remove_prefix(line + 2);
    line = head.find("\r\n");
    const std::string_view text = head.substr(0, line);
    const std::size_t colon = text.find(": ");
    if (colon != std::string_view::npos) answer.headers.emplace_back(text.substr(0, colon), text.substr(colon + 2));
  }
  return answer;
}

}  // namespace

std::string RawAnswer::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return header.first.size() == name.size() && ::strncasecmp(header.first.data(), name.data(), name.size()) == 0;
  });
  return found == headers.end() ? std::string() : found->second;
}

RawClient::RawClient(const std::string& address, const std::string& source)
    : descriptor_(address.starts_with("unix:") ? connect_unix(address.substr(5)) : connect_tcp(address, source)) {}

RawClient::~RawClient() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Reads more into the buffer; false at the end of the connection or at the deadline.
bool RawClient::fill(Steady::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
  pollfd waited{descriptor_, POLLIN, 0};
  if (left.count() <= 0 || ::poll(&waited, 1, static_cast<int>(left.count())) <= 0) return false;
  char bytes[16384];
  const ssize_t got = ::recv(descriptor_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::optional<RawAnswer> RawClient::receive(bool head, std::chrono::milliseconds patience) {
  const Steady::time_point deadline = Steady::now() + patience;
  std::size_t end = buffer_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!fill(deadline)) return std::nullopt;
    end = buffer_.find("\r\n\r\n");
  }
  RawAnswer answer = parse_head(std::string_view(buffer_).substr(0, end + 2));
  if (answer.status == 100) {
    buffer_.erase(0, end + 4);
    return receive(head, patience);
  }
  std::size_t length = 0;
  const std::string announced = answer.header("Content-Length");
  std::from_chars(announced.data(), announced.data() + announced.size(), length);
  if (head) length = 0;
  while (buffer_.size() < end + 4 + length)
    if (!fill(deadline)) return std::nullopt;
  answer.body = buffer_.substr(end + 4, length);
  buffer_.erase(0, end + 4 + length);
  return answer;
}

std::optional<RawAnswer> RawClient::ask(std::string_view bytes) {
  if (!connected() || !send(bytes)) return std::nullopt;
  return receive();
}

bool RawClient::closed_by_peer() {
  pollfd waited{descriptor_, POLLIN, 0};
  if (!buffer_.empty() || ::poll(&waited, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) <= 0) return false;
  char byte = 0;
  return ::recv(descriptor_, &byte, 1, 0) <= 0;
}

std::optional<RawAnswer> ask_once(const std::string& address, std::string_view bytes) { return RawClient(address).ask(bytes); }

std::optional<RawAnswer> get(const std::string& address, std::string_view path) {
  return ask_once(address, "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
}

bool eventually(const std::function<bool()>& condition) {
  const Steady::time_point deadline = Steady::now() + kPatience;
  while (!condition()) {
    if (Steady::now() > deadline) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

}  // namespace portcullis::test
