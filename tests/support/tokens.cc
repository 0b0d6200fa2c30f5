// Signatures and compact tokens.
#include "tests/support/tokens.h"

#include <algorithm>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "base/codec/base64url.h"
#include "base/codec/json_writer.h"
#include "base/handle.h"
#include "tests/support/check_openssl.h"
#include "tests/support/fake_clock.h"

namespace portcullis::test {
namespace {

using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcdsaSignature = Handle<ECDSA_SIG, ECDSA_SIG_free>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

struct Padding {
  int kind = 0;  ///< 0: not RSA
  const EVP_MD* mgf = nullptr;
  int salt = 0;
};

std::string sign_digest(const EVP_MD* hash, const Padding& padding, const KeyPair& key, std::string_view message) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  must(EVP_DigestSignInit(context.get(), &key_context, hash, nullptr, key.native()) == 1);
  if (padding.kind != 0) must(EVP_PKEY_CTX_set_rsa_padding(key_context, padding.kind) == 1);
  if (padding.kind == RSA_PKCS1_PSS_PADDING) {
    must(EVP_PKEY_CTX_set_rsa_mgf1_md(key_context, padding.mgf) == 1);
    must(EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, padding.salt) == 1);
  }
  std::size_t length = 0;
  must(EVP_DigestSign(context.get(), nullptr, &length, bytes_of(message), message.size()) == 1);
  std::string signature(length, '\0');
  must(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes_of(message), message.size()) == 1);
  signature.resize(length);
  return signature;
}

const EVP_MD* hash_called(std::string_view name) {
  const EVP_MD* hash = EVP_get_digestbyname(std::string(name).c_str());
  must(hash != nullptr);
  return hash;
}

/// `RS256` → SHA256; anything unknown → SHA256, so that tokens with strange names can be made.
const EVP_MD* hash_of(std::string_view algorithm) {
  if (algorithm.ends_with("384")) return EVP_sha384();
  if (algorithm.ends_with("512")) return EVP_sha512();
  return EVP_sha256();
}

}  // namespace

std::string sign(std::string_view algorithm, const KeyPair& key, std::string_view message) {
  EVP_PKEY* native = key.native();
  if (EVP_PKEY_is_a(native, "EC") == 1) {
    const auto width = static_cast<std::size_t>((EVP_PKEY_get_bits(native) + 7) / 8);
    return sign_ecdsa(EVP_MD_get0_name(hash_of(algorithm)), key, message, width);
  }
  if (EVP_PKEY_is_a(native, "RSA") != 1 && EVP_PKEY_is_a(native, "RSA-PSS") != 1) return sign_digest(nullptr, {}, key, message);
  const EVP_MD* hash = hash_of(algorithm);
  if (!algorithm.starts_with("PS")) return sign_digest(hash, {RSA_PKCS1_PADDING, nullptr, 0}, key, message);
  return sign_digest(hash, {RSA_PKCS1_PSS_PADDING, hash, EVP_MD_get_size(hash)}, key, message);
}

std::string sign_ecdsa_der(std::string_view hash, const KeyPair& key, std::string_view message) {
  return sign_digest(hash_called(hash), {}, key, message);
}

std::string sign_ecdsa(std::string_view hash, const KeyPair& key, std::string_view message, std::size_t width) {
  const std::string der = sign_ecdsa_der(hash, key, message);
  const unsigned char* at = bytes_of(der);
  const EcdsaSignature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  must(parsed != nullptr);
  std::string raw(2 * width, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  must(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out, static_cast<int>(width)) > 0);
  must(BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out + width, static_cast<int>(width)) > 0);
  return raw;
}

std::string sign_pss(std::string_view hash, std::string_view mgf_hash, int salt_bytes, const KeyPair& key, std::string_view message) {
  return sign_digest(hash_called(hash), {RSA_PKCS1_PSS_PADDING, hash_called(mgf_hash), salt_bytes}, key, message);
}

std::string hmac(std::string_view algorithm, std::string_view secret, std::string_view message) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  must(HMAC(hash_of(algorithm), secret.empty() ? "" : secret.data(), static_cast<int>(secret.size()), bytes_of(message), message.size(),
            mac, &length) != nullptr);
  return {reinterpret_cast<char*>(mac), length};
}

std::string signing_input(std::string_view header, std::string_view payload) {
  return base64url_encode(header) + "." + base64url_encode(payload);
}

std::string with_signature(std::string_view signing_input, std::string_view signature) {
  return std::string(signing_input) + "." + base64url_encode(signature);
}

std::string mint(std::string_view header, std::string_view payload, const KeyPair& key, std::string_view algorithm) {
  const std::string input = signing_input(header, payload);
  return with_signature(input, sign(algorithm, key, input));
}

std::string mint(std::string_view payload, const KeyPair& key, std::string_view algorithm, std::string_view kid) {
  return mint(header_json(algorithm, kid), payload, key, algorithm);
}

std::string mint_hmac(std::string_view header, std::string_view payload, std::string_view secret, std::string_view algorithm) {
  const std::string input = signing_input(header, payload);
  return with_signature(input, hmac(algorithm, secret, input));
}

std::string header_json(std::string_view algorithm, std::string_view kid) {
  JsonWriter out;
  out.begin_object().key("alg").string(algorithm).key("typ").string("JWT").key("kid").string(kid).end_object();
  return std::move(out).text();
}

std::string good_payload(TimePoint now, std::string_view repository, std::string_view actions, std::string_view extra) {
  JsonWriter out;
  out.begin_object().key("sub").string("alice").key("iat").integer(unix_seconds(now)).key("exp").integer(unix_seconds(now) + 300);
  out.key("access")
      .begin_array()
      .begin_object()
      .key("type")
      .string("repository")
      .key("name")
      .string(repository)
      .key("actions")
      .begin_array();
  while (!actions.empty()) {
    const std::size_t comma = std::min(actions.find(','), actions.size());
    out.string(actions.substr(0, comma));
    actions.remove_prefix(std::min(comma + 1, actions.size()));
  }
  out.end_array().end_object().end_array().end_object();
  std::string text = std::move(out).text();
  if (!extra.empty()) text.insert(text.size() - 1, "," + std::string(extra));
  return text;
}

}  // namespace portcullis::test
