// All patterns of a policy as one trie of segments: what a name matches is found in time that does not grow with the number of patterns
// (docs/decisions/0013).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/pattern/label_table.h"
#include "policy/pattern/pattern.h"
#include "policy/pattern/perfect_hash.h"
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
  /// `hash_bits`: those that count. With fewer, different ways have one hash, as nobody ever saw: for tests.
  explicit PatternIndex(std::uint64_t hash_bits = ~std::uint64_t{0});
  ~PatternIndex();
  PatternIndex(const PatternIndex&) = delete;
  PatternIndex& operator=(const PatternIndex&) = delete;

  /// Adds `pattern` under `number`. Not to be called any more once it was built.
  void add(const Pattern& pattern, std::uint32_t number);
  /// Ends the adding, and prepares for look-ups.
  void build();

  /// Adds to `matches` every pattern that the whole of `name` matches; one with alternatives perhaps more than once. A placeholder is
  /// the caller's where the segment is `user`; an empty `user` is nobody's. Only once it was built.
  void find(std::string_view name, std::string_view user, PatternMatches& matches) const;
  /// Bytes of memory in use, about.
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::size_t kNearEnds = 2;
  static constexpr std::size_t kInlineText = 26;
  static constexpr std::size_t kNumberedDeep = 512;
  // Stand for the hash of a segment that has no text.
  static constexpr std::uint64_t kAnyHash = 1;
  static constexpr std::uint64_t kPlaceholderHash = 2;
  static constexpr std::uint64_t kDeepHash = 3;

  /// A pattern that ends at a node.
  struct End {
    std::uint32_t pattern;
    std::uint16_t length;
  };
  /// One cache line: what it is called, and what ends here, where that is one pattern or two.
  struct alignas(64) Node {
    std::uint64_t written_out = 0;   ///< as of a match
    std::uint32_t parent = kNone;    ///< of a segment that is written out; of any other `kNone`
    std::uint32_t branches = kNone;  ///< into `branches_`: of the few nodes below which there is something with wildcards
    std::uint32_t far = kNone;       ///< into `far_ends_`, where more patterns end here than `near` holds
    std::array<std::uint32_t, kNearEnds> near_patterns{};  ///< those that end here, then those that end in `/**` here
    std::array<std::uint16_t, kNearEnds> near_lengths{};
    std::uint16_t text_length = 0;
    std::uint8_t ends = 0;
    std::uint8_t rests = 0;
    std::uint8_t placeholder = PatternMatch::kNoPlaceholder;  ///< as of a match
    bool has_literals = false;
    std::array<char, kInlineText> text{};  ///< or the place of a longer one in `texts_`
  };
  static_assert(sizeof(Node) == 64);
  struct Branches {
    std::uint32_t any = kNone;          ///< behind `*`
    std::uint32_t placeholder = kNone;  ///< behind `${user}`
    std::uint32_t deep = kNone;         ///< behind `**`, where something follows it
    std::uint32_t globs = kNone;        ///< into `glob_sets_`
    std::uint32_t deep_number = 0;      ///< of `deep`, if it is one of the first `kNumberedDeep`, from 1
  };
  /// Ends side by side in `ends_`.
  struct FarEnds {
    std::uint32_t first;
    std::uint32_t ends;
    std::uint32_t rests;
  };
  /// A glob below a node, and where it leads.
  struct Glob {
    std::shared_ptr<const SegmentGlob> glob;
    std::uint64_t hash;  ///< of its text
    std::uint32_t child;
  };
  /// Which bytes some texts begin or end with.
  struct ByteSet {
    std::array<std::uint64_t, 4> bits{};
    void add(char c) noexcept { bits[index(c)] |= bit(c); }
    [[nodiscard]] bool holds(char c) const noexcept { return (bits[index(c)] & bit(c)) != 0; }
    static std::size_t index(char c) noexcept { return static_cast<unsigned char>(c) >> 6U; }
    static std::uint64_t bit(char c) noexcept { return std::uint64_t{1} << (static_cast<unsigned char>(c) & 63U); }
  };
  /// The globs below one node. Many are found by what they begin with, end with or hold, whichever is rarest; the rest is tried in turn.
  struct GlobSet {
    std::vector<std::uint32_t> rest;
    std::vector<std::uint16_t> prefix_lengths;
    std::vector<std::uint16_t> suffix_lengths;
    ByteSet first_bytes;  ///< of prefixes
    ByteSet last_bytes;   ///< of suffixes
    bool has_grams = false;
  };
  /// What stands under one anchor: `buckets_[first]` and `count - 1` behind it.
  struct Bucket {
    std::uint32_t first;
    std::uint32_t count;
  };
  class Builder;
  class Anchors;
  class Walk;

  /// The hash of the way to a node, from that of the way to its parent and that of the segment. The same for all ways of one spelling.
  [[nodiscard]] std::uint64_t path_of(std::uint64_t parent, std::uint64_t segment) const noexcept;
  [[nodiscard]] std::string_view text_of(const Node& node) const noexcept;

  const std::uint64_t hash_bits_;
  std::vector<Node> nodes_;  ///< first those that are written out, each in its place of `places_`, then all others
  PerfectHash places_;       ///< by the hash of the way
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> unplaced_;  ///< by parent and text: whose hash is another's too
  std::uint32_t root_ = 0;
  std::string texts_;
  std::vector<Branches> branches_;
  std::vector<FarEnds> far_ends_;
  std::vector<End> ends_;
  std::vector<Glob> globs_;
  std::vector<GlobSet> glob_sets_;
  LabelTable anchors_;  ///< by set of globs
  std::vector<Bucket> buckets_;
  std::vector<std::uint32_t> bucket_globs_;
  std::unique_ptr<Builder> builder_;
};

}  // namespace portcullis
