// Fuzzes patterns and names: the index of all patterns says what each pattern says by itself, and linting ends.
//
// The input is lines: names behind a `=`, all else patterns.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "policy/pattern/index.h"
#include "policy/pattern/lint.h"

namespace {

using namespace portcullis;

constexpr std::size_t kMostLines = 40;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const PatternIndex& index, const std::vector<Pattern>& patterns, std::string_view name) {
  PatternMatches matches;
  index.find(name, "user", matches);
  std::vector<bool> found(patterns.size(), false);
  for (const PatternMatch& match : matches) {
    require(match.pattern < patterns.size());
    require(match.for_caller || match.placeholder != PatternMatch::kNoPlaceholder);
    found[match.pattern] = true;
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) require(patterns[i].matches(name) == found[i]);
  for (std::size_t i = 1; i < patterns.size(); ++i) {
    if (found[i - 1] && found[i]) require(may_overlap(patterns[i - 1], patterns[i]));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<Pattern> patterns;
  std::vector<std::string_view> names;
  PatternIndex index;
  for (std::size_t lines = 0; lines < kMostLines && !text.empty(); ++lines) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with('=')) {
      names.push_back(line.substr(1, 512));
      continue;
    }
    auto pattern = Pattern::parse(line, Placeholders::known);
    if (!pattern) {
      require(pattern.error().reason == Reason::bad_pattern && !pattern.error().detail.empty());
      continue;
    }
    (void)lint_pattern(*pattern);
    index.add(*pattern, static_cast<std::uint32_t>(patterns.size()));
    patterns.push_back(std::move(pattern).value());
  }
  index.build();
  for (const std::string_view name : names) check(index, patterns, name);
  return 0;
}
