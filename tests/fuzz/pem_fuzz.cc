// Any text as PEM: refused, or exactly one public key; a text that is labelled as a private key is never taken, and never asks for a
// password.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <openssl/err.h>

#include "keystore/key_text.h"

namespace {

constexpr portcullis::TimePoint kNow{std::chrono::seconds{1798761600}};  // 2027-01-01

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const portcullis::Result<portcullis::Key> key = portcullis::read_pem("id", text, kNow);
  require(ERR_peek_error() == 0);
  if (!key) {
    require(key.error().detail.size() < 1024);
    return 0;
  }
  require(text.find("PRIVATE KEY") == std::string_view::npos && text.find('\0') == std::string_view::npos);
  require(text.find("-----BEGIN ") == text.rfind("-----BEGIN "));
  require(key->id() == "id" && key->algorithms() == portcullis::algorithms_for(key->type()));
  const portcullis::Result<portcullis::ParsedKeys> again = portcullis::read_jwks(portcullis::to_jwks({*key}), "");
  require(again.ok() && again->keys.size() == 1 && again->keys[0].thumbprint() == key->thumbprint());
  return 0;
}
