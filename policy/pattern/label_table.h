// A flat table from (owner, kind, text) to a number: what a node of the pattern index knows by its text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace portcullis {

/// Open addressing over an array of marks, one byte each, and beside it one of 32-byte slots, which hold short texts themselves. What is
/// not there is told by the marks, which a cache holds, as a rule; what is there costs one cache line more, however many there are.
class LabelTable {
 public:
  enum class Kind : std::uint16_t { literal, glob, prefix, suffix, gram };

  /// Hash of a text, to be used for all owners and kinds.
  static std::uint64_t hash_of(std::string_view text) noexcept;

  /// What stands under the three, or nothing. `hash` is `hash_of(text)`.
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t owner, Kind kind, std::string_view text, std::uint64_t hash) const noexcept;
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t owner, Kind kind, std::string_view text) const noexcept {
    return find(owner, kind, text, hash_of(text));
  }
  /// Asks for what a look-up of the three is going to read.
  void foresee(std::uint32_t owner, Kind kind, std::uint64_t hash) const noexcept;
  /// Adds what is not there yet. `text` is shorter than 4 GiB.
  void insert(std::uint32_t owner, Kind kind, std::string_view text, std::uint32_t value);
  /// To be called once all is there: look-ups may be quicker then.
  void settle() noexcept;
  /// Bytes of memory in use.
  [[nodiscard]] std::size_t bytes() const noexcept { return slots_.capacity() * sizeof(Slot) + marks_.capacity() + texts_.capacity(); }

 private:
  static constexpr std::size_t kInline = 14;
  static constexpr std::uint8_t kFree = 0;

  struct alignas(32) Slot {
    std::uint32_t tag = 0;  ///< of the hash; what is not equal here is not compared further
    std::uint32_t owner = 0;
    std::uint32_t value = 0;
    std::uint32_t length = 0;
    Kind kind = Kind::literal;
    std::array<char, kInline> text{};  ///< or the place of a longer one in `texts_`
  };
  static_assert(sizeof(Slot) == 32);

  static std::uint64_t slot_hash(std::uint64_t text_hash, std::uint32_t owner, Kind kind) noexcept;
  /// Never `kFree`.
  static std::uint8_t mark_of(std::uint64_t hash) noexcept { return static_cast<std::uint8_t>(hash >> 57U | 0x80U); }
  void place(const Slot& slot, std::uint64_t hash) noexcept;
  void grow();
  [[nodiscard]] std::string_view text_of(const Slot& slot) const noexcept;

  std::vector<Slot> slots_;          ///< a power of two long
  std::vector<std::uint8_t> marks_;  ///< one for each slot: seven bits of the hash, or `kFree`
  std::string texts_;
  std::size_t used_ = 0;
};

}  // namespace portcullis
