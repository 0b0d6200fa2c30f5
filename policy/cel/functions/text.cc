// Functions of one text: searching, cutting, replacing. Positions and lengths are in code points.
#include <algorithm>
#include <cstring>

#include "policy/cel/functions/code_points.h"
#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

constexpr std::string_view kOutOfRange = "index out of range";
constexpr std::size_t kNotFound = std::string_view::npos;

bool give(Value value, Value& result) {
  result = std::move(value);
  return true;
}

bool give_index(std::int64_t index, Value& result) { return give(Value::of(index), result); }

/// Gives part of an argument's text, as a view.
bool give_text(const Arguments& arguments, std::string_view text, Value& result) {
  return arguments.evaluation.allow_text(text.size()) && give(Value::view(text), result);
}

/// All arguments from `first` on as texts, and what it costs to read them.
bool read_texts(const Arguments& arguments, std::span<std::string_view> out) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto* text = arguments[i].as<std::string>();
    if (text == nullptr) return arguments.evaluation.fail_overload();
    out[i] = *text;
    bytes += text->size();
  }
  return arguments.evaluation.charge_scan(bytes);
}

/// The byte of the code point that argument `i` counts to; `beyond` says whether the end counts.
bool read_position(const Arguments& arguments, std::size_t i, std::string_view text, bool end_counts, std::size_t& out) {
  const auto* index = arguments[i].as<std::int64_t>();
  if (index == nullptr) return arguments.evaluation.fail_overload();
  const auto byte = *index < 0 ? std::nullopt : byte_of_code_point(text, static_cast<std::size_t>(*index));
  if (!byte || (!end_counts && *byte == text.size())) return arguments.evaluation.fail(kOutOfRange);
  out = *byte;
  return true;
}

/// The first `needle` at or behind `from`. Linear in both, which std::string's own search is not.
std::size_t search_from(std::string_view text, std::string_view needle, std::size_t from) noexcept {
  if (needle.empty()) return from;
  if (needle.size() > text.size() - from) return kNotFound;
  const void* found = ::memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  return found == nullptr ? kNotFound : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

/// A search for a long text looks at some bytes several times.
bool charge_search(const Arguments& arguments, std::string_view text, std::string_view needle) noexcept {
  constexpr std::size_t kLongNeedle = 32;
  return needle.size() < kLongNeedle || arguments.evaluation.charge_scan(text.size());
}

bool contains(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 2> texts;
  return read_texts(arguments, texts) && charge_search(arguments, texts[0], texts[1]) &&
         give(Value::of(search_from(texts[0], texts[1], 0) != kNotFound), result);
}

bool starts_with(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 2> texts;
  return read_texts(arguments, texts) && give(Value::of(texts[0].starts_with(texts[1])), result);
}

bool ends_with(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 2> texts;
  return read_texts(arguments, texts) && give(Value::of(texts[0].ends_with(texts[1])), result);
}

bool char_at(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 1> texts;
  std::size_t at = 0;
  if (!read_texts(arguments, texts) || !read_position(arguments, 1, texts[0], true, at)) return false;
  return give_text(arguments, at == texts[0].size() ? std::string_view() : texts[0].substr(at, code_point_length(texts[0], at)), result);
}

bool index_of(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 2> texts;
  std::size_t from = 0;
  if (!read_texts(arguments, texts) || !charge_search(arguments, texts[0], texts[1])) return false;
  if (arguments.size() == 3 && !read_position(arguments, 2, texts[0], texts[1].empty(), from)) return false;
  const std::size_t found = search_from(texts[0], texts[1], from);
  if (found == kNotFound) return give_index(-1, result);
  return give_index(static_cast<std::int64_t>(count_code_points(texts[0].substr(0, found))), result);
}

bool last_index_of(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 2> texts;
  if (!read_texts(arguments, texts)) return false;
  std::size_t from = texts[0].size();
  if (arguments.size() == 3 && !read_position(arguments, 2, texts[0], texts[1].empty(), from)) return false;
  // The search backwards compares at each byte: paid for as the worst case.
  if (!arguments.evaluation.charge(texts[0].size() * (1 + texts[1].size() / 8))) return false;
  const std::size_t found = texts[0].rfind(texts[1], from);
  if (found == kNotFound) return give_index(-1, result);
  return give_index(static_cast<std::int64_t>(count_code_points(texts[0].substr(0, found))), result);
}

bool substring(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 1> texts;
  std::size_t from = 0;
  if (!read_texts(arguments, texts) || !read_position(arguments, 1, texts[0], true, from)) return false;
  std::size_t end = texts[0].size();
  if (arguments.size() == 3 && !read_position(arguments, 2, texts[0], true, end)) return false;
  if (end < from) return arguments.evaluation.fail("invalid substring range: it ends before it starts");
  return give_text(arguments, texts[0].substr(from, end - from), result);
}

bool trim(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 1> texts;
  if (!read_texts(arguments, texts) || !arguments.evaluation.charge(texts[0].size())) return false;
  std::string_view text = texts[0];
  while (!text.empty() && is_white_space(code_point_at(text, 0))) text.remove_prefix(code_point_length(text, 0));
  while (!text.empty()) {
    std::size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0U) == 0x80U) --last;
    if (!is_white_space(code_point_at(text, last))) break;
    text.remove_suffix(text.size() - last);
  }
  return give_text(arguments, text, result);
}

