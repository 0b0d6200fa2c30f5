#include "policy/pattern/lint.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "policy/grammar.h"

namespace portcullis {
namespace {

using Kind = PatternSegment::Kind;

/// Whether one of two texts begins as the other does.
bool begin_alike(std::string_view left, std::string_view right) noexcept {
  const std::size_t both = std::min(left.size(), right.size());
  return left.substr(0, both) == right.substr(0, both);
}

bool end_alike(std::string_view left, std::string_view right) noexcept {
  const std::size_t both = std::min(left.size(), right.size());
  return left.substr(left.size() - both) == right.substr(right.size() - both);
}

bool segments_overlap(const PatternSegment& left, const PatternSegment& right) noexcept {
  if (left.kind == Kind::literal && right.kind == Kind::literal) return left.text == right.text;
  if (left.kind == Kind::literal && right.kind == Kind::glob) return right.glob->matches(left.text);
  if (left.kind == Kind::glob && right.kind == Kind::literal) return left.glob->matches(right.text);
  if (left.kind != Kind::glob || right.kind != Kind::glob) return true;
  return begin_alike(left.glob->prefix(), right.glob->prefix()) && end_alike(left.glob->suffix(), right.glob->suffix());
}

/// Row by row: `reachable[j]` says that the segments of `left` so far can be the first `j` of `right`.
bool sequences_overlap(const PatternSegments& left, const PatternSegments& right) {
  std::vector<bool> reachable(right.size() + 1, false);
  reachable[0] = true;
  const auto skip_deep = [&](std::vector<bool>& row) {
    for (std::size_t j = 0; j < right.size(); ++j) {
      if (row[j] && right[j].kind == Kind::deep) row[j + 1] = true;
    }
  };
  skip_deep(reachable);
  for (const PatternSegment& one : left) {
    std::vector<bool> next(right.size() + 1, false);
    bool any_before = false;
    for (std::size_t j = 0; j <= right.size(); ++j) {
      any_before = any_before || reachable[j];
      if (one.kind == Kind::deep) {
        next[j] = any_before;
      } else if (j < right.size() && right[j].kind == Kind::deep) {
        next[j] = next[j] || reachable[j];
      } else if (j < right.size() && reachable[j] && segments_overlap(one, right[j])) {
        next[j + 1] = true;
      }
    }
    skip_deep(next);
    reachable = std::move(next);
  }
  return reachable.back();
}

/// Whether `text` could be a part of a repository name.
bool fits_a_name(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; });
}

bool fits_a_name(const PatternSegment& segment) noexcept {
  if (segment.kind == Kind::literal) return is_name_component(segment.text);
  if (segment.kind != Kind::glob) return true;
  return fits_a_name(segment.glob->prefix()) && fits_a_name(segment.glob->suffix()) && fits_a_name(segment.glob->inner());
}

/// `**` in the text that is not a segment of its own.
bool has_double_star_in_segment(std::string_view text) noexcept {
  for (std::size_t at = text.find("**"); at != std::string_view::npos; at = text.find("**", at + 1)) {
    const bool begins = at == 0 || text[at - 1] == '/' || text[at - 1] == '{' || text[at - 1] == ',';
    const std::size_t end = at + 2;
    const bool ends = end == text.size() || text[end] == '/' || text[end] == '}' || text[end] == ',';
    const bool escaped = at > 0 && text[at - 1] == '\\';
    if (!escaped && (!begins || !ends)) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> lint_pattern(const Pattern& pattern) {
  std::vector<std::string> notes;
  const std::string& text = pattern.text();
  if (has_double_star_in_segment(text))
    notes.emplace_back("** inside a segment is just *, and matches no /; write ** as a segment of its own for any depth");
  constexpr std::string_view below = "/**";
  if (text.ends_with(below) && text.size() > below.size()) {
    const std::string stem = text.substr(0, text.size() - below.size());
    const bool heeded = stem.ends_with("/*");  // `org/*/**`, as this note has it
    if (stem != "**" && !heeded) notes.push_back("matches " + stem + " itself too; write " + stem + "/*/** for what lies below it alone");
  }
  const auto& all = pattern.alternatives();
  const bool possible = std::any_of(all.begin(), all.end(), [](const PatternSegments& segments) {
    return std::all_of(segments.begin(), segments.end(), [](const PatternSegment& segment) { return fits_a_name(segment); });
  });
  if (!possible)
    notes.emplace_back(
        "matches no repository: names are segments of a-z, 0-9, '.', '_' and '-', with one / between them and none at the ends");
  return notes;
}

bool may_overlap(const Pattern& left, const Pattern& right) {
  return std::any_of(left.alternatives().begin(), left.alternatives().end(), [&](const PatternSegments& one) {
    return std::any_of(right.alternatives().begin(), right.alternatives().end(),
                       [&](const PatternSegments& other) { return sequences_overlap(one, other); });
  });
}

}  // namespace portcullis
