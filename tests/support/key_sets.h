// Key sets for verification, straight from key pairs: no text in between.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keystore/key_set.h"
#include "tests/support/tokens.h"

namespace portcullis::test {

/// The public half of `pair` as the key `id`. `algorithms` stands for the JWK's `alg`; without it the key serves all that suit its type.
/// RSA, P-256, P-384, P-521 and ED25519 only.
Key verification_key(const KeyPair& pair, std::string_view id, std::optional<AlgorithmSet> algorithms = std::nullopt);

/// A set of those keys, each serving all that suits its type.
KeySet key_set(NamedKeys keys);
/// A set of these keys.
KeySet key_set_of(std::vector<Key> keys);

}  // namespace portcullis::test
