// What the server keeps for one connection, and who answers its requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/report/metrics.h"
#include "plugin/http/message.h"
#include "plugin/http/peer.h"

namespace portcullis {

/// One connection. Only the request thread that it belongs to touches it. Its buffers are used again by each request.
struct Connection {
  Peer peer;
  PeerCredentials credentials;          ///< of a unix socket
  std::optional<gid_t> socket_group;    ///< group of the unix socket that it came through
  std::uint64_t judged_generation = 0;  ///< the configuration that `peer.user_trusted` was judged by; 0: none yet
  HttpRequest request;                  ///< of the request under way

  // The server's own.
  enum class Phase { idle, headers, body, discarding } phase = Phase::idle;
  std::string raw_uri;
  std::string body;
  std::size_t discarded = 0;              ///< bytes of a body that is too large
  CounterTable::Row* requests = nullptr;  ///< counters of the request thread
};

/// Answers the requests of one listener. Called from all request threads at once.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  /// Whether the body of such a request is read at all; where it is not, the request is answered with `has_body` set and the connection
  /// closes.
  [[nodiscard]] virtual bool reads_body(std::string_view method, std::string_view raw_uri) const noexcept = 0;
  /// Answers `connection.request`. Must not wait.
  virtual HttpAnswer handle(Connection& connection) = 0;
};

}  // namespace portcullis
