// A CEL value at run time. Immutable once made, cheap to copy, safe to share between threads.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/codec/json.h"
#include "policy/cel/type.h"

namespace portcullis::cel {

class Value;
class Mapping;
/// What a list is made from.
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

/// What `bytes` are made from, and a type as a value (`type(1) == int`).
struct Bytes {
  std::string bytes;
};
struct TypeValue {
  std::string name;
};

// What a value shows of itself: views into memory that it shares, or that somebody else keeps.
struct BytesView {
  std::string_view bytes;
};
struct TypeView {
  std::string_view name;
};
/// `optional.none()` where null.
struct Optional {
  const Value* value = nullptr;
};
/// The elements of a list.
class Elements {
 public:
  Elements() = default;
  Elements(const Value* first, std::size_t size) noexcept : first_(first), size_(size) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] const Value* begin() const noexcept { return first_; }
  [[nodiscard]] const Value* end() const noexcept;
  [[nodiscard]] const Value& operator[](std::size_t i) const noexcept;
  [[nodiscard]] const Value& front() const noexcept { return *first_; }
  [[nodiscard]] const Value& back() const noexcept;

 private:
  const Value* first_ = nullptr;
  std::size_t size_ = 0;
};

/// One of CEL's kinds, in 24 bytes.
///
/// A value owns its text, list, map or optional together with all copies of it, and the last one frees it; or it is a view (`view…`,
/// `borrow`) of what somebody else keeps alive, which is free to copy. What an evaluation makes on its way are views, because all of it
/// lives until the evaluation ends; what leaves it owns itself.
class Value {
 public:
  Value() noexcept : content_{.integer = 0} {}  ///< null
  Value(const Value& other) noexcept : content_(other.content_), kind_(other.kind_), owned_(other.owned_) {
    if (owned_) retain();
  }
  Value(Value&& other) noexcept : content_(other.content_), kind_(other.kind_), owned_(std::exchange(other.owned_, false)) {}
  Value& operator=(const Value& other) noexcept {
    if (this != &other) *this = Value(other);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    std::swap(content_, other.content_);
    std::swap(kind_, other.kind_);
    std::swap(owned_, other.owned_);
    return *this;
  }
  ~Value() {
    if (owned_) release();
  }

  static Value of(bool value) noexcept { return Value({.flag = value}, Kind::boolean, false); }
  static Value of(std::int64_t value) noexcept { return Value({.integer = value}, Kind::int64, false); }
  static Value of(std::uint64_t value) noexcept { return Value({.natural = value}, Kind::uint64, false); }
  static Value of(double value) noexcept { return Value({.real = value}, Kind::floating, false); }
  static Value of(Timestamp value) noexcept { return Value({.timestamp = value}, Kind::timestamp, false); }
  static Value of(Duration value) noexcept { return Value({.duration = value}, Kind::duration, false); }
  // These own what they are given.
  static Value of(std::string_view text);
  static Value of(const std::string& text) { return of(std::string_view(text)); }
  /// A literal is text; without this it would be a bool.
  static Value of(const char* text) { return of(std::string_view(text)); }
  static Value of(const Bytes& value);
  static Value of(const TypeValue& value);
  static Value of(List value);
  static Value of(Map value);
  static Value of(Mapping value);
  /// An optional that is empty, and one that holds `value`.
  static Value none() noexcept { return Value({.optional = {}}, Kind::optional, false); }
  static Value some(Value value);

  // Views: what they show outlives them and all their copies.
  static Value view(std::string_view text) noexcept { return Value({.text = text}, Kind::string, false); }
  static Value view(BytesView bytes) noexcept { return Value({.bytes = bytes}, Kind::bytes, false); }
  static Value view(TypeView type) noexcept { return Value({.type = type}, Kind::type, false); }
  static Value view(Elements elements) noexcept { return Value({.list = elements}, Kind::list, false); }
  static Value view(const Mapping& map) noexcept { return Value({.map = &map}, Kind::map, false); }
  static Value view(Optional optional) noexcept { return Value({.optional = optional}, Kind::optional, false); }
  /// A view of what this value owns or shows.
  [[nodiscard]] Value borrow() const noexcept { return Value(content_, kind_, false); }
  [[nodiscard]] bool is_owner() const noexcept { return owned_; }

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] bool is_null() const noexcept { return kind_ == Kind::null_type; }
  /// The text of a string; nothing for anything else.
  [[nodiscard]] std::optional<std::string_view> text() const noexcept {
    return kind_ == Kind::string ? std::optional(content_.text) : std::nullopt;
  }
  /// What the value holds, where it is of the kind that `T` stands for, else null: of `bool`, `std::int64_t`, `std::uint64_t`, `double`,
  /// `Timestamp`, `Duration`, `Optional` that itself; of `std::string` a `std::string_view`, of `Bytes` a `BytesView`, of `List`
  /// `Elements`, of `Mapping` that, of `TypeValue` a `TypeView`.
  template <class T>
  [[nodiscard]] const auto* as() const noexcept {
    // clang-format off
    if constexpr (std::is_same_v<T, bool>) return held(Kind::boolean, &content_.flag);
    else if constexpr (std::is_same_v<T, std::int64_t>) return held(Kind::int64, &content_.integer);
    else if constexpr (std::is_same_v<T, std::uint64_t>) return held(Kind::uint64, &content_.natural);
    else if constexpr (std::is_same_v<T, double>) return held(Kind::floating, &content_.real);
    else if constexpr (std::is_same_v<T, std::string>) return held(Kind::string, &content_.text);
    else if constexpr (std::is_same_v<T, Bytes>) return held(Kind::bytes, &content_.bytes);
    else if constexpr (std::is_same_v<T, TypeValue>) return held(Kind::type, &content_.type);
    else if constexpr (std::is_same_v<T, List>) return held(Kind::list, &content_.list);
    else if constexpr (std::is_same_v<T, Mapping>) return held(Kind::map, kind_ == Kind::map ? content_.map : nullptr);
    else if constexpr (std::is_same_v<T, Timestamp>) return held(Kind::timestamp, &content_.timestamp);
    else if constexpr (std::is_same_v<T, Duration>) return held(Kind::duration, &content_.duration);
    else { static_assert(std::is_same_v<T, Optional>); return held(Kind::optional, &content_.optional); }
    // clang-format on
  }
  /// The member of a map under a string key; null pointer where there is none, or for anything that is no map.
  [[nodiscard]] const Value* member(std::string_view key) const noexcept;

 private:
  union Content {
    bool flag;
    std::int64_t integer;
    std::uint64_t natural;
    double real;
    std::string_view text;
    BytesView bytes;
    TypeView type;
    Elements list;
    const Mapping* map;
    Timestamp timestamp;
    Duration duration;
    Optional optional;
  };
  struct Shared;

  Value(Content content, Kind kind, bool owned) noexcept : content_(content), kind_(kind), owned_(owned) {}
  template <class Held>
  [[nodiscard]] const Held* held(Kind kind, const Held* content) const noexcept {
    return kind_ == kind ? content : nullptr;
  }
  static void* allocate(std::size_t bytes);
  [[nodiscard]] Shared* shared() const noexcept;
  void retain() const noexcept;
  void release() noexcept;

  Content content_;
  Kind kind_ = Kind::null_type;
  bool owned_ = false;
};
static_assert(sizeof(Value) == 24);

