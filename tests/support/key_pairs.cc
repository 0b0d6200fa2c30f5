// Key pairs: generation and the texts of their public halves.
#include <algorithm>
#include <map>
#include <mutex>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/codec/base64url.h"
#include "base/codec/json_writer.h"
#include "base/handle.h"
#include "tests/support/check_openssl.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

using Bio = Handle<BIO, BIO_free_all>;
using Number = Handle<BIGNUM, BN_free>;
using KeyContext = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Certificate = Handle<X509, X509_free>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

template <class Write>
std::string written(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(write(bio.get()) == 1);
  return text_of(bio.get());
}

std::string number_bytes(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  must(EVP_PKEY_get_bn_param(key, name, &raw) == 1);
  const Number number(raw);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

std::string left_padded(std::string bytes, std::size_t width) { return std::string(width - std::min(width, bytes.size()), '\0') + bytes; }

std::string octet_bytes(const EVP_PKEY* key, int (*get)(const EVP_PKEY*, unsigned char*, std::size_t*)) {
  std::size_t length = 0;
  must(get(key, nullptr, &length) == 1);
  std::string bytes(length, '\0');
  must(get(key, reinterpret_cast<unsigned char*>(bytes.data()), &length) == 1);
  return bytes;
}

std::string group_name(const EVP_PKEY* key) {
  char name[64] = {};
  std::size_t length = 0;
  must(EVP_PKEY_get_group_name(key, name, sizeof name, &length) == 1);
  return {name, length};
}

/// The `crv` of RFC 7518 section 6.2.1.1 for the names that OpenSSL gives.
std::string jwk_curve(const std::string& group) {
  if (group == "prime256v1" || group == "P-256") return "P-256";
  if (group == "secp384r1" || group == "P-384") return "P-384";
  if (group == "secp521r1" || group == "P-521") return "P-521";
  return group;
}

void write_ec(JsonWriter& out, const EVP_PKEY* key, bool with_private) {
  const auto width = static_cast<std::size_t>((EVP_PKEY_get_bits(key) + 7) / 8);
  out.key("kty").string("EC").key("crv").string(jwk_curve(group_name(key)));
  out.key("x").string(base64url_encode(left_padded(number_bytes(key, OSSL_PKEY_PARAM_EC_PUB_X), width)));
  out.key("y").string(base64url_encode(left_padded(number_bytes(key, OSSL_PKEY_PARAM_EC_PUB_Y), width)));
  if (with_private) out.key("d").string(base64url_encode(left_padded(number_bytes(key, OSSL_PKEY_PARAM_PRIV_KEY), width)));
}

void write_okp(JsonWriter& out, const EVP_PKEY* key, bool with_private) {
  const char* curve = EVP_PKEY_is_a(key, "ED25519") == 1 ? "Ed25519" : EVP_PKEY_is_a(key, "ED448") == 1 ? "Ed448" : "X25519";
  out.key("kty").string("OKP").key("crv").string(curve);
  out.key("x").string(base64url_encode(octet_bytes(key, EVP_PKEY_get_raw_public_key)));
  if (with_private) out.key("d").string(base64url_encode(octet_bytes(key, EVP_PKEY_get_raw_private_key)));
}

void write_rsa(JsonWriter& out, const EVP_PKEY* key, bool with_private) {
  out.key("kty").string("RSA");
  out.key("n").string(base64url_encode(number_bytes(key, OSSL_PKEY_PARAM_RSA_N)));
  out.key("e").string(base64url_encode(number_bytes(key, OSSL_PKEY_PARAM_RSA_E)));
  if (with_private) out.key("d").string(base64url_encode(number_bytes(key, OSSL_PKEY_PARAM_RSA_D)));
}

bool is_rsa(const EVP_PKEY* key) { return EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1; }

KeyPair generate_rsa(const char* type, int bits, std::uint64_t exponent) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  const Number e(BN_new());
  must(BN_set_word(e.get(), exponent) == 1);
  must(EVP_PKEY_keygen_init(context.get()) == 1);
  must(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits) == 1);
  must(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get()) == 1);
  EVP_PKEY* key = nullptr;
  must(EVP_PKEY_generate(context.get(), &key) == 1);
  return KeyPair(key);
}

}  // namespace

KeyPair::KeyPair(evp_pkey_st* owned) : native_(owned, EVP_PKEY_free) { must(owned != nullptr); }

std::string KeyPair::public_pem() const {
  return written([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, native()); });
}

std::string KeyPair::public_der() const {
  return written([&](BIO* bio) { return i2d_PUBKEY_bio(bio, native()); });
}

