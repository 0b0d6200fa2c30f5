#include "policy/pattern/perfect_hash.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace portcullis {
namespace {

/// Keys of one bucket, on average: with more, their displacement is hard to find; with fewer, there are more of them to keep.
constexpr std::size_t kBucketKeys = 4;
/// Of twenty places one stays free, so that the last keys find one soon.
constexpr std::size_t kPlacesAFree = 20;
constexpr std::uint32_t kDisplacements = 0x10000;

}  // namespace

/// Finds a displacement for one bucket after another, the fullest first.
class PerfectHash::Placing {
 public:
  Placing(PerfectHash& hash, std::span<const std::uint64_t> keys)
      : hash_(hash), keys_(keys), places_(keys.size(), kNoPlace), taken_(hash.places_, false), order_(keys.size()) {
    std::iota(order_.begin(), order_.end(), 0U);
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t left, std::uint32_t right) {
      const auto buckets = std::pair(hash_.bucket_of(keys_[left]), hash_.bucket_of(keys_[right]));
      return buckets.first != buckets.second ? buckets.first < buckets.second
                                             : std::pair(keys_[left], left) < std::pair(keys_[right], right);
    });
  }

  std::vector<std::uint32_t> run() {
    std::vector<std::span<const std::uint32_t>> buckets = cut();
    std::stable_sort(buckets.begin(), buckets.end(), [](const auto& left, const auto& right) { return left.size() > right.size(); });
    for (const std::span<const std::uint32_t> bucket : buckets) place(bucket);
    return std::move(places_);
  }

 private:
  /// The buckets that hold something, without the keys that stand there already.
  std::vector<std::span<const std::uint32_t>> cut() {
    order_.erase(
        std::unique(order_.begin(), order_.end(), [&](std::uint32_t left, std::uint32_t right) { return keys_[left] == keys_[right]; }),
        order_.end());
    std::vector<std::span<const std::uint32_t>> buckets;
    for (std::size_t first = 0; first < order_.size();) {
      const std::uint32_t bucket = hash_.bucket_of(keys_[order_[first]]);
      std::size_t end = first;
      while (end < order_.size() && hash_.bucket_of(keys_[order_[end]]) == bucket) ++end;
      buckets.emplace_back(&order_[first], end - first);
      first = end;
    }
    return buckets;
  }

  void place(std::span<const std::uint32_t> bucket) {
    for (std::uint32_t displacement = 0; displacement < kDisplacements; ++displacement) {
      if (!fits(bucket, displacement)) continue;
      hash_.displacements_[hash_.bucket_of(keys_[bucket.front()])] = static_cast<std::uint16_t>(displacement);
      return;
    }
  }

  /// Whether all keys of the bucket find a free place; then they have it.
  bool fits(std::span<const std::uint32_t> bucket, std::uint32_t displacement) {
    std::size_t count = 0;
    for (; count < bucket.size(); ++count) {
      const std::uint32_t at = hash_.place(keys_[bucket[count]], displacement);
      if (taken_[at]) break;
      taken_[at] = true;
      places_[bucket[count]] = at;
    }
    if (count == bucket.size()) return true;
    while (count > 0) {
      std::uint32_t& at = places_[bucket[--count]];
      taken_[at] = false;
      at = kNoPlace;
    }
    return false;
  }

  PerfectHash& hash_;
  const std::span<const std::uint64_t> keys_;
  std::vector<std::uint32_t> places_;
  std::vector<bool> taken_;
  std::vector<std::uint32_t> order_;  ///< keys by number, those of one bucket side by side
};

std::vector<std::uint32_t> PerfectHash::build(std::span<const std::uint64_t> keys) {
  if (keys.empty()) return {};
  places_ = static_cast<std::uint32_t>(keys.size() + keys.size() / kPlacesAFree + 1);
  displacements_.assign(keys.size() / kBucketKeys + 1, 0);
  return Placing(*this, keys).run();
}

}  // namespace portcullis
