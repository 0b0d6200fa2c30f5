// A place of its own for each of many keys, found without looking at a key: what is far larger than the processor's caches is then read
// once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace portcullis {

/// Made for a fixed set of 64-bit hashes, by hashing and displacing them (Belazzougui, Botelho, Dietzfelbinger: "Hash, displace, and
/// compress", 2009). Half a byte for each key. Immutable once it was built; safe from many threads.
class PerfectHash {
 public:
  static constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

  /// Gives every key a place below `places()` that no other has; its place in the result is that in `keys`. `kNoPlace` for a key that
  /// stands there twice, from the second on, and for one that found none, which never happened yet. Fewer than 2^31 keys; in time
  /// proportional to their number, as a rule.
  std::vector<std::uint32_t> build(std::span<const std::uint64_t> keys);
  /// A few more than there are keys; none for no keys.
  [[nodiscard]] std::uint32_t places() const noexcept { return places_; }
  /// The place of a key that has one; of any other key, some place. There is at least one.
  [[nodiscard]] std::uint32_t place_of(std::uint64_t key) const noexcept { return place(key, displacements_[bucket_of(key)]); }
  /// Bytes of memory in use.
  [[nodiscard]] std::size_t bytes() const noexcept { return displacements_.capacity() * sizeof(std::uint16_t); }

 private:
  class Placing;

  /// Both halves of a product tell a key's place among so many.
  static std::uint32_t below(std::uint32_t hash, std::size_t count) noexcept {
    return static_cast<std::uint32_t>((std::uint64_t{hash} * count) >> 32U);
  }
  [[nodiscard]] std::uint32_t bucket_of(std::uint64_t key) const noexcept {
    return below(static_cast<std::uint32_t>(key), displacements_.size());
  }
  [[nodiscard]] std::uint32_t place(std::uint64_t key, std::uint32_t displacement) const noexcept {
    const std::uint64_t mixed = (key ^ std::uint64_t{displacement} * 0x9E3779B97F4A7C15U) * 0xD6E8FEB86659FD93U;
    return below(static_cast<std::uint32_t>(mixed >> 32U), places_);
  }

  std::uint32_t places_ = 0;
  std::vector<std::uint16_t> displacements_;  ///< by bucket
};

}  // namespace portcullis
