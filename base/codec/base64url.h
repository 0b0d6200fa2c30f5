// base64url without padding, strict: one text for each byte string, and nothing else decodes (RFC 7515 section 2, RFC 4648
// sections 3.5 and 5).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

/// Encodes without padding.
std::string base64url_encode(std::string_view bytes);
/// Decodes. `Reason::base64_malformed` for a padding or foreign character, a length of 1 modulo 4, or spare bits that are not zero.
Result<std::string> base64url_decode(std::string_view text);
/// Encodes with `+`, `/` and padding (RFC 4648 section 4).
std::string base64_encode(std::string_view bytes);
/// The same, written behind `text`.
void base64_append(std::string& text, std::string_view bytes);
/// Decodes base64 with `+`, `/` and padding as in HTTP Basic credentials (RFC 7617 section 2), equally strict.
Result<std::string> base64_decode(std::string_view text);

}  // namespace portcullis
