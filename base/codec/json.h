// Strict JSON (RFC 8259): bounded before it is parsed, no duplicate members, no NUL, no number beyond its type. Jansson lives here
// and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/handle.h"
#include "base/result.h"

struct json_t;

namespace portcullis {

/// Bounds that are checked on the text, before the parser sees it.
struct JsonLimits {
  std::size_t bytes;
  std::size_t depth;    ///< nesting of arrays and objects
  std::size_t members;  ///< members and elements in the whole text
};

/// A borrowed value: lives as long as its `JsonDocument`. A default-made view is "not there". Cheap to copy.
class JsonView {
 public:
  JsonView() = default;
  explicit JsonView(const json_t* value) noexcept : value_(value) {}

  [[nodiscard]] bool exists() const noexcept { return value_ != nullptr; }
  [[nodiscard]] bool is_null() const noexcept;
  [[nodiscard]] bool is_object() const noexcept;
  [[nodiscard]] bool is_array() const noexcept;
  /// The value if it has that type; nothing otherwise. Nothing is coerced.
  [[nodiscard]] std::optional<bool> boolean() const noexcept;
  [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;
  /// Integer or real. Always finite.
  [[nodiscard]] std::optional<double> number() const noexcept;
  [[nodiscard]] std::optional<std::string_view> string() const noexcept;

  /// The member called `name`, to the byte, or a view that is not there.
  [[nodiscard]] JsonView get(std::string_view name) const noexcept;
  /// Members of an object in the order of the text; empty for anything else.
  [[nodiscard]] std::vector<std::pair<std::string_view, JsonView>> members() const;
  /// Elements of an array; empty for anything else.
  [[nodiscard]] std::vector<JsonView> elements() const;
  /// Number of members or elements; 0 for anything else.
  [[nodiscard]] std::size_t size() const noexcept;
  /// "object", "array", "string", "integer", "number", "boolean", "null" or "nothing": for messages.
  [[nodiscard]] std::string_view type_name() const noexcept;
  /// The value as compact JSON text, members sorted by name.
  [[nodiscard]] std::string dump() const;

 private:
  const json_t* value_ = nullptr;
};

void free_json(json_t* value) noexcept;

/// Owns a parsed text.
class JsonDocument {
 public:
  explicit JsonDocument(json_t* owned) noexcept : root_(owned) {}
  [[nodiscard]] JsonView root() const noexcept { return JsonView(root_.get()); }

 private:
  Handle<json_t, free_json> root_;
};

/// Parses one JSON value of any type and nothing behind it. `Reason::json_malformed`, with line and column, for text that is not
/// JSON or not UTF-8, that passes a limit, repeats a member, holds `\u0000` or an integer beyond 64 bits.
Result<JsonDocument> parse_json(std::string_view text, const JsonLimits& limits);

}  // namespace portcullis
