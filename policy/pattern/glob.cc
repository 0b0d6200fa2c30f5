#include "policy/pattern/glob.h"

#include <algorithm>
#include <array>
#include <optional>

namespace portcullis {
namespace {

using Kind = GlobItem::Kind;

/// A pattern has 512 bytes; a group of empty alternatives takes two instructions a byte.
constexpr std::size_t kMostInstructions = 2048;
constexpr char32_t kNoCharacter = 0x110000;

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

char32_t take_character(std::string_view& text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
  char32_t c = length == 1 ? lead : lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || !is_continuation(text[i]) || lead >= 0xF8) {
      text.remove_prefix(1);
      return kNoCharacter + lead;
    }
    c = c << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  text.remove_prefix(std::max<std::size_t>(length, 1));
  return length == 0 ? kNoCharacter + lead : c;
}

void append_character(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  const unsigned extra = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  out += static_cast<char>((0xFF00U >> (extra + 1) & 0xFFU) | c >> (6 * extra));
  for (unsigned i = extra; i-- > 0;) out += static_cast<char>(0x80U | (c >> (6 * i) & 0x3FU));
}

bool CharacterClass::contains(char32_t c) const noexcept {
  if (c == U'/') return false;
  const bool listed = std::any_of(ranges.begin(), ranges.end(), [c](const auto& range) { return range.first <= c && c <= range.second; });
  return listed != negated;
}

/// The states that a segment has led to so far.
class SegmentGlob::Run {
 public:
  explicit Run(const SegmentGlob& glob) noexcept : glob_(glob) { add(0); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Whether some state, or the end, is left behind `c`.
  bool step(char32_t c) noexcept {
    const std::size_t count = count_;
    std::swap(states_, before_);
    const std::size_t words = glob_.program_.size() / 64 + 1;
    std::fill_n(seen_.begin(), words, 0);
    count_ = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint16_t at = before_[i];
      const Instruction& instruction = glob_.program_[at];
      if (instruction.op == Op::star) {
        add(at);
      } else if (glob_.takes(instruction, c)) {
        add(at + 1U);
      }
    }
    return count_ > 0 || accepted();
  }

  [[nodiscard]] bool accepted() const noexcept {
    const std::size_t last = glob_.program_.size() - 1;
    return (seen_[last / 64] >> (last % 64) & 1U) != 0;
  }

 private:
  /// Enters a state and all that it leads to without a character.
  void add(std::size_t at) noexcept {
    for (;;) {
      const std::uint64_t bit = std::uint64_t{1} << (at % 64);
      if ((seen_[at / 64] & bit) != 0) return;
      seen_[at / 64] |= bit;
      const Instruction& instruction = glob_.program_[at];
      switch (instruction.op) {
        case Op::jump: at = instruction.value; break;
        case Op::split:
          add(at + 1);
          at = instruction.value;
          break;
        case Op::star:
          states_[count_++] = static_cast<std::uint16_t>(at);
          ++at;
          break;
        case Op::accept: return;
        case Op::character:
        case Op::any_character:
        case Op::character_class: states_[count_++] = static_cast<std::uint16_t>(at); return;
      }
    }
  }

