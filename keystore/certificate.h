// X.509 certificates: the public key inside one, and the authorities that an operator trusts.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace portcullis {

/// What a certificate says of its key.
struct CertifiedKeyInfo {
  std::string der;  ///< the SubjectPublicKeyInfo
  std::chrono::sys_seconds not_after;
};

/// Of a certificate in DER whose validity holds `now`, both ends included (RFC 5280 section 4.1.2.5). The chain and the usages are not
/// looked at: the operator put the certificate there. Reasons: key_malformed, key_certificate_invalid.
Result<CertifiedKeyInfo> certificate_key_info(std::string_view der, TimePoint now);

/// Certificates that `check_authorities` takes: the system's own bundle has some 150.
inline constexpr std::size_t kMostAuthorities = 1000;

/// Whether `pem` (at most 1 MiB) is a bundle of certificate authorities: one `CERTIFICATE` block at least, and each can be read. What
/// stands between the blocks is not looked at, as OpenSSL and Go do not. `Reason::key_malformed`.
Result<void> check_authorities(std::string_view pem);

}  // namespace portcullis
