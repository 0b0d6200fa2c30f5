// `raw` and `jws`: signatures without a gate around them.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/codec/base64url.h"
#include "base/codec/hex.h"
#include "base/codec/json_writer.h"
#include "config/defaults.h"
#include "keystore/key_set.h"
#include "keystore/key_text.h"
#include "tests/probe/ops.h"
#include "verifier/signature.h"
#include "verifier/token.h"

namespace portcullis::probe {
namespace {

TimePoint today() { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); }

/// Why the key called `id` (or the only one, without an id) was set aside, if it was.
std::optional<Error> why_quarantined(const ParsedKeys& parsed, const std::optional<std::string>& id) {
  for (const QuarantinedKey& key : parsed.quarantined) {
    if (!id || key.id == *id || parsed.quarantined.size() == 1) return key.error;
  }
  return std::nullopt;
}

/// A JWKS is asked by `kid`; a single key serves whatever `kid` says.
Result<Key> choose_key(std::string_view text, const std::optional<std::string>& kid) {
  Result<ParsedKeys> parsed = read_key_text(text, today());
  if (!parsed.ok()) return parsed.error();
  const bool single = parsed->keys.size() + parsed->quarantined.size() == 1 && text.find("\"keys\"") == std::string_view::npos;
  const std::optional<std::string> wanted = single ? std::nullopt : kid;
  const std::optional<Error> quarantined = why_quarantined(*parsed, wanted);
  const Result<KeySet> set = KeySet::make(std::move(*parsed));
  if (!set.ok()) return quarantined.value_or(set.error());
  const Key* found = wanted ? set->find(*wanted) : set->only();
  if (found != nullptr) return *found;
  return quarantined.value_or(Error{wanted ? Reason::key_unknown : Reason::kid_missing, "no key fits the token's kid"});
}

/// Whether `algs`, if it is there, names the token's algorithm.
Result<void> check_narrowing(JsonView algs, Algorithm algorithm) {
  if (!algs.exists()) return {};
  if (!algs.is_array()) return Error{Reason::bad_request, "algs is no array"};
  const std::vector<JsonView> names = algs.elements();
  const bool named = std::any_of(names.begin(), names.end(), [&](JsonView name) { return name.string() == algorithm_name(algorithm); });
  if (!named) return Error{Reason::alg_not_allowed, "algs does not name the token's algorithm"};
  return {};
}

Result<std::string> token_of(JsonView line) {
  if (const auto text = line.get("token").string()) return std::string(*text);
  const auto hex = line.get("token_hex").string();
  if (!hex) return Error{Reason::bad_request, "token or token_hex is missing"};
  return hex_decode(*hex);
}

}  // namespace

Answer run_raw(JsonView line) {
  const auto name = line.get("alg").string();
  const auto key_text = line.get("key").string();
  const auto message = line.get("msg").string();
  const auto signature = line.get("sig").string();
  if (!name || !key_text || !message || !signature) return Answer::not_understood("raw needs alg, key, msg and sig");
  const Result<std::string> message_bytes = hex_decode(*message);
  const Result<std::string> signature_bytes = hex_decode(*signature);
  if (!message_bytes.ok() || !signature_bytes.ok()) return Answer::not_understood("msg and sig are hex");
  const auto algorithm = algorithm_from_name(*name);
  if (!algorithm) return Answer::refused({Reason::alg_not_allowed, "alg is not of the closed list"});
  const Result<Key> key = read_single_key(*key_text, today());
  if (!key.ok()) return Answer::refused(key.error());
  const Result<void> checked = check_signature(*algorithm, *key, *message_bytes, *signature_bytes);
  return checked.ok() ? Answer::accepted() : Answer::refused(checked.error());
}

Answer run_jws(JsonView line) {
  const auto key_text = line.get("key").string();
  const Result<std::string> text = token_of(line);
  if (!key_text || !text.ok()) return Answer::not_understood("jws needs token or token_hex, and key");
  const Result<UnverifiedToken> token = parse_token(*text, TokenLimits{.bytes = defaults::kTokenBytes});
  if (!token.ok()) return Answer::refused(token.error());
  const Result<void> narrowed = check_narrowing(line.get("algs"), token->algorithm);
  if (!narrowed.ok()) return Answer::refused(narrowed.error());
  const Result<Key> key = choose_key(*key_text, token->key_id);
  if (!key.ok()) return Answer::refused(key.error());
  const Result<Sha256> checked = check_signature(*token, *key);
  if (!checked.ok()) return Answer::refused(checked.error());
  Answer answer = Answer::accepted();
  answer.members.emplace_back("payload", "\"" + hex_encode(token->payload) + "\"");
  // The header was JSON when the token was parsed; written anew, it fits into one line.
  const std::string json = base64url_decode(token->header).value();
  const Result<JsonDocument> header = parse_json(json, {.bytes = json.size(), .depth = 8, .members = 64});
  if (!header.ok()) return Answer::refused(header.error());
  answer.members.emplace_back("header", header->root().dump());
  return answer;
}

}  // namespace portcullis::probe
