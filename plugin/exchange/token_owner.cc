#include "plugin/exchange/token_owner.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/codec/base64url.h"
#include "base/codec/json.h"
#include "base/secret.h"

namespace portcullis {
namespace {

/// A body of 64 KiB holds no larger one.
constexpr JsonLimits kPartLimits{.bytes = 64UL * 1024, .depth = 32, .members = 1000};
/// Of a JWS (RFC 7515 section 7.1) and of a JWE (RFC 7516 section 7.1).
constexpr std::size_t kSignedParts = 3;
constexpr std::size_t kEncryptedParts = 5;
constexpr std::string_view kBlanks = " \t\r\n";

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

/// What stands behind a scheme or blanks that a client pasted along: `Bearer eyJ…`.
std::string_view last_word(std::string_view text) {
  const std::size_t end = text.find_last_not_of(kBlanks);
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const std::size_t blank = text.find_last_of(kBlanks);
  return blank == std::string_view::npos ? text : text.substr(blank + 1);
}

/// Whether header and payload of a JWS name us.
bool names_us(std::string_view header_part, std::string_view payload_part, const State& state) {
  const auto header = object_in(header_part);
  if (!header) return false;
  if (const auto id = header->root().get("kid").string(); id && knows_key(state, *id)) return true;
  const auto payload = object_in(payload_part);
  const auto issuer = payload ? payload->root().get("iss").string() : std::nullopt;
  return issuer && knows_issuer(state, *issuer);
}

/// Whether `text` is one token, and ours; or a signed one that does not say whose it is.
bool is_ours(std::string_view text, const State& state) {
  const std::vector<std::string_view> parts = split(text);
  if (parts.size() != kSignedParts && parts.size() != kEncryptedParts) return false;
  if (names_us(parts[0], parts[1], state)) return true;
  return parts.size() == kSignedParts && object_in(parts[0]) && !object_in(parts[1]);
}

/// Whether three parts of `text` one behind the other are a token of ours.
bool three_are_ours(std::string_view text, const State& state) {
  for (;;) {
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos) return false;
    if (names_us(text.substr(0, first), text.substr(first + 1, second - first - 1), state)) return true;
    text.remove_prefix(first + 1);
  }
}

bool is_token_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/// Cuts off the next run of what tokens are written in and puts it behind `run`: without padding, which ends a part, and with nothing for
/// what stands between runs.
void take_run(std::string_view& text, std::string& run) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const std::size_t behind = text[at] == '=' ? std::min(text.find_first_not_of('=', at), text.size()) : at;
    if (behind > at && (behind == text.size() || text[behind] == '.')) at = behind;
    if (at == text.size() || !is_token_byte(text[at])) break;
    run += text[at];
  }
  text.remove_prefix(std::min(at + 1, text.size()));
}

/// Whether a token of ours stands anywhere in `text`: behind a scheme or a name, in quotes, in a list.
bool holds_ours(std::string_view text, const State& state) {
  std::string run;
  run.reserve(text.size());  // so that one place alone holds what is wiped
  bool found = false;
  while (!found && !text.empty()) {
    take_run(text, run);
    found = is_ours(run, state) || three_are_ours(run, state);
    wipe(run);
  }
  return found;
}

/// `text` without its blanks: all of them, or those around line ends alone. The caller wipes it.
std::string without_blanks(std::string_view text, bool all) {
  std::string kept;
  kept.reserve(text.size());
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find_first_of(kBlanks), text.size());
    const std::size_t behind = std::min(text.find_first_not_of(kBlanks, blank), text.size());
    const std::string_view blanks = text.substr(blank, behind - blank);
    kept += text.substr(0, blank);
    if (!all && blanks.find_first_of("\r\n") == std::string_view::npos) kept += blanks;
    text.remove_prefix(behind);
  }
  return kept;
}

}  // namespace

bool looks_like_token(std::string_view text) {
  const std::vector<std::string_view> parts = split(text);
  return (parts.size() == kSignedParts || parts.size() == kEncryptedParts) && object_in(parts[0]).has_value();
}

bool says_it_is_ours(std::string_view text, const State& state) {
  if (is_ours(last_word(text), state) || holds_ours(text, state)) return true;
  // A token whose lines were wrapped: first with the blank behind a scheme, then without any.
  for (const bool all : {false, true}) {
    std::string joined = without_blanks(text, all);
    const bool found = joined.size() != text.size() && holds_ours(joined, state);
    wipe(joined);
    if (found) return true;
  }
  return false;
}

bool proves_ours(Reason reason, const State& state) noexcept {
  // Without traditional keys a token of no configured issuer is refused for its `iss` before any signature is looked at.
  if (reason == Reason::issuer_mismatch && !state.traditional) return false;
  return reason >= Reason::claim_invalid && reason <= Reason::token_revoked;
}

}  // namespace portcullis
