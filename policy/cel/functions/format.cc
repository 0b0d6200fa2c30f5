// `format`: a pattern with the clauses %s %d %f %e %b %o %x %X and %%, and a precision (`%.2f`), over a list of values.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/codec/hex.h"
#include "base/codec/utf8.h"
#include "policy/cel/functions/code_points.h"
#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

constexpr int kDefaultPrecision = 6;
constexpr int kMostPrecision = 100;
constexpr std::size_t kLongestDouble = 512;  ///< 309 digits, a point, 100 more, a sign

/// Writes the text piece by piece, each paid for, and remembers that a piece was refused.
class Output {
 public:
  explicit Output(Evaluation& evaluation) noexcept : evaluation_(evaluation) {}
  bool append(std::string_view piece) {
    paid_ += piece.size();
    if (!evaluation_.allow_text(paid_)) return false;  // the whole again for each piece: many small ones cannot add up unnoticed
    text_ += piece;
    return true;
  }
  [[nodiscard]] std::string take() noexcept { return std::move(text_); }
  [[nodiscard]] Evaluation& evaluation() noexcept { return evaluation_; }

 private:
  Evaluation& evaluation_;
  std::size_t paid_ = 0;
  std::string text_;
};

bool fail_clause(Output& out, std::string_view needs, const Value& given) {
  return out.evaluation().fail("error during formatting: " + std::string(needs) + ", was given " + std::string(value_type_name(given)));
}

/// `NaN`, `Infinity` or `-Infinity`; empty for a finite number.
std::string_view special_name(double number) noexcept {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return {};
}

std::string double_as_text(double number) {
  if (const std::string_view name = special_name(number); !name.empty()) return std::string(name);
  std::array<char, kLongestDouble> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed);
  return {buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data())};
}

bool append_text(const Value& value, Output& out);

bool append_list(const Elements& list, Output& out) {
  if (!out.append("[")) return false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if ((i > 0 && !out.append(", ")) || !append_text(list[i], out)) return false;
  }
  return out.append("]");
}

/// Entries in the order of their keys' texts: the same answer whatever order the map was made in.
bool append_map(const Mapping& map, Output& out) {
  std::vector<std::pair<std::string, const Value*>> entries;
  for (const auto& [key, value] : map.entries()) {
    Output key_out(out.evaluation());
    if (!append_text(key, key_out)) return false;
    entries.emplace_back(key_out.take(), &value);
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (!out.append("{")) return false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if ((i > 0 && !out.append(", ")) || !out.append(entries[i].first + ": ") || !append_text(*entries[i].second, out)) return false;
  }
  return out.append("}");
}

bool append_text(const Value& value, Output& out) {
  if (const auto* text = value.as<std::string>()) return out.append(*text);
  if (const auto* flag = value.as<bool>()) return out.append(*flag ? "true" : "false");
  if (const auto* number = value.as<std::int64_t>()) return out.append(std::to_string(*number));
  if (const auto* number = value.as<std::uint64_t>()) return out.append(std::to_string(*number));
  if (const auto* number = value.as<double>()) return out.append(double_as_text(*number));
  if (const auto* timestamp = value.as<Timestamp>()) return out.append(timestamp_text(*timestamp));
  if (const auto* duration = value.as<Duration>()) return out.append(duration_text(*duration));
  if (const auto* type = value.as<TypeValue>()) return out.append(type->name);
  if (const auto* list = value.as<List>()) return append_list(*list, out);
  if (const auto* map = value.as<Mapping>()) return append_map(*map, out);
  if (const auto* bytes = value.as<Bytes>())
    return is_utf8(bytes->bytes) ? out.append(bytes->bytes) : out.evaluation().fail("invalid UTF-8 in bytes");
  if (value.is_null()) return out.append("null");
  return fail_clause(
      out, "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps", value);
}

bool append_decimal(const Value& value, Output& out) {
  if (const auto* number = value.as<std::int64_t>()) return out.append(std::to_string(*number));
  if (const auto* number = value.as<std::uint64_t>()) return out.append(std::to_string(*number));
  const auto* real = value.as<double>();
  if (real != nullptr && !special_name(*real).empty()) return out.append(special_name(*real));
  return fail_clause(out, "decimal clause can only be used on integers", value);
}

bool append_real(const Value& value, bool scientific, int precision, Output& out) {
  const auto* number = value.as<double>();
  if (number == nullptr)
    return fail_clause(out, std::string(scientific ? "scientific" : "fixed-point") + " clause can only be used on doubles", value);
  if (const std::string_view name = special_name(*number); !name.empty()) return out.append(name);
  std::array<char, kLongestDouble> buffer{};
  const int length = scientific ? std::snprintf(buffer.data(), buffer.size(), "%.*e", precision, *number)
                                : std::snprintf(buffer.data(), buffer.size(), "%.*f", precision, *number);
  return out.append({buffer.data(), static_cast<std::size_t>(length)});
}

