#include "policy/pattern/index_builder.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "policy/pattern/index_anchors.h"

namespace portcullis {
namespace {

using Kind = PatternSegment::Kind;
using Label = LabelTable::Kind;

}  // namespace

std::uint64_t PatternIndex::Builder::hash_of(const PatternSegment& segment) noexcept {
  switch (segment.kind) {
    case Kind::any: return kAnyHash;
    case Kind::placeholder: return kPlaceholderHash;
    case Kind::deep: return kDeepHash;
    case Kind::literal:
    case Kind::glob: break;
  }
  return LabelTable::hash_of(segment.text);
}

PatternIndex::Builder::Builder(PatternIndex& index) : index_(index) {
  index_.nodes_.emplace_back();
  paths_.push_back(0);
}

std::uint32_t PatternIndex::Builder::new_node(const Position& parent, const PatternSegment& segment, std::uint64_t path) {
  const auto number = static_cast<std::uint32_t>(index_.nodes_.size());
  Node node;
  node.written_out = index_.nodes_[parent.node].written_out;
  node.placeholder = index_.nodes_[parent.node].placeholder;
  if (parent.placed && segment.kind == Kind::literal && parent.depth < 64) node.written_out |= std::uint64_t{1} << parent.depth;
  if (segment.kind == Kind::placeholder && node.placeholder == PatternMatch::kNoPlaceholder)
    node.placeholder = static_cast<std::uint8_t>(std::min<std::size_t>(parent.depth, PatternMatch::kNoPlaceholder - 1));
  index_.nodes_.push_back(node);
  paths_.push_back(path);
  return number;
}

PatternIndex::Branches& PatternIndex::Builder::branches_of(std::uint32_t node) {
  std::uint32_t& branches = index_.nodes_[node].branches;
  if (branches == kNone) {
    branches = static_cast<std::uint32_t>(index_.branches_.size());
    index_.branches_.emplace_back();
  }
  return index_.branches_[branches];
}

std::uint32_t PatternIndex::Builder::child_of(const Position& position, const PatternSegment& segment) {
  switch (segment.kind) {
    case Kind::any: return single_child(position, segment, &Branches::any);
    case Kind::placeholder: return single_child(position, segment, &Branches::placeholder);
    case Kind::deep: return single_child(position, segment, &Branches::deep);
    case Kind::literal: return literal_child(position, segment);
    case Kind::glob: break;
  }
  return glob_child(position, segment);
}

std::uint32_t PatternIndex::Builder::single_child(const Position& position, const PatternSegment& segment,
                                                  std::uint32_t Branches::*member) {
  if (const std::uint32_t known = branches_of(position.node).*member; known != kNone) return known;
  const std::uint32_t child = new_node(position, segment, index_.path_of(paths_[position.node], hash_of(segment)));
  Branches& branches = branches_of(position.node);
  branches.*member = child;
  if (segment.kind == Kind::deep && deep_count_ < kNumberedDeep) branches.deep_number = ++deep_count_;
  return child;
}

std::uint32_t PatternIndex::Builder::literal_child(const Position& position, const PatternSegment& segment) {
  if (const auto known = children_.find(position.node, Label::literal, segment.text)) return *known;
  const std::uint32_t child = new_node(position, segment, index_.path_of(paths_[position.node], hash_of(segment)));
  index_.nodes_[child].parent = position.node;
  set_text(index_.nodes_[child], segment.text);
  index_.nodes_[position.node].has_literals = true;
  children_.insert(position.node, Label::literal, segment.text, child);
  return child;
}

std::uint32_t PatternIndex::Builder::glob_child(const Position& position, const PatternSegment& segment) {
  if (const auto known = children_.find(position.node, Label::glob, segment.text)) return *known;
  const std::uint64_t hash = hash_of(segment);
  const std::uint32_t child = new_node(position, segment, index_.path_of(paths_[position.node], hash));
  children_.insert(position.node, Label::glob, segment.text, child);
  owned_globs_.emplace_back(position.node, static_cast<std::uint32_t>(index_.globs_.size()));
  index_.globs_.push_back({segment.glob, hash, child});
  return child;
}

void PatternIndex::Builder::set_text(Node& node, std::string_view text) {
  node.text_length = static_cast<std::uint16_t>(text.size());
  if (text.size() <= kInlineText) {
    std::copy(text.begin(), text.end(), node.text.begin());
  } else {
    const std::uint64_t at = index_.texts_.size();
    std::memcpy(node.text.data(), &at, sizeof at);
    index_.texts_ += text;
  }
}

void PatternIndex::Builder::add_sequence(const PatternSegments& segments, End end) {
  Position position;
  for (; position.depth < segments.size(); ++position.depth) {
    const PatternSegment& segment = segments[position.depth];
    if (segment.kind == Kind::deep && position.depth + 1 == segments.size()) {
      ends_.push_back({position.node, true, end});
      return;
    }
    position.placed = position.placed && segment.kind != Kind::deep;
    position.node = child_of(position, segment);
  }
  ends_.push_back({position.node, false, end});
}

void PatternIndex::Builder::add(const Pattern& pattern, std::uint32_t number) {
  const End end{number, static_cast<std::uint16_t>(pattern.text().size())};
  for (const PatternSegments& alternative : pattern.alternatives()) add_sequence(alternative, end);
}

void PatternIndex::Builder::finish() {
  children_ = {};  // each goes as soon as it is not needed any more: a reload holds two policies already
  build_ends();
  ends_ = {};
  build_globs();
  settle_nodes();
}

/// The ends of each node side by side: those that end there, then those that end in `/**`.
void PatternIndex::Builder::build_ends() {
  std::stable_sort(ends_.begin(), ends_.end(), [](const NodeEnd& left, const NodeEnd& right) {
    return std::tie(left.node, left.rest) < std::tie(right.node, right.rest);
  });
  for (auto next = ends_.begin(); next != ends_.end();) {
    const auto first = next;
    FarEnds count{static_cast<std::uint32_t>(index_.ends_.size()), 0, 0};
    for (; next != ends_.end() && next->node == first->node; ++next) ++(next->rest ? count.rests : count.ends);
    Node& node = index_.nodes_[first->node];
    if (count.ends + count.rests > kNearEnds) {
      node.far = static_cast<std::uint32_t>(index_.far_ends_.size());
      index_.far_ends_.push_back(count);
      std::transform(first, next, std::back_inserter(index_.ends_), [](const NodeEnd& one) { return one.end; });
      continue;
    }
    node.ends = static_cast<std::uint8_t>(count.ends);
    node.rests = static_cast<std::uint8_t>(count.rests);
    for (auto end = first; end != next; ++end) {
      node.near_patterns[static_cast<std::size_t>(end - first)] = end->end.pattern;
      node.near_lengths[static_cast<std::size_t>(end - first)] = end->end.length;
    }
  }
}

void PatternIndex::Builder::build_globs() {
  std::stable_sort(owned_globs_.begin(), owned_globs_.end(), [](const auto& left, const auto& right) { return left.first < right.first; });
  for (auto next = owned_globs_.begin(); next != owned_globs_.end();) {
    const std::uint32_t node = next->first;
    std::vector<std::uint32_t> globs;
    for (; next != owned_globs_.end() && next->first == node; ++next) globs.push_back(next->second);
    branches_of(node).globs = static_cast<std::uint32_t>(index_.glob_sets_.size());
    index_.glob_sets_.push_back(Anchors(index_, static_cast<std::uint32_t>(index_.glob_sets_.size()), std::move(globs)).run());
  }
}

/// Those that are written out go where their hash says; the others stand behind them.
void PatternIndex::Builder::settle_nodes() {
  std::vector<std::uint32_t> written;
  std::vector<std::uint64_t> keys;
  for (std::uint32_t node = 0; node < index_.nodes_.size(); ++node) {
    if (index_.nodes_[node].parent == kNone) continue;
    written.push_back(node);
    keys.push_back(paths_[node]);
  }
  const std::vector<std::uint32_t> found = index_.places_.build(keys);
  std::vector<std::uint32_t> places(index_.nodes_.size(), PerfectHash::kNoPlace);
  for (std::size_t i = 0; i < written.size(); ++i) places[written[i]] = found[i];
  std::uint32_t behind = index_.places_.places();
  for (std::uint32_t& place : places) {
    if (place == PerfectHash::kNoPlace) place = behind++;
  }
  move_nodes(places);
}

void PatternIndex::Builder::move_nodes(const std::vector<std::uint32_t>& places) {
  const auto moved = [&](std::uint32_t& node) {
    if (node != kNone) node = places[node];
  };
  std::uint32_t end = index_.places_.places();
  for (const std::uint32_t place : places) end = std::max(end, place + 1);
  std::vector<Node> nodes(end);
  for (std::size_t i = 0; i < places.size(); ++i) {
    Node node = index_.nodes_[i];
    moved(node.parent);
    if (node.parent != kNone && places[i] >= index_.places_.places())
      index_.unplaced_.emplace(std::pair(node.parent, std::string(index_.text_of(node))), places[i]);
    nodes[places[i]] = node;
  }
  index_.nodes_ = std::move(nodes);
  index_.root_ = places[0];
  for (Branches& branches : index_.branches_) {
    moved(branches.any);
    moved(branches.placeholder);
    moved(branches.deep);
  }
  for (Glob& glob : index_.globs_) moved(glob.child);
}

}  // namespace portcullis
