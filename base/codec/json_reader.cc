#include "base/codec/json_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/codec/json_tree.h"
#include "base/codec/utf8.h"

namespace portcullis {
namespace {

constexpr std::size_t kFewMembers = 16;  // up to here, comparing each with each is cheaper than sorting

/// What may follow a backslash, and what each means.
constexpr std::string_view kLetters = "\"\\/bfnrt";
constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";

/// Bytes that end the fast way through a string: the quote, the backslash, controls, and all that is not ASCII.
constexpr std::array<bool, 256> special_bytes() {
  std::array<bool, 256> special{};
  for (std::size_t i = 0; i < 256; ++i) special[i] = i < 0x20 || i >= 0x80 || i == '"' || i == '\\';
  return special;
}
constexpr auto kSpecial = special_bytes();

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// One of 64 marks that a name's length and ends choose: names with different marks differ.
std::uint64_t mark_of(std::string_view name) noexcept {
  if (name.empty()) return 1;
  const auto first = static_cast<unsigned char>(name.front());
  const auto last = static_cast<unsigned char>(name.back());
  return std::uint64_t{1} << ((name.size() * 5 + std::size_t{first} * 7 + std::size_t{last} * 11) & 63U);
}

}  // namespace

JsonReader::JsonReader(JsonTree& tree, const JsonLimits& limits)
    : tree_(tree), limits_(limits), at_(tree.text.data()), end_(tree.text.data() + tree.text.size()) {}

bool JsonReader::read() {
  tree_.nodes.reserve(std::min<std::size_t>(tree_.text.size() / 8 + 4, 4096));
  tree_.nodes.emplace_back();
  skip_blanks();
  if (!read_value(0, 0)) return false;
  skip_blanks();
  return at_ == end_ || fail("text behind the value");
}

bool JsonReader::fail(const char* why) {
  fault_ = why;
  return false;
}

void JsonReader::skip_blanks() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
}

bool JsonReader::read_word(std::string_view word) {
  if (static_cast<std::size_t>(end_ - at_) < word.size() || std::string_view(at_, word.size()) != word) return fail("not JSON");
  at_ += word.size();
  return true;
}

bool JsonReader::read_value(std::uint32_t node, std::size_t depth) {
  if (at_ == end_) return fail("the text ends too early");
  switch (*at_) {
    case '{': return read_object(node, depth + 1);
    case '[': return read_array(node, depth + 1);
    case '"': {
      std::string_view text;
      if (!read_string(text)) return false;
      tree_.nodes[node].type = JsonType::string;
      tree_.nodes[node].text = text;
      return true;
    }
    case 't':
    case 'f':
      tree_.nodes[node].type = JsonType::boolean;
      tree_.nodes[node].flag = *at_ == 't';
      return read_word(*at_ == 't' ? "true" : "false");
    case 'n': return read_word("null");
    default: return read_number(tree_.nodes[node]);
  }
}

std::uint32_t JsonReader::add_child(std::uint32_t parent, std::uint32_t previous) {
  const auto child = static_cast<std::uint32_t>(tree_.nodes.size());
  tree_.nodes.emplace_back();
  (previous == kNoNode ? tree_.nodes[parent].first_child : tree_.nodes[previous].next_sibling) = child;
  ++tree_.nodes[parent].children;
  return child;
}

bool JsonReader::read_array(std::uint32_t node, std::size_t depth) {
  if (depth > limits_.depth) return fail("nested too deep");
  tree_.nodes[node].type = JsonType::array;
  ++at_;
  skip_blanks();
  if (at_ != end_ && *at_ == ']') return ++at_, true;
  for (std::uint32_t child = kNoNode;;) {
    if (++members_ > limits_.members) return fail("too many members");
    child = add_child(node, child);
    skip_blanks();
    if (!read_value(child, depth)) return false;
    skip_blanks();
    if (at_ == end_) return fail("the text ends too early");
    if (*at_ == ']') return ++at_, true;
    if (*at_++ != ',') return fail("an array needs , or ] here");
  }
}

bool JsonReader::read_object(std::uint32_t node, std::size_t depth) {
  if (depth > limits_.depth) return fail("nested too deep");
  tree_.nodes[node].type = JsonType::object;
  ++at_;
  skip_blanks();
  if (at_ != end_ && *at_ == '}') return ++at_, true;
  for (std::uint32_t child = kNoNode;;) {
    if (++members_ > limits_.members) return fail("too many members");
    skip_blanks();
    std::string_view name;
    if (at_ == end_ || *at_ != '"') return fail("a member needs a name in quotes");
    if (!read_string(name)) return false;
    skip_blanks();
    if (at_ == end_ || *at_ != ':') return fail("a member needs : behind its name");
    ++at_;
    skip_blanks();
    child = add_child(node, child);
    tree_.nodes[child].name = name;
    if (!read_value(child, depth)) return false;
    skip_blanks();
    if (at_ == end_) return fail("the text ends too early");
    if (*at_ == '}') return ++at_, names_differ(node) || fail("duplicate member");
    if (*at_++ != ',') return fail("an object needs , or } here");
  }
}

