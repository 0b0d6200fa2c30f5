#include "policy/cel/value.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <new>

namespace portcullis::cel {
namespace {

/// Units of `equal_within`'s budget for each pair.
constexpr std::size_t kPairCost = 3;
/// Beside that for each entry of a map, whose key is looked for in another.
constexpr std::size_t kEntryCost = 20;
/// Bytes that are compared for one unit of `equal_within`'s budget.
constexpr std::size_t kBytesAUnit = 16;
constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

/// Spreads keys that differ in their high bits alone (a multiplicative hash).
std::size_t spread(std::uint64_t number) noexcept { return static_cast<std::size_t>((number * 0x9E3779B97F4A7C15U) >> 20U); }

/// A number that has an integer value hashes as that integer, whatever its type, since `1 == 1u` and `1 == 1.0`.
std::size_t hash_key(const Value& key) noexcept {
  if (const auto* text = key.as<std::string>()) return Mapping::hash_of(*text);
  if (const auto* number = key.as<std::int64_t>()) return spread(static_cast<std::uint64_t>(*number));
  if (const auto* number = key.as<std::uint64_t>()) return spread(*number);
  if (const auto* flag = key.as<bool>()) return *flag ? 1 : 2;
  if (const auto* number = key.as<double>()) {
    if (*number >= -kTwo63 && *number < kTwo63) return spread(static_cast<std::uint64_t>(static_cast<std::int64_t>(*number)));
    if (*number >= 0 && *number < kTwo64) return spread(static_cast<std::uint64_t>(*number));
  }
  return 0;
}

std::optional<std::strong_ordering> order(double left, double right) noexcept {
  if (std::isnan(left) || std::isnan(right)) return std::nullopt;
  if (left < right) return std::strong_ordering::less;
  return left > right ? std::strong_ordering::greater : std::strong_ordering::equal;
}

// CEL compares an integer with a double as doubles, once the double is known to lie in the integer's range: digits beyond 53 bits do not
// count.
std::optional<std::strong_ordering> order(std::int64_t left, double right) noexcept {
  if (right < -kTwo63) return std::strong_ordering::greater;
  if (right > kTwo63) return std::strong_ordering::less;
  return order(static_cast<double>(left), right);
}

std::optional<std::strong_ordering> order(std::uint64_t left, double right) noexcept {
  if (right < 0) return std::strong_ordering::greater;
  if (right > kTwo64) return std::strong_ordering::less;
  return order(static_cast<double>(left), right);
}

std::optional<std::strong_ordering> order(std::int64_t left, std::uint64_t right) noexcept {
  if (left < 0) return std::strong_ordering::less;
  return static_cast<std::uint64_t>(left) <=> right;
}

std::optional<std::strong_ordering> turned(std::optional<std::strong_ordering> found) noexcept {
  if (!found) return found;
  return 0 <=> *found;
}

bool is_number(const Value& value) noexcept {
  return value.as<std::int64_t>() != nullptr || value.as<std::uint64_t>() != nullptr || value.as<double>() != nullptr;
}

std::optional<std::strong_ordering> compare_numbers(const Value& left, const Value& right) noexcept {
  if (const auto* a = left.as<std::int64_t>()) {
    if (const auto* b = right.as<std::int64_t>()) return *a <=> *b;
    if (const auto* b = right.as<std::uint64_t>()) return order(*a, *b);
    return order(*a, *right.as<double>());
  }
  if (const auto* a = left.as<std::uint64_t>()) {
    if (const auto* b = right.as<std::int64_t>()) return turned(order(*b, *a));
    if (const auto* b = right.as<std::uint64_t>()) return *a <=> *b;
    return order(*a, *right.as<double>());
  }
  const double a = *left.as<double>();
  if (const auto* b = right.as<std::int64_t>()) return turned(order(*b, a));
  if (const auto* b = right.as<std::uint64_t>()) return turned(order(*b, a));
  return order(a, *right.as<double>());
}

std::strong_ordering order_bytes(std::string_view left, std::string_view right) noexcept { return left.compare(right) <=> 0; }

/// Compares within a budget; `spent` once it is used up, which makes every further answer worthless.
class Comparison {
 public:
  explicit Comparison(std::size_t& budget) noexcept : budget_(budget) {}
  [[nodiscard]] bool spent() const noexcept { return spent_; }

