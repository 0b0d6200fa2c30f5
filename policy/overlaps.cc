#include "policy/overlaps.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>

#include "policy/pattern/lint.h"

namespace portcullis {
namespace {

constexpr std::size_t kMostPairs = 100;
constexpr std::size_t kMostComparisons = 250'000;  // of one length

bool is_literal(const Pattern& pattern) {
  const auto& all = pattern.alternatives();
  return std::all_of(all.begin(), all.end(), [](const PatternSegments& segments) {
    return std::all_of(segments.begin(), segments.end(),
                       [](const PatternSegment& segment) { return segment.kind == PatternSegment::Kind::literal; });
  });
}

/// Where the placeholder stands; nothing behind a `**`, where that is another place in each name.
std::optional<std::size_t> placeholder_of(const PatternSegments& segments) {
  for (std::size_t i = 0; i < segments.size() && segments[i].kind != PatternSegment::Kind::deep; ++i) {
    if (segments[i].kind == PatternSegment::Kind::placeholder) return i;
  }
  return std::nullopt;
}

/// Whether every name that `segments` match has one text at `place`.
bool writes_out(const PatternSegments& segments, std::size_t place) {
  if (place >= segments.size()) return false;
  const auto end = segments.begin() + static_cast<std::ptrdiff_t>(place) + 1;
  return segments[place].kind == PatternSegment::Kind::literal &&
         std::none_of(segments.begin(), end, [](const PatternSegment& one) { return one.kind == PatternSegment::Kind::deep; });
}

/// Whether `pattern` may match what `reserved` keeps for more than one user whom it does not name.
bool opens(const Pattern& pattern, const Pattern& reserved) {
  const auto& all = pattern.alternatives();
  const auto& kept = reserved.alternatives();
  const bool named = std::all_of(kept.begin(), kept.end(), [&](const PatternSegments& segments) {
    const auto place = placeholder_of(segments);
    return place && std::all_of(all.begin(), all.end(), [&](const PatternSegments& one) { return writes_out(one, *place); });
  });
  return !named && may_overlap(pattern, reserved);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> equal_overlaps(const std::vector<Pattern>& patterns) {
  struct OneLength {
    std::vector<const Pattern*> all;  ///< those with wildcards first
    std::size_t wild = 0;
  };
  std::map<std::size_t, OneLength> by_length;
  for (const bool literal : {false, true}) {
    for (const Pattern& pattern : patterns) {
      if (is_literal(pattern) != literal) continue;
      OneLength& same = by_length[pattern.text().size()];
      same.all.push_back(&pattern);
      if (!literal) ++same.wild;
    }
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [length, same] : by_length) {
    if (same.wild * same.all.size() > kMostComparisons) continue;
    // Of two literal ones neither matches the other's name.
    for (std::size_t i = 0; i < same.wild; ++i) {
      for (std::size_t j = i + 1; j < same.all.size(); ++j) {
        if (!may_overlap(*same.all[i], *same.all[j])) continue;
        const auto [first, second] = std::minmax(same.all[i]->text(), same.all[j]->text());
        pairs.emplace_back(first, second);
        if (pairs.size() == kMostPairs) return pairs;
      }
    }
  }
  return pairs;
}

std::vector<std::pair<std::string, std::string>> beaten_templates(const std::vector<Pattern>& patterns) {
  std::vector<const Pattern*> globs;
  std::vector<const Pattern*> templates;
  for (const Pattern& pattern : patterns) {
    // A literal one is meant: it names the one repository that it opens.
    if (pattern.has_placeholder())
      templates.push_back(&pattern);
    else if (!is_literal(pattern))
      globs.push_back(&pattern);
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  std::size_t comparisons = 0;
  for (const Pattern* const reserved : templates) {
    for (const Pattern* const glob : globs) {
      if (++comparisons > kMostComparisons || pairs.size() == kMostPairs) return pairs;
      if (glob->text().size() <= reserved->text().size() || !opens(*glob, *reserved)) continue;
      pairs.emplace_back(glob->text(), reserved->text());
    }
  }
  return pairs;
}

}  // namespace portcullis
