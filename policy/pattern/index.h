// All patterns of a policy as one trie of segments: what a name matches is found in time that does not grow with the number of patterns
// (docs/decisions/0013).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/pattern/label_table.h"
#include "policy/pattern/pattern.h"
#include "policy/pattern/small_list.h"

namespace portcullis {

/// One pattern that matches a name.
struct PatternMatch {
  std::uint32_t pattern;  ///< number that it was added under
  /// False: it has a placeholder, and the name holds somebody else's in its place.
  bool for_caller;
  /// The first placeholder's segment, from 0; `kNoPlaceholder` where it has none.
  std::uint8_t placeholder;
  std::uint16_t length;  ///< of the pattern, in bytes
  /// Segments, of the first 64, that the pattern writes out; those behind a `**` have no place, and are not counted.
  std::uint64_t written_out;

  static constexpr std::uint8_t kNoPlaceholder = 0xFF;
};
using PatternMatches = SmallList<PatternMatch, 16>;

/// Immutable once `build` was called. Safe from many threads.
class PatternIndex {
 public:
  PatternIndex();
  /// Adds `pattern` under `number`.
  void add(const Pattern& pattern, std::uint32_t number);
  /// Ends the adding, and prepares for look-ups.
  void build();

  /// Adds to `matches` every pattern that the whole of `name` matches; one with alternatives perhaps more than once. A placeholder is
  /// the caller's where the segment is `user`; an empty `user` is nobody's.
  void find(std::string_view name, std::string_view user, PatternMatches& matches) const;
  /// Bytes of memory in use, about.
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  /// One cache line: what ends here stands in it, where it is one pattern or two.
  struct alignas(64) Node {
    std::uint32_t any = kNone;          ///< behind `*`
    std::uint32_t placeholder = kNone;  ///< behind `${user}`
    std::uint32_t deep = kNone;         ///< behind `**`, where something follows it
    std::uint32_t globs = kNone;        ///< into `glob_sets_`
    std::uint32_t ends = 0;             ///< patterns that end here
    std::uint32_t rests = 0;            ///< patterns that end in `/**` here; they stand behind those
    std::uint32_t first_end = 0;        ///< into `ends_`, where they are more than `near` holds
    std::uint16_t deep_number = 0;      ///< of a node behind `**`, if it is one of the first `kNumberedDeep`, from 1
    bool has_literals = false;
    std::array<PatternMatch, 2> near{};
  };
  static constexpr std::size_t kNumberedDeep = 512;
  /// A glob below a node, and where it leads.
  struct Glob {
    std::shared_ptr<const SegmentGlob> glob;
    std::uint32_t child;
  };
  /// The globs below one node. Many are found by what they begin with, end with or hold, whichever is rarest; the rest is tried in turn.
  struct GlobSet {
    std::vector<std::uint32_t> rest;
    std::vector<std::uint16_t> prefix_lengths;
    std::vector<std::uint16_t> suffix_lengths;
    bool has_grams = false;
  };
  /// A pattern's end while it is built.
  struct End {
    std::uint32_t node;
    bool rest;
    PatternMatch match;
  };
  struct Place {
    std::uint32_t node;
    bool for_caller;
  };
  class Walk;
  class Anchors;

  std::uint32_t new_node();
  std::uint32_t child_of(std::uint32_t node, const PatternSegment& segment);
  void add_sequence(const PatternSegments& segments, PatternMatch match);
  void build_ends();
  void build_globs();

  std::vector<Node> nodes_;
  std::uint16_t deep_count_ = 0;
  LabelTable labels_;
  std::vector<PatternMatch> ends_;
  std::vector<Glob> globs_;
  std::vector<GlobSet> glob_sets_;
  std::vector<std::vector<std::uint32_t>> buckets_;
  // while it is built
  LabelTable known_globs_;
  std::vector<End> building_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> owned_globs_;  ///< node, glob
};

}  // namespace portcullis
