#include "base/codec/json.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include <jansson.h>

namespace portcullis {
namespace {

/// Counts nesting and members without understanding more of JSON than strings. Text that is not JSON may pass: the parser refuses it.
std::optional<std::string> beyond_limits(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) return "longer than " + std::to_string(limits.bytes) + " bytes";
  std::size_t depth = 0;
  std::size_t members = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    if (c == ',' || c == '{' || c == '[') ++members;
    if (depth > limits.depth) return "nested deeper than " + std::to_string(limits.depth);
    if (members > limits.members) return "more than " + std::to_string(limits.members) + " members";
  }
  return std::nullopt;
}

}  // namespace

void free_json(json_t* value) noexcept { json_decref(value); }

bool JsonView::is_null() const noexcept { return value_ != nullptr && json_is_null(value_); }
bool JsonView::is_object() const noexcept { return json_is_object(value_); }
bool JsonView::is_array() const noexcept { return json_is_array(value_); }

std::optional<bool> JsonView::boolean() const noexcept {
  if (!json_is_boolean(value_)) return std::nullopt;
  return json_is_true(value_);
}

std::optional<std::int64_t> JsonView::integer() const noexcept {
  if (!json_is_integer(value_)) return std::nullopt;
  return json_integer_value(value_);
}

std::optional<double> JsonView::number() const noexcept {
  if (!json_is_number(value_)) return std::nullopt;
  return json_number_value(value_);
}

std::optional<std::string_view> JsonView::string() const noexcept {
  if (!json_is_string(value_)) return std::nullopt;
  return std::string_view(json_string_value(value_), json_string_length(value_));
}

JsonView JsonView::get(std::string_view name) const noexcept {
  if (!json_is_object(value_) || name.find('\0') != std::string_view::npos) return {};
  return JsonView(json_object_get(value_, std::string(name).c_str()));
}

std::vector<std::pair<std::string_view, JsonView>> JsonView::members() const {
  std::vector<std::pair<std::string_view, JsonView>> all;
  if (!json_is_object(value_)) return all;
  auto* object = const_cast<json_t*>(value_);  // NOLINT(cppcoreguidelines-pro-type-const-cast): the iterator API is not const
  for (void* it = json_object_iter(object); it != nullptr; it = json_object_iter_next(object, it)) {
    all.emplace_back(json_object_iter_key(it), JsonView(json_object_iter_value(it)));
  }
  return all;
}

std::vector<JsonView> JsonView::elements() const {
  std::vector<JsonView> all;
  if (!json_is_array(value_)) return all;
  all.reserve(json_array_size(value_));
  for (std::size_t i = 0; i < json_array_size(value_); ++i) all.emplace_back(json_array_get(value_, i));
  return all;
}

std::size_t JsonView::size() const noexcept { return json_is_object(value_) ? json_object_size(value_) : json_array_size(value_); }

std::string_view JsonView::type_name() const noexcept {
  if (value_ == nullptr) return "nothing";
  switch (json_typeof(value_)) {
    case JSON_OBJECT: return "object";
    case JSON_ARRAY: return "array";
    case JSON_STRING: return "string";
    case JSON_INTEGER: return "integer";
    case JSON_REAL: return "number";
    case JSON_TRUE:
    case JSON_FALSE: return "boolean";
    case JSON_NULL: return "null";
  }
  std::abort();
}

std::string JsonView::dump() const {
  if (value_ == nullptr) return "null";
  char* text = json_dumps(value_, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
  if (text == nullptr) std::abort();  // out of memory
  std::string copy(text);
  free(text);  // NOLINT(cppcoreguidelines-no-malloc): allocated by jansson
  return copy;
}

Result<JsonDocument> parse_json(std::string_view text, const JsonLimits& limits) {
  if (const auto excess = beyond_limits(text, limits)) return Error{Reason::json_malformed, "JSON is " + *excess};
  json_error_t error;
  json_t* root = json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
  if (root == nullptr) {
    // Jansson's text can quote the input, which may be a secret: say where, and what kind of fault, only.
    const bool duplicate = json_error_code(&error) == json_error_duplicate_key;
    return Error{Reason::json_malformed, std::string(duplicate ? "duplicate member" : "not JSON") + " at line " +
                                             std::to_string(error.line) + ", column " + std::to_string(error.column)};
  }
  return JsonDocument(root);
}

}  // namespace portcullis
