// Verifies an ECDSA P-256 signature by a public point: what the other side of SigV4A does.
#pragma once

#include <string_view>

#include "aws/sigv4.h"

namespace portcullis {

/// Whether `signature` (hex of DER) over `text` was made with the key of `point`.
bool p256_verifies(const PublicPoint& point, std::string_view text, std::string_view signature);

}  // namespace portcullis
