#include "policy/pattern/index.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace portcullis {
namespace {

using Kind = PatternSegment::Kind;
using Label = LabelTable::Kind;

/// Length of the texts by which globs are found that have neither a beginning nor an end of their own.
constexpr std::size_t kGramBytes = 3;

}  // namespace

PatternIndex::PatternIndex() { new_node(); }

std::uint32_t PatternIndex::new_node() {
  nodes_.emplace_back();
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

std::uint32_t PatternIndex::child_of(std::uint32_t node, const PatternSegment& segment) {
  const auto single = [&](std::uint32_t Node::*member) {
    if (nodes_[node].*member == kNone) {
      const std::uint32_t child = new_node();
      nodes_[node].*member = child;
      if (member == &Node::deep && deep_count_ < kNumberedDeep) nodes_[child].deep_number = ++deep_count_;
    }
    return nodes_[node].*member;
  };
  switch (segment.kind) {
    case Kind::any: return single(&Node::any);
    case Kind::placeholder: return single(&Node::placeholder);
    case Kind::deep: return single(&Node::deep);
    case Kind::literal:
    case Kind::glob: break;
  }
  const Label label = segment.kind == Kind::literal ? Label::literal : Label::glob;
  LabelTable& labels = label == Label::literal ? labels_ : known_globs_;
  if (const auto known = labels.find(node, label, segment.text)) return *known;
  const std::uint32_t child = new_node();
  labels.insert(node, label, segment.text, child);
  if (segment.kind == Kind::literal) {
    nodes_[node].has_literals = true;
  } else {
    owned_globs_.emplace_back(node, static_cast<std::uint32_t>(globs_.size()));
    globs_.push_back({segment.glob, child});
  }
  return child;
}

void PatternIndex::add_sequence(const PatternSegments& segments, PatternMatch match) {
  std::uint32_t node = 0;
  bool placed = true;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const PatternSegment& segment = segments[i];
    if (segment.kind == Kind::deep && i + 1 == segments.size()) {
      building_.push_back({node, true, match});
      return;
    }
    placed = placed && segment.kind != Kind::deep;
    if (placed && segment.kind == Kind::literal && i < 64) match.written_out |= std::uint64_t{1} << i;
    if (segment.kind == Kind::placeholder && match.placeholder == PatternMatch::kNoPlaceholder) {
      match.placeholder = static_cast<std::uint8_t>(std::min<std::size_t>(i, PatternMatch::kNoPlaceholder - 1));
    }
    node = child_of(node, segment);
  }
  building_.push_back({node, false, match});
}

void PatternIndex::add(const Pattern& pattern, std::uint32_t number) {
  const PatternMatch match{.pattern = number,
                           .for_caller = true,
                           .placeholder = PatternMatch::kNoPlaceholder,
                           .length = static_cast<std::uint16_t>(pattern.text().size()),
                           .written_out = 0};
  for (const PatternSegments& alternative : pattern.alternatives()) add_sequence(alternative, match);
}

void PatternIndex::build() {
  build_ends();
  build_globs();
  known_globs_ = {};
  nodes_.shrink_to_fit();
}

/// The ends of each node side by side: those that end there, then those that end in `/**`.
void PatternIndex::build_ends() {
  std::stable_sort(building_.begin(), building_.end(),
                   [](const End& left, const End& right) { return std::tie(left.node, left.rest) < std::tie(right.node, right.rest); });
  for (auto next = building_.begin(); next != building_.end();) {
    const auto first = next;
    Node& node = nodes_[first->node];
    for (; next != building_.end() && next->node == first->node; ++next) ++(next->rest ? node.rests : node.ends);
    const bool fits = node.ends + node.rests <= node.near.size();
    node.first_end = static_cast<std::uint32_t>(ends_.size());
    for (auto end = first; end != next; ++end) {
      if (fits) {
        node.near[static_cast<std::size_t>(end - first)] = end->match;
      } else {
        ends_.push_back(end->match);
      }
    }
  }
  building_ = {};
}

/// Gives each glob of a node the text that fewest others of the node share.
class PatternIndex::Anchors {
 public:
  Anchors(PatternIndex& index, std::uint32_t node, std::vector<std::uint32_t> globs)
      : index_(index), node_(node), globs_(std::move(globs)) {}

