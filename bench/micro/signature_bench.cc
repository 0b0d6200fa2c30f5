// The signature room beside plain EVP: each algorithm as `check_signature` does it, and the same operation with nothing around it. The second is the limit,
// what `openssl speed` measures.
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

void check_with_evp(benchmark::State& state, const Kind& kind) {
  const std::string message = sign_one(kind).message;
  const std::string signature = native_signature(kind, message);
  const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  for (auto _ : state) {
    EVP_PKEY_CTX* options = nullptr;
    EVP_MD_CTX_reset(context.get());
    bool good = EVP_DigestVerifyInit(context.get(), &options, hash_of(kind.algorithm), nullptr, key_of(kind).native()) == 1;
    if (kind.algorithm.starts_with("PS")) {
      good = good && EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
    }
    good = good && EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                    reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
    if (!good) state.SkipWithError("refused");
  }
}

const bool kRegistered = [] {
  for (const Kind& kind : kKinds) {
    if (kind.algorithm == "Ed25519") continue;  // EdDSA under its new name: the same work
    benchmark::RegisterBenchmark(("check_signature/" + std::string(kind.algorithm)).c_str(), [&kind](benchmark::State& state) { check_with_us(state, kind); });
    benchmark::RegisterBenchmark(("plain_evp/" + std::string(kind.algorithm)).c_str(), [&kind](benchmark::State& state) { check_with_evp(state, kind); });
  }
  return true;
}();

}  // namespace
}  // namespace portcullis::bench
