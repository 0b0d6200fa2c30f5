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

/// Whether `value` is a string without control characters.
std::optional<Error> check_text(std::string_view claim, JsonView value) {
  const auto text = value.string();
  if (!text) return invalid(claim, "a string", value);
  if (has_control(*text)) return Error{Reason::claim_invalid, "claim '" + std::string(claim) + "' holds a control character"};
  return std::nullopt;
}

std::optional<Error> store_texts(std::string_view claim, JsonView array, std::vector<std::string>& where) {
  if (!array.is_array()) return invalid(claim, "an array of strings", array);
  where.reserve(array.size());
  for (JsonView element = array.first(); element.exists(); element = element.next()) {
    if (auto fault = check_text(claim, element)) return fault;
    where.emplace_back(*element.string());
  }
  return std::nullopt;
}

std::optional<Error> store_text(JsonView value, std::optional<std::string>& where) {
  if (auto fault = check_text(value.name(), value)) return fault;
  where.emplace(*value.string());
  return std::nullopt;
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

std::optional<Error> store_time(JsonView value, std::optional<std::chrono::sys_seconds>& where) {
  const auto time = read_time(value.name(), value);
  if (!time) return time.error();
  where = *time;
  return std::nullopt;
}

/// A string or an array of strings (RFC 7519 section 4.1.3).
std::optional<Error> store_audiences(JsonView value, std::optional<std::vector<std::string>>& where) {
  if (!value.string()) return store_texts("aud", value, where.emplace());
  if (auto fault = check_text("aud", value)) return fault;
  where.emplace().emplace_back(*value.string());
  return std::nullopt;
}

std::optional<Error> store_entry(JsonView value, AccessEntry& entry) {
  if (!value.is_object()) return invalid("access", "an array of objects", value);
  const JsonView type = value.get("type");
  const JsonView name = value.get("name");
  if (auto fault = check_text("access.type", type)) return fault;
  if (auto fault = check_text("access.name", name)) return fault;
  entry.type = *type.string();
  entry.name = *name.string();
  if (auto fault = store_texts("access.actions", value.get("actions"), entry.actions)) return fault;
  if (const JsonView expires = value.get("exp"); expires.exists() && !expires.is_null()) {
    const auto time = read_time("access.exp", expires);
    if (!time) return time.error();
    entry.expires = *time;
  }
  return std::nullopt;
}

/// One wrong entry spoils the claim: nothing is granted on a best effort.
std::optional<Error> store_access(JsonView value, std::optional<std::vector<AccessEntry>>& where) {
  if (value.is_null()) return std::nullopt;
  if (!value.is_array()) return invalid("access", "an array of objects", value);
  std::vector<AccessEntry>& entries = where.emplace();
  entries.reserve(value.size());
  for (JsonView element = value.first(); element.exists(); element = element.next()) {
    if (auto fault = store_entry(element, entries.emplace_back())) return fault;
  }
  return std::nullopt;
}

/// The claim that `value` is, if it is one of those that are looked at.
std::optional<Error> store_claim(JsonView value, Claims& claims) {
  const std::string_view name = value.name();
  if (name == "access") return store_access(value, claims.access);
  if (name.size() != 3) return std::nullopt;
  if (name == "iss") return store_text(value, claims.issuer);
  if (name == "sub") return store_text(value, claims.subject);
  if (name == "jti") return store_text(value, claims.token_id);
  if (name == "aud") return store_audiences(value, claims.audiences);
  if (name == "exp") return store_time(value, claims.expires);
  if (name == "nbf") return store_time(value, claims.not_before);
  if (name == "iat") return store_time(value, claims.issued_at);
  if (name == "cnf") claims.sender_constrained = true;
  return std::nullopt;
}

}  // namespace

Result<std::string> read_text(std::string_view claim, JsonView value) {
  if (auto fault = check_text(claim, value)) return *std::move(fault);
  return std::string(*value.string());
}

Result<std::vector<std::string>> read_texts(std::string_view claim, JsonView array) {
  std::vector<std::string> texts;
  if (auto fault = store_texts(claim, array, texts)) return *std::move(fault);
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
  for (JsonView value = payload.first(); value.exists(); value = value.next()) {
    if (auto fault = store_claim(value, claims)) return *std::move(fault);
  }
  return claims;
}

}  // namespace portcullis
