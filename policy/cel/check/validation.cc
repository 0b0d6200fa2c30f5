#include "policy/cel/check/validation.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/codec/utf8.h"

namespace portcullis::cel {
namespace {

struct Clause {
  char letter;
  std::string_view can_show;  ///< what a message says of it
  std::array<Kind, 4> kinds;  ///< that it can show; dyn stands for none more
};

/// `%s` shows everything.
constexpr std::array kClauses = {
    Clause{'d', "decimal clause can only be used on ints, uints, and doubles", {Kind::int64, Kind::uint64, Kind::floating, Kind::dyn}},
    Clause{'f', "fixed-point clause can only be used on ints, uints, and doubles", {Kind::int64, Kind::uint64, Kind::floating, Kind::dyn}},
    Clause{'e', "scientific clause can only be used on ints, uints, and doubles", {Kind::int64, Kind::uint64, Kind::floating, Kind::dyn}},
    Clause{'b', "only ints, uints, and bools can be formatted as binary", {Kind::int64, Kind::uint64, Kind::boolean, Kind::dyn}},
    Clause{'x', "only ints, uints, bytes, and strings can be formatted as hex", {Kind::int64, Kind::uint64, Kind::bytes, Kind::string}},
    Clause{'X', "only ints, uints, bytes, and strings can be formatted as hex", {Kind::int64, Kind::uint64, Kind::bytes, Kind::string}},
    Clause{'o', "octal clause can only be used on ints and uints", {Kind::int64, Kind::uint64, Kind::dyn, Kind::dyn}},
};

/// The type's name at run time, as cel-go's messages have it: `list`, `null_type`.
std::string value_type_name(const Type& type) {
  if (type.kind == Kind::null_type) return "null_type";
  if (type.kind == Kind::timestamp) return "google.protobuf.Timestamp";
  if (type.kind == Kind::duration) return "google.protobuf.Duration";
  const std::string name = type_name(type);
  return name.substr(0, name.find('('));
}

bool shows(const Clause& clause, const Type& type) {
  if (type.kind == Kind::dyn || type.kind == Kind::parameter) return true;
  const Kind kind = type.kind == Kind::wrapper ? type.parameters[0].kind : type.kind;
  return std::find(clause.kinds.begin(), clause.kinds.end(), kind) != clause.kinds.end();
}

class Validation {
 public:
  Validation(const CheckedAst& checked, const Environment& environment, Faults& faults)
      : checked_(checked), homogeneous_(environment.homogeneous), faults_(faults) {}

  void visit(NodeId id, bool in_format) {
    const Node& node = checked_.ast.nodes[id];
    const auto* call = std::get_if<Call>(&node.content);
    const bool formats = call != nullptr && call->function == "format";
    if (formats) check_format(node.offset, *call);
    if (homogeneous_ && !in_format) check_elements(node);
    for_each_child(node, [&](NodeId child) { visit(child, in_format || formats); });
  }

 private:
  [[nodiscard]] const Type& type_of(NodeId id) const { return checked_.types[id]; }
  void fail(NodeId at, std::string message) { faults_.add(checked_.ast.nodes[at].offset, std::move(message)); }

  void check_elements(const Node& node);
  /// Whether `element` has the type of those before it; `type` is what they have, nothing yet for the first.
  bool same_type(std::optional<Type>& type, NodeId element, bool optional);
  void check_format(std::uint32_t offset, const Call& call);
  void check_clause(std::uint32_t offset, std::string_view& rest, const ListLiteral& arguments, std::size_t& used);

  const CheckedAst& checked_;
  const bool homogeneous_;
  Faults& faults_;
};

bool Validation::same_type(std::optional<Type>& type, NodeId element, bool optional) {
  Type found = type_of(element);
  if (optional && found.kind == Kind::optional) found = Type(found.parameters[0]);
  if (!type) type = found;
  if (*type == found) return true;
  fail(element, "expected type '" + type_name(*type) + "' but found '" + type_name(found) + "'");
  return false;
}

void Validation::check_elements(const Node& node) {
  std::optional<Type> first;
  if (const auto* list = std::get_if<ListLiteral>(&node.content)) {
    for (std::size_t i = 0; i < list->elements.size(); ++i) {
      if (!same_type(first, list->elements[i], list->optional[i])) return;
    }
  }
  if (const auto* map = std::get_if<MapLiteral>(&node.content)) {
    std::optional<Type> value;
    for (const MapEntry& entry : map->entries) {
      if (!same_type(first, entry.key, false) || !same_type(value, entry.value, entry.optional)) return;
    }
  }
}

void Validation::check_format(std::uint32_t offset, const Call& call) {
  if (call.target == kNoNode || call.arguments.size() != 1) return;
  const auto* pattern = std::get_if<Literal>(&checked_.ast.nodes[call.target].content);
  const auto* arguments = std::get_if<ListLiteral>(&checked_.ast.nodes[call.arguments[0]].content);
  if (pattern == nullptr || arguments == nullptr || std::count(arguments->optional.begin(), arguments->optional.end(), true) > 0) return;
  const auto text = pattern->value.text();
  if (!text) return;
  std::string_view rest = *text;
  std::size_t used = 0;
  for (std::size_t percent = rest.find('%'); percent != std::string_view::npos; percent = rest.find('%')) {
    rest.remove_prefix(percent + 1);
    if (rest.starts_with('%')) {
      rest.remove_prefix(1);
      continue;
    }
    const std::size_t before = used;
    check_clause(offset, rest, *arguments, used);
    if (used == before) return;
  }
  if (used >= arguments->elements.size()) return;
  faults_.add(offset, "too many arguments supplied to string.format (expected " + std::to_string(used) + ", got " +
                          std::to_string(arguments->elements.size()) + ")");
}

/// The clause that `rest`, what stands behind a percent sign, begins with. Counts its argument in `used`, unless it is wrong.
void Validation::check_clause(std::uint32_t offset, std::string_view& rest, const ListLiteral& arguments, std::size_t& used) {
  if (rest.starts_with('.')) {
    const std::size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    if (end == 1 || end > 4 || std::stoi(std::string(rest.substr(1, end - 1))) > 100) {
      return faults_.add(offset, "could not parse formatting clause: error while parsing precision: it is a number from 0 to 100");
    }
    rest.remove_prefix(end);
  }
  if (rest.empty()) return faults_.add(offset, "could not parse formatting clause: unexpected end of string");
  const char letter = rest[0];
  const std::string name(rest.substr(0, std::max<std::size_t>(utf8_sequence_length(rest), 1)));
  rest.remove_prefix(name.size());
  const auto clause = std::find_if(kClauses.begin(), kClauses.end(), [&](const Clause& known) { return known.letter == letter; });
  if (clause == kClauses.end() && letter != 's') {
    return faults_.add(offset, "could not parse formatting clause: unrecognized formatting clause \"" + name + "\"");
  }
  if (used >= arguments.elements.size()) return faults_.add(offset, "index " + std::to_string(used) + " out of range");
  const NodeId argument = arguments.elements[used++];
  if (clause == kClauses.end() || shows(*clause, type_of(argument))) return;
  fail(argument, "error during formatting: " + std::string(clause->can_show) + ", was given " + value_type_name(type_of(argument)));
}

}  // namespace

void validate_literals(const CheckedAst& checked, const Environment& environment, Faults& faults) {
  Validation(checked, environment, faults).visit(checked.ast.root, false);
}

}  // namespace portcullis::cel
