// "Did you mean": the known word that a mistyped one is nearest to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace portcullis {

/// Letters to insert, drop, change or swap (with a neighbour) to make one word of the other, in any letter case.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// The member of `known` with the least distance to `word`, if a third of the word or two letters make it; the first of equals.
/// Nothing for a word of more than 64 bytes.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

/// Whether both are equal but for the case of ASCII letters.
bool equal_in_any_case(std::string_view left, std::string_view right) noexcept;
/// `text` with ASCII capitals as small letters.
std::string lower_case(std::string_view text);

}  // namespace portcullis
