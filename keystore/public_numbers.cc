#include "keystore/public_numbers.h"

#include <array>
#include <cstdlib>
#include <new>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/codec/base64url.h"
#include "keystore/key_policy.h"
#include "keystore/openssl_errors.h"

namespace portcullis {
namespace {

using Number = Handle<BIGNUM, BN_free>;
using KeyContext = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using ParamBuilder = Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Handle<OSSL_PARAM, OSSL_PARAM_free>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
Number number_of(std::string_view big_endian) {
  return Number(BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

KeyHandle import_key(const char* type, OSSL_PARAM* params) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 || EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
    return nullptr;
  return KeyHandle(key);
}

const char* group_name(KeyType curve) {
  switch (curve) {
    case KeyType::ec_p256: return "P-256";
    case KeyType::ec_p384: return "P-384";
    case KeyType::ec_p521: return "P-521";
    case KeyType::rsa:
    case KeyType::ed25519: break;
  }
  std::abort();
}

int curve_bits(KeyType curve) { return curve == KeyType::ec_p521 ? 521 : static_cast<int>(coordinate_bytes(curve) * 8); }

/// The parameter `name` of `native`, big-endian, padded with zeros on the left to `width` bytes; without leading zeros if `width` is 0.
std::string number_bytes(const evp_pkey_st* native, const char* name, std::size_t width) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(native, name, &raw) != 1) throw std::bad_alloc();  // the key is of that type
  const Number number(raw);
  const auto length = static_cast<std::size_t>(BN_num_bytes(number.get()));
  std::string bytes(width == 0 ? length : width, '\0');
  if (BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) < 0)
    throw std::bad_alloc();
  return bytes;
}

std::string raw_point(const evp_pkey_st* native) {
  std::string bytes(kEd25519Bytes, '\0');
  std::size_t length = bytes.size();
  if (EVP_PKEY_get_raw_public_key(native, reinterpret_cast<unsigned char*>(bytes.data()), &length) != 1 || length != bytes.size())
    throw std::bad_alloc();
  return bytes;
}

}  // namespace

Result<Key> make_rsa_key(std::string id, std::string_view modulus, std::string_view exponent, AlgorithmSet algorithms) {
  const OpensslErrors cleared;
  const Result<void> sound = check_rsa_numbers(modulus, exponent);
  if (!sound) return sound.error();
  const Number n = number_of(modulus);
  const Number e = number_of(exponent);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  const bool pushed = n && e && builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
                      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
  const Params params(pushed ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
  KeyHandle native = params ? import_key("RSA", params.get()) : nullptr;
  if (!native) return Error{Reason::key_malformed, "RSA numbers that OpenSSL does not take"};
  return Key(std::move(id), KeyType::rsa, static_cast<int>(bit_length(modulus)), algorithms, std::move(native));
}

std::size_t coordinate_bytes(KeyType curve) noexcept {
  switch (curve) {
    case KeyType::ec_p256: return 32;
    case KeyType::ec_p384: return 48;
    case KeyType::ec_p521: return 66;
    case KeyType::rsa:
    case KeyType::ed25519: break;
  }
  std::abort();
}

Result<Key> make_ec_key(std::string id, KeyType curve, std::string_view x, std::string_view y, AlgorithmSet algorithms) {
  const OpensslErrors cleared;
  const std::size_t width = coordinate_bytes(curve);
  if (x.size() != width || y.size() != width) {
    return Error{Reason::key_malformed,
                 "coordinates of " + std::string(key_type_name(curve)) + " are not " + std::to_string(width) + " bytes long"};
  }
  std::string point = "\x04";
  point.append(x).append(y);
  std::string group = group_name(curve);
  std::array<OSSL_PARAM, 3> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end(),
  };
  // OpenSSL checks coordinates below the field prime and the curve's equation while it reads an uncompressed point.
  KeyHandle native = import_key("EC", params.data());
  if (!native) return Error{Reason::key_malformed, "point is not on " + std::string(key_type_name(curve))};
  return Key(std::move(id), curve, curve_bits(curve), algorithms, std::move(native));
}

Result<Key> make_ed25519_key(std::string id, std::string_view point, AlgorithmSet algorithms) {
  const OpensslErrors cleared;
  const Result<void> sound = check_ed25519_point(point);
  if (!sound) return sound.error();
  KeyHandle native(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(point), point.size()));
  if (!native) return Error{Reason::key_malformed, "Ed25519 key that OpenSSL does not take"};
  return Key(std::move(id), KeyType::ed25519, 256, algorithms, std::move(native));
}

std::string rsa_modulus(const Key& key) { return number_bytes(key.native(), OSSL_PKEY_PARAM_RSA_N, 0); }

std::vector<std::pair<std::string_view, std::string>> jwk_members(const evp_pkey_st* native, KeyType type) {
  if (type == KeyType::rsa) {
    return {{"e", base64url_encode(number_bytes(native, OSSL_PKEY_PARAM_RSA_E, 0))},
            {"kty", "RSA"},
            {"n", base64url_encode(number_bytes(native, OSSL_PKEY_PARAM_RSA_N, 0))}};
  }
  if (type == KeyType::ed25519) return {{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", base64url_encode(raw_point(native))}};
  const std::size_t width = coordinate_bytes(type);
  return {{"crv", group_name(type)},
          {"kty", "EC"},
          {"x", base64url_encode(number_bytes(native, OSSL_PKEY_PARAM_EC_PUB_X, width))},
          {"y", base64url_encode(number_bytes(native, OSSL_PKEY_PARAM_EC_PUB_Y, width))}};
}

}  // namespace portcullis
