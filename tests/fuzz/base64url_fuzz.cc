// Fuzzes base64url: what decodes is the one text of its bytes, and any bytes come back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/codec/base64url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto decoded = portcullis::base64url_decode(text);
  if (decoded.ok() && portcullis::base64url_encode(*decoded) != text) std::abort();
  const auto back = portcullis::base64url_decode(portcullis::base64url_encode(text));
  if (!back.ok() || *back != text) std::abort();
  (void)portcullis::base64_decode(text);
  return 0;
}
