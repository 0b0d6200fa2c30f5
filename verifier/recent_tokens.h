// One shard of the cache of verified tokens: found by digest, and the least recently used goes first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/digest.h"
#include "verifier/verify.h"

namespace portcullis {

/// A bounded set. An entry is one cache line and nothing else, because under tokens that come once each of them is cold when its turn to go
/// has come. Not safe from many threads.
class RecentTokens {
 public:
  using Token = std::shared_ptr<const VerifiedToken>;

  /// At most `capacity` tokens, at least one; below 2^32. Memory is taken as they come.
  explicit RecentTokens(std::size_t capacity = 1) : capacity_(capacity == 0 ? 1 : capacity) {}

  /// The token of `digest`, which is the most recently used from now on; null where there is none. Valid until the next call.
  [[nodiscard]] const Token* find(const Sha256& digest) noexcept;
  /// Keeps `token` under `digest` as the most recently used. Gives what had to go for it: the one of the same digest, the least recently
  /// used where the set is full, or null. `std::bad_alloc` changes nothing.
  [[nodiscard]] Token insert(const Sha256& digest, Token token);
  /// Takes the token of `digest` out; null where there is none.
  [[nodiscard]] Token erase(const Sha256& digest) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  using Place = std::uint32_t;
  static constexpr Place kNowhere = 0xffffffffU;

  struct alignas(64) Entry {
    Sha256 digest;
    Token token;
    Place newer = kNowhere;
    Place older = kNowhere;  ///< of a free entry: the next free one
    Place next = kNowhere;   ///< in the same bucket
  };

  [[nodiscard]] Place& bucket_of(const Sha256& digest) noexcept;
  [[nodiscard]] Place place_of(const Sha256& digest) noexcept;
  [[nodiscard]] Place free_place();
  void spread();
  void chain(Place place) noexcept;
  void unchain(Place place) noexcept;
  void put_first(Place place) noexcept;
  void take_out(Place place) noexcept;

  // set once
  std::size_t capacity_;
  // one thread at a time
  std::vector<Entry> entries_;
  std::vector<Place> buckets_;  ///< a power of two, at least as many as entries
  Place newest_ = kNowhere;
  Place oldest_ = kNowhere;
  Place free_ = kNowhere;
  std::size_t size_ = 0;
};

}  // namespace portcullis
