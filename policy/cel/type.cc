#include "policy/cel/type.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace portcullis::cel {
namespace {

struct KindName {
  Kind kind;
  std::string_view name;
  std::size_t parameters;
};

/// A kind with parameters is written `name(parameter, …)`. Of two names the first is shown, and both are read.
constexpr std::array kNames = {
    KindName{Kind::dyn, "dyn", 0},
    KindName{Kind::null_type, "null", 0},
    KindName{Kind::boolean, "bool", 0},
    KindName{Kind::int64, "int", 0},
    KindName{Kind::uint64, "uint", 0},
    KindName{Kind::floating, "double", 0},
    KindName{Kind::string, "string", 0},
    KindName{Kind::bytes, "bytes", 0},
    KindName{Kind::duration, "duration", 0},
    KindName{Kind::duration, "google.protobuf.Duration", 0},
    KindName{Kind::timestamp, "timestamp", 0},
    KindName{Kind::timestamp, "google.protobuf.Timestamp", 0},
    KindName{Kind::list, "list", 1},
    KindName{Kind::map, "map", 2},
    KindName{Kind::optional, "optional_type", 1},
    KindName{Kind::type, "type", 1},
    KindName{Kind::wrapper, "wrapper", 1},
    KindName{Kind::error, "!error!", 0},
};

/// Deeper than any type of an expression that may be 32 deep.
constexpr std::size_t kDeepest = 64;

bool is_parameter_name(std::string_view text) {
  if (text.empty() || text[0] < 'A' || text[0] > 'Z') return false;
  return text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

/// Reads `text` from its beginning and takes off what it read.
std::optional<Type> read_type(std::string_view& text, std::size_t depth) {
  const std::size_t end = std::min(text.find_first_of("(,)"), text.size());
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end);
  if (is_parameter_name(name)) return Type{Kind::parameter, {}, std::string(name)};
  for (const KindName& known : kNames) {
    if (known.name != name || known.kind == Kind::error) continue;
    Type type{known.kind, {}, {}};
    if (known.parameters == 0 || (known.kind == Kind::type && !text.starts_with('('))) return type;
    for (std::size_t i = 0; i < known.parameters; ++i) {
      const std::string_view opener = i == 0 ? "(" : ", ";
      if (depth == 0 || !text.starts_with(opener)) return std::nullopt;
      text.remove_prefix(opener.size());
      auto parameter = read_type(text, depth - 1);
      if (!parameter) return std::nullopt;
      type.parameters.push_back(*std::move(parameter));
    }
    if (!text.starts_with(')')) return std::nullopt;
    text.remove_prefix(1);
    return type;
  }
  return std::nullopt;
}

}  // namespace

std::string type_name(const Type& type) {
  if (type.kind == Kind::parameter) return type.name;
  std::string text;
  for (const KindName& known : kNames) {
    if (known.kind == type.kind && text.empty()) text = known.name;
  }
  if (type.parameters.empty()) return text;
  for (std::size_t i = 0; i < type.parameters.size(); ++i) text += (i == 0 ? "(" : ", ") + type_name(type.parameters[i]);
  return text + ")";
}

std::optional<Type> type_from_name(std::string_view text) {
  auto type = read_type(text, kDeepest);
  return text.empty() ? type : std::nullopt;
}

}  // namespace portcullis::cel
