#include "base/io/random_fraction.h"

#include <array>

namespace portcullis {

double random_fraction(Entropy& entropy) {
  std::array<std::uint8_t, 3> bytes{};
  entropy.fill(bytes);
  const std::uint32_t number = std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8U | std::uint32_t{bytes[2]} << 16U;
  return static_cast<double>(number) / 16777216.0;
}

}  // namespace portcullis
