#include "keystore/key_secret.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/codec/json.h"
#include "base/codec/percent.h"
#include "keystore/jwk.h"
#include "keystore/jwks.h"
#include "keystore/key_ids.h"
#include "keystore/pem.h"
#include "keystore/prime_moduli.h"

namespace portcullis {
namespace {

constexpr std::size_t kMaxSecretKeys = 100000;
/// Room for 100,000 nested JWKS objects of one key with a dozen members each.
constexpr JsonLimits kSecretLimits{.bytes = 10485760, .depth = 16, .members = 1500000};
constexpr std::size_t kMaxListed = 8;

Error secret_malformed(std::string what) { return {Reason::secret_malformed, "failed to parse secret JSON: " + std::move(what)}; }

/// A JWK or JWKS under the name of its entry: as in zot, the name rules where there is one key.
Result<ParsedKeys> read_jwk_entry(std::string_view name, JsonView root) {
  const Result<std::vector<JsonView>> jwks = jwks_members(root);
  if (!jwks) return jwks.error();
  if (jwks->empty()) return Error{Reason::keys_empty, "JWKS holds no key"};
  if (jwks->size() > 1) return keys_of(*jwks, name);
  Result<Key> key = jwk_to_key(jwks->front(), std::string(name));
  if (!key) return std::move(key).error();
  ParsedKeys parsed;
  parsed.keys.push_back(std::move(key).value());
  return parsed;
}

Result<ParsedKeys> read_entry(std::string_view name, JsonView value, TimePoint now) {
  const Result<void> sound = check_key_id(name);
  if (!sound) return sound.error();
  if (value.is_object()) return read_jwk_entry(name, value);
  const auto text = value.string();
  if (!text) return Error{Reason::key_malformed, "entry is " + std::string(value.type_name()) + ", neither text nor an object"};
  if (looks_like_json(*text)) {
    const Result<JsonDocument> document = parse_json(*text, kJwksLimits);
    if (!document) return Error{Reason::key_malformed, "JWK or JWKS text: " + document.error().detail};
    return read_jwk_entry(name, document->root());
  }
  Result<Key> key = pem_to_key(std::string(name), *text, now);
  if (!key) return std::move(key).error();
  ParsedKeys parsed;
  parsed.keys.push_back(std::move(key).value());
  return parsed;
}

Result<ParsedKeys> read_entries(JsonView root, TimePoint now) {
  ParsedKeys all;
  for (const auto& [name, value] : root.members()) {
    Result<ParsedKeys> entry = read_entry(name, value, now);
    if (!entry) {
      all.quarantined.push_back({std::string(name.substr(0, kMaxKeyIdBytes)), std::move(entry).error()});
    } else {
      std::move(entry->keys.begin(), entry->keys.end(), std::back_inserter(all.keys));
      std::move(entry->quarantined.begin(), entry->quarantined.end(), std::back_inserter(all.quarantined));
    }
    if (all.keys.size() + all.quarantined.size() > kMaxSecretKeys) return secret_malformed("more than 100000 keys");
  }
  return all;
}

/// An entry may be called `kty` or `keys`: then its value is key text, or an object, and not what a JWK or JWKS has there.
bool is_bare_jwk(JsonView root) {
  const auto kty = root.get("kty").string();
  return kty && !looks_like_json(*kty) && kty->find("-----BEGIN ") == std::string_view::npos;
}

std::string without_usable_key(const std::vector<QuarantinedKey>& quarantined) {
  std::string detail = "no usable key";
  for (std::size_t i = 0; i < std::min(quarantined.size(), kMaxListed); ++i) {
    const QuarantinedKey& one = quarantined[i];
    detail += (i == 0 ? ": \"" : "; \"") + escape_for_log(one.id) + "\": " + std::string(reason_name(one.error.reason)) + " (" +
              one.error.detail + ")";
  }
  if (quarantined.size() > kMaxListed) detail += "; and " + std::to_string(quarantined.size() - kMaxListed) + " more";
  return detail;
}

bool begins_as_pem(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text.substr(first).starts_with("-----BEGIN");
}

/// A private key is to be said before anything else, as everywhere; every other PEM needs a name.
Error pem_instead_of_json(std::string_view text, TimePoint now) {
  Result<Key> key = pem_to_key({}, text, now);
  if (!key.ok() && key.error().reason == Reason::key_private) return std::move(key).error();
  return secret_malformed(
      "this is PEM, and not a JSON object that maps key ids to it, as `portcullis key generate --keys FILE` writes one; "
      "http.auth.bearer.cert takes a single PEM key");
}

/// What a text that is no JSON may be.
const char* likeness(std::string_view text) noexcept {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "; it is empty";
  if (text.starts_with("ssh-") || text.starts_with("ecdsa-"))
    return "; this is a key of OpenSSH: give it as PEM (`ssh-keygen -e -m PKCS8 -f FILE` does that for RSA and ECDSA)";
  const bool der = text.size() > 2 && text[0] == '0' && text.find('\0') != std::string_view::npos;
  return der ? "; this is DER: `openssl pkey -pubin -inform DER -in FILE` writes it as PEM" : "";
}

}  // namespace

bool looks_like_json(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

Result<ParsedKeys> parse_secret(std::string_view json, TimePoint now) {
  if (begins_as_pem(json)) return pem_instead_of_json(json, now);
  const Result<JsonDocument> document = parse_json(json, kSecretLimits);
  if (!document) return secret_malformed(document.error().detail + likeness(json));
  const JsonView root = document->root();
  if (!root.is_object()) return secret_malformed("it is " + std::string(root.type_name()) + ", not an object of key ids");
  Result<ParsedKeys> parsed = ParsedKeys{};
  if (is_jwks(root) || is_bare_jwk(root)) {
    const Result<std::vector<JsonView>> jwks = jwks_members(root);
    if (!jwks) return secret_malformed(jwks.error().detail);
    parsed = keys_of(*jwks, "");
  } else {
    parsed = read_entries(root, now);
    if (!parsed) return parsed;
  }
  Result<std::vector<Key>> unique = one_key_per_id(std::move(parsed->keys));
  if (!unique) return std::move(unique).error();
  parsed->keys = std::move(unique).value();
  set_prime_moduli_aside(*parsed);
  return parsed;
}

Result<ParsedKeys> read_secret(std::string_view json, TimePoint now) {
  Result<ParsedKeys> parsed = parse_secret(json, now);
  if (parsed && parsed->keys.empty()) return Error{Reason::keys_empty, without_usable_key(parsed->quarantined)};
  return parsed;
}

}  // namespace portcullis
