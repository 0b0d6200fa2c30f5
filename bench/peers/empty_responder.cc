// The limit: what libmicrohttpd can answer on one epoll thread when nothing is decided at all.
#include <cstdlib>

#include "bench/peers/http_peer.h"

int main(int argc, char** argv) {
  const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  return peers::serve(port, nullptr, nullptr);
}
