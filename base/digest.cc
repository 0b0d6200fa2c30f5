#include "base/digest.h"

#include <cstring>
#include <new>

#include <openssl/evp.h>

#include "base/codec/hex.h"
#include "base/handle.h"

namespace portcullis {
namespace {

/// Fetching an algorithm costs more than hashing a token with it, so it is fetched once.
const EVP_MD* fetched_sha256() {
  static const Handle<EVP_MD, EVP_MD_free> method = [] {
    Handle<EVP_MD, EVP_MD_free> fetched(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    if (fetched == nullptr) throw std::bad_alloc();  // not remembered: the next call tries again
    return fetched;
  }();
  return method.get();
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  thread_local Handle<EVP_MD_CTX, EVP_MD_CTX_free> context;
  if (context == nullptr) context.reset(EVP_MD_CTX_new());
  Sha256 digest;
  unsigned int length = 0;
  if (context == nullptr || EVP_DigestInit_ex(context.get(), fetched_sha256(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.bytes.data(), &length) != 1 || length != digest.bytes.size()) {
    throw std::bad_alloc();  // the only way to fail; an identity that is not the digest would let one token pass for another
  }
  return digest;
}

std::string to_hex(const Sha256& digest) { return hex_encode({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()}); }

std::string short_form(const Sha256& digest) { return "sha256:" + to_hex(digest).substr(0, 8); }

std::string sha1_hex(std::string_view text) {
  std::array<char, 20> bytes{};
  unsigned int length = 0;
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(bytes.data()), &length, EVP_sha1(), nullptr) != 1 ||
      length != bytes.size()) {
    throw std::bad_alloc();
  }
  return hex_encode({bytes.data(), bytes.size()});
}

std::size_t Sha256Hash::operator()(const Sha256& digest) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.bytes.data(), sizeof hash);
  return hash;
}

}  // namespace portcullis