/// An integer to a base; nothing for any other value.
std::optional<std::string> digits_of(const Value& value, int base) {
  std::array<char, 72> buffer{};
  std::to_chars_result end{};
  if (const auto* number = value.as<std::int64_t>()) {
    end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *number, base);
  } else if (const auto* natural = value.as<std::uint64_t>()) {
    end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *natural, base);
  } else {
    return std::nullopt;
  }
  return std::string(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
}

bool append_binary(const Value& value, Output& out) {
  if (const auto* flag = value.as<bool>()) return out.append(*flag ? "1" : "0");
  const auto digits = digits_of(value, 2);
  return digits ? out.append(*digits) : fail_clause(out, "only integers and bools can be formatted as binary", value);
}

bool append_octal(const Value& value, Output& out) {
  const auto digits = digits_of(value, 8);
  return digits ? out.append(*digits) : fail_clause(out, "octal clause can only be used on integers", value);
}

bool append_hex(const Value& value, bool upper, Output& out) {
  const auto* const bytes = value.as<Bytes>();
  const std::size_t size = bytes != nullptr                     ? bytes->bytes.size()
                           : value.as<std::string>() != nullptr ? value.as<std::string>()->size()
                                                                : 0;
  if (!out.evaluation().charge(2 * size)) return false;  // digit by digit
  std::optional<std::string> digits = digits_of(value, 16);
  if (const auto* text = value.as<std::string>()) digits = hex_encode(*text);
  if (bytes != nullptr) digits = hex_encode(bytes->bytes);
  if (!digits) return fail_clause(out, "only integers, byte buffers, and strings can be formatted as hex", value);
  if (upper) upper_ascii(*digits);
  return out.append(*digits);
}

struct Clause {
  char verb = '\0';
  int precision = kDefaultPrecision;
};

/// The clause behind a `%`, which is taken from `pattern`.
bool take_clause(std::string_view& pattern, Evaluation& evaluation, Clause& clause) {
  if (pattern.starts_with('.')) {
    pattern.remove_prefix(1);
    const auto [end, code] = std::from_chars(pattern.data(), pattern.data() + pattern.size(), clause.precision);
    if (code != std::errc() || clause.precision < 0 || clause.precision > kMostPrecision) {
      return evaluation.fail("could not parse formatting clause: a precision is 0 to " + std::to_string(kMostPrecision));
    }
    pattern.remove_prefix(static_cast<std::size_t>(end - pattern.data()));
  }
  if (pattern.empty()) return evaluation.fail("could not parse formatting clause: unexpected end of string");
  clause.verb = pattern[0];
  pattern.remove_prefix(1);
  return true;
}

bool append_clause(const Clause& clause, const Value& value, Output& out) {
  switch (clause.verb) {
    case 's': return append_text(value, out);
    case 'd': return append_decimal(value, out);
    case 'f': return append_real(value, false, clause.precision, out);
    case 'e': return append_real(value, true, clause.precision, out);
    case 'b': return append_binary(value, out);
    case 'o': return append_octal(value, out);
    case 'x': return append_hex(value, false, out);
    case 'X': return append_hex(value, true, out);
    default: return out.evaluation().fail("could not parse formatting clause: unrecognized formatting clause");
  }
}

bool format(const Arguments& arguments, Value& result) {
  const auto* text = arguments[0].as<std::string>();
  const auto* values = arguments[1].as<List>();
  if (text == nullptr || values == nullptr) return arguments.evaluation.fail_overload();
  Output out(arguments.evaluation);
  std::size_t used = 0;
  for (std::string_view pattern = *text; !pattern.empty();) {
    const std::size_t mark = pattern.find('%');
    if (!out.append(pattern.substr(0, mark))) return false;
    if (mark == std::string_view::npos) break;
    pattern.remove_prefix(mark + 1);
    Clause clause;
    if (!take_clause(pattern, arguments.evaluation, clause)) return false;
    if (clause.verb == '%') {
      if (!out.append("%")) return false;
      continue;
    }
    if (used == values->size()) return arguments.evaluation.fail("index " + std::to_string(used) + " out of range");
    if (!append_clause(clause, (*values)[used++], out)) return false;
  }
  result = Value::of(out.take());
  return true;
}

constexpr FunctionEntry kEntries[] = {{"format", 2, format}};

}  // namespace

std::span<const FunctionEntry> format_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
