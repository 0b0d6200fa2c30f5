// nginx's configuration language: words, blocks, comments; nothing of what the directives mean.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portcullis {

/// `words;` or `words { children }`.
struct NginxDirective {
  std::vector<std::string> words;  ///< the name first, at least one; quotes and their escapes are taken off
  std::size_t line = 0;            ///< of the name, from 1
  std::vector<NginxDirective> children;

  [[nodiscard]] const std::string& name() const noexcept { return words.front(); }
  /// Word `at` behind the name (from 1), or empty.
  [[nodiscard]] std::string_view word(std::size_t at) const noexcept { return at < words.size() ? std::string_view(words[at]) : ""; }
  /// The last child called `name`, or null.
  [[nodiscard]] const NginxDirective* child(std::string_view name) const noexcept;
};

/// A block with the blocks around it, innermost first: a directive that a block lacks is that of the next one.
using NginxLevels = std::vector<const NginxDirective*>;

/// The directive called `name` that is in effect in the innermost block, or null.
const NginxDirective* inherited(const NginxLevels& levels, std::string_view name) noexcept;

inline constexpr std::size_t kNginxBytes = 1024UL * 1024;
/// Blocks inside blocks.
inline constexpr std::size_t kNginxDepth = 16;

/// Reads the text of a file; `include` stays a directive. `Reason::config_invalid` with the line: a text that is too large or nested too
/// deep, a quote or block that does not end, an end without its block, words without an end.
Result<std::vector<NginxDirective>> read_nginx(std::string_view text);

}  // namespace portcullis
