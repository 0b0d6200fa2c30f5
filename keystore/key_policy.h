// What a public key must be before anything is verified with it. OpenSSL alone is no policy: it verifies with an RSA exponent of 1 (RFC
// 8725 section 3.2).
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace portcullis {

inline constexpr std::size_t kMinRsaBits = 2048;
inline constexpr std::size_t kMaxRsaBits = 8192;  ///< a verification costs about 0.2 ms then
inline constexpr std::size_t kEd25519Bytes = 32;

/// Bits of a big-endian number without leading zeros.
std::size_t bit_length(std::string_view number) noexcept;

/// Big-endian numbers without leading zeros: an odd modulus of 2048 to 8192 bits that is no ROCA modulus, and an odd exponent with 65537 <=
/// e < 2^32. `Reason::key_weak`, naming what was found. Costs microseconds: it does not look for factors.
Result<void> check_rsa_numbers(std::string_view modulus, std::string_view exponent);

/// `Reason::key_weak` for a prime modulus: whoever sees such a key can sign with it. One exponentiation: 1.5 ms at 2048 bits, 80 ms at
/// 8192.
Result<void> check_modulus_is_composite(std::string_view modulus);

/// 32 bytes of RFC 8032 section 5.1.5 that decode to a point of the curve (section 5.1.3) in the one canonical way. `Reason::key_malformed`
/// where they do not, `Reason::key_weak` for the eight points of small order, for which signatures of any message can be made.
Result<void> check_ed25519_point(std::string_view bytes);

}  // namespace portcullis
