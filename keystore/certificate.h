// The public key inside an X.509 certificate.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace portcullis {

/// The SubjectPublicKeyInfo, DER, of a certificate in DER whose validity holds `now`, both ends included (RFC 5280 section 4.1.2.5). The
/// chain and the usages are not looked at: the operator put the certificate there. Reasons: key_malformed, key_certificate_invalid.
Result<std::string> certificate_key_info(std::string_view der, TimePoint now);

}  // namespace portcullis
