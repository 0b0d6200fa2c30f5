// A set of numbers that stands where its owner stands: what most rules name is one user, or one group or two.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace portcullis {

/// Immutable. A few numbers stand in the set itself, so that asking it touches no other memory.
class NumberSet {
 public:
  NumberSet() = default;
  /// `numbers` are sorted, each once.
  explicit NumberSet(std::vector<std::uint32_t> numbers) : size_(numbers.size()) {
    if (size_ <= kNear) {
      std::copy(numbers.begin(), numbers.end(), near_.begin());
    } else {
      far_ = std::move(numbers);
    }
  }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] const std::uint32_t* begin() const noexcept { return size_ <= kNear ? near_.data() : far_.data(); }
  [[nodiscard]] const std::uint32_t* end() const noexcept { return begin() + size_; }
  [[nodiscard]] bool contains(std::uint32_t number) const noexcept { return std::binary_search(begin(), end(), number); }

 private:
  static constexpr std::size_t kNear = 2;

  std::size_t size_ = 0;
  std::array<std::uint32_t, kNear> near_{};
  std::vector<std::uint32_t> far_;
};

}  // namespace portcullis
