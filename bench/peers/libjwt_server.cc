// A peer: what one writes with libjwt in an afternoon. Each request's bearer token is decoded and verified with one RSA or EC key, and its
// times are checked.
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <jwt.h>
#include <strings.h>

#include "bench/peers/http_peer.h"

namespace {

struct PeerKey {
  std::string pem;
  jwt_alg_t algorithm;  ///< the only one accepted: libjwt itself would let the token choose
};

bool is_good(const char* authorization, void* context) {
  if (authorization == nullptr || strncasecmp(authorization, "Bearer ", 7) != 0) return false;
  const auto* key = static_cast<const PeerKey*>(context);
  jwt_t* token = nullptr;
  if (jwt_decode(&token, authorization + 7, reinterpret_cast<const unsigned char*>(key->pem.data()), static_cast<int>(key->pem.size())) !=
      0)
    return false;
  const std::time_t now = std::time(nullptr);
  const bool good = jwt_get_alg(token) == key->algorithm && jwt_get_grant_int(token, "exp") > now && jwt_get_grant_int(token, "nbf") <= now;
  jwt_free(token);
  return good;
}

}  // namespace

/// libjwt_server PORT PUBLIC_KEY.pem ALGORITHM
int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: libjwt_server PORT PUBLIC_KEY.pem ALGORITHM\n", stderr);
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  PeerKey key{{std::istreambuf_iterator<char>(file), {}}, jwt_str_alg(argv[3])};
  if (key.pem.empty() || key.algorithm == JWT_ALG_INVAL || key.algorithm == JWT_ALG_NONE) {
    std::fputs("no key, or an algorithm that libjwt does not know\n", stderr);
    return 2;
  }
  return peers::serve(static_cast<std::uint16_t>(std::atoi(argv[1])), is_good, &key);
}
