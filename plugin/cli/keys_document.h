// The keys file as text: adds one public key to it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

/// `document` (a JSON object of key id to key, empty for a new one) with `"<id>": "<pem>"` behind its other members, one a line. Reasons:
/// secret_malformed where it is no such object (a bare JWK or JWKS has no place for an id), key_duplicate where `id` stands in it already
/// with another value. The same id with the same text changes nothing.
Result<std::string> with_key(std::string_view document, std::string_view id, std::string_view pem);

}  // namespace portcullis
