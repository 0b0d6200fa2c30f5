// Hexadecimal text.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

/// Two lower-case digits a byte.
std::string hex_encode(std::string_view bytes);
/// The bytes of `text`, digits in either case. `Reason::bad_request` for an odd length or a foreign character.
Result<std::string> hex_decode(std::string_view text);

}  // namespace portcullis
