#include "plugin/exchange/token_owner.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/codec/base64url.h"
#include "base/codec/json.h"

namespace portcullis {
namespace {

/// A body of 64 KiB holds no larger one.
constexpr JsonLimits kPartLimits{.bytes = 64UL * 1024, .depth = 32, .members = 1000};
/// Of a JWS (RFC 7515 section 7.1) and of a JWE (RFC 7516 section 7.1).
constexpr std::size_t kSignedParts = 3;
constexpr std::size_t kEncryptedParts = 5;

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  // One more than there can be tells a long text from a good one.
  while (parts.size() <= kEncryptedParts) {
    const std::size_t dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return parts;
}

/// What stands behind a scheme or blanks that a client pasted along: `Bearer eyJ…`.
std::string_view last_word(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t end = text.find_last_not_of(kBlanks);
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const std::size_t blank = text.find_last_of(kBlanks);
  return blank == std::string_view::npos ? text : text.substr(blank + 1);
}

/// The JSON object that one part holds. Padding is not looked at: other servers accept it.
std::optional<JsonDocument> object_in(std::string_view part) {
  while (part.ends_with('=')) part.remove_suffix(1);
  const auto bytes = base64url_decode(part);
  if (!bytes) return std::nullopt;
  auto document = parse_json(*bytes, kPartLimits);
  if (!document || !document->root().is_object()) return std::nullopt;
  return std::move(document).value();
}

bool holds(const SourceState& source, std::string_view id) { return source.keys != nullptr && source.keys->find(id) != nullptr; }

bool knows_key(const State& state, std::string_view id) {
  const std::vector<SourceState>& issuers = state.issuers.sources();
  return holds(state.source, id) || std::any_of(issuers.begin(), issuers.end(), [id](const SourceState& one) { return holds(one, id); });
}

bool knows_issuer(const State& state, std::string_view issuer) {
  const std::vector<std::string>& traditional = state.rules.tokens.claims.issuers;
  if (std::find(traditional.begin(), traditional.end(), issuer) != traditional.end()) return true;
  const std::vector<IssuerRules>& issuers = state.rules.issuers;
  return std::any_of(issuers.begin(), issuers.end(), [issuer](const IssuerRules& one) { return one.issuer == issuer; });
}

}  // namespace

bool looks_like_token(std::string_view text) {
  const std::vector<std::string_view> parts = split(text);
  return (parts.size() == kSignedParts || parts.size() == kEncryptedParts) && object_in(parts[0]).has_value();
}

bool says_it_is_ours(std::string_view text, const State& state) {
  const std::vector<std::string_view> parts = split(last_word(text));
  if (parts.size() != kSignedParts && parts.size() != kEncryptedParts) return false;
  const auto header = object_in(parts[0]);
  if (!header) return false;
  if (const auto id = header->root().get("kid").string(); id && knows_key(state, *id)) return true;
  if (parts.size() == kEncryptedParts) return false;
  const auto payload = object_in(parts[1]);
  if (!payload) return true;
  const auto issuer = payload->root().get("iss").string();
  return issuer && knows_issuer(state, *issuer);
}

bool proves_ours(Reason reason, const State& state) noexcept {
  // Without traditional keys a token of no configured issuer is refused for its `iss` before any signature is looked at.
  if (reason == Reason::issuer_mismatch && !state.traditional) return false;
  return reason >= Reason::claim_invalid && reason <= Reason::token_revoked;
}

}  // namespace portcullis
