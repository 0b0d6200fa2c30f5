// A private key for development: made, read and used by `key generate` and `token mint` alone. The daemon never signs and never holds one.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/handle.h"
#include "base/result.h"
#include "base/secret.h"
#include "keystore/algorithm.h"
#include "keystore/key.h"

namespace portcullis {

/// One private key. Movable; OpenSSL wipes it when it goes.
class PrivateKey {
 public:
  /// A new key that can sign with `algorithm`. `rsa_bits` counts for RSA alone and must lie in 2048…8192. Takes up to seconds for large RSA
  /// keys. Reasons: bad_request for a size out of bounds, internal_error where OpenSSL fails.
  static Result<PrivateKey> generate(Algorithm algorithm, int rsa_bits);
  /// One PEM block: PKCS#8 `PRIVATE KEY`, or the traditional `RSA PRIVATE KEY` and `EC PRIVATE KEY`. Never asks for a password: an
  /// encrypted key is `key_malformed`, as is everything that is no such block.
  static Result<PrivateKey> read(std::string_view pem);

  /// PKCS#8 PEM.
  [[nodiscard]] Secret pem() const;
  /// The public half as PKIX PEM (`PUBLIC KEY`).
  [[nodiscard]] std::string public_pem() const;
  /// The public half, judged by the same key policy as every key that the gate loads: its reasons are those of `read_pem`.
  [[nodiscard]] Result<Key> public_key(std::string id, TimePoint now) const;
  /// Signs as RFC 7518 section 3 and RFC 8037 section 3.1 want it: raw r||s for ECDSA, a salt as long as the hash for PSS.
  /// `alg_key_mismatch` where `algorithm` is not one of this key's type.
  [[nodiscard]] Result<std::string> sign(Algorithm algorithm, std::string_view message) const;

 private:
  explicit PrivateKey(KeyHandle native);

  KeyHandle native_;
};

/// What a key of `type` signs with where nobody says: RS256, ES256, ES384, ES512, EdDSA.
Algorithm default_algorithm(KeyType type) noexcept;

}  // namespace portcullis
