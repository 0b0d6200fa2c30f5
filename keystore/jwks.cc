#include "keystore/jwks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/codec/json_writer.h"
#include "keystore/jwk.h"
#include "keystore/key_ids.h"
#include "keystore/prime_moduli.h"
#include "keystore/public_numbers.h"

namespace portcullis {
namespace {

Error malformed(std::string what) { return {Reason::key_malformed, std::move(what)}; }

/// Under which id a JWK stands, and under which it is reported where it cannot stand.
Result<std::string> id_of(JsonView jwk, bool is_only, std::string_view fallback_id) {
  const Result<std::optional<std::string_view>> own = jwk_id(jwk);
  if (!own) return own.error();
  if (own->has_value()) return std::string(**own);
  if (!is_only) return malformed("JWK without `kid` beside others: no token can name it");
  return std::string(fallback_id);
}

std::string reported_id(JsonView jwk, std::string_view fallback_id) {
  const std::string_view id = jwk.get("kid").string().value_or(fallback_id);
  return std::string(id.substr(0, kMaxKeyIdBytes));
}

/// `algorithm`: the `alg`, where there is one.
void write_jwk(JsonWriter& out, const Key& key, std::optional<Algorithm> algorithm) {
  auto members = jwk_members(key.native(), key.type());
  members.emplace_back("kid", key.id());
  members.emplace_back("use", "sig");
  if (algorithm) members.emplace_back("alg", algorithm_name(*algorithm));
  std::sort(members.begin(), members.end());
  out.begin_object();
  for (const auto& [name, value] : members) out.key(name).string(value);
  out.end_object();
}

/// Without `alg` a reader derives all that suits the type, so it stands exactly where the key serves less: once for each that it serves.
void write_key(JsonWriter& out, const Key& key) {
  if (key.algorithms() == algorithms_for(key.type())) return write_jwk(out, key, std::nullopt);
  for (const Algorithm one : all_algorithms())
    if (key.algorithms().contains(one)) write_jwk(out, key, one);
}

}  // namespace

bool is_jwk(JsonView object) noexcept { return object.get("kty").exists(); }
bool is_jwks(JsonView object) noexcept { return object.get("keys").is_array(); }

Result<std::vector<JsonView>> jwks_members(JsonView root) {
  if (!root.is_object()) return malformed("JWK or JWKS is " + std::string(root.type_name()) + ", not an object");
  const JsonView keys = root.get("keys");
  if (!keys.exists() && is_jwk(root)) return std::vector<JsonView>{root};
  if (!keys.exists()) return malformed("JSON is neither a JWK (it has no `kty`) nor a JWKS (it has no `keys`)");
  if (!keys.is_array()) return malformed("JWKS member `keys` is " + std::string(keys.type_name()) + ", not an array");
  if (keys.size() > kMaxJwksKeys) return malformed("JWKS holds more than 10000 keys");
  return keys.elements();
}

ParsedKeys keys_of(const std::vector<JsonView>& jwks, std::string_view fallback_id) {
  ParsedKeys parsed;
  parsed.keys.reserve(jwks.size());
  for (const JsonView jwk : jwks) {
    Result<std::string> id = id_of(jwk, jwks.size() == 1, fallback_id);
    // A faulty id hides no worse fault: the key itself is looked at first, so that a private key without `kid` is named as what it is.
    Result<Key> key = jwk_to_key(jwk, id ? *id : std::string());
    if (key && id) {
      parsed.keys.push_back(std::move(key).value());
    } else {
      parsed.quarantined.push_back({reported_id(jwk, fallback_id), key ? id.error() : key.error()});
    }
  }
  return parsed;
}

Result<ParsedKeys> read_jwks(std::string_view json, std::string_view fallback_id) {
  const Result<JsonDocument> document = parse_json(json, kJwksLimits);
  if (!document) return document.error();
  const Result<std::vector<JsonView>> jwks = jwks_members(document->root());
  if (!jwks) return jwks.error();
  ParsedKeys parsed = keys_of(*jwks, fallback_id);
  Result<std::vector<Key>> unique = one_key_per_id(std::move(parsed.keys));
  if (!unique) return std::move(unique).error();
  parsed.keys = std::move(unique).value();
  set_prime_moduli_aside(parsed);
  return parsed;
}

std::string to_jwks(const std::vector<Key>& keys) {
  std::vector<const Key*> sorted;
  sorted.reserve(keys.size());
  for (const Key& key : keys) sorted.push_back(&key);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Key* left, const Key* right) { return left->id() < right->id(); });
  JsonWriter out;
  out.begin_object().key("keys").begin_array();
  for (const Key* key : sorted) write_key(out, *key);
  out.end_array().end_object();
  return std::move(out).text();
}

}  // namespace portcullis
