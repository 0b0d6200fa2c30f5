// Public keys in DER: PKIX SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) and PKCS#1 RSAPublicKey (RFC 8017 appendix A.1.1).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "keystore/key.h"

namespace portcullis {

/// Reasons: key_malformed, key_private where the bytes are a private key under a wrong label, key_type_unsupported, key_weak.
Result<Key> read_key_info(std::string id, std::string_view der);
Result<Key> read_rsa_public_key(std::string id, std::string_view der);

/// The fault of a private key, wherever one is found: it names what to do, and nothing of the key.
Error private_key_found();

}  // namespace portcullis
