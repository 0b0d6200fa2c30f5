// A pattern's text to pieces, and pieces to the sequences of segments that they stand for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/pattern/glob.h"
#include "policy/pattern/pattern.h"

namespace portcullis {

/// What is wrong with a pattern, and at which byte.
struct PatternFault {
  std::size_t at;
  std::string message;
};

/// The pieces of `text`, or its first fault. Groups are nested `kPatternDepth` deep at most.
std::variant<GlobItems, PatternFault> parse_items(std::string_view text, Placeholders placeholders);

/// `items` with groups written out: all of them where that gives `kPatternAlternatives` or fewer, else those that reach over a `/` or hold
/// `**`. Nothing where even these are too many.
std::optional<std::vector<GlobItems>> expand_groups(const GlobItems& items);

}  // namespace portcullis
