// A list that begins on the stack: what a decision collects is short as a rule.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace portcullis {

/// Up to `Count` trivial values in place; all of them on the heap beyond that.
template <class Value, std::size_t Count>
class SmallList {
 public:
  void push_back(const Value& value) {
    if (size_ < Count) {
      near_[size_] = value;
    } else {
      if (size_ == Count) far_.assign(near_.begin(), near_.end());
      far_.push_back(value);
    }
    ++size_;
  }
  void clear() noexcept {
    size_ = 0;
    far_.clear();
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] const Value* begin() const noexcept { return size_ <= Count ? near_.data() : far_.data(); }
  [[nodiscard]] const Value* end() const noexcept { return begin() + size_; }
  [[nodiscard]] const Value& operator[](std::size_t index) const noexcept { return begin()[index]; }
  [[nodiscard]] Value& operator[](std::size_t index) noexcept { return size_ <= Count ? near_[index] : far_[index]; }

 private:
  std::size_t size_ = 0;
  std::array<Value, Count> near_;  // not initialised: only the first `size_` are ever read
  std::vector<Value> far_;
};

}  // namespace portcullis
