// Strict JSON (RFC 8259) in one bounded pass: no duplicate members, no NUL, no number beyond its type. Our own, because a token's payload
// is read for each signature that is checked (docs/decisions/0006); jansson judges it in the tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace portcullis {

/// Bounds that are checked while the text is read, before anything is built for what passes them.
struct JsonLimits {
  std::size_t bytes;
  std::size_t depth;    ///< nesting of arrays and objects
  std::size_t members;  ///< members and elements in the whole text
};

struct JsonTree;

/// A borrowed value: lives as long as its `JsonDocument`. A default-made view is "not there". Cheap to copy.
class JsonView {
 public:
  JsonView() = default;
  JsonView(const JsonTree& tree, std::uint32_t node) noexcept : tree_(&tree), node_(node) {}

  [[nodiscard]] bool exists() const noexcept { return tree_ != nullptr; }
  [[nodiscard]] bool is_null() const noexcept;
  [[nodiscard]] bool is_object() const noexcept;
  [[nodiscard]] bool is_array() const noexcept;
  /// The value if it has that type; nothing otherwise. Nothing is coerced.
  [[nodiscard]] std::optional<bool> boolean() const noexcept;
  [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;
  /// Integer or real. Always finite.
  [[nodiscard]] std::optional<double> number() const noexcept;
  [[nodiscard]] std::optional<std::string_view> string() const noexcept;

  /// The member called `name`, to the byte, or a view that is not there. Takes time in proportion to the number of members.
  [[nodiscard]] JsonView get(std::string_view name) const noexcept;
  /// Members of an object in the order of the text; empty for anything else.
  [[nodiscard]] std::vector<std::pair<std::string_view, JsonView>> members() const;
  /// Elements of an array; empty for anything else.
  [[nodiscard]] std::vector<JsonView> elements() const;
  /// The same one after another, without taking memory: the first member or element, or a view that is not there; and the one behind this
  /// one. `name` is of a member, and empty of anything else.
  [[nodiscard]] JsonView first() const noexcept;
  [[nodiscard]] JsonView next() const noexcept;
  [[nodiscard]] std::string_view name() const noexcept;
  /// Number of members or elements; 0 for anything else.
  [[nodiscard]] std::size_t size() const noexcept;
  /// "object", "array", "string", "integer", "number", "boolean", "null" or "nothing": for messages.
  [[nodiscard]] std::string_view type_name() const noexcept;
  /// The value as compact JSON text, members sorted by name.
  [[nodiscard]] std::string dump() const;

 private:
  const JsonTree* tree_ = nullptr;
  std::uint32_t node_ = 0;
};

/// Owns a parsed text.
class JsonDocument {
 public:
  explicit JsonDocument(std::unique_ptr<const JsonTree> tree) noexcept;
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();
  [[nodiscard]] JsonView root() const noexcept { return {*tree_, 0}; }

 private:
  std::unique_ptr<const JsonTree> tree_;
};

/// Parses one JSON value of any type and nothing behind it. `Reason::json_malformed`, with line and column, for text that is not
/// JSON or not UTF-8, that passes a limit, repeats a member, holds `\u0000`, an integer beyond 64 bits or a real beyond a double. The
/// detail never quotes the text, which may be a secret.
Result<JsonDocument> parse_json(std::string_view text, const JsonLimits& limits);

}  // namespace portcullis