inline const Value* Elements::end() const noexcept { return first_ + size_; }
inline const Value& Elements::operator[](std::size_t i) const noexcept { return first_[i]; }
inline const Value& Elements::back() const noexcept { return first_[size_ - 1]; }

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
  [[nodiscard]] const Value* find(std::string_view key) const noexcept {
    return index_.empty() ? find_small(key, tag_of(key)) : find_indexed(key, hash_of(key));
  }
  /// A text that is looked up again and again.
  struct Key {
    explicit Key(std::string_view name) noexcept : text(name), hash(hash_of(name)), tag(tag_of(name)) {}

    std::string_view text;
    std::size_t hash;
    std::uint32_t tag;
  };
  [[nodiscard]] const Value* find(const Key& key) const noexcept {
    return index_.empty() ? find_small(key.text, key.tag) : find_indexed(key.text, key.hash);
  }
  [[nodiscard]] static std::size_t hash_of(std::string_view key) noexcept;

 private:
  template <class Same>
  [[nodiscard]] const Value* look_up(std::size_t hash, const Same& same) const noexcept;
  [[nodiscard]] const Value* find_small(std::string_view key, std::uint32_t tag) const noexcept;
  [[nodiscard]] const Value* find_indexed(std::string_view key, std::size_t hash) const noexcept;
  void index_entry(std::uint32_t entry);
  void grow_index();

  /// Below this many entries a walk is faster than a hash.
  static constexpr std::size_t kSmall = 8;
  /// Of anything that is no text: no text is so long.
  static constexpr std::uint32_t kNoText = 0xFFFFFFFF;
  /// Length and three bytes of a text: few names share them.
  [[nodiscard]] static std::uint32_t tag_of(std::string_view text) noexcept {
    if (text.empty()) return 0;
    const auto byte = [text](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
    return static_cast<std::uint32_t>(text.size() & 0x7FU) | byte(0) << 8U | byte(text.size() / 2) << 16U | byte(text.size() - 1) << 24U;
  }

  Map entries_;
  std::array<std::uint32_t, kSmall> tags_{};  ///< of the first keys
  std::vector<std::uint32_t> index_;  ///< open addressing, a power of two long; entry number + 1, or 0; empty while the map is small
};

/// `left == right`, without a call for the short texts that names and groups are.
bool same_text(std::string_view left, std::string_view right) noexcept;
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

inline bool same_text(std::string_view left, std::string_view right) noexcept {
  const std::size_t size = left.size();
  if (size != right.size()) return false;
  if (size > 16) return __builtin_memcmp(left.data(), right.data(), size) == 0;
  const auto part = [](std::string_view text, std::size_t at, auto number) {
    __builtin_memcpy(&number, text.data() + at, sizeof number);
    return number;
  };
  const auto ends_same = [&](auto number) {
    const std::size_t last = size - sizeof number;
    return ((part(left, 0, number) ^ part(right, 0, number)) | (part(left, last, number) ^ part(right, last, number))) == 0;
  };
  if (size >= 8) return ends_same(std::uint64_t{0});
  if (size >= 4) return ends_same(std::uint32_t{0});
  if (size >= 2) return ends_same(std::uint16_t{0});
  return size == 0 || left[0] == right[0];
}

inline const Value* Mapping::find_small(std::string_view key, std::uint32_t tag) const noexcept {
  const auto* entry = entries_.data();
  for (std::size_t left = entries_.size(), i = 0; i < left; ++i, ++entry) {
    if (tags_[i] == tag && same_text(*entry->first.as<std::string>(), key)) return &entry->second;
  }
  return nullptr;
}

}  // namespace portcullis::cel
