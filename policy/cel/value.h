// A CEL value at run time. Immutable once made, cheap to copy, safe to share between threads.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/codec/json.h"
#include "policy/cel/type.h"

namespace portcullis::cel {

class Value;
class Mapping;
using List = std::vector<Value>;
/// Entries in the order of insertion; keys are bool, int, uint or string, each once (`Mapping` keeps the first of two).
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
                               std::shared_ptr<const Bytes>, std::shared_ptr<const List>, std::shared_ptr<const Mapping>, Timestamp,
                               Duration, Optional, std::shared_ptr<const TypeValue>>;

  Value() noexcept : content_() {}  ///< null
  explicit Value(Content content) noexcept : content_(std::move(content)) {}
  Value(const Value& other) : content_(other.content_) {}
  Value(Value&& other) noexcept : content_(std::move(other.content_)) {}
  Value& operator=(const Value& other) {
    content_ = other.content_;
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    content_ = std::move(other.content_);
    return *this;
  }
  /// Most values that come and go in an evaluation are null, bools and numbers: they leave without the variant's table of destructors.
  ~Value() {
    if (is_shared()) content_.~Content();
  }

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
  static Value of(Mapping value);
  static Value of(Optional value) noexcept { return Value(Content(std::move(value))); }
  static Value of(TypeValue value);
  /// A literal is text; without this it would be a bool.
  static Value of(const char* text) { return of(std::string(text)); }

  [[nodiscard]] const Content& content() const noexcept { return content_; }
  [[nodiscard]] Kind kind() const noexcept;
  /// The text of a string; nothing for anything else.
  [[nodiscard]] std::optional<std::string_view> text() const noexcept;
  /// The alternative `T` (`bool`, `std::int64_t`, `List`, `Mapping`, …); null pointer for anything else.
  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Bytes> || std::is_same_v<T, List> || std::is_same_v<T, Mapping> ||
                  std::is_same_v<T, TypeValue>) {
      const auto* shared = std::get_if<std::shared_ptr<const T>>(&content_);
      return shared == nullptr ? nullptr : shared->get();
    } else {
      return std::get_if<T>(&content_);
    }
  }
  [[nodiscard]] bool is_null() const noexcept { return content_.index() == 0; }
  /// The member of a map under a string key; null pointer where there is none, or for anything that is no map.
  [[nodiscard]] const Value* member(std::string_view key) const noexcept;

 private:
  // Places in `Content` of what owns nothing.
  static constexpr std::size_t kLastNumber = 4;
  static constexpr std::size_t kTimestamp = 9;
  static constexpr std::size_t kDuration = 10;
  static_assert(std::is_same_v<std::variant_alternative_t<kLastNumber, Content>, double>);
  static_assert(std::is_same_v<std::variant_alternative_t<kTimestamp, Content>, Timestamp>);
  static_assert(std::is_same_v<std::variant_alternative_t<kDuration, Content>, Duration>);

  [[nodiscard]] bool is_shared() const noexcept {
    const std::size_t index = content_.index();
    return index > kLastNumber && index != kTimestamp && index != kDuration;
  }

  union {
    Content content_;
  };
};

/// The entries of a map, with an index above a handful of them, so that a look-up takes the same time in a big map.
class Mapping {
 public:
  Mapping() = default;
  /// Of two entries under one key the first stays.
  explicit Mapping(Map entries);

  /// Adds an entry; false, and nothing changed, where the key is there already.
  bool add(Value key, Value value);
  void reserve(std::size_t entries) { entries_.reserve(entries); }
  [[nodiscard]] const Map& entries() const noexcept { return entries_; }
  /// The value under a key that is `equal`; null pointer where there is none.
  [[nodiscard]] const Value* find(const Value& key) const noexcept;
  [[nodiscard]] const Value* find(std::string_view key) const noexcept;

 private:
  template <class Same>
  [[nodiscard]] const Value* look_up(std::size_t hash, const Same& same) const noexcept;
  void index_entry(std::uint32_t entry);
  void grow_index();

  Map entries_;
  std::vector<std::uint32_t> index_;  ///< open addressing, a power of two long; entry number + 1, or 0; empty while the map is small
};

/// CEL's `==`: heterogeneous, numbers by value, NaN unequal to itself.
bool equal(const Value& left, const Value& right) noexcept;
/// The same within a budget: counts down for each pair and each 16 bytes that are compared, and gives up, with nothing, where none is left.
std::optional<bool> equal_within(const Value& left, const Value& right, std::size_t& budget) noexcept;
/// Less, equal, greater of two numbers of any kind, two strings, bytes, bools, durations or timestamps; nothing for any other pair, and
/// where one is NaN.
std::optional<std::strong_ordering> compare(const Value& left, const Value& right) noexcept;
/// Whether `compare` is defined for the pair, NaN included.
bool comparable(const Value& left, const Value& right) noexcept;
/// The name of the value's type: `int`, `null_type`, `google.protobuf.Timestamp`, `optional_type`.
std::string_view value_type_name(const Value& value) noexcept;

/// What an optional holds, null where it is empty; any other value as it is.
Value without_optional(const Value& value);

/// A JSON value as CEL sees it: numbers are doubles (as in zot), objects maps with string keys. The view may end afterwards.
Value value_from_json(JsonView json);

/// As JSON text, for `portcullis cel` and logs: durations and timestamps as strings, bytes as base64, types as their names, an optional as
/// its value or null, map keys as strings; non-finite numbers as strings. A value that shares its parts can be far larger as text: callers
/// pass what `Expression::evaluate` bounded.
std::string value_to_json(const Value& value);

/// RFC 3339 in UTC, with as many digits of a second as it needs.
std::string timestamp_text(Timestamp timestamp);
/// Seconds with `s` behind: `3600s`, `-1.5s`, as cel-go writes a duration.
std::string duration_text(Duration duration);
/// As Go's `%g` with the fewest digits that read back as `number`: `1e+06`, `0.5`, `NaN`, `+Inf`.
std::string double_text(double number);

}  // namespace portcullis::cel