bool JsonReader::names_differ(std::uint32_t object) const {
  std::vector<std::string_view> many;
  std::array<std::string_view, kFewMembers> few;
  std::uint64_t marks = 0;
  const std::size_t count = tree_.nodes[object].children;
  if (count > kFewMembers) many.reserve(count);
  std::size_t seen = 0;
  for (std::uint32_t child = tree_.nodes[object].first_child; child != kNoNode; child = tree_.nodes[child].next_sibling) {
    const std::string_view name = tree_.nodes[child].name;
    if (count > kFewMembers) {
      many.push_back(name);
      continue;
    }
    const std::uint64_t mark = mark_of(name);
    for (std::size_t i = 0; (marks & mark) != 0 && i < seen; ++i) {
      if (same_name(few[i], name)) return false;
    }
    marks |= mark;
    few[seen++] = name;
  }
  std::sort(many.begin(), many.end());
  return std::adjacent_find(many.begin(), many.end()) == many.end();
}

bool JsonReader::read_string(std::string_view& text) {
  char* const start = ++at_;
  while (at_ != end_ && !kSpecial[static_cast<unsigned char>(*at_)]) ++at_;
  char* out = at_;  // unescaped text is never longer than what it is written as
  while (at_ != end_) {
    const auto byte = static_cast<unsigned char>(*at_);
    if (byte == '"') {
      text = std::string_view(start, static_cast<std::size_t>(out - start));
      return ++at_, true;
    }
    if (byte == '\\') {
      if (!read_escape(out)) return false;
    } else if (byte < 0x20) {
      return fail("a control character in a string");
    } else {
      const std::size_t length = utf8_sequence_length(std::string_view(at_, static_cast<std::size_t>(end_ - at_)));
      if (length == 0) return fail("not UTF-8");
      for (std::size_t i = 0; i < length; ++i) *out++ = *at_++;
    }
  }
  return fail("a string does not end");
}

bool JsonReader::read_hex4(std::uint32_t& code) {
  if (end_ - at_ < 4) return fail("an escape is cut");
  code = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(*at_++);
    if (digit < 0) return fail("an escape needs four hex digits");
    code = code * 16 + static_cast<std::uint32_t>(digit);
  }
  return true;
}

bool JsonReader::read_escape(char*& out) {
  if (end_ - at_ < 2) return fail("an escape is cut");
  const char letter = at_[1];
  at_ += 2;
  if (const std::size_t place = kLetters.find(letter); place != std::string_view::npos) {
    *out++ = kMeanings[place];
    return true;
  }
  if (letter != 'u') return fail("an unknown escape");
  std::uint32_t code = 0;
  if (!read_hex4(code)) return false;
  if (code >= 0xd800 && code < 0xdc00) {
    std::uint32_t low = 0;
    if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') return fail("half a surrogate pair");
    at_ += 2;
    if (!read_hex4(low)) return false;
    if (low < 0xdc00 || low > 0xdfff) return fail("half a surrogate pair");
    code = 0x10000 + ((code - 0xd800) << 10U) + (low - 0xdc00);
  } else if (code >= 0xdc00 && code < 0xe000) {
    return fail("half a surrogate pair");
  }
  if (code == 0) return fail("a NUL in a string");
  out = put_utf8(out, code);
  return true;
}

bool JsonReader::read_number(JsonNode& node) {
  const char* const start = at_;
  if (at_ != end_ && *at_ == '-') ++at_;
  if (at_ == end_ || !is_digit(*at_)) return fail("not JSON");
  const bool zero = *at_ == '0';
  while (at_ != end_ && is_digit(*at_)) ++at_;
  const std::ptrdiff_t digits = at_ - start - (*start == '-' ? 1 : 0);
  if (zero && digits > 1) return fail("a number with a leading zero");
  bool real = false;
  if (at_ != end_ && *at_ == '.') {
    real = true;
    if (!read_digits(1)) return false;
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    real = true;
    const bool sign = at_ + 1 != end_ && (at_[1] == '+' || at_[1] == '-');
    if (!read_digits(sign ? 2 : 1)) return false;
  }
  if (!real) {
    node.type = JsonType::integer;
    return std::from_chars(start, at_, node.integer).ec == std::errc() || fail("an integer beyond 64 bits");
  }
  node.type = JsonType::real;
  if (std::from_chars(start, at_, node.real).ec == std::errc()) return true;
  node.real = std::strtod(std::string(start, static_cast<std::size_t>(at_ - start)).c_str(),
                          nullptr);  // tells what is too small (zero) from what is too large
  return std::isfinite(node.real) || fail("a number beyond a double");
}

/// Steps over `skip` characters, then at least one digit.
bool JsonReader::read_digits(std::ptrdiff_t skip) {
  at_ += skip;
  if (at_ >= end_ || !is_digit(*at_)) return fail("a number is cut");
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return true;
}

}  // namespace portcullis
