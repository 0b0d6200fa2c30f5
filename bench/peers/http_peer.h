// A libmicrohttpd server of one epoll thread that answers each request with a prepared empty response: what both C++ peers share.
#pragma once

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include <csignal>
#include <cstdint>
#include <cstdio>

namespace peers {

/// What one peer decides by: whether the value of `Authorization` (null where there is none) is good.
using Judge = bool (*)(const char* authorization, void* context);

struct Peer {
  Judge judge;
  void* context;
  MHD_Response* allowed;
  MHD_Response* refused;
};

/// libmicrohttpd calls this twice for each request. A response that is queued on the first call closes the connection, so the answer waits
/// for the second.
inline MHD_Result answer(void* context, MHD_Connection* connection, const char* /*url*/, const char* /*method*/, const char* /*version*/,
                         const char* /*body*/, std::size_t* body_bytes, void** seen) noexcept {
  static char mark;
  if (*seen == nullptr) {
    *seen = &mark;
    return MHD_YES;
  }
  if (*body_bytes != 0) {
    *body_bytes = 0;
    return MHD_YES;
  }
  const auto* peer = static_cast<const Peer*>(context);
  if (peer->judge == nullptr) return MHD_queue_response(connection, MHD_HTTP_OK, peer->allowed);
  const char* authorization = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
  const bool good = peer->judge(authorization, peer->context);
  return MHD_queue_response(connection, good ? MHD_HTTP_OK : MHD_HTTP_UNAUTHORIZED, good ? peer->allowed : peer->refused);
}

/// Listens on loopback at `port` (0: any), prints `{"port":N}`, and serves until SIGTERM or SIGINT. The exit status for `main`.
inline int serve(std::uint16_t port, Judge judge, void* context) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before any thread starts, so that only this one takes them
  Peer peer{judge, context, MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT),
            MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  MHD_Daemon* daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, port, nullptr, nullptr, &answer, &peer, MHD_OPTION_SOCK_ADDR,
                                        &address, MHD_OPTION_CONNECTION_LIMIT, 1024U, MHD_OPTION_CONNECTION_TIMEOUT, 75U, MHD_OPTION_END);
  if (daemon == nullptr) {
    std::fputs("cannot listen\n", stderr);
    return 1;
  }
  const MHD_DaemonInfo* bound = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  std::printf("{\"port\":%u}\n", static_cast<unsigned>(bound->port));
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  MHD_stop_daemon(daemon);
  MHD_destroy_response(peer.allowed);
  MHD_destroy_response(peer.refused);
  return 0;
}

}  // namespace peers
