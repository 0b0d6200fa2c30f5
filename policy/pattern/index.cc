#include "policy/pattern/index.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/large_pages.h"
#include "policy/pattern/index_anchors.h"
#include "policy/pattern/index_builder.h"

namespace portcullis {
namespace {

using Label = LabelTable::Kind;

/// A name's segments whose nodes are asked for before they are needed; names with more are rare, and none the worse.
constexpr std::size_t kForeseen = 8;

}  // namespace

PatternIndex::PatternIndex(std::uint64_t hash_bits) : hash_bits_(hash_bits), builder_(std::make_unique<Builder>(*this)) {}

PatternIndex::~PatternIndex() = default;

void PatternIndex::add(const Pattern& pattern, std::uint32_t number) { builder_->add(pattern, number); }

void PatternIndex::build() {
  builder_->finish();
  builder_.reset();
  prefer_large_pages(nodes_.data(), nodes_.size() * sizeof(Node));
}

std::uint64_t PatternIndex::path_of(std::uint64_t parent, std::uint64_t segment) const noexcept {
  std::uint64_t hash = parent * 0x9E3779B97F4A7C15U + segment;
  hash ^= hash >> 32U;
  hash *= 0xD6E8FEB86659FD93U;
  return (hash ^ hash >> 32U) & hash_bits_;
}

std::string_view PatternIndex::text_of(const Node& node) const noexcept {
  if (node.text_length <= kInlineText) return {node.text.data(), node.text_length};
  std::uint64_t at = 0;
  std::memcpy(&at, node.text.data(), sizeof at);
  return {texts_.data() + at, node.text_length};
}

/// One look-up: the places that the segments so far have led to.
class PatternIndex::Walk {
 public:
  Walk(const PatternIndex& index, std::string_view user, PatternMatches& matches) : index_(index), user_(user), matches_(matches) {}

  void run(std::string_view name) {
    foresee(name);
    enter({index_.root_, true, 0}, *here_);
    std::size_t number = 0;
    for_each_segment(name, [&](std::string_view segment) {
      step(segment, number < kForeseen ? hashes_[number] : LabelTable::hash_of(segment));
      ++number;
    });
    end();
  }

 private:
  struct Place {
    std::uint32_t node;
    bool for_caller;
    std::uint64_t path;
  };
  using Places = SmallList<Place, 8>;

  /// Asks for the nodes that are written out up to each segment: they come from memory at once, not one after another.
  void foresee(std::string_view name) noexcept {
    std::uint64_t path = 0;
    const bool any = index_.places_.places() > 0;
    for (std::size_t number = 0; number < kForeseen; ++number) {
      const std::size_t slash = name.find('/');
      hashes_[number] = LabelTable::hash_of(name.substr(0, slash));
      path = index_.path_of(path, hashes_[number]);
      if (any) __builtin_prefetch(&index_.nodes_[index_.places_.place_of(path)]);
      if (slash == std::string_view::npos) return;
      name.remove_prefix(slash + 1);
    }
  }

  void step(std::string_view segment, std::uint64_t hash) {
    next_->clear();
    const std::size_t deep = deep_.size();  // what is entered now takes part from the next segment on
    for (const Place& place : *here_) leave(place, segment, hash);
    for (std::size_t i = 0; i < deep; ++i) leave(Place(deep_[i]), segment, hash);
    std::swap(here_, next_);
  }

  void end() {
    for (const Place& place : *here_) report(index_.nodes_[place.node], false, place.for_caller);
  }

  /// The patterns that end at a node, or in `/**` there.
  void report(const Node& node, bool rests, bool for_caller) {
    const auto add = [&](std::uint32_t pattern, std::uint16_t length) {
      matches_.push_back({pattern, for_caller, node.placeholder, length, node.written_out});
    };
    if (node.far == kNone) [[likely]] {
      const std::size_t first = rests ? node.ends : 0;
      const std::size_t count = rests ? node.rests : node.ends;
      for (std::size_t i = first; i < first + count; ++i) add(node.near_patterns[i], node.near_lengths[i]);
      return;
    }
    const FarEnds& far = index_.far_ends_[node.far];
    const std::size_t first = far.first + (rests ? far.ends : 0);
    const std::size_t count = rests ? far.rests : far.ends;
    for (std::size_t i = first; i < first + count; ++i) add(index_.ends_[i].pattern, index_.ends_[i].length);
  }

  void enter(const Place& place, Places& into) {
    into.push_back(place);
    const Node& node = index_.nodes_[place.node];
    report(node, true, place.for_caller);
    if (node.branches == kNone) return;
    const Branches& branches = index_.branches_[node.branches];
    // A node has one parent alone, and a placeholder stands behind no `**`: the same node is never entered with the other word.
    if (branches.deep != kNone && is_new(branches))
      deep_.push_back({branches.deep, place.for_caller, index_.path_of(place.path, kDeepHash)});
  }

