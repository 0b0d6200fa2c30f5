#include "policy/pattern/pattern.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/codec/utf8.h"
#include "policy/pattern/parse.h"

namespace portcullis {
namespace {

using Kind = PatternSegment::Kind;

Error bad_pattern(std::string_view text, const PatternFault& fault) {
  std::string detail = fault.message;
  detail.append(" (at byte ").append(std::to_string(fault.at + 1)).append(")\n  ").append(text).append("\n  ");
  // The caret stands under the character, which may have several bytes before it.
  std::string_view before = text.substr(0, fault.at);
  while (!before.empty()) {
    take_character(before);
    detail += ' ';
  }
  return {Reason::bad_pattern, detail + "^"};
}

/// Whether a text can be shown on a line of its own.
bool is_printable(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// A text that is equal for two segments exactly if their pieces are.
void append_canonical(std::string& out, const GlobItems& items);

void append_canonical(std::string& out, const GlobItem& item) {
  switch (item.kind) {
    case GlobItem::Kind::character:
      out += '\\';
      append_character(out, item.character);
      break;
    case GlobItem::Kind::any_character: out += '?'; break;
    case GlobItem::Kind::star: out += '*'; break;
    case GlobItem::Kind::character_class:
      out += item.set.negated ? '!' : '[';
      append_character(out, static_cast<char32_t>(item.set.ranges.size()));
      for (const auto& [low, high] : item.set.ranges) {
        append_character(out, low);
        append_character(out, high);
      }
      break;
    case GlobItem::Kind::group:
      // Of three signs: with two, `{a,b{c}d}` and `{a{b,c}d}` would be one text.
      out += '{';
      for (const GlobItems& alternative : item.alternatives) {
        append_canonical(out, alternative);
        out += ',';
      }
      out += '}';
      break;
    case GlobItem::Kind::separator:
    case GlobItem::Kind::placeholder: break;
  }
}

void append_canonical(std::string& out, const GlobItems& items) {
  for (const GlobItem& item : items) append_canonical(out, item);
}

PatternSegment segment_of(const GlobItems& items) {
  const auto all_are = [&](GlobItem::Kind kind) {
    return std::all_of(items.begin(), items.end(), [kind](const GlobItem& item) { return item.kind == kind; });
  };
  PatternSegment segment;
  if (all_are(GlobItem::Kind::character)) {
    for (const GlobItem& item : items) append_character(segment.text, item.character);
  } else if (all_are(GlobItem::Kind::star)) {
    segment.kind = items.size() == 2 ? Kind::deep : Kind::any;
  } else if (items.size() == 1 && items.front().kind == GlobItem::Kind::placeholder) {
    segment.kind = Kind::placeholder;
  } else {
    segment.kind = Kind::glob;
    append_canonical(segment.text, items);
    segment.glob = std::make_shared<const SegmentGlob>(items);
  }
  return segment;
}

/// Cuts at the separators; `**/**` is `**`.
PatternSegments segments_of(const GlobItems& items) {
  PatternSegments segments;
  GlobItems segment;
  const auto end_segment = [&] {
    PatternSegment made = segment_of(segment);
    segment.clear();
    if (made.kind == Kind::deep && !segments.empty() && segments.back().kind == Kind::deep) return;
    segments.push_back(std::move(made));
  };
  for (const GlobItem& item : items) {
    if (item.kind == GlobItem::Kind::separator) {
      end_segment();
    } else {
      segment.push_back(item);
    }
  }
  end_segment();
  return segments;
}

/// A placeholder is a whole segment, and stands where its place is known: in no group, behind no `**`.
std::optional<PatternFault> check_placeholders(std::string_view text, const GlobItems& items) {
  const auto fault = [&](std::string message) { return PatternFault{text.find("${user}"), std::move(message)}; };
  const auto is_placeholder = [](const GlobItem& item) { return item.kind == GlobItem::Kind::placeholder; };
  const auto first = std::find_if(items.begin(), items.end(), is_placeholder);
  for (auto item = first; item != items.end(); ++item) {
    if (!is_placeholder(*item)) continue;
    const bool begins = item == items.begin() || std::prev(item)->kind == GlobItem::Kind::separator;
    const bool ends = std::next(item) == items.end() || std::next(item)->kind == GlobItem::Kind::separator;
    if (!begins || !ends) return fault("${user} is a segment of its own; write / before and behind it");
  }
  if (first == items.end()) return std::nullopt;
  const PatternSegments before = segments_of({items.begin(), first});
  const bool deep = std::any_of(before.begin(), before.end(), [](const PatternSegment& one) { return one.kind == Kind::deep; });
  if (deep) return fault("${user} behind ** could be any segment; write out what stands before it");
  return std::nullopt;
}

bool is_empty(const PatternSegment& segment) noexcept { return segment.kind == Kind::literal && segment.text.empty(); }

bool segment_matches(const PatternSegment& segment, std::string_view text) noexcept {
  switch (segment.kind) {
    case Kind::literal: return segment.text == text;
    case Kind::any:
    case Kind::placeholder: return true;
    case Kind::glob: return segment.glob->matches(text);
    case Kind::deep: break;
  }
  return false;
}

/// Goes back to the last `**` alone: what an earlier one could take, the last can take as well.
bool sequence_matches(const PatternSegments& pattern, const std::vector<std::string_view>& name) {
  std::size_t at = 0;
  std::size_t in_name = 0;
  std::optional<std::pair<std::size_t, std::size_t>> back;
  while (in_name < name.size()) {
    if (at < pattern.size() && pattern[at].kind == Kind::deep) {
      back = {++at, in_name};
    } else if (at < pattern.size() && segment_matches(pattern[at], name[in_name])) {
      ++at;
      ++in_name;
    } else if (back) {
      in_name = ++back->second;
      at = back->first;
    } else {
      return false;
    }
  }
  return at == pattern.size() || (at + 1 == pattern.size() && pattern[at].kind == Kind::deep);
}

}  // namespace

Result<Pattern> Pattern::parse(std::string_view text, Placeholders placeholders) {
  if (text.size() > kPatternBytes) {
    return Error{Reason::bad_pattern,
                 "the pattern has more than " + std::to_string(kPatternBytes) + " bytes; no repository name is as long"};
  }
  if (!is_printable(text)) return Error{Reason::bad_pattern, "the pattern holds a control character; no repository name does"};
  // A name could hold the same bytes, and they would be characters to one and none to the other.
  if (!is_utf8(text)) return Error{Reason::bad_pattern, "the pattern is not UTF-8; repository names are ASCII"};
  auto parsed = parse_items(text, placeholders);
  if (const auto* fault = std::get_if<PatternFault>(&parsed)) return bad_pattern(text, *fault);
  const auto written = expand_groups(std::get<GlobItems>(parsed));
  if (!written) {
    return bad_pattern(
        text, {text.find('{'), "the groups stand for more than " + std::to_string(kPatternAlternatives) + " patterns; write them apart"});
  }
  std::vector<PatternSegments> alternatives;
  for (const GlobItems& items : *written) {
    if (const auto fault = check_placeholders(text, items)) return bad_pattern(text, *fault);
    alternatives.push_back(segments_of(items));
    // `a/**/` matches `a` too, as doublestar has it.
    PatternSegments shorter = alternatives.back();
    if (shorter.size() > 2 && is_empty(shorter.back()) && shorter[shorter.size() - 2].kind == Kind::deep) {
      shorter.resize(shorter.size() - 2);
      alternatives.push_back(std::move(shorter));
    }
  }
  return Pattern(std::string(text), std::move(alternatives));
}

bool Pattern::has_placeholder() const noexcept {
  return std::any_of(alternatives_.begin(), alternatives_.end(), [](const PatternSegments& segments) {
    return std::any_of(segments.begin(), segments.end(), [](const PatternSegment& one) { return one.kind == Kind::placeholder; });
  });
}

bool Pattern::matches(std::string_view name) const {
  std::vector<std::string_view> segments;
  for_each_segment(name, [&](std::string_view segment) { segments.push_back(segment); });
  return std::any_of(alternatives_.begin(), alternatives_.end(),
                     [&](const PatternSegments& alternative) { return sequence_matches(alternative, segments); });
}

}  // namespace portcullis
