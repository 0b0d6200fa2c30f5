// Checks one signature with one key. The only file that calls EVP, or libsodium, to verify.
#pragma once

#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "keystore/key.h"
#include "verifier/token.h"

namespace portcullis {

/// Whether `signature` over `message` was made with the private half of `key` by `algorithm`. PSS salts are as long as the hash; ECDSA
/// signatures are raw r||s of exactly 64, 96 or 132 bytes (RFC 7518 sections 3.4 and 3.5). Leaves OpenSSL's error queue empty. Safe from
/// many threads; each keeps a few prepared contexts. Reasons: alg_key_mismatch where the key does not serve the algorithm (RFC 8725
/// section 3.1: the key decides), bad_signature; internal_error where OpenSSL is out of memory.
Result<void> check_signature(Algorithm algorithm, const Key& key, std::string_view message, std::string_view signature);

/// The same for a parsed token; gives the SHA-256 of what was signed, which most algorithms have computed by then.
Result<Sha256> check_signature(const UnverifiedToken& token, const Key& key);

}  // namespace portcullis
