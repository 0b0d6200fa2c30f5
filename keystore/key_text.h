// Text to keys: the secret's JSON, PEM, JWK, JWKS. A bad key is quarantined and named, never guessed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "keystore/key.h"

namespace portcullis {

/// A key that was set aside: its id as written and why. The error's detail never holds key material.
struct QuarantinedKey {
  std::string id;
  Error error;

  friend bool operator==(const QuarantinedKey&, const QuarantinedKey&) = default;
};

/// Where keys came from, as far as their source can tell. For people, but for `good_at` and `max_age`.
struct KeysOrigin {
  std::string version{};                                      ///< of all: `AWSCURRENT 6f0c…`; empty where there are no versions
  std::map<std::string, std::string, std::less<>> of_keys{};  ///< of each key, by its id
  std::map<std::string, TimePoint, std::less<>> since{};      ///< the oldest version read that has the key, by its id
  std::string account{};                                      ///< the AWS account that answered, 12 digits; empty elsewhere
  std::optional<TimePoint> good_at{};                         ///< when the origin last vouched, where a cache stands between
  std::optional<Milliseconds> max_age{};                      ///< how long the origin wants to be left alone, from now
};

/// What one text gave. Ids may be empty where the text has none (a PEM file).
struct ParsedKeys {
  std::vector<Key> keys;
  std::vector<QuarantinedKey> quarantined;
  KeysOrigin origin{};
};

/// One PEM block: PKIX `PUBLIC KEY`, PKCS#1 `RSA PUBLIC KEY` or an X.509 certificate whose validity holds `now`. A second block is a fault.
/// Reasons: key_malformed, key_private, key_type_unsupported, key_weak, key_certificate_invalid.
Result<Key> read_pem(std::string id, std::string_view pem, TimePoint now);

/// A JWK or a JWKS (RFC 7517), as text of at most 1 MiB and 10,000 keys. A key keeps its own `kid`; without one, and if it is the only key,
/// `fallback_id`. Keys of unknown type, algorithm or use are quarantined. An error only where the text itself cannot be read, or two
/// different keys share an id (key_duplicate).
Result<ParsedKeys> read_jwks(std::string_view json, std::string_view fallback_id);

/// The secret: a JSON object of key id to PEM text, JWK or JWKS text, or a nested JWK or JWKS object; or a bare JWK or JWKS. At most 10 MiB
/// and 100,000 keys. One bad entry is quarantined. `secret_malformed` where the text is no such object, `key_duplicate` where two different
/// keys share an id; `keys_empty` where it holds no usable key. A JWKS of one key stands under the entry's name, whatever its own `kid`
/// says, as in zot; of several, each under its own `kid`.
Result<ParsedKeys> read_secret(std::string_view json, TimePoint now);

/// What a `cert` file may hold: one PEM block, a JWK, or a JWKS with exactly one key. A JWK keeps its `kid`; otherwise the id is empty.
/// Errors as above.
Result<Key> read_single_key(std::string_view text, TimePoint now);

/// Any of the forms above, told apart by their first bytes. For the probe and the command line: JSON without a usable key is no error here,
/// so that what was quarantined can be shown.
Result<ParsedKeys> read_key_text(std::string_view text, TimePoint now);

/// The keys as a JWKS text of public keys (RFC 7517), sorted by id: what `/jwks.json` and `keys --json` show.
std::string to_jwks(const std::vector<Key>& keys);

}  // namespace portcullis
