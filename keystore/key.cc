#include "keystore/key.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <openssl/evp.h>

#include "base/codec/base64url.h"
#include "base/codec/json_writer.h"
#include "base/digest.h"
#include "keystore/public_numbers.h"

namespace portcullis {
namespace {

/// RFC 7638 section 3: SHA-256 of the required members alone, sorted, without blanks.
std::string thumbprint_of(const evp_pkey_st* native, KeyType type) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : jwk_members(native, type)) json.key(name).string(value);
  json.end_object();
  const Sha256 digest = sha256(json.text());
  return base64url_encode({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

KeyHandle shared(evp_pkey_st* native) {
  if (native != nullptr && EVP_PKEY_up_ref(native) != 1) std::abort();
  return KeyHandle(native);
}

}  // namespace

void free_key(evp_pkey_st* key) noexcept { EVP_PKEY_free(key); }

Key::Key(std::string id, KeyType type, int bits, AlgorithmSet algorithms, KeyHandle native)
    : id_(std::move(id)),
      type_(type),
      bits_(bits),
      algorithms_(algorithms),
      native_(std::move(native)),
      thumbprint_(thumbprint_of(native_.get(), type)) {}

Key::Key(const Key& other)
    : id_(other.id_),
      type_(other.type_),
      bits_(other.bits_),
      algorithms_(other.algorithms_),
      names_algorithm_(other.names_algorithm_),
      not_after_(other.not_after_),
      native_(shared(other.native_.get())),
      thumbprint_(other.thumbprint_) {}

Key& Key::operator=(const Key& other) {
  if (this != &other) *this = Key(other);
  return *this;
}

Key Key::renamed(std::string id) const {
  Key copy(*this);
  copy.id_ = std::move(id);
  return copy;
}

Key Key::narrowed(AlgorithmSet allowed) const {
  Key copy(*this);
  copy.algorithms_ = algorithms_.intersect(allowed);
  return copy;
}

Key Key::joined(const Key& other) const {
  Key copy(*this);
  copy.algorithms_ = algorithms_.unite(other.algorithms_);
  copy.names_algorithm_ = names_algorithm_ && other.names_algorithm_;
  copy.not_after_ = not_after_ && other.not_after_ ? std::optional(std::max(*not_after_, *other.not_after_)) : std::nullopt;
  return copy;
}

Key Key::with_named_algorithm() && {
  names_algorithm_ = true;
  return std::move(*this);
}

Key Key::certified_until(std::chrono::sys_seconds not_after) && {
  not_after_ = not_after;
  return std::move(*this);
}

bool is_costly(const Key& key) noexcept {
  constexpr int kCheapRsaBits = 4096;
  return key.type() == KeyType::ec_p384 || key.type() == KeyType::ec_p521 || (key.type() == KeyType::rsa && key.bits() > kCheapRsaBits);
}

}  // namespace portcullis
