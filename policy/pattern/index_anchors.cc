#include "policy/pattern/index_anchors.h"

#include <algorithm>
#include <optional>

namespace portcullis {
namespace {

using Label = LabelTable::Kind;

/// So many are tried in turn: as quick, and there is nothing to look up.
constexpr std::size_t kFewGlobs = 4;

void sort_out(std::vector<std::uint16_t>& lengths) {
  std::sort(lengths.begin(), lengths.end());
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
}

}  // namespace

PatternIndex::Anchors::Anchors(PatternIndex& index, std::uint32_t set, std::vector<std::uint32_t> globs)
    : index_(index), set_(set), globs_(std::move(globs)) {}

PatternIndex::GlobSet PatternIndex::Anchors::run() {
  GlobSet set;
  if (globs_.size() <= kFewGlobs) {
    set.rest = globs_;
    return set;
  }
  for (const std::uint32_t glob : globs_) {
    for (const Anchor& anchor : candidates(glob)) ++count(anchor);
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> placed;  // bucket, glob
  for (const std::uint32_t glob : globs_) {
    const std::vector<Anchor> all = candidates(glob);
    if (all.empty()) {
      set.rest.push_back(glob);
      continue;
    }
    const auto [kind, text] = rarest(all);
    std::optional<std::uint32_t> bucket = index_.anchors_.find(set_, kind, text);
    if (!bucket) {
      bucket = static_cast<std::uint32_t>(index_.buckets_.size());
      index_.anchors_.insert(set_, kind, text, *bucket);
      index_.buckets_.push_back({0, 0});
      note({kind, text}, set);
    }
    placed.emplace_back(*bucket, glob);
  }
  fill_buckets(std::move(placed));
  sort_out(set.prefix_lengths);
  sort_out(set.suffix_lengths);
  return set;
}

std::vector<PatternIndex::Anchors::Anchor> PatternIndex::Anchors::candidates(std::uint32_t glob) const {
  const SegmentGlob& one = *index_.globs_[glob].glob;
  std::vector<Anchor> all;
  if (!one.prefix().empty()) all.emplace_back(Label::prefix, one.prefix());
  if (!one.suffix().empty()) all.emplace_back(Label::suffix, one.suffix());
  const std::string_view inner = one.inner();
  if (inner.size() >= kGramBytes) all.emplace_back(Label::gram, inner.substr(inner.size() - kGramBytes));
  return all;
}

/// How many globs could stand under an anchor; made on first use.
std::size_t& PatternIndex::Anchors::count(const Anchor& anchor) {
  if (const auto known = counts_of_.find(0, anchor.first, anchor.second)) return counts_[*known];
  counts_of_.insert(0, anchor.first, anchor.second, static_cast<std::uint32_t>(counts_.size()));
  return counts_.emplace_back(0);
}

PatternIndex::Anchors::Anchor PatternIndex::Anchors::rarest(const std::vector<Anchor>& all) {
  return *std::min_element(all.begin(), all.end(), [this](const Anchor& left, const Anchor& right) { return count(left) < count(right); });
}

/// What a look-up has to try.
void PatternIndex::Anchors::note(const Anchor& anchor, GlobSet& set) {
  const auto& [kind, text] = anchor;
  if (kind == Label::gram) set.has_grams = true;
  if (kind == Label::prefix) {
    set.prefix_lengths.push_back(static_cast<std::uint16_t>(text.size()));
    set.first_bytes.add(text.front());
  }
  if (kind == Label::suffix) {
    set.suffix_lengths.push_back(static_cast<std::uint16_t>(text.size()));
    set.last_bytes.add(text.back());
  }
}

void PatternIndex::Anchors::fill_buckets(std::vector<std::pair<std::uint32_t, std::uint32_t>> placed) {
  std::stable_sort(placed.begin(), placed.end(), [](const auto& left, const auto& right) { return left.first < right.first; });
  for (const auto& [number, glob] : placed) {
    Bucket& bucket = index_.buckets_[number];
    if (bucket.count++ == 0) bucket.first = static_cast<std::uint32_t>(index_.bucket_globs_.size());
    index_.bucket_globs_.push_back(glob);
  }
}

}  // namespace portcullis