std::string KeyPair::public_pkcs1_pem() const {
  unsigned char* der = nullptr;
  const int length = i2d_PublicKey(native(), &der);
  must(length > 0);
  const std::string pem = written([&](BIO* bio) { return PEM_write_bio(bio, PEM_STRING_RSA_PUBLIC, "", der, length) > 0 ? 1 : 0; });
  OPENSSL_free(der);
  return pem;
}

std::string KeyPair::private_pem() const {
  return written([&](BIO* bio) { return PEM_write_bio_PKCS8PrivateKey(bio, native(), nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string KeyPair::certificate_pem(TimePoint not_before, TimePoint not_after) const {
  const Certificate certificate(X509_new());
  must(X509_set_version(certificate.get(), 2) == 1);
  must(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1) == 1);
  must(ASN1_TIME_set(X509_getm_notBefore(certificate.get()),
                     std::chrono::floor<std::chrono::seconds>(not_before).time_since_epoch().count()) != nullptr);
  must(ASN1_TIME_set(X509_getm_notAfter(certificate.get()),
                     std::chrono::floor<std::chrono::seconds>(not_after).time_since_epoch().count()) != nullptr);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("signer"), -1, -1, 0) == 1);
  must(X509_set_issuer_name(certificate.get(), name) == 1);
  must(X509_set_pubkey(certificate.get(), native()) == 1);
  const bool pure = EVP_PKEY_is_a(native(), "ED25519") == 1 || EVP_PKEY_is_a(native(), "ED448") == 1;
  must(X509_sign(certificate.get(), native(), pure ? nullptr : EVP_sha256()) > 0);
  return written([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
}

std::string KeyPair::public_jwk(const JwkOptions& options) const {
  JsonWriter out;
  out.begin_object();
  if (is_rsa(native())) {
    write_rsa(out, native(), options.with_private);
  } else if (EVP_PKEY_is_a(native(), "EC") == 1) {
    write_ec(out, native(), options.with_private);
  } else {
    write_okp(out, native(), options.with_private);
  }
  if (options.kid) out.key("kid").string(*options.kid);
  if (options.alg) out.key("alg").string(*options.alg);
  if (options.use) out.key("use").string(*options.use);
  out.end_object();
  std::string text = std::move(out).text();
  if (!options.extra.empty()) text.insert(text.size() - 1, "," + options.extra);
  return text;
}

std::string KeyPair::part(std::string_view name) const {
  if (name == "pub") return octet_bytes(native(), EVP_PKEY_get_raw_public_key);
  // A coordinate has the curve's width, also where it begins with zeros.
  if (name == "qx" || name == "qy")
    return left_padded(number_bytes(native(), std::string(name).c_str()), (static_cast<std::size_t>(EVP_PKEY_get_bits(native())) + 7) / 8);
  return number_bytes(native(), std::string(name).c_str());
}

KeyPair make_key(std::string_view kind) {
  if (kind.starts_with("RSA-PSS-")) return generate_rsa("RSA-PSS", std::stoi(std::string(kind.substr(8))), 65537);
  if (kind.starts_with("RSA-")) return generate_rsa("RSA", std::stoi(std::string(kind.substr(4))), 65537);
  const std::string name(kind);
  if (kind == "ED25519" || kind == "ED448" || kind == "X25519") return KeyPair(EVP_PKEY_Q_keygen(nullptr, nullptr, name.c_str()));
  return KeyPair(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", name.c_str()));
}

KeyPair make_rsa(int bits, std::uint64_t exponent) { return generate_rsa("RSA", bits, exponent); }

const KeyPair& key_pair(std::string_view kind, std::string_view name) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, KeyPair> made;
  const std::scoped_lock lock(mutex);
  std::pair<std::string, std::string> id{kind, name};
  auto found = made.find(id);
  if (found == made.end()) found = made.emplace(std::move(id), make_key(kind)).first;
  return found->second;
}

std::string secret_json(NamedKeys keys) {
  JsonWriter out;
  out.begin_object();
  for (const auto& [id, key] : keys) out.key(id).string(key->public_pem());
  out.end_object();
  return std::move(out).text();
}

std::string certificate_secret_json(std::string_view id, const KeyPair& key, TimePoint now, TimePoint not_after) {
  JsonWriter out;
  out.begin_object().key(id).string(key.certificate_pem(now - std::chrono::hours(1), not_after)).end_object();
  return std::move(out).text();
}

std::string jwks_json(NamedKeys keys) {
  JsonWriter out;
  out.begin_object().key("keys").begin_array();
  for (const auto& [id, key] : keys) out.raw(key->public_jwk({.kid = std::string(id), .alg = {}, .use = {}, .extra = {}}));
  out.end_array().end_object();
  return std::move(out).text();
}

}  // namespace portcullis::test