  GlobSet run() {
    for (const std::uint32_t glob : globs_) {
      for (const auto& [kind, text] : candidates(glob)) ++count(kind, text);
    }
    GlobSet set;
    for (const std::uint32_t glob : globs_) place(glob, set);
    for (auto* const lengths : {&set.prefix_lengths, &set.suffix_lengths}) {
      std::sort(lengths->begin(), lengths->end());
      lengths->erase(std::unique(lengths->begin(), lengths->end()), lengths->end());
    }
    return set;
  }

 private:
  using Anchor = std::pair<Label, std::string_view>;

  std::vector<Anchor> candidates(std::uint32_t glob) const {
    const SegmentGlob& one = *index_.globs_[glob].glob;
    std::vector<Anchor> all;
    if (!one.prefix().empty()) all.emplace_back(Label::prefix, one.prefix());
    if (!one.suffix().empty()) all.emplace_back(Label::suffix, one.suffix());
    const std::string_view inner = one.inner();
    if (inner.size() >= kGramBytes) all.emplace_back(Label::gram, inner.substr(inner.size() - kGramBytes));
    return all;
  }

  /// How many globs could stand under an anchor; made on first use.
  std::size_t& count(Label kind, std::string_view text) {
    if (const auto known = counts_of_.find(0, kind, text)) return counts_[*known];
    counts_of_.insert(0, kind, text, static_cast<std::uint32_t>(counts_.size()));
    return counts_.emplace_back(0);
  }

  void place(std::uint32_t glob, GlobSet& set) {
    const std::vector<Anchor> all = candidates(glob);
    if (all.empty()) {
      set.rest.push_back(glob);
      return;
    }
    const auto [kind, text] = *std::min_element(all.begin(), all.end(), [this](const Anchor& left, const Anchor& right) {
      return count(left.first, left.second) < count(right.first, right.second);
    });
    std::optional<std::uint32_t> bucket = index_.labels_.find(node_, kind, text);
    if (!bucket) {
      bucket = static_cast<std::uint32_t>(index_.buckets_.size());
      index_.labels_.insert(node_, kind, text, *bucket);
      index_.buckets_.emplace_back();
      if (kind == Label::prefix) set.prefix_lengths.push_back(static_cast<std::uint16_t>(text.size()));
      if (kind == Label::suffix) set.suffix_lengths.push_back(static_cast<std::uint16_t>(text.size()));
      if (kind == Label::gram) set.has_grams = true;
    }
    index_.buckets_[*bucket].push_back(glob);
  }

  PatternIndex& index_;
  const std::uint32_t node_;
  const std::vector<std::uint32_t> globs_;
  LabelTable counts_of_;
  std::vector<std::size_t> counts_;
};

void PatternIndex::build_globs() {
  constexpr std::size_t few = 4;
  std::stable_sort(owned_globs_.begin(), owned_globs_.end(), [](const auto& left, const auto& right) { return left.first < right.first; });
  for (auto next = owned_globs_.begin(); next != owned_globs_.end();) {
    const std::uint32_t node = next->first;
    std::vector<std::uint32_t> globs;
    for (; next != owned_globs_.end() && next->first == node; ++next) globs.push_back(next->second);
    nodes_[node].globs = static_cast<std::uint32_t>(glob_sets_.size());
    if (globs.size() <= few) {
      glob_sets_.push_back({std::move(globs), {}, {}, false});
    } else {
      glob_sets_.push_back(Anchors(*this, node, std::move(globs)).run());
    }
  }
  owned_globs_ = {};
}

/// One look-up: the places that the segments so far have led to.
class PatternIndex::Walk {
 public:
  Walk(const PatternIndex& index, std::string_view user, PatternMatches& matches) : index_(index), user_(user), matches_(matches) {
    enter({0, true}, *here_);
  }

  void step(std::string_view segment) {
    next_->clear();
    const std::uint64_t hash = LabelTable::hash_of(segment);
    const std::size_t deep = deep_.size();  // what is entered now takes part from the next segment on
    for (const Place& place : *here_) leave(place, segment, hash);
    for (std::size_t i = 0; i < deep; ++i) leave(Place(deep_[i]), segment, hash);
    std::swap(here_, next_);
  }

  void end() {
    for (const Place& place : *here_) {
      const Node& node = index_.nodes_[place.node];
      report(node, 0, node.ends, place.for_caller);
    }
  }

 private:
  using Places = SmallList<Place, 16>;

