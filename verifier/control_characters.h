// Control characters in text from outside: no name has them, and logs, headers and terminals would act on them.
#pragma once

#include <string_view>

namespace portcullis {

/// Whether well-formed UTF-8 `text` holds one of U+0000…U+001F, U+007F…U+009F.
constexpr bool has_control(std::string_view text) noexcept {
  bool after_c2 = false;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte < 0x20 || byte == 0x7f || (after_c2 && byte < 0xa0)) return true;
    after_c2 = byte == 0xc2;
  }
  return false;
}

}  // namespace portcullis
