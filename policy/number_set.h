// A set of numbers that stands where its owner stands: what most rules name is one user, or one group or two.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace portcullis {

/// Immutable. A few numbers stand in the set itself, so that asking it touches no other memory.
class NumberSet {
 public:
  NumberSet() = default;
  /// `numbers` are sorted, each once; fewer than 2^32.
  explicit NumberSet(const std::vector<std::uint32_t>& numbers) : size_(static_cast<std::uint32_t>(numbers.size())) {
    if (size_ > kNear) far_ = std::make_unique<std::uint32_t[]>(size_);
    std::copy(numbers.begin(), numbers.end(), far_ != nullptr ? far_.get() : near_.data());
  }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] const std::uint32_t* begin() const noexcept { return size_ <= kNear ? near_.data() : far_.get(); }
  [[nodiscard]] const std::uint32_t* end() const noexcept { return begin() + size_; }
  [[nodiscard]] bool contains(std::uint32_t number) const noexcept { return std::binary_search(begin(), end(), number); }

 private:
  static constexpr std::uint32_t kNear = 3;

  std::unique_ptr<std::uint32_t[]> far_;  // NOLINT(modernize-avoid-c-arrays): a vector is three words, and a line of memory holds eight
  std::uint32_t size_ = 0;
  std::array<std::uint32_t, kNear> near_{};
};
static_assert(sizeof(NumberSet) == 24);

}  // namespace portcullis
