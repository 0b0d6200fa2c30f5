// One verification key as an immutable value.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/handle.h"
#include "keystore/algorithm.h"

struct evp_pkey_st;

namespace portcullis {

void free_key(evp_pkey_st* key) noexcept;
using KeyHandle = Handle<evp_pkey_st, free_key>;

/// A public key that passed the key policy (spec: RSA 2048 to 8192 bits with 65537 <= e < 2^32, odd, no ROCA; P-256, P-384, P-521 named
/// curves, points on the curve, uncompressed; Ed25519). Only pem and jwk make one. Copying shares the OpenSSL object, which nobody changes:
/// safe from many threads.
class Key {
 public:
  Key(std::string id, KeyType type, int bits, AlgorithmSet algorithms, KeyHandle native);
  Key(const Key& other);
  Key& operator=(const Key& other);
  Key(Key&&) noexcept = default;
  Key& operator=(Key&&) noexcept = default;
  ~Key() = default;

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] KeyType type() const noexcept { return type_; }
  /// Size of the modulus or of the curve, in bits.
  [[nodiscard]] int bits() const noexcept { return bits_; }
  [[nodiscard]] AlgorithmSet algorithms() const noexcept { return algorithms_; }
  /// RFC 7638 SHA-256 thumbprint, base64url: what the key is, whatever it is called.
  [[nodiscard]] const std::string& thumbprint() const noexcept { return thumbprint_; }
  /// For the verifier's signature room and for `jwks` alone.
  [[nodiscard]] evp_pkey_st* native() const noexcept { return native_.get(); }
  /// Whether a JWK named its algorithm (`alg`) itself; false for other forms.
  [[nodiscard]] bool names_algorithm() const noexcept { return names_algorithm_; }
  /// When the certificate ends in which the key came; absent where it came in none. Read again behind that, the key is set aside.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> not_after() const noexcept { return not_after_; }
  /// The same key under another id.
  [[nodiscard]] Key renamed(std::string id) const;
  /// The same key, serving only those of its algorithms that are in `allowed`.
  [[nodiscard]] Key narrowed(AlgorithmSet allowed) const;
  /// The same key, serving what either of them serves, and as long; `other` has the same thumbprint.
  [[nodiscard]] Key joined(const Key& other) const;
  /// The same key, made from a JWK that names its algorithm.
  [[nodiscard]] Key with_named_algorithm() &&;
  /// The same key, out of a certificate that ends at `not_after`.
  [[nodiscard]] Key certified_until(std::chrono::sys_seconds not_after) &&;

 private:
  std::string id_;
  KeyType type_;
  int bits_;
  AlgorithmSet algorithms_;
  bool names_algorithm_ = false;
  std::optional<std::chrono::sys_seconds> not_after_;
  KeyHandle native_;
  std::string thumbprint_;
};

/// Whether one check with `key` costs so much (P-384, P-521, RSA beyond 4096 bits: 0.1 ms and more) that it is not done on a request
/// thread.
bool is_costly(const Key& key) noexcept;

}  // namespace portcullis
