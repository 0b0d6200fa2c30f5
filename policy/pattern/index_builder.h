// How a pattern index comes about: a node is numbered as it is met, and has its final place at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/pattern/index.h"

namespace portcullis {

/// What is needed until an index is built. Fills the index that it was made for.
class PatternIndex::Builder {
 public:
  explicit Builder(PatternIndex& index);
  void add(const Pattern& pattern, std::uint32_t number);
  void finish();

 private:
  struct NodeEnd {
    std::uint32_t node;
    bool rest;
    End end;
  };
  /// Where the next segment of a sequence goes.
  struct Position {
    std::uint32_t node = 0;
    std::size_t depth = 0;
    bool placed = true;  ///< no `**` before it
  };

  static std::uint64_t hash_of(const PatternSegment& segment) noexcept;
  void add_sequence(const PatternSegments& segments, End end);
  std::uint32_t new_node(const Position& parent, const PatternSegment& segment, std::uint64_t path);
  std::uint32_t child_of(const Position& position, const PatternSegment& segment);
  std::uint32_t single_child(const Position& position, const PatternSegment& segment, std::uint32_t Branches::*member);
  std::uint32_t literal_child(const Position& position, const PatternSegment& segment);
  std::uint32_t glob_child(const Position& position, const PatternSegment& segment);
  Branches& branches_of(std::uint32_t node);
  void set_text(Node& node, std::string_view text);
  void build_ends();
  void build_globs();
  void settle_nodes();
  void move_nodes(const std::vector<std::uint32_t>& places);

  PatternIndex& index_;
  std::uint32_t deep_count_ = 0;
  std::vector<std::uint64_t> paths_;  ///< by node
  LabelTable children_;               ///< segments that are written out, and globs, by parent
  std::vector<NodeEnd> ends_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> owned_globs_;  ///< node, glob
};

}  // namespace portcullis
