// One JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037) to a key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/codec/json.h"
#include "base/result.h"
#include "keystore/key.h"

namespace portcullis {

/// Its `kid`, or nothing where it has none. `Reason::key_malformed` for one that is no string or longer than 256 bytes.
Result<std::optional<std::string_view>> jwk_id(JsonView jwk);

/// The key under `id`, whatever its `kid` says. `use`, `key_ops` and `alg` are honoured; `alg` narrows what the key serves (RFC 8725
/// section 3.1). `x5c`, `x5u` and unknown members are not read. A prime modulus passes: see prime_moduli.h. Reasons: key_malformed,
/// key_private, key_symmetric, key_type_unsupported, key_algorithm_unsupported, key_not_for_signatures, key_weak.
Result<Key> jwk_to_key(JsonView jwk, std::string id);

}  // namespace portcullis
