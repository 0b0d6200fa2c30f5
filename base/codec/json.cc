#include "base/codec/json.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/codec/json_reader.h"
#include "base/codec/json_tree.h"
#include "base/codec/json_writer.h"

namespace portcullis {
namespace {

const JsonNode& node_of(const JsonTree* tree, std::uint32_t node) noexcept { return tree->nodes[node]; }

/// ` at line 3, column 7`, counted in bytes.
std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t column = before.size() - (lines == 0 ? 0 : before.rfind('\n') + 1);
  return " at line " + std::to_string(lines + 1) + ", column " + std::to_string(column + 1);
}

/// A real stays a real when it is read again: 5.0, not 5.
void write_real(JsonWriter& out, double real) {
  JsonWriter number;
  number.number(real);
  const bool whole = number.text().find_first_of(".e") == std::string::npos;
  out.raw(number.text() + (whole ? ".0" : ""));
}

void write(JsonWriter& out, JsonView value) {
  if (value.is_object()) {
    auto members = value.members();
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    out.begin_object();
    for (const auto& [name, member] : members) write(out.key(name), member);
    out.end_object();
  } else if (value.is_array()) {
    out.begin_array();
    for (const JsonView element : value.elements()) write(out, element);
    out.end_array();
  } else if (const auto text = value.string()) {
    out.string(*text);
  } else if (const auto whole = value.integer()) {
    out.integer(*whole);
  } else if (const auto real = value.number()) {
    write_real(out, *real);
  } else if (const auto flag = value.boolean()) {
    out.boolean(*flag);
  } else {
    out.null();
  }
}

}  // namespace

bool JsonView::is_null() const noexcept { return exists() && node_of(tree_, node_).type == JsonType::null; }
bool JsonView::is_object() const noexcept { return exists() && node_of(tree_, node_).type == JsonType::object; }
bool JsonView::is_array() const noexcept { return exists() && node_of(tree_, node_).type == JsonType::array; }

std::optional<bool> JsonView::boolean() const noexcept {
  if (!exists() || node_of(tree_, node_).type != JsonType::boolean) return std::nullopt;
  return node_of(tree_, node_).flag;
}

std::optional<std::int64_t> JsonView::integer() const noexcept {
  if (!exists() || node_of(tree_, node_).type != JsonType::integer) return std::nullopt;
  return node_of(tree_, node_).integer;
}

std::optional<double> JsonView::number() const noexcept {
  if (!exists()) return std::nullopt;
  const JsonNode& node = node_of(tree_, node_);
  if (node.type == JsonType::real) return node.real;
  if (node.type == JsonType::integer) return static_cast<double>(node.integer);
  return std::nullopt;
}

std::optional<std::string_view> JsonView::string() const noexcept {
  if (!exists() || node_of(tree_, node_).type != JsonType::string) return std::nullopt;
  return node_of(tree_, node_).text;
}

JsonView JsonView::get(std::string_view name) const noexcept {
  if (!is_object()) return {};
  for (std::uint32_t child = node_of(tree_, node_).first_child; child != kNoNode; child = node_of(tree_, child).next_sibling) {
    if (same_name(node_of(tree_, child).name, name)) return {*tree_, child};
  }
  return {};
}

JsonView JsonView::first() const noexcept {
  if (!exists() || node_of(tree_, node_).first_child == kNoNode) return {};
  return {*tree_, node_of(tree_, node_).first_child};
}

JsonView JsonView::next() const noexcept {
  if (!exists() || node_of(tree_, node_).next_sibling == kNoNode) return {};
  return {*tree_, node_of(tree_, node_).next_sibling};
}

std::string_view JsonView::name() const noexcept { return exists() ? node_of(tree_, node_).name : std::string_view(); }

std::vector<std::pair<std::string_view, JsonView>> JsonView::members() const {
  std::vector<std::pair<std::string_view, JsonView>> all;
  if (!is_object()) return all;
  all.reserve(size());
  for (std::uint32_t child = node_of(tree_, node_).first_child; child != kNoNode; child = node_of(tree_, child).next_sibling) {
    all.emplace_back(node_of(tree_, child).name, JsonView(*tree_, child));
  }
  return all;
}

std::vector<JsonView> JsonView::elements() const {
  std::vector<JsonView> all;
  if (!is_array()) return all;
  all.reserve(size());
  for (std::uint32_t child = node_of(tree_, node_).first_child; child != kNoNode; child = node_of(tree_, child).next_sibling) {
    all.emplace_back(*tree_, child);
  }
  return all;
}

std::size_t JsonView::size() const noexcept { return exists() ? node_of(tree_, node_).children : 0; }

std::string_view JsonView::type_name() const noexcept {
  if (!exists()) return "nothing";
  switch (node_of(tree_, node_).type) {
    case JsonType::object: return "object";
    case JsonType::array: return "array";
    case JsonType::string: return "string";
    case JsonType::integer: return "integer";
    case JsonType::real: return "number";
    case JsonType::boolean: return "boolean";
    case JsonType::null: return "null";
  }
  std::abort();
}

std::string JsonView::dump() const {
  JsonWriter out;
  write(out, *this);
  return std::move(out).text();
}

JsonDocument::JsonDocument(std::unique_ptr<const JsonTree> tree) noexcept : tree_(std::move(tree)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

namespace {

/// What editors and shells of Windows put in front of a text; RFC 8259 section 8.1 forbids it.
const char* mark_of(std::string_view text) noexcept {
  if (text.starts_with("\xef\xbb\xbf")) return ": it begins with a byte order mark, save it as UTF-8 without one";
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ? ": it is UTF-16, save it as UTF-8" : "";
}

}  // namespace

Result<JsonDocument> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) return Error{Reason::json_malformed, "JSON is longer than " + std::to_string(limits.bytes) + " bytes"};
  auto tree = std::make_unique<JsonTree>();
  tree->text = text;
  JsonReader reader(*tree, limits);
  if (!reader.read()) return Error{Reason::json_malformed, std::string(reader.fault()) + place_of(text, reader.offset()) + mark_of(text)};
  return JsonDocument(std::move(tree));
}

}  // namespace portcullis
