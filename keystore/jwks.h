// JWK sets (RFC 7517 section 5) as parsed JSON, for the texts that hold one.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/codec/json.h"
#include "base/result.h"
#include "keystore/key_text.h"

namespace portcullis {

inline constexpr std::size_t kMaxJwksKeys = 10000;
/// Bounds of a JWKS text: 1 MiB; members of every key as many as 1 MiB holds.
inline constexpr JsonLimits kJwksLimits{.bytes = 1048576, .depth = 16, .members = 250000};

/// Whether an object is a JWK (it has `kty`) or a JWKS (its `keys` is an array).
bool is_jwk(JsonView object) noexcept;
bool is_jwks(JsonView object) noexcept;

/// The JWKs of a JWKS, or the one bare JWK. `Reason::key_malformed` for anything else, and for more than 10,000.
Result<std::vector<JsonView>> jwks_members(JsonView root);

/// The keys of these JWKs: each under its own `kid`; without one, and if it is the only JWK, under `fallback_id`. Duplicates and prime
/// moduli are left to the caller.
ParsedKeys keys_of(const std::vector<JsonView>& jwks, std::string_view fallback_id);

}  // namespace portcullis
