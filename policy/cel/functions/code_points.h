// Texts are sequences of code points: positions in them, ASCII letters, and Unicode's white space.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace portcullis::cel {

/// Of well-formed UTF-8; in any other text a byte that begins nothing counts with the code point before it.
std::size_t count_code_points(std::string_view text) noexcept;
/// The byte at which code point `index` begins; the end for an index of one past the last; nothing beyond that.
std::optional<std::size_t> byte_of_code_point(std::string_view text, std::size_t index) noexcept;
/// Bytes of the code point that begins at `at`, 1 to 4.
std::size_t code_point_length(std::string_view text, std::size_t at) noexcept;
char32_t code_point_at(std::string_view text, std::size_t at) noexcept;
/// Letters A to Z alone.
void lower_ascii(std::string& text) noexcept;
void upper_ascii(std::string& text) noexcept;
/// Unicode's White_Space, as Go's `unicode.IsSpace` has it.
bool is_white_space(char32_t point) noexcept;

}  // namespace portcullis::cel
