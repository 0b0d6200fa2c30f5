// The signature room beside plain EVP: each algorithm as `check_signature` does it, and the bare operation that `openssl speed` measures,
// which is the limit.
#include <benchmark/benchmark.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/handle.h"
#include "bench/material.h"
#include "keystore/key_text.h"
#include "verifier/signature.h"

namespace portcullis::bench {
namespace {

const EVP_MD* hash_of(std::string_view algorithm) {
  if (algorithm.starts_with("Ed")) return nullptr;
  if (algorithm.ends_with("384")) return EVP_sha384();
  return algorithm.ends_with("512") ? EVP_sha512() : EVP_sha256();
}

/// A token cut into what is signed and the signature.
struct Signed {
  std::string message;
  std::string signature;
};

Signed sign_one(const Kind& kind) {
  std::string message = test::signing_input(test::header_json(kind.algorithm, kind.key_id), payload(SystemClock().now(), 1));
  std::string signature = test::sign(kind.algorithm, key_of(kind), message);
  return {std::move(message), std::move(signature)};
}

Key key_for(const Kind& kind) {
  Result<Key> key = read_pem(std::string(kind.key_id), key_of(kind).public_pem(), SystemClock().now());
  if (!key) std::abort();
  return *key;
}

void check_with_us(benchmark::State& state, const Kind& kind) {
  const Signed sample = sign_one(kind);
  const Key key = key_for(kind);
  const Algorithm algorithm = *algorithm_from_name(kind.algorithm);
  for (auto _ : state) {
    if (!check_signature(algorithm, key, sample.message, sample.signature)) state.SkipWithError("refused");
  }
}

/// What OpenSSL takes: ECDSA signatures as DER. Made once, so that the limit does not pay for it.
std::string native_signature(const Kind& kind, const std::string& message) {
  if (kind.algorithm.starts_with("ES")) return test::sign_ecdsa_der("SHA" + std::string(kind.algorithm.substr(2)), key_of(kind), message);
  return test::sign(kind.algorithm, key_of(kind), message);
}

const unsigned char* bytes_of(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void check_hashed_with_evp(benchmark::State& state, const Kind& kind) {
  const std::string message = sign_one(kind).message;
  const std::string signature = native_signature(kind, message);
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(hash.data()), &size, hash_of(kind.algorithm), nullptr);
  const Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(key_of(kind).native(), nullptr));
  bool ready = EVP_PKEY_verify_init(context.get()) == 1;
  if (kind.algorithm.starts_with("PS")) ready = ready && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) == 1;
  ready = ready && EVP_PKEY_CTX_set_signature_md(context.get(), hash_of(kind.algorithm)) == 1;
  if (!ready) return state.SkipWithError("not prepared");
  for (auto _ : state) {
    if (EVP_PKEY_verify(context.get(), bytes_of(signature), signature.size(), bytes_of(hash), size) != 1) state.SkipWithError("refused");
  }
}

void check_ed25519_with_evp(benchmark::State& state, const Kind& kind) {
  const Signed sample = sign_one(kind);
  const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_of(kind).native()) != 1)
    return state.SkipWithError("not prepared");
  for (auto _ : state) {
    if (EVP_DigestVerify(context.get(), bytes_of(sample.signature), sample.signature.size(), bytes_of(sample.message),
                         sample.message.size()) != 1) {
      state.SkipWithError("refused");
    }
  }
}

/// As `openssl speed` does it: everything prepared before the clock starts, the message hashed too, and only the check itself repeated.
void check_with_evp(benchmark::State& state, const Kind& kind) {
  if (kind.algorithm.starts_with("Ed")) return check_ed25519_with_evp(state, kind);
  check_hashed_with_evp(state, kind);
}

const bool kRegistered = [] {
  for (const Kind& kind : kKinds) {
    if (kind.algorithm == "Ed25519") continue;  // EdDSA under its new name: the same work
    benchmark::RegisterBenchmark(("check_signature/" + std::string(kind.algorithm)).c_str(),
                                 [&kind](benchmark::State& state) { check_with_us(state, kind); });
    benchmark::RegisterBenchmark(("plain_evp/" + std::string(kind.algorithm)).c_str(),
                                 [&kind](benchmark::State& state) { check_with_evp(state, kind); });
  }
  return true;
}();

}  // namespace
}  // namespace portcullis::bench
