// What the server keeps for one connection, and who answers its requests.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/report/metrics.h"
#include "plugin/http/message.h"
#include "plugin/http/peer.h"

namespace portcullis {

/// What a handler keeps of a request that waits suspended.
struct Pending {
  virtual ~Pending() = default;
};

/// One connection. Only the request thread that it belongs to touches it. Its buffers are used again by each request.
struct Connection {
  Peer peer;
  PeerCredentials credentials;          ///< of a unix socket
  bool stranger = false;                ///< counted among those
  std::optional<gid_t> socket_group;    ///< group of the unix socket that it came through
  std::uint64_t judged_generation = 0;  ///< the configuration that `peer.user_trusted` was judged by; 0: none yet
  HttpRequest request;                  ///< of the request under way
  std::unique_ptr<Pending> pending;     ///< the handler's own, of the request under way; gone when it is answered

  // The server's own.
  enum class Phase { idle, headers, body, discarding } phase = Phase::idle;
  void* native = nullptr;  ///< of libmicrohttpd
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
  /// Answers `connection.request`. Must not wait. Nothing means "later": the handler has called `suspend(connection)` and sees to it that
  /// `resume` is called once; then it is asked again, on the connection's own thread.
  virtual std::optional<HttpAnswer> handle(Connection& connection) = 0;
  /// Whether nothing that a peer of this TCP address asks is answered with more than a refusal. Strangers share a few of the connections.
  [[nodiscard]] virtual bool is_stranger(const Peer& /*peer*/) const noexcept { return false; }
  /// A stranger's connection was closed unheard: others of them hold all of those.
  virtual void on_turned_away(const Peer& /*peer*/) noexcept {}
};

/// Lets the request under way wait without a thread. Only within `handle`, and before anybody can call `resume`. What `connection.request`
/// borrows stays valid.
void suspend(Connection& connection) noexcept;
/// Lets it go on. From any thread, once for each `suspend`; the caller no longer touches the connection.
void resume(Connection& connection) noexcept;

}  // namespace portcullis
