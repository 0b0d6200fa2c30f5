// Tells the forms of key text apart; each form is read in its own file.
#include "keystore/key_text.h"

#include <utility>

#include "keystore/jwk.h"
#include "keystore/jwks.h"
#include "keystore/key_secret.h"
#include "keystore/prime_moduli.h"

namespace portcullis {
namespace {

Result<Key> read_single_jwk(std::string_view text) {
  const Result<JsonDocument> document = parse_json(text, kJwksLimits);
  if (!document) return Error{Reason::key_malformed, document.error().detail};
  const Result<std::vector<JsonView>> jwks = jwks_members(document->root());
  if (!jwks) return jwks.error();
  if (jwks->size() != 1) return Error{Reason::key_malformed, "expected 1 key in JWKS, found " + std::to_string(jwks->size())};
  const JsonView jwk = jwks->front();
  Result<Key> key = jwk_to_key(jwk, std::string(jwk.get("kid").string().value_or("")));
  if (!key) return key;
  const Result<void> composite = check_not_prime(*key);
  if (!composite) return composite.error();
  return key;
}

}  // namespace

Result<Key> read_single_key(std::string_view text, TimePoint now) {
  if (looks_like_json(text)) return read_single_jwk(text);
  return read_pem("", text, now);
}

Result<ParsedKeys> read_key_text(std::string_view text, TimePoint now) {
  if (looks_like_json(text)) return parse_secret(text, now);
  Result<Key> key = read_pem("", text, now);
  if (!key) return std::move(key).error();
  ParsedKeys parsed;
  parsed.keys.push_back(std::move(key).value());
  return parsed;
}

}  // namespace portcullis
