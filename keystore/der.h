// A reader of DER (X.690 section 10) that takes what public keys need and nothing else: one spelling for each value.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace portcullis {

enum class DerTag : std::uint8_t { integer = 0x02, bit_string = 0x03, null = 0x05, oid = 0x06, sequence = 0x30 };

/// Reads elements one behind the other. Views borrow from the bytes that it was made with. Lengths are definite and minimal; a tag is one
/// byte.
class DerReader {
 public:
  explicit DerReader(std::string_view bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  /// Whether the next element has this tag.
  [[nodiscard]] bool next_is(DerTag tag) const noexcept;
  /// The contents of the next element if it has this tag and is whole. Nothing is consumed otherwise.
  std::optional<std::string_view> take(DerTag tag) noexcept;
  /// The next element as a non-negative INTEGER in minimal form: big-endian without leading zeros, so empty for 0.
  std::optional<std::string_view> take_unsigned() noexcept;

 private:
  std::string_view rest_;
};

}  // namespace portcullis
