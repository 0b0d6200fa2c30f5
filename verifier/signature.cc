#include "verifier/signature.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "base/handle.h"

namespace portcullis {
namespace {

using KeyContext = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using Digest = Handle<EVP_MD, EVP_MD_free>;

enum class Scheme { rsa_pkcs1, rsa_pss, ecdsa, ed25519 };

/// What an algorithm asks of OpenSSL.
struct Recipe {
  Scheme scheme;
  const EVP_MD* hash;              ///< null for Ed25519
  std::size_t coordinate_bytes{};  ///< of r and of s; 0 but for ECDSA
};

/// Never null, which OpenSSL would take for "no hash", or for the one of the call before.
Digest fetch(const char* name) {
  Digest digest(EVP_MD_fetch(nullptr, name, nullptr));
  if (digest == nullptr) throw std::bad_alloc();
  return digest;
}

/// Fetched once: fetching by name at each call costs as much as a tenth of an RSA check. What failed is tried again.
const EVP_MD* fetched(const char* name) {
  static const Digest digest_of_256 = fetch("SHA256");
  static const Digest digest_of_384 = fetch("SHA384");
  static const Digest digest_of_512 = fetch("SHA512");
  const std::string_view wanted(name);
  if (wanted == "SHA256") return digest_of_256.get();
  return wanted == "SHA384" ? digest_of_384.get() : digest_of_512.get();
}

Recipe recipe_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::rs256: return {Scheme::rsa_pkcs1, fetched("SHA256")};
    case Algorithm::rs384: return {Scheme::rsa_pkcs1, fetched("SHA384")};
    case Algorithm::rs512: return {Scheme::rsa_pkcs1, fetched("SHA512")};
    case Algorithm::ps256: return {Scheme::rsa_pss, fetched("SHA256")};
    case Algorithm::ps384: return {Scheme::rsa_pss, fetched("SHA384")};
    case Algorithm::ps512: return {Scheme::rsa_pss, fetched("SHA512")};
    case Algorithm::es256: return {Scheme::ecdsa, fetched("SHA256"), 32};
    case Algorithm::es384: return {Scheme::ecdsa, fetched("SHA384"), 48};
    case Algorithm::es512: return {Scheme::ecdsa, fetched("SHA512"), 66};
    case Algorithm::eddsa:
    case Algorithm::ed25519: return {Scheme::ed25519, nullptr};
  }
  std::abort();
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// The one length that a signature may have; any other is refused before a byte of it is looked at (RFC 7518 sections 3.3 to 3.5, RFC 8032
/// section 5.1.6). An over-long ECDSA signature must never reach a conversion buffer.
std::size_t exact_length(const Recipe& recipe, const Key& key) {
  switch (recipe.scheme) {
    case Scheme::rsa_pkcs1:
    case Scheme::rsa_pss: return static_cast<std::size_t>(EVP_PKEY_get_size(key.native()));
    case Scheme::ecdsa: return 2 * recipe.coordinate_bytes;
    case Scheme::ed25519: return 64;
  }
  std::abort();
}

/// An ECDSA signature as DER: SEQUENCE of two INTEGER of at most 66 bytes and a leading zero each.
struct DerSignature {
  std::array<unsigned char, 3 + 2 * (2 + 1 + 66)> bytes{};
  std::size_t size = 0;

  void append(unsigned char byte) { bytes[size++] = byte; }
  void append_integer(std::string_view big_endian) {
    while (big_endian.size() > 1 && big_endian.front() == '\0') big_endian.remove_prefix(1);
    const bool high_bit = (static_cast<unsigned char>(big_endian.front()) & 0x80U) != 0;
    append(0x02);
    append(static_cast<unsigned char>(big_endian.size() + (high_bit ? 1 : 0)));
    if (high_bit) append(0);
    for (const char c : big_endian) append(static_cast<unsigned char>(c));
  }
};

/// `raw` is r||s of equal halves, at most 66 bytes each. The range of both numbers is OpenSSL's to check.
DerSignature to_der(std::string_view raw) {
  DerSignature body;
  body.append_integer(raw.substr(0, raw.size() / 2));
  body.append_integer(raw.substr(raw.size() / 2));
  DerSignature whole;
  whole.append(0x30);
  if (body.size > 0x7f) whole.append(0x81);
  whole.append(static_cast<unsigned char>(body.size));
  for (std::size_t i = 0; i < body.size; ++i) whole.append(body.bytes[i]);
  return whole;
}

/// A context that is ready to check signatures of one key by one algorithm, or null where OpenSSL has no memory.
KeyContext make_context(const Recipe& recipe, EVP_PKEY* key) {
  KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  if (context == nullptr || EVP_PKEY_verify_init(context.get()) != 1) return nullptr;
  if (recipe.scheme == Scheme::rsa_pkcs1 && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1) return nullptr;
  if (recipe.scheme == Scheme::rsa_pss && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) != 1) return nullptr;
  if (EVP_PKEY_CTX_set_signature_md(context.get(), recipe.hash) != 1) return nullptr;
  if (recipe.scheme != Scheme::rsa_pss) return context;
  if (EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), recipe.hash) != 1) return nullptr;
  if (EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) != 1) return nullptr;
  return context;
}

