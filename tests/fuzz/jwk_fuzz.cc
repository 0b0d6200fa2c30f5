// Any text as one JWK: refused with a short reason, or a key that passed the policy and can be written and read again.
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
  const portcullis::Result<portcullis::Key> key = portcullis::read_single_key(text, kNow);
  require(ERR_peek_error() == 0);
  if (!key) {
    require(key.error().detail.size() < 1024);
    return 0;
  }
  require(!key->algorithms().empty() && key->algorithms().intersect(portcullis::algorithms_for(key->type())) == key->algorithms());
  require(key->type() != portcullis::KeyType::rsa || (key->bits() >= 2048 && key->bits() <= 8192));
  const portcullis::Result<portcullis::Key> again = portcullis::read_single_key(portcullis::to_jwks({*key}), kNow);
  require(again.ok() && again->thumbprint() == key->thumbprint() && again->algorithms() == key->algorithms() && again->id() == key->id());
  return 0;
}