  bool is_new(const Branches& above) noexcept {
    const std::size_t number = above.deep_number;
    if (number == 0) return std::none_of(deep_.begin(), deep_.end(), [&](const Place& one) { return one.node == above.deep; });
    std::uint64_t& word = seen_[(number - 1) / 64];
    const std::uint64_t bit = std::uint64_t{1} << ((number - 1) % 64);
    return (std::exchange(word, word | bit) & bit) == 0;
  }

  void leave(const Place& place, std::string_view segment, std::uint64_t hash) {
    const Node& node = index_.nodes_[place.node];
    if (node.has_literals) leave_by_text(place, segment, hash);
    if (node.branches == kNone) return;
    const Branches& branches = index_.branches_[node.branches];
    if (branches.any != kNone) enter({branches.any, place.for_caller, index_.path_of(place.path, kAnyHash)}, *next_);
    if (branches.placeholder != kNone) {
      const bool for_caller = place.for_caller && segment == user_ && !user_.empty();
      enter({branches.placeholder, for_caller, index_.path_of(place.path, kPlaceholderHash)}, *next_);
    }
    if (branches.globs != kNone) leave_by_glob(place, branches.globs, segment);
  }

  void leave_by_text(const Place& place, std::string_view segment, std::uint64_t hash) {
    const std::uint64_t path = index_.path_of(place.path, hash);
    const std::uint32_t found = index_.places_.place_of(path);
    const Node& node = index_.nodes_[found];
    if (node.parent == place.node && index_.text_of(node) == segment) {
      enter({found, place.for_caller, path}, *next_);
    } else if (!index_.unplaced_.empty()) [[unlikely]] {
      const auto other = index_.unplaced_.find(std::pair(place.node, std::string(segment)));
      if (other != index_.unplaced_.end()) enter({other->second, place.for_caller, path}, *next_);
    }
  }

  void leave_by_glob(const Place& place, std::uint32_t number, std::string_view segment) {
    const GlobSet& set = index_.glob_sets_[number];
    for (const std::uint32_t glob : set.rest) try_glob(place, index_.globs_[glob], segment);
    if (segment.empty()) return;
    if (set.first_bytes.holds(segment.front())) {
      for (const std::size_t length : set.prefix_lengths)
        if (length <= segment.size()) try_bucket(place, number, Label::prefix, segment.substr(0, length), segment);
    }
    if (set.last_bytes.holds(segment.back())) {
      for (const std::size_t length : set.suffix_lengths)
        if (length <= segment.size()) try_bucket(place, number, Label::suffix, segment.substr(segment.size() - length), segment);
    }
    if (!set.has_grams) return;
    for (std::size_t i = 0; i + kGramBytes <= segment.size(); ++i) {
      const std::string_view gram = segment.substr(i, kGramBytes);
      if (segment.find(gram) == i) try_bucket(place, number, Label::gram, gram, segment);  // each once
    }
  }

  void try_bucket(const Place& place, std::uint32_t set, Label kind, std::string_view text, std::string_view segment) {
    const auto found = index_.anchors_.find(set, kind, text);
    if (!found) return;
    const Bucket& bucket = index_.buckets_[*found];
    for (std::uint32_t i = 0; i < bucket.count; ++i) try_glob(place, index_.globs_[index_.bucket_globs_[bucket.first + i]], segment);
  }

  void try_glob(const Place& place, const Glob& glob, std::string_view segment) {
    if (glob.glob->matches(segment)) enter({glob.child, place.for_caller, index_.path_of(place.path, glob.hash)}, *next_);
  }

  const PatternIndex& index_;
  const std::string_view user_;
  PatternMatches& matches_;
  std::array<Places, 2> memory_;
  Places* here_ = &memory_[0];
  Places* next_ = &memory_[1];
  Places deep_;
  std::array<std::uint64_t, kForeseen> hashes_;           ///< of the segments, so far as they were foreseen
  std::array<std::uint64_t, kNumberedDeep / 64> seen_{};  ///< which of the numbered `**` are in `deep_`
};

void PatternIndex::find(std::string_view name, std::string_view user, PatternMatches& matches) const {
  Walk(*this, user, matches).run(name);
}

std::size_t PatternIndex::bytes() const noexcept {
  std::size_t bytes = nodes_.capacity() * sizeof(Node) + places_.bytes() + texts_.capacity() + anchors_.bytes();
  bytes += branches_.capacity() * sizeof(Branches) + ends_.capacity() * sizeof(End) + far_ends_.capacity() * sizeof(FarEnds);
  for (const Glob& glob : globs_) bytes += sizeof(Glob) + sizeof(SegmentGlob) + glob.glob->prefix().size() + glob.glob->suffix().size();
  bytes += buckets_.capacity() * sizeof(Bucket) + bucket_globs_.capacity() * sizeof(std::uint32_t);
  return bytes + glob_sets_.size() * sizeof(GlobSet);
}

}  // namespace portcullis