  void report(const Node& node, std::uint32_t first, std::uint32_t count, bool for_caller) {
    if (count == 0) return;
    const PatternMatch* const all = node.ends + node.rests <= node.near.size() ? node.near.data() : &index_.ends_[node.first_end];
    for (std::uint32_t i = first; i < first + count; ++i) {
      PatternMatch match = all[i];
      match.for_caller = for_caller;
      matches_.push_back(match);
    }
  }

  void enter(Place place, Places& into) {
    into.push_back(place);
    const Node& node = index_.nodes_[place.node];
    report(node, node.ends, node.rests, place.for_caller);
    // A node has one parent alone, and a placeholder stands behind no `**`: the same node is never entered with the other word.
    if (node.deep != kNone && is_new(node.deep)) deep_.push_back({node.deep, place.for_caller});
  }

  bool is_new(std::uint32_t deep) noexcept {
    const std::size_t number = index_.nodes_[deep].deep_number;
    if (number == 0) return std::none_of(deep_.begin(), deep_.end(), [&](const Place& one) { return one.node == deep; });
    std::uint64_t& word = seen_[(number - 1) / 64];
    const std::uint64_t bit = std::uint64_t{1} << ((number - 1) % 64);
    return (std::exchange(word, word | bit) & bit) == 0;
  }

  void leave(const Place& place, std::string_view segment, std::uint64_t hash) {
    const Node& node = index_.nodes_[place.node];
    if (node.has_literals) {
      if (const auto child = index_.labels_.find(place.node, Label::literal, segment, hash)) enter({*child, place.for_caller}, *next_);
    }
    if (node.any != kNone) enter({node.any, place.for_caller}, *next_);
    if (node.placeholder != kNone) enter({node.placeholder, place.for_caller && segment == user_ && !user_.empty()}, *next_);
    if (node.globs != kNone) leave_by_glob(place, index_.glob_sets_[node.globs], segment);
  }

  void leave_by_glob(const Place& place, const GlobSet& set, std::string_view segment) {
    try_globs(place, set.rest, segment);
    for (const std::uint16_t length : set.prefix_lengths) {
      if (length <= segment.size()) try_bucket(place, Label::prefix, segment.substr(0, length), segment);
    }
    for (const std::uint16_t length : set.suffix_lengths) {
      if (length <= segment.size()) try_bucket(place, Label::suffix, segment.substr(segment.size() - length), segment);
    }
    if (!set.has_grams) return;
    for (std::size_t i = 0; i + kGramBytes <= segment.size(); ++i) {
      const std::string_view gram = segment.substr(i, kGramBytes);
      if (segment.find(gram) == i) try_bucket(place, Label::gram, gram, segment);  // each once
    }
  }

  void try_bucket(const Place& place, Label kind, std::string_view text, std::string_view segment) {
    if (const auto bucket = index_.labels_.find(place.node, kind, text)) try_globs(place, index_.buckets_[*bucket], segment);
  }

  void try_globs(const Place& place, const std::vector<std::uint32_t>& globs, std::string_view segment) {
    for (const std::uint32_t number : globs) {
      const Glob& glob = index_.globs_[number];
      if (glob.glob->matches(segment)) enter({glob.child, place.for_caller}, *next_);
    }
  }

  const PatternIndex& index_;
  const std::string_view user_;
  PatternMatches& matches_;
  std::array<Places, 2> memory_;
  Places* here_ = &memory_[0];
  Places* next_ = &memory_[1];
  Places deep_;
  std::array<std::uint64_t, kNumberedDeep / 64> seen_{};  ///< which of the numbered `**` are in `deep_`
};

void PatternIndex::find(std::string_view name, std::string_view user, PatternMatches& matches) const {
  Walk walk(*this, user, matches);
  for_each_segment(name, [&](std::string_view segment) { walk.step(segment); });
  walk.end();
}

std::size_t PatternIndex::bytes() const noexcept {
  std::size_t bytes = nodes_.capacity() * sizeof(Node) + labels_.bytes() + ends_.capacity() * sizeof(PatternMatch);
  for (const Glob& glob : globs_) bytes += sizeof(Glob) + sizeof(SegmentGlob) + glob.glob->prefix().size() + glob.glob->suffix().size();
  for (const auto& bucket : buckets_) bytes += sizeof(bucket) + bucket.capacity() * sizeof(std::uint32_t);
  return bytes + glob_sets_.size() * sizeof(GlobSet);
}

}  // namespace portcullis
