// Memory of one evaluation: everything that it makes on its way lives here, and goes at once.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "policy/cel/value.h"

namespace portcullis::cel {

/// Hands out memory that lives as long as the arena. What most evaluations need stands in the arena itself. Not for many threads.
///
/// Nothing that it hands out is ever destroyed: only views may be put there. Owners go to `keep`.
class Arena {
 public:
  Arena() noexcept = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Uninitialised, aligned for a `Value`.
  [[nodiscard]] void* allocate(std::size_t bytes) {
    const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    if (rounded > left_) [[unlikely]]
      add_chunk(rounded);
    void* const memory = next_;
    next_ += rounded;
    left_ -= rounded;
    return memory;
  }
  [[nodiscard]] char* allocate_text(std::size_t bytes) { return static_cast<char*>(allocate(bytes)); }
  [[nodiscard]] Value* allocate_values(std::size_t count) { return static_cast<Value*>(allocate(count * sizeof(Value))); }
  /// Keeps what `value` owns until the end, and gives a view of it.
  [[nodiscard]] Value keep(Value value);

 private:
  struct Chunk {
    Chunk* next;
  };
  struct Kept {
    Value value;
    Kept* next;
  };
  static constexpr std::size_t kAlignment = 8;
  static constexpr std::size_t kFirstBytes = 1024;
  static_assert(alignof(Value) <= kAlignment && sizeof(Chunk) % kAlignment == 0);
  void add_chunk(std::size_t bytes);

  alignas(kAlignment) std::array<std::byte, kFirstBytes> first_;
  std::byte* next_ = first_.data();
  std::size_t left_ = kFirstBytes;
  std::size_t chunk_bytes_ = 4096;  ///< of the next one
  Chunk* chunks_ = nullptr;
  Kept* kept_ = nullptr;
};

}  // namespace portcullis::cel