  const SegmentGlob& glob_;
  std::size_t count_ = 0;
  std::array<std::uint64_t, kMostInstructions / 64> seen_{};
  std::array<std::array<std::uint16_t, kMostInstructions>, 2> memory_;
  std::uint16_t* states_ = memory_[0].data();
  std::uint16_t* before_ = memory_[1].data();
};

SegmentGlob::SegmentGlob(const GlobItems& items) {
  find_literals(items);
  if (affixes_only_) return;
  compile(items);
  has_groups_ = std::any_of(program_.begin(), program_.end(), [](const Instruction& one) { return one.op == Op::jump; });
  program_.push_back({Op::accept, 0});
  program_.shrink_to_fit();
}

void SegmentGlob::compile(const GlobItems& items) {
  for (const GlobItem& item : items) {
    switch (item.kind) {
      case Kind::character: program_.push_back({Op::character, item.character}); break;
      case Kind::any_character: program_.push_back({Op::any_character, 0}); break;
      case Kind::star:
        // A run of stars is one.
        if (program_.empty() || program_.back().op != Op::star) program_.push_back({Op::star, 0});
        break;
      case Kind::character_class:
        program_.push_back({Op::character_class, static_cast<std::uint32_t>(classes_.size())});
        classes_.push_back(item.set);
        break;
      case Kind::group: compile_group(item.alternatives); break;
      case Kind::separator:
      case Kind::placeholder: break;  // never in a segment
    }
  }
}

/// split L1; first; jump end; L1: split L2; second; jump end; L2: last; end.
void SegmentGlob::compile_group(const std::vector<GlobItems>& alternatives) {
  std::vector<std::size_t> jumps;
  for (std::size_t i = 0; i + 1 < alternatives.size(); ++i) {
    const std::size_t split = program_.size();
    program_.push_back({Op::split, 0});
    compile(alternatives[i]);
    jumps.push_back(program_.size());
    program_.push_back({Op::jump, 0});
    program_[split].value = static_cast<std::uint32_t>(program_.size());
  }
  // The last alternative begins with a jump to itself, so that a star of it is not taken for one of the alternative before.
  program_.push_back({Op::jump, static_cast<std::uint32_t>(program_.size() + 1)});
  compile(alternatives.back());
  program_.push_back({Op::jump, static_cast<std::uint32_t>(program_.size() + 1)});
  for (const std::size_t jump : jumps) program_[jump].value = static_cast<std::uint32_t>(program_.size());
}

void SegmentGlob::find_literals(const GlobItems& items) {
  const auto is_literal = [](const GlobItem& item) { return item.kind == Kind::character; };
  const auto first = std::find_if_not(items.begin(), items.end(), is_literal);
  const auto last = std::find_if_not(items.rbegin(), items.rend(), is_literal).base();
  for (auto item = items.begin(); item != first; ++item) append_character(prefix_, item->character);
  if (first == items.end()) return;
  for (auto item = last; item != items.end(); ++item) append_character(suffix_, item->character);
  affixes_only_ = std::all_of(first, last, [](const GlobItem& item) { return item.kind == Kind::star; });
  std::string run;
  for (auto item = first; item != last; ++item) {
    if (is_literal(*item)) {
      append_character(run, item->character);
      if (run.size() > inner_.size()) inner_ = run;
    } else {
      run.clear();
    }
  }
}

/// Without groups it is enough to go back to the last star: what an earlier one could take, the last can take as well.
bool SegmentGlob::matches_plain(std::string_view segment) const noexcept {
  std::size_t at = 0;
  std::optional<std::pair<std::size_t, std::string_view>> back;
  for (;;) {
    const Instruction& instruction = program_[at];
    if (instruction.op == Op::star) {
      back = {++at, segment};
      continue;
    }
    if (segment.empty()) return instruction.op == Op::accept;
    std::string_view rest = segment;
    const char32_t c = take_character(rest);
    if (takes(instruction, c)) {
      ++at;
      segment = rest;
    } else if (back && !back->second.empty()) {
      take_character(back->second);
      at = back->first;
      segment = back->second;
    } else {
      return false;
    }
  }
}

bool SegmentGlob::takes(const Instruction& instruction, char32_t c) const noexcept {
  switch (instruction.op) {
    case Op::character: return instruction.value == c;
    case Op::any_character: return true;
    case Op::character_class: return classes_[instruction.value].contains(c);
    case Op::star:
    case Op::split:
    case Op::jump:
    case Op::accept: break;
  }
  return false;
}

bool SegmentGlob::matches(std::string_view segment) const noexcept {
  if (segment.size() < prefix_.size() + suffix_.size() || !segment.starts_with(prefix_) || !segment.ends_with(suffix_)) return false;
  if (affixes_only_) return true;
  if (!has_groups_) return matches_plain(segment);
  Run run(*this);
  while (!segment.empty()) {
    if (!run.step(take_character(segment))) return false;
  }
  return run.accepted();
}

}  // namespace portcullis
