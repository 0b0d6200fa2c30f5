#include "plugin/http/server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <microhttpd.h>

#include "base/secret.h"
#include "plugin/http/header_scan.h"
#include "plugin/http/response.h"

namespace portcullis {
namespace {

enum RequestCounter : std::size_t { started, finished, request_counters };

/// A body that is too large is read on to answer 413 behind it, up to here; then the connection is cut.
constexpr std::size_t kDiscardBytes = 1024UL * 1024;
/// Buffers above this are given back between requests.
constexpr std::size_t kKeptBuffer = 8192;

/// Headers as they are collected: all of them, so that duplicates are seen; a look-up would show the first alone.
struct Collected {
  decltype(HttpRequest::headers)& headers;
  bool whole = true;
};

MHD_Result collect_header(void* closure, MHD_ValueKind /*kind*/, const char* name, std::size_t name_size, const char* value,
                          std::size_t value_size) noexcept {
  auto& collected = *static_cast<Collected*>(closure);
  try {
    collected.headers.emplace_back(std::string_view(name, name_size),
                                   value == nullptr ? std::string_view() : std::string_view(value, value_size));
    return MHD_YES;
  } catch (...) {
    collected.whole = false;
    return MHD_NO;
  }
}

/// RFC 9112 section 6: a body is announced by a Transfer-Encoding, or by a Content-Length above 0.
bool announces_body(const HttpRequest& request) noexcept {
  return std::any_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
    if (same_header_name(header.first, "Transfer-Encoding")) return true;
    return same_header_name(header.first, "Content-Length") && header.second.find_first_not_of('0') != std::string_view::npos;
  });
}

