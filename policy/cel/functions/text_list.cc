// From a text to a list and back: `split`, `join`; and `strings.quote`.
#include <algorithm>
#include <new>

#include "base/codec/utf8.h"
#include "policy/cel/functions/code_points.h"
#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

/// Steps for each new text beside its bytes: its allocation.
constexpr std::size_t kStepsAText = 14;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The bytes of the part that ends first: up to the separator, or one code point where that is empty.
std::size_t part_length(std::string_view text, std::string_view separator) noexcept {
  if (separator.empty()) return code_point_length(text, 0);
  return text.find(separator);
}

/// As Go's `strings.SplitN`: `most` parts at most, the last with all that is left. Views of `text`.
Elements cut(std::string_view text, std::string_view separator, std::size_t most, Arena& arena) {
  if (most == 0 || (separator.empty() && text.empty())) return {};
  Value* const parts = arena.allocate_values(most);
  std::size_t count = 0;
  while (count + 1 < most) {
    const std::size_t length = part_length(text, separator);
    if (length == std::string_view::npos || (separator.empty() && length == text.size())) break;
    new (parts + count++) Value(Value::view(text.substr(0, length)));
    text.remove_prefix(length + separator.size());
  }
  new (parts + count++) Value(Value::view(text));
  return {parts, count};
}

std::size_t count_parts(std::string_view text, std::string_view separator) noexcept {
  if (separator.empty()) return count_code_points(text);
  std::size_t count = 1;
  for (std::size_t at = text.find(separator); at != std::string_view::npos; at = text.find(separator, at + separator.size())) ++count;
  return count;
}

bool split(const Arguments& arguments, Value& result) {
  const auto* text = arguments[0].as<std::string>();
  const auto* separator = arguments[1].as<std::string>();
  const auto* limit = arguments.size() == 3 ? arguments[2].as<std::int64_t>() : nullptr;
  if (text == nullptr || separator == nullptr || (arguments.size() == 3 && limit == nullptr)) return arguments.evaluation.fail_overload();
  // Each search starts where the last one ended, but compares the separator's length at each byte in the worst case.
  if (!arguments.evaluation.charge(1 + text->size() / 4 + text->size() * separator->size() / 16)) return false;
  std::size_t parts = count_parts(*text, *separator);
  if (limit != nullptr && *limit >= 0) parts = std::min(parts, static_cast<std::size_t>(*limit));
  if (!arguments.evaluation.allow_elements(parts) || !arguments.evaluation.charge(kStepsAText * parts)) return false;
  result = Value::view(cut(*text, *separator, parts, arguments.evaluation.arena()));
  return true;
}

bool join(const Arguments& arguments, Value& result) {
  const auto* list = arguments[0].as<List>();
  const auto* separator = arguments.size() == 2 ? arguments[1].as<std::string>() : nullptr;
  if (list == nullptr || (arguments.size() == 2 && separator == nullptr)) return arguments.evaluation.fail_overload();
  if (!arguments.evaluation.charge(list->size())) return false;
  const std::string_view between = separator == nullptr ? std::string_view() : std::string_view(*separator);
  std::size_t bytes = list->empty() ? 0 : between.size() * (list->size() - 1);
  for (const Value& element : *list) {
    const auto* text = element.as<std::string>();
    if (text == nullptr) return arguments.evaluation.fail_overload();
    bytes += text->size();
  }
  if (!arguments.evaluation.allow_text(bytes)) return false;
  std::string joined;
  joined.reserve(bytes);
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (i > 0) joined += between;
    joined += *(*list)[i].as<std::string>();
  }
  result = Value::of(joined);
  return true;
}

/// The letter behind the backslash; NUL for a character that stands for itself.
char escape_of(char c) noexcept {
  switch (c) {
    case '\a': return 'a';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    case '\v': return 'v';
    case '\\': return '\\';
    case '"': return '"';
    default: return '\0';
  }
}

bool quote(const Arguments& arguments, Value& result) {
  const auto* text = arguments[0].as<std::string>();
  if (text == nullptr) return arguments.evaluation.fail_overload();
  if (!arguments.evaluation.charge(4 * text->size())) return false;  // code point by code point
  const auto escapes = static_cast<std::size_t>(std::count_if(text->begin(), text->end(), [](char c) { return escape_of(c) != '\0'; }));
  if (!arguments.evaluation.allow_text(text->size() + escapes + 2)) return false;
  std::string quoted = "\"";
  for (std::string_view rest = *text; !rest.empty();) {
    const std::size_t length = utf8_sequence_length(rest);
    if (const char letter = escape_of(rest[0]); letter != '\0') {
      quoted += '\\';
      quoted += letter;
    } else {
      quoted += length == 0 ? kReplacement : rest.substr(0, length);
    }
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  result = Value::of(quoted += '"');
  return true;
}

constexpr FunctionEntry kEntries[] = {
    {"split", 2, split}, {"split", 3, split}, {"join", 1, join}, {"join", 2, join}, {"strings.quote", 1, quote}};

}  // namespace

std::span<const FunctionEntry> text_list_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
