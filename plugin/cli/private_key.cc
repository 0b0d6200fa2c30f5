#include "plugin/cli/private_key.h"

#include <cstddef>
#include <cstdlib>
#include <utility>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "keystore/key_text.h"

namespace portcullis {
namespace {

constexpr int kSmallestRsa = 2048;
constexpr int kLargestRsa = 8192;

using BioHandle = Handle<BIO, BIO_free_all>;
using DigestHandle = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcdsaHandle = Handle<ECDSA_SIG, ECDSA_SIG_free>;

Error openssl_failed(std::string what) {
  ERR_clear_error();
  return {Reason::internal_error, std::move(what) + " failed in OpenSSL"};
}

/// How each algorithm signs. `digest` is null for Ed25519, `coordinate` the bytes of r and of s, 0 where the signature is no ECDSA one.
struct Scheme {
  KeyType type;
  const char* digest;
  bool pss;
  std::size_t coordinate;
};

Scheme scheme_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::rs256: return {KeyType::rsa, "SHA256", false, 0};
    case Algorithm::rs384: return {KeyType::rsa, "SHA384", false, 0};
    case Algorithm::rs512: return {KeyType::rsa, "SHA512", false, 0};
    case Algorithm::ps256: return {KeyType::rsa, "SHA256", true, 0};
    case Algorithm::ps384: return {KeyType::rsa, "SHA384", true, 0};
    case Algorithm::ps512: return {KeyType::rsa, "SHA512", true, 0};
    case Algorithm::es256: return {KeyType::ec_p256, "SHA256", false, 32};
    case Algorithm::es384: return {KeyType::ec_p384, "SHA384", false, 48};
    case Algorithm::es512: return {KeyType::ec_p521, "SHA512", false, 66};
    case Algorithm::eddsa:
    case Algorithm::ed25519: return {KeyType::ed25519, nullptr, false, 0};
  }
  std::abort();
}

EVP_PKEY* make_native(KeyType type, int rsa_bits) {
  switch (type) {
    case KeyType::rsa: return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(rsa_bits));
    case KeyType::ec_p256: return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    case KeyType::ec_p384: return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
    case KeyType::ec_p521: return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-521");
    case KeyType::ed25519: return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  }
  std::abort();
}

int refuse_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) { return -1; }

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

/// DER to raw r||s of exactly `coordinate` bytes each (RFC 7518 section 3.4).
Result<std::string> to_raw(const std::string& der, std::size_t coordinate) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const EcdsaHandle parsed(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
  if (!parsed) return openssl_failed("reading an ECDSA signature");
  std::string raw(2 * coordinate, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  const int size = static_cast<int>(coordinate);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out, size) != size) return openssl_failed("writing an ECDSA signature");
  if (BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out + coordinate, size) != size) return openssl_failed("writing an ECDSA signature");
  return raw;
}

Result<std::string> sign_native(EVP_PKEY* key, const Scheme& scheme, std::string_view message) {
  const DigestHandle context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // owned by `context`
  if (!context || EVP_DigestSignInit_ex(context.get(), &options, scheme.digest, nullptr, nullptr, key, nullptr) != 1) {
    return openssl_failed("starting a signature");
  }
  if (scheme.pss && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return openssl_failed("choosing PSS");
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) != 1) return openssl_failed("sizing a signature");
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, message.size()) != 1) {
    return openssl_failed("signing");
  }
  signature.resize(size);
  return signature;
}

}  // namespace

PrivateKey::PrivateKey(KeyHandle native) : native_(std::move(native)) {}

Result<PrivateKey> PrivateKey::generate(Algorithm algorithm, int rsa_bits) {
  const KeyType type = scheme_of(algorithm).type;
  if (type == KeyType::rsa && (rsa_bits < kSmallestRsa || rsa_bits > kLargestRsa)) {
    return Error{Reason::bad_request, "RSA keys have 2048 to 8192 bits"};
  }
  KeyHandle native(make_native(type, rsa_bits));
  if (!native) return openssl_failed("making a key");
  return PrivateKey(std::move(native));
}

Result<PrivateKey> PrivateKey::read(std::string_view pem) {
  const BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyHandle native(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_password, nullptr) : nullptr);
  if (!native) {
    ERR_clear_error();
    return Error{Reason::key_malformed, "no unencrypted private key in PEM form"};
  }
  return PrivateKey(std::move(native));
}

Secret PrivateKey::pem() const {
  const BioHandle bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), native_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) std::abort();
  return Secret(text_of(bio.get()));
}

std::string PrivateKey::public_pem() const {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PUBKEY(bio.get(), native_.get()) != 1) std::abort();
  return text_of(bio.get());
}

Result<Key> PrivateKey::public_key(std::string id, TimePoint now) const { return read_pem(std::move(id), public_pem(), now); }

Result<std::string> PrivateKey::sign(Algorithm algorithm, std::string_view message) const {
  const Result<Key> half = public_key({}, TimePoint{});
  if (!half.ok()) return half.error();
  const Scheme scheme = scheme_of(algorithm);
  if (!half->algorithms().contains(algorithm)) {
    return Error{Reason::alg_key_mismatch, "a key of type " + std::string(key_type_name(half->type())) + " cannot sign with " +
                                               std::string(algorithm_name(algorithm))};
  }
  Result<std::string> signature = sign_native(native_.get(), scheme, message);
  if (!signature.ok() || scheme.coordinate == 0) return signature;
  return to_raw(*signature, scheme.coordinate);
}

Algorithm default_algorithm(KeyType type) noexcept {
  switch (type) {
    case KeyType::rsa: return Algorithm::rs256;
    case KeyType::ec_p256: return Algorithm::es256;
    case KeyType::ec_p384: return Algorithm::es384;
    case KeyType::ec_p521: return Algorithm::es512;
    case KeyType::ed25519: return Algorithm::eddsa;
  }
  std::abort();
}

}  // namespace portcullis