  bool same(const Value& left, const Value& right) noexcept {
    if (budget_ < kPairCost) spent_ = true;
    if (spent_) return false;
    budget_ -= kPairCost;
    if (is_number(left) && is_number(right)) return compare_numbers(left, right) == std::strong_ordering::equal;
    if (left.kind() != right.kind()) return false;
    if (const auto* text = left.as<std::string>()) return same_bytes(*text, *right.as<std::string>());
    if (const auto* bytes = left.as<Bytes>()) return same_bytes(bytes->bytes, right.as<Bytes>()->bytes);
    if (const auto* list = left.as<List>()) return same_lists(*list, *right.as<List>());
    if (const auto* map = left.as<Mapping>()) return same_maps(*map, *right.as<Mapping>());
    if (const auto* optional = left.as<Optional>()) return same_optionals(*optional, *right.as<Optional>());
    if (const auto* type = left.as<TypeValue>()) return type->name == right.as<TypeValue>()->name;
    return left.is_null() || compare(left, right) == std::strong_ordering::equal;
  }

 private:
  /// Texts of one length are read: paid for by that length.
  bool same_bytes(std::string_view left, std::string_view right) noexcept {
    if (left.size() != right.size()) return false;
    const std::size_t cost = left.size() / kBytesAUnit;
    spent_ = cost > budget_;
    if (spent_) return false;
    budget_ -= cost;
    return left == right;
  }
  bool same_lists(const Elements& left, const Elements& right) noexcept {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!same(left[i], right[i])) return false;
    }
    return true;
  }
  bool same_maps(const Mapping& left, const Mapping& right) noexcept {
    if (left.entries().size() != right.entries().size()) return false;
    for (const auto& [key, value] : left.entries()) {
      spent_ = spent_ || budget_ < kEntryCost;
      if (spent_) return false;
      budget_ -= kEntryCost;
      const Value* other = right.find(key);
      if (other == nullptr || !same(value, *other)) return false;
    }
    return true;
  }
  bool same_optionals(const Optional& left, const Optional& right) noexcept {
    if (left.value == nullptr || right.value == nullptr) return left.value == right.value;
    return same(*left.value, *right.value);
  }

  std::size_t& budget_;
  bool spent_ = false;
};

}  // namespace

/// Stands in front of what values own together.
struct alignas(16) Value::Shared {
  std::atomic<std::uint32_t> owners{1};
};

/// Room for so many bytes behind a count of owners.
void* Value::allocate(std::size_t bytes) {
  void* const memory = ::operator new(sizeof(Shared) + bytes);
  new (memory) Shared;
  return static_cast<std::byte*>(memory) + sizeof(Shared);
}

Value::Shared* Value::shared() const noexcept {
  const void* content = content_.map;
  if (kind_ == Kind::string) content = content_.text.data();
  if (kind_ == Kind::bytes) content = content_.bytes.bytes.data();
  if (kind_ == Kind::type) content = content_.type.name.data();
  if (kind_ == Kind::list) content = content_.list.begin();
  if (kind_ == Kind::optional) content = content_.optional.value;
  return reinterpret_cast<Shared*>(static_cast<std::byte*>(const_cast<void*>(content)) - sizeof(Shared));
}

void Value::retain() const noexcept { shared()->owners.fetch_add(1, std::memory_order_relaxed); }

