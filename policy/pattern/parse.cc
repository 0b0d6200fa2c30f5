#include "policy/pattern/parse.h"

#include <algorithm>
#include <utility>

namespace portcullis {
namespace {

using Kind = GlobItem::Kind;

constexpr std::string_view kPlaceholder = "${user}";

GlobItem item_of(Kind kind, char32_t character = 0) {
  GlobItem item;
  item.kind = kind;
  item.character = character;
  return item;
}

class Parser {
 public:
  Parser(std::string_view text, Placeholders placeholders) : text_(text), placeholders_(placeholders) {}

  std::variant<GlobItems, PatternFault> run() {
    GlobItems items = sequence(0);
    if (!fault_ && at_ < text_.size()) fail(at_, "`}` closes a group that nothing opens; write `\\}` for the character itself");
    if (fault_) return *std::move(fault_);
    return items;
  }

 private:
  [[nodiscard]] bool at_end() const noexcept { return fault_.has_value() || at_ >= text_.size(); }
  [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(at_); }

  void fail(std::size_t at, std::string message) {
    if (!fault_) fault_ = PatternFault{at, std::move(message)};
  }

  char32_t take() {
    std::string_view left = rest();
    const char32_t c = take_character(left);
    at_ = text_.size() - left.size();
    return c;
  }

  /// The character behind a `\`.
  char32_t take_escaped() {
    ++at_;
    if (at_ < text_.size()) return take();
    fail(at_ - 1, "`\\` takes the next character as it stands, and none follows; write `\\\\` for the character itself");
    return 0;
  }

  /// Up to the end, and inside a group up to its next `,` or `}`.
  GlobItems sequence(std::size_t depth) {
    GlobItems items;
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '}' || (c == ',' && depth > 0)) break;
      items.push_back(item(c, depth));
    }
    return items;
  }

  GlobItem item(char c, std::size_t depth) {
    if (placeholders_ == Placeholders::known && rest().starts_with(kPlaceholder)) {
      at_ += kPlaceholder.size();
      return item_of(Kind::placeholder);
    }
    switch (c) {
      case '*': ++at_; return item_of(Kind::star);
      case '?': ++at_; return item_of(Kind::any_character);
      case '/': ++at_; return item_of(Kind::separator);
      case '[': return character_class();
      case '{': return group(depth + 1);
      case '\\': return literal(take_escaped());
      default: return literal(take());
    }
  }

  static GlobItem literal(char32_t c) { return c == U'/' ? item_of(Kind::separator) : item_of(Kind::character, c); }

  GlobItem group(std::size_t depth) {
    const std::size_t begin = at_;
    GlobItem group = item_of(Kind::group);
    if (depth > kPatternDepth) {
      fail(begin, "groups are nested more than " + std::to_string(kPatternDepth) + " deep; write fewer levels");
      return group;
    }
    do {
      ++at_;
      group.alternatives.push_back(sequence(depth));
    } while (!at_end() && text_[at_] == ',');
    if (at_end()) {
      fail(begin, "`{` opens a group that nothing closes; write `\\{` for the character itself");
    } else {
      ++at_;
    }
    return group;
  }

  GlobItem character_class() {
    const std::size_t begin = at_++;
    GlobItem item = item_of(Kind::character_class);
    if (!at_end() && (text_[at_] == '^' || text_[at_] == '!')) {
      item.set.negated = true;
      ++at_;
    }
    if (!at_end() && text_[at_] == ']') fail(begin, "the class is empty; write `\\]` for a `]` in it");
    while (!at_end() && text_[at_] != ']') range(item.set);
    if (at_end()) {
      fail(begin, "`[` opens a class that nothing closes; write `\\[` for the character itself");
    } else {
      ++at_;
    }
    return item;
  }

  /// `a`, or `a-z`; a `-` at either end of the class stands for itself.
  void range(CharacterClass& set) {
    const std::size_t begin = at_;
    const char32_t low = text_[at_] == '\\' ? take_escaped() : take();
    char32_t high = low;
    if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
      ++at_;
      high = text_[at_] == '\\' ? take_escaped() : take();
    }
    if (high < low) fail(begin, "the range ends before it begins, and matches nothing; write its ends the other way round");
    set.ranges.emplace_back(low, high);
  }

  const std::string_view text_;
  const Placeholders placeholders_;
  std::size_t at_ = 0;
  std::optional<PatternFault> fault_;
};

/// Whether writing a group out changes where segments begin and end.
bool spans_segments(const GlobItems& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].kind == Kind::separator || items[i].kind == Kind::placeholder) return true;
    if (items[i].kind == Kind::star && i + 1 < items.size() && items[i + 1].kind == Kind::star) return true;
    const auto& inner = items[i].alternatives;
    if (std::any_of(inner.begin(), inner.end(), spans_segments)) return true;
  }
  return false;
}

/// Writes groups out; gives up where there are too many.
class Expansion {
 public:
  explicit Expansion(bool all) : all_(all) {}

  std::optional<std::vector<GlobItems>> run(const GlobItems& items) {
    std::vector<GlobItems> written = expand(items);
    if (too_many_) return std::nullopt;
    return written;
  }

 private:
  std::vector<GlobItems> expand(const GlobItems& items) {
    std::vector<GlobItems> written(1);
    for (const GlobItem& item : items) {
      const bool out =
          item.kind == Kind::group && (all_ || std::any_of(item.alternatives.begin(), item.alternatives.end(), spans_segments));
      if (!out) {
        for (GlobItems& each : written) each.push_back(item);
        continue;
      }
      std::vector<GlobItems> longer;
      for (const GlobItems& alternative : item.alternatives) {
        for (const GlobItems& tail : expand(alternative)) append_to_all(written, tail, longer);
        if (too_many_) return {};
      }
      written = std::move(longer);
    }
    return written;
  }

  void append_to_all(const std::vector<GlobItems>& heads, const GlobItems& tail, std::vector<GlobItems>& out) {
    for (const GlobItems& head : heads) {
      if (out.size() == kPatternAlternatives) {
        too_many_ = true;
        return;
      }
      out.push_back(head);
      out.back().insert(out.back().end(), tail.begin(), tail.end());
    }
  }

  const bool all_;
  bool too_many_ = false;
};

}  // namespace

std::variant<GlobItems, PatternFault> parse_items(std::string_view text, Placeholders placeholders) {
  return Parser(text, placeholders).run();
}

std::optional<std::vector<GlobItems>> expand_groups(const GlobItems& items) {
  auto all = Expansion(true).run(items);
  return all ? std::move(all) : Expansion(false).run(items);
}

}  // namespace portcullis
