// Key pairs and tokens that tests make at run time: good ones, and every bad one that a signer could make on purpose.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

struct evp_pkey_st;

namespace portcullis::test {

struct JwkOptions {
  std::optional<std::string> kid;
  std::optional<std::string> alg;
  std::optional<std::string> use;
  std::string extra;          ///< more members as JSON text, without a leading comma: `"key_ops":["verify"]`
  bool with_private = false;  ///< adds `d` (and nothing else of the private half)
};

/// Both halves of a key. Copying shares them. A failure of OpenSSL ends the test program.
class KeyPair {
 public:
  /// Takes ownership of `owned`.
  explicit KeyPair(evp_pkey_st* owned);

  [[nodiscard]] evp_pkey_st* native() const noexcept { return native_.get(); }
  /// PKIX `PUBLIC KEY`.
  [[nodiscard]] std::string public_pem() const;
  /// PKIX, DER bytes.
  [[nodiscard]] std::string public_der() const;
  /// PKCS#1 `RSA PUBLIC KEY`; RSA only.
  [[nodiscard]] std::string public_pkcs1_pem() const;
  /// PKCS#8 `PRIVATE KEY`.
  [[nodiscard]] std::string private_pem() const;
  /// A self-signed X.509 certificate, valid in [not_before, not_after].
  [[nodiscard]] std::string certificate_pem(TimePoint not_before, TimePoint not_after) const;
  /// A JWK (RFC 7517) of RSA, EC P-256/384/521/secp256k1, Ed25519, Ed448 or X25519.
  [[nodiscard]] std::string public_jwk(const JwkOptions& options = {}) const;
  /// One coordinate or number of the key as big-endian bytes: "n", "e", "qx", "qy", "pub" (raw OKP bytes).
  [[nodiscard]] std::string part(std::string_view name) const;

 private:
  std::shared_ptr<evp_pkey_st> native_;
};

/// Makes a new key: "RSA-2048" (any size), "RSA-PSS-2048", "P-256", "P-384", "P-521", "secp256k1" (any EC group), "ED25519", "ED448",
/// "X25519".
KeyPair make_key(std::string_view kind);
/// A new RSA key with public exponent `exponent` (odd, at least 3).
KeyPair make_rsa(int bits, std::uint64_t exponent);
/// The key of that kind and name, made once a process: RSA keys take long. Safe from many threads.
const KeyPair& key_pair(std::string_view kind, std::string_view name = "first");

using NamedKeys = std::initializer_list<std::pair<std::string_view, const KeyPair*>>;
/// `{"<id>": "<public PEM>", …}`: what Secrets Manager or the keys file holds.
std::string secret_json(NamedKeys keys);
/// `{"<id>": "<certificate PEM>"}` of `key`, valid from an hour before `now` until `not_after`.
std::string certificate_secret_json(std::string_view id, const KeyPair& key, TimePoint now, TimePoint not_after);
/// `{"keys": [<public JWK with kid>, …]}`.
std::string jwks_json(NamedKeys keys);

/// Signature bytes of `message` as JWS has them (RFC 7518 section 3): PSS salt as long as the hash, ECDSA as raw r||s of the key's own
/// width. `algorithm` gives padding and hash and may not suit the key's curve: that is for attack tests. HS* is not here: see `hmac`.
std::string sign(std::string_view algorithm, const KeyPair& key, std::string_view message);
/// ECDSA as raw r||s, each left-padded with zeros to `width` bytes. `hash` is "SHA256" and the like.
std::string sign_ecdsa(std::string_view hash, const KeyPair& key, std::string_view message, std::size_t width);
/// ECDSA as DER, as no JWS may carry it.
std::string sign_ecdsa_der(std::string_view hash, const KeyPair& key, std::string_view message);
/// RSA-PSS with any hash, MGF1 hash and salt length in bytes.
std::string sign_pss(std::string_view hash, std::string_view mgf_hash, int salt_bytes, const KeyPair& key, std::string_view message);
/// HS256, HS384 or HS512 with any secret, the empty one too.
std::string hmac(std::string_view algorithm, std::string_view secret, std::string_view message);

/// `base64url(header) . base64url(payload)`.
std::string signing_input(std::string_view header, std::string_view payload);
/// `signing_input . base64url(signature)`.
std::string with_signature(std::string_view signing_input, std::string_view signature);

/// A compact token, signed by `sign(algorithm, …)`; what the header says is up to the caller.
std::string mint(std::string_view header, std::string_view payload, const KeyPair& key, std::string_view algorithm);
/// The same with a header `{"alg":<algorithm>,"typ":"JWT","kid":<kid>}`.
std::string mint(std::string_view payload, const KeyPair& key, std::string_view algorithm, std::string_view kid);
/// A compact token with a MAC.
std::string mint_hmac(std::string_view header, std::string_view payload, std::string_view secret, std::string_view algorithm);

/// `{"alg":…,"typ":"JWT","kid":…}`.
std::string header_json(std::string_view algorithm, std::string_view kid);
/// A good payload: `sub` "alice", `iat` now, `exp` in five minutes, `access` to one repository.
/// `actions` is comma-separated: "pull,push". `extra` is more members as JSON text, without a leading comma.
std::string good_payload(TimePoint now, std::string_view repository = "team/app", std::string_view actions = "pull",
                         std::string_view extra = {});

}  // namespace portcullis::test
