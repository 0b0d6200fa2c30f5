// A CEL value at run time. Immutable once made, cheap to copy, safe to share between threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/codec/json.h"
#include "policy/cel/type.h"

namespace portcullis::cel {

class Value;
using List = std::vector<Value>;
/// Entries in the order of insertion; keys are bool, int, uint or string.
using Map = std::vector<std::pair<Value, Value>>;

/// Nanoseconds since 1970-01-01T00:00:00Z would not reach the year 9999 in 64 bits: seconds and a remainder, as protobuf has them.
struct Timestamp {
  std::int64_t seconds = 0;  ///< year 1 to 9999
  std::int32_t nanos = 0;    ///< 0 to 999,999,999

  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

struct Duration {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;  ///< same sign as the seconds

  friend auto operator<=>(const Duration&, const Duration&) = default;
};

struct Bytes {
  std::string bytes;
};

/// `optional.none()` where null.
struct Optional {
  std::shared_ptr<const Value> value;
};

/// A type as a value: `type(1) == int`.
struct TypeValue {
  std::string name;
};

/// One of the alternatives below; a text, list or map is shared, never copied.
class Value {
 public:
  using Content = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::shared_ptr<const std::string>,
                               std::shared_ptr<const Bytes>, std::shared_ptr<const List>, std::shared_ptr<const Map>, Timestamp, Duration,
                               Optional, std::shared_ptr<const TypeValue>>;

  Value() = default;  ///< null
  explicit Value(Content content) noexcept : content_(std::move(content)) {}

  static Value of(std::string text);
  static Value of(bool value) noexcept { return Value(Content(value)); }
  static Value of(std::int64_t value) noexcept { return Value(Content(value)); }
  static Value of(std::uint64_t value) noexcept { return Value(Content(value)); }
  static Value of(double value) noexcept { return Value(Content(value)); }
  static Value of(Timestamp value) noexcept { return Value(Content(value)); }
  static Value of(Duration value) noexcept { return Value(Content(value)); }
  static Value of(Bytes value);
  static Value of(List value);
  static Value of(Map value);

  [[nodiscard]] const Content& content() const noexcept { return content_; }
  [[nodiscard]] Kind kind() const noexcept;
  /// The text of a string; nothing for anything else.
  [[nodiscard]] std::optional<std::string_view> text() const noexcept;
  /// The member of a map under a string key; null pointer where there is none, or for anything that is no map.
  [[nodiscard]] const Value* member(std::string_view key) const noexcept;

 private:
  Content content_;
};

/// CEL's `==`: heterogeneous, numbers by value, NaN unequal to itself.
bool equal(const Value& left, const Value& right) noexcept;

/// A JSON value as CEL sees it: numbers are doubles (as in zot), objects maps with string keys. The view may end afterwards.
Value value_from_json(JsonView json);

/// As JSON text, for `portcullis cel` and logs: durations and timestamps as strings, bytes as base64; non-finite numbers as strings.
std::string value_to_json(const Value& value);

}  // namespace portcullis::cel