void Value::release() noexcept {
  Shared* const block = shared();
  // The last owner needs no turn: nobody else can come.
  if (block->owners.load(std::memory_order_acquire) != 1 && block->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (kind_ == Kind::list) std::destroy(content_.list.begin(), content_.list.end());
  if (kind_ == Kind::map) std::destroy_at(content_.map);
  if (kind_ == Kind::optional) std::destroy_at(content_.optional.value);
  ::operator delete(block);
}

Value Value::of(std::string_view text) {
  if (text.empty()) return view(std::string_view(""));
  auto* const memory = static_cast<char*>(allocate(text.size()));
  std::copy(text.begin(), text.end(), memory);
  return Value({.text = {memory, text.size()}}, Kind::string, true);
}

Value Value::of(const Bytes& value) {
  Value made = of(value.bytes);
  made.content_ = {.bytes = {made.content_.text}};
  made.kind_ = Kind::bytes;
  return made;
}

Value Value::of(const TypeValue& value) {
  Value made = of(value.name);
  made.content_ = {.type = {made.content_.text}};
  made.kind_ = Kind::type;
  return made;
}

Value Value::of(List value) {
  if (value.empty()) return view(Elements());
  auto* const memory = static_cast<Value*>(allocate(value.size() * sizeof(Value)));
  std::uninitialized_move(value.begin(), value.end(), memory);
  return Value({.list = {memory, value.size()}}, Kind::list, true);
}

Value Value::of(Map value) { return of(Mapping(std::move(value))); }

Value Value::of(Mapping value) {
  auto* const memory = new (allocate(sizeof(Mapping))) Mapping(std::move(value));
  return Value({.map = memory}, Kind::map, true);
}

Value Value::some(Value value) {
  auto* const memory = new (allocate(sizeof(Value))) Value(std::move(value));
  return Value({.optional = {memory}}, Kind::optional, true);
}

const Value* Value::member(std::string_view key) const noexcept {
  const auto* map = as<Mapping>();
  return map == nullptr ? nullptr : map->find(key);
}

Mapping::Mapping(Map entries) {
  entries_.reserve(entries.size());
  for (auto& entry : entries) (void)add(std::move(entry.first), std::move(entry.second));
}

bool Mapping::add(Value key, Value value) {
  if (find(key) != nullptr) return false;
  if (const std::size_t at = entries_.size(); at < kSmall)
    tags_[at] = key.kind() == Kind::string ? tag_of(*key.as<std::string>()) : kNoText;
  entries_.emplace_back(std::move(key), std::move(value));
  if (entries_.size() > kSmall && 2 * entries_.size() > index_.size()) {
    grow_index();
  } else if (!index_.empty()) {
    index_entry(static_cast<std::uint32_t>(entries_.size() - 1));
  }
  return true;
}

void Mapping::grow_index() {
  index_.assign(std::max<std::size_t>(4 * kSmall, 2 * index_.size()), 0);
  for (std::size_t entry = 0; entry < entries_.size(); ++entry) index_entry(static_cast<std::uint32_t>(entry));
}

void Mapping::index_entry(std::uint32_t entry) {
  const std::size_t mask = index_.size() - 1;
  std::size_t at = hash_key(entries_[entry].first) & mask;
  while (index_[at] != 0) at = (at + 1) & mask;
  index_[at] = entry + 1;
}

template <class Same>
const Value* Mapping::look_up(std::size_t hash, const Same& same) const noexcept {
  const std::size_t mask = index_.size() - 1;
  for (std::size_t at = hash & mask; index_[at] != 0; at = (at + 1) & mask) {
    const auto& [key, value] = entries_[index_[at] - 1];
    if (same(key)) return &value;
  }
  return nullptr;
}

const Value* Mapping::find(const Value& key) const noexcept {
  if (const auto* text = key.as<std::string>()) return find(std::string_view(*text));
  if (!index_.empty()) return look_up(hash_key(key), [&](const Value& other) { return equal(other, key); });
  for (const auto& [other, value] : entries_) {
    if (equal(other, key)) return &value;
  }
  return nullptr;
}

std::size_t Mapping::hash_of(std::string_view key) noexcept { return std::hash<std::string_view>()(key); }

const Value* Mapping::find_indexed(std::string_view key, std::size_t hash) const noexcept {
  return look_up(hash, [key](const Value& other) {
    const auto* text = other.as<std::string>();
    return text != nullptr && same_text(*text, key);
  });
}

bool equal(const Value& left, const Value& right) noexcept {
  std::size_t budget = static_cast<std::size_t>(-1);
  return Comparison(budget).same(left, right);
}

std::optional<bool> equal_within(const Value& left, const Value& right, std::size_t& budget) noexcept {
  Comparison comparison(budget);
  const bool same = comparison.same(left, right);
  if (comparison.spent()) return std::nullopt;
  return same;
}

bool comparable(const Value& left, const Value& right) noexcept {
  if (is_number(left)) return is_number(right);
  if (left.kind() != right.kind()) return false;
  const Kind kind = left.kind();
  return kind == Kind::boolean || kind == Kind::string || kind == Kind::bytes || kind == Kind::duration || kind == Kind::timestamp;
}

std::optional<std::strong_ordering> compare(const Value& left, const Value& right) noexcept {
  if (!comparable(left, right)) return std::nullopt;
  if (is_number(left)) return compare_numbers(left, right);
  if (const auto* text = left.as<std::string>()) return order_bytes(*text, *right.as<std::string>());
  if (const auto* bytes = left.as<Bytes>()) return order_bytes(bytes->bytes, right.as<Bytes>()->bytes);
  if (const auto* flag = left.as<bool>()) return *flag <=> *right.as<bool>();
  if (const auto* duration = left.as<Duration>()) return *duration <=> *right.as<Duration>();
  return *left.as<Timestamp>() <=> *right.as<Timestamp>();
}

Value without_optional(const Value& value) {
  const auto* optional = value.as<Optional>();
  if (optional == nullptr) return value;
  return optional->value == nullptr ? Value() : *optional->value;
}

std::string_view value_type_name(const Value& value) noexcept {
  switch (value.kind()) {
    case Kind::boolean: return "bool";
    case Kind::int64: return "int";
    case Kind::uint64: return "uint";
    case Kind::floating: return "double";
    case Kind::string: return "string";
    case Kind::bytes: return "bytes";
    case Kind::list: return "list";
    case Kind::map: return "map";
    case Kind::timestamp: return "google.protobuf.Timestamp";
    case Kind::duration: return "google.protobuf.Duration";
    case Kind::optional: return "optional_type";
    case Kind::type: return "type";
    case Kind::null_type:
    case Kind::dyn:
    case Kind::wrapper:
    case Kind::parameter:
    case Kind::error: break;  // no value has one of these but null
  }
  return "null_type";
}

}  // namespace portcullis::cel
