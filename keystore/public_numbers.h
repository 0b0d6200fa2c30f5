// Between the numbers of a public key and OpenSSL's object of it: the one way in, and so the one place where the key policy is applied.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "keystore/key.h"

namespace portcullis {

/// Numbers are big-endian without leading zeros. Reasons: key_weak; key_malformed where OpenSSL refuses them.
Result<Key> make_rsa_key(std::string id, std::string_view modulus, std::string_view exponent, AlgorithmSet algorithms);

/// Bytes of a coordinate of that curve: 32, 48 or 66. The type must be one of the three EC types.
std::size_t coordinate_bytes(KeyType curve) noexcept;
/// Coordinates of exactly that many bytes. `Reason::key_malformed` for another length or a point that is not on the curve. The curves have
/// cofactor 1: a point on them has the full order.
Result<Key> make_ec_key(std::string id, KeyType curve, std::string_view x, std::string_view y, AlgorithmSet algorithms);

/// The 32 bytes of RFC 8032 section 5.1.5. Reasons: key_malformed, key_weak.
Result<Key> make_ed25519_key(std::string id, std::string_view point, AlgorithmSet algorithms);

/// The modulus of an RSA key, big-endian without leading zeros.
std::string rsa_modulus(const Key& key);

/// The members that say what the key is (RFC 7638 section 3.2), sorted by name, values as in a JWK: `{{"crv", "P-256"}, {"kty", "EC"}, …}`.
/// Ends the process if `native` is not a public key of `type`.
std::vector<std::pair<std::string_view, std::string>> jwk_members(const evp_pkey_st* native, KeyType type);

}  // namespace portcullis
