// One HTTP request to the gate and its answer, as plain values: what libmicrohttpd brings, what tests and the probe write by hand.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portcullis {

/// Who is at the other end of the connection.
struct Peer {
  enum class Kind { tcp, unix_socket } kind = Kind::tcp;
  std::array<std::uint8_t, 16> address{};  ///< IPv6, or IPv4 mapped into it
  bool user_trusted = false;               ///< of a unix socket: its user or group is trusted (SO_PEERCRED, SO_PEERGROUPS)
  std::string text;                        ///< for the log: "127.0.0.1", "unix:33"
};

/// Views into the connection's buffers: valid until the answer is queued.
struct HttpRequest {
  std::string_view method;
  std::string_view raw_uri;                                            ///< path and query, undecoded
  std::vector<std::pair<std::string_view, std::string_view>> headers;  ///< in the order of arrival, names as sent
  bool has_body = false;                                               ///< a Content-Length above 0, or a Transfer-Encoding
  std::string_view body;                                               ///< of POST routes
  const Peer* peer = nullptr;
};

struct HttpAnswer {
  int status = 403;
  std::vector<std::pair<std::string_view, std::string>> headers;  ///< names are fixed texts
  std::string body;
};

}  // namespace portcullis
