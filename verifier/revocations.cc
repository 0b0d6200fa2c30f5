#include "verifier/revocations.h"

#include <array>
#include <utility>

#include "base/codec/hex.h"
#include "verifier/timestamp.h"

namespace portcullis {
namespace {

constexpr JsonLimits kLimits{.bytes = 10U << 20U, .depth = 8, .members = 800000};
constexpr std::size_t kMaxEntries = 100000;

constexpr std::array<std::string_view, 6> kMembers = {"kid", "jti", "sub", "iss", "tokenSha256", "until"};

Error malformed(std::string detail) { return {Reason::revocations_malformed, std::move(detail)}; }

bool is_known(std::string_view member) {
  for (const std::string_view known : kMembers) {
    if (member == known) return true;
  }
  return member == "note";
}

/// The first member of `entry` that is unknown or no string.
std::optional<Error> check_members(JsonView entry) {
  if (!entry.is_object()) return malformed("is not an object");
  for (const auto& [name, value] : entry.members()) {
    if (!is_known(name)) return malformed("has a member that is none of kid, jti, sub, iss, tokenSha256, until, note");
    if (!value.string()) return malformed("has '" + std::string(name) + "' that is not a string");
  }
  return std::nullopt;
}

/// The 64 hex digits of a SHA-256 as its 32 bytes.
std::optional<std::string> read_digest(std::string_view hex) {
  auto bytes = hex_decode(hex);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  return std::move(*bytes);
}

std::string_view bytes_of(const Sha256& digest) { return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()}; }

/// Whether `left` ends after `right`; no end is the last of all.
bool ends_later(const std::optional<TimePoint>& left, const std::optional<TimePoint>& right) { return right && (!left || *left > *right); }

}  // namespace

std::string Revocations::make_name(Kind kind, std::string_view issuer, std::string_view value) {
  std::string name;
  name.reserve(issuer.size() + value.size() + 24);
  name += static_cast<char>(kind);
  name += std::to_string(issuer.size());
  name += ':';
  name += issuer;
  name += value;
  return name;
}

std::optional<Error> Revocations::add(JsonView entry) {
  if (auto fault = check_members(entry)) return fault;
  const auto key_id = entry.get("kid").string();
  const auto token_id = entry.get("jti").string();
  const auto subject = entry.get("sub").string();
  const auto digest = entry.get("tokenSha256").string();
  const auto issuer = entry.get("iss").string();
  if (int{key_id.has_value()} + int{token_id.has_value()} + int{subject.has_value()} + int{digest.has_value()} != 1) {
    return malformed("must have exactly one of kid, jti, sub, tokenSha256");
  }
  const bool needs_issuer = token_id.has_value() || subject.has_value();
  if (needs_issuer != issuer.has_value()) return malformed(needs_issuer ? "needs 'iss' beside it" : "has 'iss' without jti or sub");
  const Kind kind = key_id ? Kind::key : token_id ? Kind::token_id : subject ? Kind::subject : Kind::token;
  std::string value(key_id.value_or(token_id.value_or(subject.value_or(std::string_view()))));
  if (digest) {
    auto bytes = read_digest(*digest);
    if (!bytes) return malformed("has 'tokenSha256' that is not 64 hex digits");
    value = std::move(*bytes);
  }
  if (value.empty()) return malformed("names nothing: its text is empty");
  Entry made{std::nullopt, std::string(entry.get("note").string().value_or(""))};
  if (const auto until = entry.get("until").string()) {
    made.until = parse_timestamp(*until);
    if (!made.until) return malformed("has 'until' that is not an RFC 3339 time such as 2026-03-01T12:00:00Z");
  }
  const auto [at, is_new] = entries_.try_emplace(make_name(kind, issuer.value_or(""), value), made);
  if (!is_new && ends_later(made.until, at->second.until)) at->second = std::move(made);
  return std::nullopt;
}

Result<Revocations> Revocations::parse(std::string_view json) {
  const auto document = parse_json(json, kLimits);
  if (!document) return malformed("revocations: " + document.error().detail);
  const JsonView root = document->root();
  const JsonView list = root.get("revocations");
  if (!list.is_array() || root.size() != 1) return malformed(R"(revocations: not an object with the one member "revocations", an array)");
  if (list.size() > kMaxEntries) return malformed("revocations: more than 100000 entries");
  Revocations all;
  all.entries_.reserve(list.size());
  std::size_t place = 0;
  for (const JsonView entry : list.elements()) {
    if (auto fault = all.add(entry)) return malformed("revocations[" + std::to_string(place) + "] " + fault->detail);
    ++place;
  }
  return all;
}

const Revocations::Entry* Revocations::find(Kind kind, std::string_view issuer, std::string_view value, TimePoint now) const {
  if (value.empty()) return nullptr;
  const auto found = entries_.find(make_name(kind, issuer, value));
  if (found == entries_.end()) return nullptr;
  const Entry& entry = found->second;
  return !entry.until || now < *entry.until ? &entry : nullptr;
}

std::optional<std::string_view> Revocations::match(const Subject& token, TimePoint now) const {
  if (entries_.empty()) return std::nullopt;
  const Entry* found = find(Kind::key, {}, token.key_id, now);
  if (found == nullptr) found = find(Kind::token_id, token.issuer, token.token_id, now);
  if (found == nullptr) found = find(Kind::subject, token.issuer, token.subject, now);
  if (found == nullptr) found = find(Kind::token, {}, bytes_of(token.signing_input), now);
  if (found == nullptr) return std::nullopt;
  return found->note;
}

}  // namespace portcullis
