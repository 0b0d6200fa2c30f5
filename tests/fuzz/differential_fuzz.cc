// Fuzzes our verdict against libjwt's: what we accept, libjwt must accept too, but for what it is known to lack. (It accepts far more than
// we do: those faults are shown one by one in tests/verifier/libjwt_test.cc.) An input is `header NUL payload`, signed here with a key of
// this run; its first byte chooses between RS256 and ES256. Another input is taken as a finished token.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/codec/base64url.h"
#include "keystore/key_set.h"
#include "verifier/verify.h"

namespace {

using namespace portcullis;

using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using Bio = Handle<BIO, BIO_free_all>;
using EcdsaSignature = Handle<ECDSA_SIG, ECDSA_SIG_free>;

/// A key of this run, as both libraries want it.
struct Signer {
  explicit Signer(EVP_PKEY* native) : private_key(native) {
    const Bio bio(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_PUBKEY(bio.get(), native) != 1) std::abort();
    char* text = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &text);
    pem.assign(text, static_cast<std::size_t>(length));
    auto key = read_pem("k", pem, TimePoint{});
    if (!key) std::abort();
    ParsedKeys parsed;
    parsed.keys.push_back(std::move(*key));
    keys.emplace(KeySet::make(std::move(parsed)).value());
  }

  KeyHandle private_key;
  std::string pem;
  std::optional<KeySet> keys;
};

std::string sign(const Signer& signer, std::string_view message) {
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(512, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  std::size_t length = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, signer.private_key.get()) != 1) std::abort();
  if (EVP_DigestSign(context.get(), out, &length, reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1)
    std::abort();
  signature.resize(length);
  if (EVP_PKEY_is_a(signer.private_key.get(), "RSA") == 1) return signature;
  const auto* at = reinterpret_cast<const unsigned char*>(signature.data());
  const EcdsaSignature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
  std::string raw(64, '\0');
  out = reinterpret_cast<unsigned char*>(raw.data());
  if (BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out, 32) != 32 || BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out + 32, 32) != 32)
    std::abort();
  return raw;
}

bool libjwt_accepts(const std::string& token, const std::string& pem) {
  jwt_t* decoded = nullptr;
  if (jwt_decode(&decoded, token.c_str(), reinterpret_cast<const unsigned char*>(pem.data()), static_cast<int>(pem.size())) != 0)
    return false;
  jwt_free(decoded);
  return true;
}

Result<VerifiedToken> verify(std::string_view token, const Signer& signer) {
  static const Revocations kRevocations;
  TokenRules rules;
  rules.limits = {.bytes = 16384};
  rules.claims.require_expiry = false;
  return verify_token(token, {&*signer.keys, false, 1}, rules, kRevocations, TimePoint(std::chrono::seconds(1772366400)), nullptr);
}

/// libjwt refuses any `typ` but `JWT`, and knows neither PSS nor EdDSA.
bool libjwt_lacks(std::string_view token) {
  const auto parsed = parse_token(token, {.bytes = 16384});
  if (!parsed) return true;
  if (parsed->algorithm != Algorithm::rs256 && parsed->algorithm != Algorithm::es256) return true;
  return base64url_decode(parsed->header).value().find("typ") != std::string::npos && parsed->type != "jwt";
}

std::string token_of(std::string_view text, const Signer& signer) {
  const std::size_t nul = text.find('\0');
  if (nul == std::string_view::npos) return std::string(text);
  const std::string input = base64url_encode(text.substr(0, nul)) + "." + base64url_encode(text.substr(nul + 1));
  return input + "." + base64url_encode(sign(signer, input));
}

void compare(std::string_view text, const Signer& signer) {
  const std::string token = token_of(text, signer);
  if (!verify(token, signer).ok() || libjwt_lacks(token)) return;
  if (libjwt_accepts(token, signer.pem)) return;
  std::fprintf(stderr, "we accept, libjwt refuses: %s\n", token.c_str());
  std::abort();
}

const Signer& signer_of(bool rsa) {
  static const Signer kRsa(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
  static const Signer kCurve(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  return rsa ? kRsa : kCurve;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
  const std::string_view good("{\"alg\":\"ES256\",\"typ\":\"JWT\"}\0{\"sub\":\"alice\"}", 43);
  const std::string token = token_of(good, signer_of(false));
  // Or nothing behind the signature is compared.
  if (!verify(token, signer_of(false)).ok() || !libjwt_accepts(token, signer_of(false).pem)) std::abort();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  compare(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1), signer_of(data[0] == 'r'));
  return 0;
}
