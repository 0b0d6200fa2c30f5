// SigV4A: its key derivation and its signature (AWS General Reference, "Signing AWS API requests", asymmetric variant).
#include <array>
#include <cstdint>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include "aws/sigv4.h"
#include "base/codec/hex.h"
#include "base/digest.h"
#include "base/handle.h"

namespace portcullis {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-ECDSA-P256-SHA256";
constexpr int kMostCounters = 254;

using Number = Handle<BIGNUM, BN_clear_free>;
using Group = Handle<EC_GROUP, EC_GROUP_free>;
using Point = Handle<EC_POINT, EC_POINT_free>;
using PrivateKey = Handle<EVP_PKEY, EVP_PKEY_free>;

Error failed(const char* what) {
  ERR_clear_error();
  return {Reason::internal_error, std::string("SigV4A: ") + what};
}

/// NIST SP 800-108 in counter mode: HMAC-SHA256 over i=1, the label, a zero byte, the context (key id and counter) and the length in bits.
Secret kdf_block(const Secret& key, std::string_view access_key_id, int counter) {
  std::string input("\x00\x00\x00\x01", 4);
  input += kAlgorithm;
  input += '\0';
  input += access_key_id;
  input += static_cast<char>(counter);
  input += std::string("\x00\x00\x01\x00", 4);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()), reinterpret_cast<const unsigned char*>(input.data()),
           input.size(), digest.data(), &length) == nullptr) {
    return Secret();
  }
  return Secret(std::string(reinterpret_cast<const char*>(digest.data()), length));
}

/// The first candidate c that is at most n - 2 gives the private key c + 1.
Number derive_private(const AwsCredentials& credentials, const EC_GROUP* group) {
  const Secret key("AWS4A" + std::string(credentials.secret_access_key.reveal()));
  const Number limit(BN_dup(EC_GROUP_get0_order(group)));
  if (limit == nullptr || BN_sub_word(limit.get(), 2) != 1) return nullptr;
  for (int counter = 1; counter <= kMostCounters; ++counter) {
    const Secret block = kdf_block(key, credentials.access_key_id, counter);
    Number candidate(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(block.reveal().data()), static_cast<int>(block.reveal().size()), nullptr));
    if (candidate == nullptr || block.empty()) return nullptr;
    if (BN_cmp(candidate.get(), limit.get()) > 0) continue;
    return BN_add_word(candidate.get(), 1) == 1 ? std::move(candidate) : nullptr;
  }
  return nullptr;
}

struct KeyPair {
  Group group;
  Number scalar;
  Point point;
};

Result<KeyPair> derive(const AwsCredentials& credentials) {
  KeyPair pair{Group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)), nullptr, nullptr};
  if (pair.group == nullptr) return failed("no P-256");
  pair.scalar = derive_private(credentials, pair.group.get());
  pair.point = Point(EC_POINT_new(pair.group.get()));
  if (pair.scalar == nullptr || pair.point == nullptr ||
      EC_POINT_mul(pair.group.get(), pair.point.get(), pair.scalar.get(), nullptr, nullptr, nullptr) != 1) {
    return failed("key derivation");
  }
  return pair;
}

Result<PrivateKey> to_pkey(const KeyPair& pair) {
  std::array<unsigned char, 65> encoded{};
  if (EC_POINT_point2oct(pair.group.get(), pair.point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(), nullptr) !=
      encoded.size()) {
    return failed("public point");
  }
  const Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, pair.scalar.get()) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()) != 1) {
    return failed("parameters");
  }
  const Handle<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* raw = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_KEYPAIR, parameters.get()) != 1) {
    return failed("private key");
  }
  return PrivateKey(raw);
}

Result<std::string> ecdsa(EVP_PKEY* key, std::string_view message) {
  const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  std::array<unsigned char, 80> signature{};
  std::size_t length = signature.size();
  if (context == nullptr || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &length, reinterpret_cast<const unsigned char*>(message.data()), message.size()) !=
          1) {
    return failed("signature");
  }
  return std::string(reinterpret_cast<const char*>(signature.data()), length);
}

}  // namespace

Result<SignedRequest> sign_v4a(const UnsignedRequest& request, const AwsCredentials& credentials, const SigningContext& context) {
  const std::string date = amz_date(context.time);
  const std::string scope = date.substr(0, 8) + "/" + context.service + "/aws4_request";
  const AlgorithmTerms terms{.name = kAlgorithm, .scope = scope, .region_set = true};
  CanonicalRequest canonical = canonical_request(request, credentials, context, terms);
  const auto pair = derive(credentials);
  if (!pair) return pair.error();
  const auto key = to_pkey(*pair);
  if (!key) return key.error();

  SignedRequest out;
  out.string_to_sign = string_to_sign(canonical, terms, context.time);
  const auto signature = ecdsa(key->get(), out.string_to_sign);
  if (!signature) return signature.error();
  out.signature = hex_encode(*signature);
  out.request = with_signature(canonical, terms, context, credentials, out.signature);
  out.canonical_request = std::move(canonical.text);
  return out;
}

Result<PublicPoint> sigv4a_public_point(const AwsCredentials& credentials) {
  const auto pair = derive(credentials);
  if (!pair) return pair.error();
  const Number x(BN_new());
  const Number y(BN_new());
  std::string x_bytes(32, '\0');
  std::string y_bytes(32, '\0');
  if (x == nullptr || y == nullptr ||
      EC_POINT_get_affine_coordinates(pair->group.get(), pair->point.get(), x.get(), y.get(), nullptr) != 1 ||
      BN_bn2binpad(x.get(), reinterpret_cast<unsigned char*>(x_bytes.data()), 32) != 32 ||
      BN_bn2binpad(y.get(), reinterpret_cast<unsigned char*>(y_bytes.data()), 32) != 32) {
    return failed("public point");
  }
  return PublicPoint{hex_encode(x_bytes), hex_encode(y_bytes)};
}

}  // namespace portcullis
