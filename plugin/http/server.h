// One listening socket and the request threads behind it. libmicrohttpd serves it.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "base/handle.h"
#include "base/report/metrics.h"
#include "base/result.h"
#include "config/config.h"
#include "plugin/http/connection.h"
#include "plugin/http/listen_socket.h"

struct MHD_Daemon;

namespace portcullis {

void stop_daemon(MHD_Daemon* daemon) noexcept;

struct ServerLimits {
  unsigned workers = 1;          ///< request threads, at least 1
  std::size_t header_bytes = 0;  ///< request line and headers; larger: 431
  std::size_t connections = 0;   ///< at once, shared among the threads; more wait in the backlog
  Duration idle{};               ///< rounded up to seconds
  std::size_t body_bytes = 0;    ///< where a body is read; larger: 413
  bool logins = false;           ///< answers may carry a login of a registry
};

/// Serves until it is destroyed, which ends all connections.
class HttpServer {
 public:
  /// How many of so many connections strangers may hold: enough to tell them that they are, and never all.
  static constexpr std::size_t places_of_strangers(std::size_t connections) noexcept { return connections / 16 < 4 ? 4 : connections / 16; }
  /// Starts the threads. `handler` must outlive the server. `Reason::io_failed` where threads or epoll cannot be had.
  static Result<std::unique_ptr<HttpServer>> start(ListenSocket socket, const ServerLimits& limits, RequestHandler& handler);

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  /// The bound address, as text.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  /// From now on each answer closes its connection, so that clients go elsewhere.
  void close_after_answers() noexcept { closing_.store(true, std::memory_order_relaxed); }
  /// Closes the listening socket; open connections stay. Idempotent.
  void stop_accepting() noexcept;
  /// Requests whose first line has arrived and whose answer has not been sent.
  [[nodiscard]] std::size_t active() const;

 private:
  struct Callbacks;

  HttpServer(ListenSocket socket, const ServerLimits& limits, RequestHandler& handler);

  // set once
  const std::string address_;
  const ServerLimits limits_;
  RequestHandler& handler_;
  // locks itself
  std::atomic<bool> closing_{false};
  std::atomic<std::size_t> strangers_{0};  ///< their connections
  CounterTable requests_;
  // the owner's thread only
  ListenSocket socket_;
  Handle<MHD_Daemon, stop_daemon> daemon_;
};

}  // namespace portcullis
