// The one check of the key policy that is too dear to be made for each of ten thousand keys.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "keystore/key_text.h"

namespace portcullis {

/// Texts of more keys are not looked through for prime moduli: at 1.5 ms a key they would load for seconds. Such a modulus is a blunder of
/// the key's owner, and nothing that a stranger can put there.
inline constexpr std::size_t kMaxKeysForPrimeCheck = 64;

/// `Reason::key_weak` for an RSA key with a prime modulus. Any other key passes.
Result<void> check_not_prime(const Key& key);
/// Moves such keys to the quarantined ones, unless there are more than `kMaxKeysForPrimeCheck` keys.
void set_prime_moduli_aside(ParsedKeys& parsed);

}  // namespace portcullis
