// Seam for randomness.
#pragma once

#include <cstdint>
#include <span>

namespace portcullis {

/// Safe from many threads.
class Entropy {
 public:
  virtual ~Entropy() = default;
  /// Fills `out` with unpredictable bytes. Ends the process if the system has none.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// getrandom(2).
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace portcullis
