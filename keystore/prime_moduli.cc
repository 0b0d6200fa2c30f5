#include "keystore/prime_moduli.h"

#include <utility>
#include <vector>

#include "keystore/key_policy.h"
#include "keystore/public_numbers.h"

namespace portcullis {

Result<void> check_not_prime(const Key& key) {
  if (key.type() != KeyType::rsa) return {};
  return check_modulus_is_composite(rsa_modulus(key));
}

void set_prime_moduli_aside(ParsedKeys& parsed) {
  if (parsed.keys.size() > kMaxKeysForPrimeCheck) return;
  std::vector<Key> good;
  for (Key& key : parsed.keys) {
    const Result<void> composite = check_not_prime(key);
    if (composite) {
      good.push_back(std::move(key));
    } else {
      parsed.quarantined.push_back({key.id(), composite.error()});
    }
  }
  parsed.keys = std::move(good);
}

}  // namespace portcullis