template <void (*Change)(std::string&) noexcept>
bool change_case(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 1> texts;
  if (!read_texts(arguments, texts) || !arguments.evaluation.allow_text(texts[0].size())) return false;
  std::string changed(texts[0]);
  Change(changed);
  return give(Value::of(changed), result);
}

bool reverse(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 1> texts;
  if (!read_texts(arguments, texts) || !arguments.evaluation.charge(2 * texts[0].size())) return false;
  if (!arguments.evaluation.allow_text(texts[0].size())) return false;
  std::string reversed;
  reversed.reserve(texts[0].size());
  for (std::size_t end = texts[0].size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && (static_cast<unsigned char>(texts[0][begin]) & 0xC0U) == 0x80U) --begin;
    reversed += texts[0].substr(begin, end - begin);
    end = begin;
  }
  return give(Value::of(reversed), result);
}

/// Where the next replacement stands at or behind `from`; an empty `old` is found before each code point and at the end.
std::size_t next_place(std::string_view text, std::string_view old, std::size_t from, bool first) noexcept {
  if (!old.empty()) return search_from(text, old, from);
  if (first) return from;
  return from >= text.size() ? kNotFound : from + code_point_length(text, from);
}

/// The bytes at which `old` is replaced, `most` at most.
std::vector<std::size_t> places_of(std::string_view text, std::string_view old, std::size_t most) {
  std::vector<std::size_t> places;
  std::size_t from = 0;
  while (places.size() < most) {
    const std::size_t place = next_place(text, old, from, places.empty());
    if (place == kNotFound) break;
    places.push_back(place);
    from = place + old.size();
  }
  return places;
}

bool replace(const Arguments& arguments, Value& result) {
  std::array<std::string_view, 3> texts;
  if (!read_texts(arguments, texts)) return false;
  const auto [text, old, fresh] = texts;
  std::size_t most = text.size() + 1;
  if (arguments.size() == 4) {
    const auto* limit = arguments[3].as<std::int64_t>();
    if (limit == nullptr) return arguments.evaluation.fail_overload();
    if (*limit >= 0) most = std::min(most, static_cast<std::size_t>(*limit));
  }
  if (!arguments.evaluation.charge(8 * text.size())) return false;  // for each place that may be found
  const std::vector<std::size_t> places = places_of(text, old, most);
  if (!arguments.evaluation.allow_text(text.size() + places.size() * fresh.size() - places.size() * old.size())) return false;
  std::string replaced;
  std::size_t from = 0;
  for (const std::size_t place : places) {
    replaced += text.substr(from, place - from);
    replaced += fresh;
    from = place + old.size();
  }
  replaced += text.substr(from);
  return give(Value::of(replaced), result);
}

constexpr FunctionEntry kEntries[] = {{"contains", 2, contains},
                                      {"startsWith", 2, starts_with},
                                      {"endsWith", 2, ends_with},
                                      {"charAt", 2, char_at},
                                      {"indexOf", 2, index_of},
                                      {"indexOf", 3, index_of},
                                      {"lastIndexOf", 2, last_index_of},
                                      {"lastIndexOf", 3, last_index_of},
                                      {"substring", 2, substring},
                                      {"substring", 3, substring},
                                      {"trim", 1, trim},
                                      {"lowerAscii", 1, change_case<lower_ascii>},
                                      {"upperAscii", 1, change_case<upper_ascii>},
                                      {"reverse", 1, reverse},
                                      {"replace", 3, replace},
                                      {"replace", 4, replace}};

}  // namespace

std::span<const FunctionEntry> text_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
