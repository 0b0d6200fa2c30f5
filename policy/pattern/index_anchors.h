// How the globs below one node are found: by the text that fewest of them share.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/pattern/index.h"

namespace portcullis {

/// Length of the texts by which globs are found that have neither a beginning nor an end of their own.
inline constexpr std::size_t kGramBytes = 3;

/// Gives each glob of one set the text that fewest others of the set share. For one use.
class PatternIndex::Anchors {
 public:
  /// `set` is the number that the set is going to have.
  Anchors(PatternIndex& index, std::uint32_t set, std::vector<std::uint32_t> globs);
  GlobSet run();

 private:
  using Anchor = std::pair<LabelTable::Kind, std::string_view>;

  [[nodiscard]] std::vector<Anchor> candidates(std::uint32_t glob) const;
  std::size_t& count(const Anchor& anchor);
  [[nodiscard]] Anchor rarest(const std::vector<Anchor>& all);
  void note(const Anchor& anchor, GlobSet& set);
  void fill_buckets(std::vector<std::pair<std::uint32_t, std::uint32_t>> placed);

  PatternIndex& index_;
  const std::uint32_t set_;
  const std::vector<std::uint32_t> globs_;
  LabelTable counts_of_;
  std::vector<std::size_t> counts_;
};

}  // namespace portcullis
