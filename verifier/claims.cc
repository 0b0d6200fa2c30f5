#include "verifier/claims.h"

#include <cmath>
#include <utility>

#include "verifier/control_characters.h"

namespace portcullis {
namespace {

constexpr std::int64_t kLastSecond = 253402300799;  ///< 9999-12-31T23:59:59Z

Error invalid(std::string_view claim, std::string_view expected, JsonView found) {
  return {Reason::claim_invalid,
          "claim '" + std::string(claim) + "' must be " + std::string(expected) + ", found " + std::string(found.type_name())};
}

Result<std::optional<std::string>> read_optional_text(JsonView payload, std::string_view claim) {
  const JsonView value = payload.get(claim);
  if (!value.exists()) return std::optional<std::string>();
  auto text = read_text(claim, value);
  if (!text) return text.error();
  return std::optional<std::string>(std::move(*text));
}

Result<std::chrono::sys_seconds> read_time(std::string_view claim, JsonView value) {
  const std::string_view expected = "a number in 0..253402300799";
  if (const auto whole = value.integer()) {
    if (*whole < 0 || *whole > kLastSecond) return Error{Reason::claim_invalid, "claim '" + std::string(claim) + "' is out of range"};
    return std::chrono::sys_seconds(std::chrono::seconds(*whole));
  }
  const auto real = value.number();
  if (!real) return invalid(claim, expected, value);
  // Written so that a NaN would fail too.
  if (!(*real >= 0.0 && *real <= static_cast<double>(kLastSecond))) {
    return Error{Reason::claim_invalid, "claim '" + std::string(claim) + "' is out of range"};
  }
  return std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(std::floor(*real))));
}

Result<std::optional<std::chrono::sys_seconds>> read_optional_time(JsonView payload, std::string_view claim) {
  const JsonView value = payload.get(claim);
  if (!value.exists()) return std::optional<std::chrono::sys_seconds>();
  const auto time = read_time(claim, value);
  if (!time) return time.error();
  return std::optional<std::chrono::sys_seconds>(*time);
}

/// A string or an array of strings (RFC 7519 section 4.1.3).
Result<std::optional<std::vector<std::string>>> read_audiences(JsonView payload) {
  const JsonView value = payload.get("aud");
  using Audiences = std::optional<std::vector<std::string>>;
  if (!value.exists()) return Audiences();
  if (value.string()) {
    auto one = read_text("aud", value);
    if (!one) return one.error();
    return Audiences(std::vector<std::string>{std::move(*one)});
  }
  auto all = read_texts("aud", value);
  if (!all) return all.error();
  return Audiences(std::move(*all));
}

Result<AccessEntry> read_entry(JsonView value) {
  if (!value.is_object()) return invalid("access", "an array of objects", value);
  auto type = read_text("access.type", value.get("type"));
  if (!type) return type.error();
  auto name = read_text("access.name", value.get("name"));
  if (!name) return name.error();
  auto actions = read_texts("access.actions", value.get("actions"));
  if (!actions) return actions.error();
  AccessEntry entry{std::move(*type), std::move(*name), std::move(*actions), std::nullopt};
  if (const JsonView expires = value.get("exp"); expires.exists() && !expires.is_null()) {
    const auto time = read_time("access.exp", expires);
    if (!time) return time.error();
    entry.expires = *time;
  }
  return entry;
}

/// One wrong entry spoils the claim: nothing is granted on a best effort.
Result<std::optional<std::vector<AccessEntry>>> read_access(JsonView payload) {
  const JsonView value = payload.get("access");
  using Access = std::optional<std::vector<AccessEntry>>;
  if (!value.exists() || value.is_null()) return Access();
  if (!value.is_array()) return invalid("access", "an array of objects", value);
  std::vector<AccessEntry> entries;
  entries.reserve(value.size());
  for (const JsonView element : value.elements()) {
    auto entry = read_entry(element);
    if (!entry) return entry.error();
    entries.push_back(std::move(*entry));
  }
  return Access(std::move(entries));
}

/// Stores a value that was read, or passes its error on.
template <class T>
std::optional<Error> store(Result<T> read, T& where) {
  if (!read) return read.error();
  where = std::move(*read);
  return std::nullopt;
}

}  // namespace

Result<std::string> read_text(std::string_view claim, JsonView value) {
  const auto text = value.string();
  if (!text) return invalid(claim, "a string", value);
  if (has_control(*text)) return Error{Reason::claim_invalid, "claim '" + std::string(claim) + "' holds a control character"};
  return std::string(*text);
}

Result<std::vector<std::string>> read_texts(std::string_view claim, JsonView array) {
  std::vector<std::string> texts;
  if (!array.is_array()) return invalid(claim, "an array of strings", array);
  texts.reserve(array.size());
  for (const JsonView element : array.elements()) {
    auto text = read_text(claim, element);
    if (!text) return text.error();
    texts.push_back(std::move(*text));
  }
  return texts;
}

Result<JsonDocument> parse_payload(std::string_view payload) {
  // The size is the token's, which has a limit of its own.
  auto document = parse_json(payload, {.bytes = payload.size(), .depth = 32, .members = 1000});
  if (!document) return Error{Reason::token_payload_invalid, "token payload: " + document.error().detail};
  if (!document->root().is_object()) return Error{Reason::token_payload_invalid, "token payload is not an object"};
  return document;
}

Result<Claims> read_claims(JsonView payload) {
  Claims claims;
  if (auto fault = store(read_optional_text(payload, "iss"), claims.issuer)) return *fault;
  if (auto fault = store(read_optional_text(payload, "sub"), claims.subject)) return *fault;
  if (auto fault = store(read_optional_text(payload, "jti"), claims.token_id)) return *fault;
  if (auto fault = store(read_audiences(payload), claims.audiences)) return *fault;
  if (auto fault = store(read_optional_time(payload, "exp"), claims.expires)) return *fault;
  if (auto fault = store(read_optional_time(payload, "nbf"), claims.not_before)) return *fault;
  if (auto fault = store(read_optional_time(payload, "iat"), claims.issued_at)) return *fault;
  if (auto fault = store(read_access(payload), claims.access)) return *fault;
  claims.sender_constrained = payload.get("cnf").exists();
  return claims;
}

}  // namespace portcullis
