// Key sets for tests.
#include "tests/support/key_sets.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/support/check_openssl.h"

namespace portcullis::test {
namespace {

KeyType type_of(const KeyPair& pair) {
  if (EVP_PKEY_is_a(pair.native(), "RSA") == 1) return KeyType::rsa;
  if (EVP_PKEY_is_a(pair.native(), "ED25519") == 1) return KeyType::ed25519;
  must(EVP_PKEY_is_a(pair.native(), "EC") == 1);
  switch (EVP_PKEY_get_bits(pair.native())) {
    case 256: return KeyType::ec_p256;
    case 384: return KeyType::ec_p384;
    default: return KeyType::ec_p521;
  }
}

}  // namespace

Key verification_key(const KeyPair& pair, std::string_view id, std::optional<AlgorithmSet> algorithms) {
  const std::string der = pair.public_der();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  KeyHandle native(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  must(native != nullptr);
  const KeyType type = type_of(pair);
  const int bits = EVP_PKEY_get_bits(native.get());
  return {std::string(id), type, bits, algorithms.value_or(algorithms_for(type)), std::move(native)};
}

KeySet key_set(NamedKeys keys) {
  std::vector<Key> all;
  for (const auto& [id, pair] : keys) all.push_back(verification_key(*pair, id));
  return key_set_of(std::move(all));
}

KeySet key_set_of(std::vector<Key> keys) {
  Result<KeySet> made = KeySet::make({std::move(keys), {}});
  must(made.ok());
  return std::move(made).value();
}

}  // namespace portcullis::test