Connection* connection_of(MHD_Connection* native) noexcept {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(native, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == nullptr ? nullptr : static_cast<Connection*>(info->socket_context);
}

std::size_t header_size(MHD_Connection* native) noexcept {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(native, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info == nullptr ? 0 : info->header_size;
}

void give_back(std::string& buffer) noexcept {
  if (buffer.capacity() <= kKeptBuffer)
    buffer.clear();
  else
    std::string().swap(buffer);
}

}  // namespace

/// libmicrohttpd's callbacks. None lets an exception out: what goes wrong refuses.
struct HttpServer::Callbacks {
  static std::unique_ptr<Connection> open(HttpServer& server, MHD_Connection* native) {
    auto connection = std::make_unique<Connection>();
    if (server.socket_.is_unix()) {
      const MHD_ConnectionInfo* info = MHD_get_connection_info(native, MHD_CONNECTION_INFO_CONNECTION_FD);
      if (info == nullptr) return nullptr;
      Result<PeerCredentials> credentials = read_credentials(info->connect_fd);
      if (!credentials.ok()) return nullptr;
      connection->peer = unix_peer(*credentials);
      connection->credentials = std::move(*credentials);
      connection->socket_group = server.socket_.group();
    } else {
      const MHD_ConnectionInfo* info = MHD_get_connection_info(native, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
      if (info == nullptr || info->client_addr == nullptr) return nullptr;
      connection->peer = tcp_peer(*info->client_addr);
    }
    connection->native = native;
    connection->requests = &server.requests_.mine();
    return connection;
  }

  /// Whether the connection is taken at all. Who may not ask cannot hold the places of those who may.
  static MHD_Result on_accept(void* closure, const sockaddr* address, socklen_t /*size*/) noexcept {
    const auto& server = *static_cast<const HttpServer*>(closure);
    if (server.socket_.is_unix() || address == nullptr) return MHD_YES;
    try {
      const Peer peer = tcp_peer(*address);
      if (!server.handler_.is_stranger(peer) || server.strangers_.load() < places_of_strangers(server.limits_.connections)) return MHD_YES;
      server.handler_.on_turned_away(peer);
    } catch (...) {
      // No memory: it is turned away.
    }
    return MHD_NO;
  }

  static void on_connection(void* closure, MHD_Connection* native, void** context, MHD_ConnectionNotificationCode code) noexcept {
    auto& server = *static_cast<HttpServer*>(closure);
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
      const std::unique_ptr<Connection> done(static_cast<Connection*>(*context));
      *context = nullptr;
      if (done != nullptr && done->stranger) server.strangers_.fetch_sub(1);
      return;
    }
    try {
      std::unique_ptr<Connection> connection = open(server, native);
      if (connection != nullptr && !server.socket_.is_unix() && server.handler_.is_stranger(connection->peer)) {
        connection->stranger = true;
        server.strangers_.fetch_add(1);
      }
      *context = connection.release();
    } catch (...) {
      *context = nullptr;  // its requests are cut in on_request
    }
  }

  /// The one place that sees the request target as it was sent: later it is decoded, and cut at %00.
  static void* on_uri(void* /*closure*/, const char* uri, MHD_Connection* native) noexcept {
    Connection* connection = connection_of(native);
    if (connection == nullptr) return nullptr;
    try {
      connection->raw_uri = uri;
      connection->phase = Connection::Phase::idle;
      connection->requests->add(started);
      return connection;
    } catch (...) {
      return nullptr;
    }
  }

  /// Nothing is sent while the handler lets the request wait: libmicrohttpd asks again when it was resumed.
  static MHD_Result send_when_ready(const HttpServer& server, MHD_Connection* native, Connection& connection) {
    const std::optional<HttpAnswer> answer = server.handler_.handle(connection);
    return answer ? send(server, native, *answer) : MHD_YES;
  }

  static void on_completed(void* /*closure*/, MHD_Connection* /*native*/, void** context, MHD_RequestTerminationCode /*code*/) noexcept {
    auto* connection = static_cast<Connection*>(*context);
    if (connection == nullptr) return;
    connection->request.headers.clear();
    connection->pending.reset();
    if (!connection->body.empty()) wipe(connection->body);  // it may hold a token
    give_back(connection->body);
    give_back(connection->raw_uri);
    connection->phase = Connection::Phase::idle;
    connection->requests->add(finished);
  }

  /// First call: headers are there. Further calls: body. Last call: no more of it.
  static MHD_Result on_request(void* closure, MHD_Connection* native, const char* /*url*/, const char* method, const char* /*version*/,
                               const char* upload, std::size_t* upload_size, void** context) noexcept {
    auto* connection = static_cast<Connection*>(*context);
    if (connection == nullptr) return MHD_NO;
    auto& server = *static_cast<HttpServer*>(closure);
    try {
      if (connection->phase == Connection::Phase::idle) return on_headers(server, native, *connection, method);
      if (*upload_size != 0) return on_body(server, *connection, upload, *upload_size);
      if (connection->phase == Connection::Phase::discarding) return send(server, native, body_too_large());
      connection->request.body = connection->body;
      return send_when_ready(server, native, *connection);
    } catch (...) {
      return queue_refusal(native);
    }
  }

  /// An answer queued here, in the first call, closes the connection: right for what is refused unread, and for nothing else.
  static MHD_Result on_headers(HttpServer& server, MHD_Connection* native, Connection& connection, const char* method) {
    HttpRequest& request = connection.request;
    request.method = method;
    request.raw_uri = connection.raw_uri;
    request.body = {};
    request.peer = &connection.peer;
    request.headers.clear();
    if (header_size(native) > server.limits_.header_bytes) return send(server, native, headers_too_large());
    Collected collected{request.headers};
    if (MHD_get_connection_values_n(native, MHD_HEADER_KIND, collect_header, &collected) < 0 || !collected.whole)
      return queue_refusal(native);
    request.has_body = announces_body(request);
    connection.phase = Connection::Phase::headers;
    if (!request.has_body) return MHD_YES;
    if (!server.handler_.reads_body(request.method, request.raw_uri)) return send_when_ready(server, native, connection);
    connection.phase = Connection::Phase::body;
    connection.body.clear();
    connection.discarded = 0;
    return MHD_YES;
  }

  static MHD_Result on_body(const HttpServer& server, Connection& connection, const char* upload, std::size_t& upload_size) {
    const std::size_t size = std::exchange(upload_size, 0);
    if (connection.phase == Connection::Phase::body && connection.body.size() + size <= server.limits_.body_bytes) {
      connection.body.append(upload, size);
      return MHD_YES;
    }
    connection.phase = Connection::Phase::discarding;
    connection.discarded += size;
    return connection.discarded <= kDiscardBytes ? MHD_YES : MHD_NO;
  }

  static MHD_Result send(const HttpServer& server, MHD_Connection* native, const HttpAnswer& answer) {
    return queue_answer(native, answer, server.closing_.load(std::memory_order_relaxed));
  }
};

void suspend(Connection& connection) noexcept { MHD_suspend_connection(static_cast<MHD_Connection*>(connection.native)); }

void resume(Connection& connection) noexcept { MHD_resume_connection(static_cast<MHD_Connection*>(connection.native)); }

void stop_daemon(MHD_Daemon* daemon) noexcept { MHD_stop_daemon(daemon); }

HttpServer::HttpServer(ListenSocket socket, const ServerLimits& limits, RequestHandler& handler)
    : address_(socket.text()), limits_(limits), handler_(handler), requests_(request_counters), socket_(std::move(socket)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::start(ListenSocket socket, const ServerLimits& limits, RequestHandler& handler) {
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(socket), limits, handler));
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(limits.idle).count();
  const auto pointer = [](auto* function) { return reinterpret_cast<std::intptr_t>(function); };
  std::vector<MHD_OptionItem> options{
      {MHD_OPTION_LISTEN_SOCKET, server->socket_.descriptor(), nullptr},
      {MHD_OPTION_NOTIFY_CONNECTION, pointer(&Callbacks::on_connection), server.get()},
      {MHD_OPTION_URI_LOG_CALLBACK, pointer(&Callbacks::on_uri), server.get()},
      {MHD_OPTION_NOTIFY_COMPLETED, pointer(&Callbacks::on_completed), server.get()},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, static_cast<std::intptr_t>(pool_bytes(limits.header_bytes, limits.logins)), nullptr},
      {MHD_OPTION_CONNECTION_LIMIT, static_cast<std::intptr_t>(std::max<std::size_t>(limits.connections, limits.workers)), nullptr},
      {MHD_OPTION_CONNECTION_TIMEOUT, static_cast<std::intptr_t>(seconds), nullptr},
      {MHD_OPTION_STRICT_FOR_CLIENT, 1, nullptr},
  };
  // A pool of one is no pool to libmicrohttpd.
  if (limits.workers > 1) options.push_back({MHD_OPTION_THREAD_POOL_SIZE, static_cast<std::intptr_t>(limits.workers), nullptr});
  options.push_back({MHD_OPTION_END, 0, nullptr});
  // `queue_answer` writes the date.
  constexpr unsigned flags =
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
  server->daemon_.reset(MHD_start_daemon(flags, 0, &Callbacks::on_accept, server.get(), &Callbacks::on_request, server.get(),
                                         MHD_OPTION_ARRAY, options.data(), MHD_OPTION_END));
  if (server->daemon_ == nullptr) return Error{Reason::io_failed, "cannot serve " + server->address_ + ": no threads or no epoll"};
  return server;
}

HttpServer::~HttpServer() {
  stop_accepting();
  daemon_.reset();
}

void HttpServer::stop_accepting() noexcept {
  if (daemon_ == nullptr || socket_.descriptor() < 0) return;
  // libmicrohttpd forgets the socket here and leaves the closing to us.
  MHD_quiesce_daemon(daemon_.get());
  socket_.close();
}

std::size_t HttpServer::active() const {
  // Finished first: what ends in between may count as active, never the reverse.
  const std::uint64_t done = requests_.total(finished);
  return static_cast<std::size_t>(requests_.total(started) - done);
}

}  // namespace portcullis
