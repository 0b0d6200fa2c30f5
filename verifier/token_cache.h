// Verified tokens by the SHA-256 of their text: one signature check for all the layers of a pull.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/digest.h"
#include "verifier/verify.h"

namespace portcullis {

/// Bounded and sharded; safe from many threads. Holds identities, never decisions, and only verified tokens.
class TokenCache {
 public:
  /// `capacity` tokens in all, at least one a shard.
  explicit TokenCache(std::size_t capacity);
  ~TokenCache();
  TokenCache(const TokenCache&) = delete;
  TokenCache& operator=(const TokenCache&) = delete;

  /// The token of `digest` if it was vouched for by exactly these generations; null otherwise, and an entry of other generations is
  /// dropped. The caller checks times and revocations (`recheck_token`).
  [[nodiscard]] std::shared_ptr<const VerifiedToken> find(const Sha256& digest, std::uint64_t key_generation,
                                                          std::uint64_t rules_generation);
  /// Keeps `token`; at capacity an old entry goes first.
  void insert(const Sha256& digest, std::shared_ptr<const VerifiedToken> token);
  /// Forgets one token: it has expired.
  void erase(const Sha256& digest);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Shard;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace portcullis
