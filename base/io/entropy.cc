#include "base/io/entropy.h"

#include <cerrno>
#include <cstdlib>

#include <sys/random.h>

namespace portcullis {

void SystemEntropy::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno != EINTR) std::abort();  // without randomness an id or a jitter would be a guess
    if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace portcullis
