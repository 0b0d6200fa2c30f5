// What stands between two slashes of a pattern, as a small program that runs over a name's segment in one pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portcullis {

struct GlobItem;
using GlobItems = std::vector<GlobItem>;

/// `[a-z]`: ranges of code points, both ends in. Never matches `/`.
struct CharacterClass {
  std::vector<std::pair<char32_t, char32_t>> ranges;
  bool negated = false;

  [[nodiscard]] bool contains(char32_t c) const noexcept;
};

/// One piece of a pattern as it was parsed.
struct GlobItem {
  enum class Kind : std::uint8_t { character, any_character, star, character_class, group, separator, placeholder };
  Kind kind = Kind::character;
  char32_t character = 0;               ///< of `character`
  CharacterClass set;                   ///< of `character_class`
  std::vector<GlobItems> alternatives;  ///< of `group`: `{a,b}`
};

/// A segment with wildcards; immutable. Runs in time proportional to the program's length times the segment's, whatever the two hold: a
/// set of states is kept, nothing is tried twice.
class SegmentGlob {
 public:
  /// `items` holds no separator and no placeholder, and is at most a pattern long.
  explicit SegmentGlob(const GlobItems& items);

  /// Whether the whole of `segment`, UTF-8, is matched. `?` and a class take one code point.
  [[nodiscard]] bool matches(std::string_view segment) const noexcept;
  /// What every matching segment begins with, ends with, and holds somewhere. Any of them may be empty.
  [[nodiscard]] const std::string& prefix() const noexcept { return prefix_; }
  [[nodiscard]] const std::string& suffix() const noexcept { return suffix_; }
  [[nodiscard]] const std::string& inner() const noexcept { return inner_; }

 private:
  enum class Op : std::uint8_t { character, any_character, star, character_class, split, jump, accept };
  struct Instruction {
    Op op;
    std::uint32_t value;  ///< code point, class or target
  };
  class Run;

  [[nodiscard]] bool takes(const Instruction& instruction, char32_t c) const noexcept;
  [[nodiscard]] bool matches_plain(std::string_view segment) const noexcept;
  void compile(const GlobItems& items);
  void compile_group(const std::vector<GlobItems>& alternatives);
  void find_literals(const GlobItems& items);

  std::string prefix_;
  std::string suffix_;
  std::string inner_;
  bool affixes_only_ = false;  ///< `prefix*suffix`: no program is needed
  bool has_groups_ = false;
  std::vector<Instruction> program_;
  std::vector<CharacterClass> classes_;
};

/// Decodes the code point at the start of `text`, which is not empty, and removes it. A byte that is no UTF-8 stands for itself above all
/// code points, so that no pattern names it.
char32_t take_character(std::string_view& text) noexcept;
/// Appends `c` as UTF-8.
void append_character(std::string& out, char32_t c);

}  // namespace portcullis
