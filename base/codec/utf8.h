// UTF-8 well-formedness (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace portcullis {

/// Bytes of the well-formed sequence that `text` begins with, 1 to 4; 0 if it begins with none.
std::size_t utf8_sequence_length(std::string_view text) noexcept;
/// What `text` begins with, at most `bytes` bytes of it, no sequence cut in half; a byte that is none counts for itself.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes) noexcept;
/// Whether all of `text` is well-formed.
bool is_utf8(std::string_view text) noexcept;

/// Writes the sequence of `code`, a Unicode scalar value (at most U+10FFFF, no surrogate), which is 1 to 4 bytes, and returns where it
/// ends.
char* put_utf8(char* out, std::uint32_t code) noexcept;
/// Appends it to `text`.
void append_utf8(std::string& text, std::uint32_t code);

}  // namespace portcullis