/// What a thread keeps from check to check. Making a context costs a fifth of an RSA check, and takes locks inside OpenSSL. A context owns
/// a reference to its key, so an address that is still in the table cannot belong to another key. The table is small and fixed: a key that
/// was removed from a set stays in memory until another takes its place, and can be asked for no more.
class ThreadContexts {
 public:
  EVP_PKEY_CTX* for_key(Algorithm algorithm, const Recipe& recipe, EVP_PKEY* key) {
    const auto hash = (reinterpret_cast<std::uintptr_t>(key) >> 5U) * 0x9E3779B97F4A7C15ULL + static_cast<std::uintptr_t>(algorithm);
    Slot& slot = slots_[(hash >> 20U) % slots_.size()];
    if (slot.key != key || slot.algorithm != algorithm || slot.context == nullptr) {
      slot = {key, algorithm, make_context(recipe, key)};
    }
    return slot.context.get();
  }
  /// For hashing.
  EVP_MD_CTX* digest() {
    if (digest_ == nullptr) digest_.reset(EVP_MD_CTX_new());
    return digest_.get();
  }

 private:
  struct Slot {
    const EVP_PKEY* key = nullptr;
    Algorithm algorithm{};
    KeyContext context;
  };

  std::array<Slot, 32> slots_;
  DigestContext digest_;
};

enum class Verdict { good, bad, no_memory };

/// libsodium, because OpenSSL 3.0 takes more than twice the time (docs/decisions/0010). Stricter than RFC 8032 section 5.1.7 has to be: a
/// key or an R of small order, which would make one signature fit many messages, and a key that is not written canonically are refused too.
Verdict check_ed25519(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  static const bool ready = sodium_init() >= 0;
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> point{};
  std::size_t size = point.size();
  if (!ready || EVP_PKEY_get_raw_public_key(key, point.data(), &size) != 1 || size != point.size()) return Verdict::no_memory;
  const int verdict = crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(), point.data());
  return verdict == 0 ? Verdict::good : Verdict::bad;
}

/// What was signed, hashed.
struct Hashed {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
};

Verdict check_hashed(EVP_MD_CTX* digest, EVP_PKEY_CTX* context, const Recipe& recipe, std::string_view message, std::string_view signature,
                     Hashed& hash) {
  if (EVP_DigestInit_ex2(digest, recipe.hash, nullptr) != 1 || EVP_DigestUpdate(digest, message.data(), message.size()) != 1 ||
      EVP_DigestFinal_ex(digest, hash.bytes.data(), &hash.size) != 1) {
    return Verdict::no_memory;
  }
  if (recipe.scheme != Scheme::ecdsa) {
    return EVP_PKEY_verify(context, bytes_of(signature), signature.size(), hash.bytes.data(), hash.size) == 1 ? Verdict::good
                                                                                                              : Verdict::bad;
  }
  const DerSignature der = to_der(signature);
  return EVP_PKEY_verify(context, der.bytes.data(), der.size, hash.bytes.data(), hash.size) == 1 ? Verdict::good : Verdict::bad;
}

Verdict check_bytes(Algorithm algorithm, const Key& key, std::string_view message, std::string_view signature, Hashed& hash) {
  thread_local ThreadContexts contexts;
  const Recipe recipe = recipe_of(algorithm);
  if (signature.size() != exact_length(recipe, key)) return Verdict::bad;
  if (recipe.scheme == Scheme::ed25519) return check_ed25519(key.native(), message, signature);
  EVP_MD_CTX* digest = contexts.digest();
  EVP_PKEY_CTX* context = contexts.for_key(algorithm, recipe, key.native());
  if (digest == nullptr || context == nullptr) return Verdict::no_memory;
  return check_hashed(digest, context, recipe, message, signature, hash);
}

Result<void> check(Algorithm algorithm, const Key& key, std::string_view message, std::string_view signature, Hashed& hash) {
  if (!key.algorithms().intersect(algorithms_for(key.type())).contains(algorithm)) {
    return Error{Reason::alg_key_mismatch,
                 "token says " + std::string(algorithm_name(algorithm)) + ", key is " + std::string(key_type_name(key.type()))};
  }
  const Verdict verdict = check_bytes(algorithm, key, message, signature, hash);
  if (verdict == Verdict::good) return {};
  ERR_clear_error();  // what is left behind could change the answer of a later call on this thread
  if (verdict == Verdict::no_memory) return Error{Reason::internal_error, "OpenSSL could not prepare the check"};
  return Error{Reason::bad_signature, "signature does not fit"};
}

}  // namespace

Result<void> check_signature(Algorithm algorithm, const Key& key, std::string_view message, std::string_view signature) {
  Hashed hash;
  return check(algorithm, key, message, signature, hash);
}

Result<Sha256> check_signature(const UnverifiedToken& token, const Key& key) {
  Hashed hash;
  if (auto checked = check(token.algorithm, key, token.signing_input, token.signature, hash); !checked) return checked.error();
  if (hash.size != Sha256().bytes.size()) return sha256(token.signing_input);
  Sha256 digest;
  std::copy_n(hash.bytes.begin(), digest.bytes.size(), digest.bytes.begin());
  return digest;
}

}  // namespace portcullis
