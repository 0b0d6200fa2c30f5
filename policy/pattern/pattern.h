// Repository patterns: doublestar globs, parsed once, matched in bounded time.
//
// `*` any run of characters in a segment; `**` as a whole segment any number of segments, none included, and elsewhere just `*`; `?` one
// character; `[a-z]`, `[^a]`, `[!a]` classes; `{a,b}` alternatives, also nested; `\` takes the next character as it stands. `*`, `?` and
// classes never match `/`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/pattern/glob.h"

namespace portcullis {

/// Longest pattern, in bytes: twice the longest repository name.
inline constexpr std::size_t kPatternBytes = 512;
/// Deepest nesting of `{`.
inline constexpr std::size_t kPatternDepth = 8;
/// Most sequences of segments that the `{…}` of one pattern may stand for. Alternatives without `/` and `**` are not counted where they
/// would be too many: they are matched as they stand.
inline constexpr std::size_t kPatternAlternatives = 64;

/// One segment of a pattern.
struct PatternSegment {
  enum class Kind : std::uint8_t {
    literal,
    any,          ///< `*`
    glob,         ///< anything else with wildcards
    deep,         ///< `**`
    placeholder,  ///< `${user}`
  };
  Kind kind = Kind::literal;
  std::string text;                         ///< of `literal`: unescaped; of `glob`: equal for two that are written alike
  std::shared_ptr<const SegmentGlob> glob;  ///< of `glob`
};
using PatternSegments = std::vector<PatternSegment>;

/// Whether `${user}` is the placeholder for the caller's name, or text like any other.
enum class Placeholders { refused, known };

/// A parsed pattern; immutable.
class Pattern {
 public:
  /// Parses `text`. `Reason::bad_pattern`: the detail says what is wrong, where (`at byte 6`), what to do, and shows the pattern with a
  /// caret on two more lines.
  static Result<Pattern> parse(std::string_view text, Placeholders placeholders = Placeholders::refused);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// What the pattern stands for: a name matches the pattern where it matches one of these. At least one.
  [[nodiscard]] const std::vector<PatternSegments>& alternatives() const noexcept { return alternatives_; }
  [[nodiscard]] bool has_placeholder() const noexcept;
  /// Whether the whole of `name` is matched; a placeholder matches any one segment. In time proportional to the pattern's length times the
  /// name's.
  [[nodiscard]] bool matches(std::string_view name) const;

 private:
  Pattern(std::string text, std::vector<PatternSegments> alternatives) : text_(std::move(text)), alternatives_(std::move(alternatives)) {}

  std::string text_;
  std::vector<PatternSegments> alternatives_;
};

/// Calls `each` with every segment of `name`, in order; an empty name is one empty segment.
template <class Each>
void for_each_segment(std::string_view name, const Each& each) {
  for (;;) {
    const std::size_t slash = name.find('/');
    each(name.substr(0, slash));
    if (slash == std::string_view::npos) return;
    name.remove_prefix(slash + 1);
  }
}

}  // namespace portcullis
