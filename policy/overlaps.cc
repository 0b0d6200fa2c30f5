#include "policy/overlaps.h"

#include <algorithm>
#include <map>

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

}  // namespace portcullis
