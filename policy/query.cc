#include "policy/query.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr std::string_view kTag = "tag";
constexpr std::array<std::string_view, 4> kKnown = {"mount", "from", "digest", kTag};

Error malformed(std::string detail) { return {Reason::query_malformed, std::move(detail)}; }

/// Cuts off what stands before `separator`, and the separator with it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return piece;
}

bool is_plain_key(std::string_view key) noexcept { return key.find_first_of("%+;") == std::string_view::npos; }

/// Whether `key` is `known` to a registry that takes keys in any letter case, or lists such as `from[]`, and to no other.
bool is_lookalike(std::string_view key, std::string_view known) noexcept {
  if (key == known) return false;
  const std::string_view stem = key.substr(0, key.find('['));
  return std::equal(stem.begin(), stem.end(), known.begin(), known.end(), [](char written, char letter) {
    return (written >= 'A' && written <= 'Z' ? static_cast<char>(written - 'A' + 'a') : written) == letter;
  });
}

/// No client writes one, and a mount must not be read by the registry where none was seen here.
bool looks_like_known_key(std::string_view key) noexcept {
  return std::any_of(kKnown.begin(), kKnown.end(), [key](std::string_view known) { return is_lookalike(key, known); });
}

std::optional<std::string>* slot_of(RegistryQuery& query, std::string_view key) noexcept {
  if (key == "mount") return &query.mount;
  if (key == "from") return &query.from;
  if (key == "digest") return &query.digest;
  return nullptr;
}

/// Whether a parser that splits at `;` as well would find a key here that changes what the request may do.
bool hides_known_key(std::string_view value) {
  if (value.find(';') == std::string_view::npos) return false;
  take_until(value, ';');
  RegistryQuery known;
  while (!value.empty()) {
    std::string_view pair = take_until(value, ';');
    const std::string_view key = take_until(pair, '=');
    if (!is_plain_key(key) || looks_like_known_key(key) || key == kTag || slot_of(known, key) != nullptr) return true;
  }
  return false;
}

Result<void> read_pair(RegistryQuery& query, std::string_view pair) {
  const std::string_view key = take_until(pair, '=');
  if (!is_plain_key(key)) return malformed("a query key holds %, + or ;");
  if (looks_like_known_key(key)) return malformed("a query key is mount, from, digest or tag in other letters or brackets");
  if (hides_known_key(pair)) return malformed("a query value holds a ; and another key behind it");
  std::optional<std::string>* slot = slot_of(query, key);
  if (slot == nullptr && key != kTag) return {};
  auto value = query_decode(pair);
  if (!value) return malformed("the value of the query key " + std::string(key) + " has a broken escape");
  if (slot == nullptr) {
    query.tags.push_back(std::move(value).value());
    return {};
  }
  if (slot->has_value()) return malformed("the query key " + std::string(key) + " is there twice");
  *slot = std::move(value).value();
  return {};
}

}  // namespace

Result<RegistryQuery> read_query(std::string_view query) {
  RegistryQuery read;
  if (std::any_of(query.begin(), query.end(), [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f' || c == '#'; })) {
    return malformed("the query holds #, a blank or a control");
  }
  while (!query.empty()) {
    const auto pair = read_pair(read, take_until(query, '&'));
    if (!pair) return pair.error();
  }
  return read;
}

}  // namespace portcullis
