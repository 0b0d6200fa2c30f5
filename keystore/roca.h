// Recognises RSA moduli that the faulty Infineon key generator made (CVE-2017-15361, "ROCA"): their owner's private key can be computed.
#pragma once

#include <string_view>

namespace portcullis {

/// Whether `modulus` (big-endian) is a power of 65537 modulo the product of the first 39 primes, as is every modulus of that generator, of
/// any size (Nemec and others, "The Return of Coppersmith's Attack", ACM CCS 2017, section 3). A modulus of another origin is one by chance
/// in 2^154 cases.
bool has_roca_fingerprint(std::string_view modulus) noexcept;

}  // namespace portcullis
