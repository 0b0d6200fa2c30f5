// Verified tokens by the SHA-256 of their text: one signature check for all the layers of a pull.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/digest.h"
#include "verifier/verify.h"

namespace portcullis {

/// What vouches at the moment: a generation for each source of keys, and that of the rules.
struct Generations {
  std::uint64_t traditional = 0;
  std::span<const std::uint64_t> issuers{};  ///< in the order of the configuration
  std::uint64_t rules = 0;

  /// Whether exactly these vouched for `token`.
  [[nodiscard]] bool vouch_for(const VerifiedToken& token) const noexcept {
    if (token.rules_generation != rules || token.source > issuers.size()) return false;
    return token.key_generation == (token.source == 0 ? traditional : issuers[token.source - 1]);
  }
};

/// Bounded and sharded; safe from many threads. Holds identities, never decisions, and only verified tokens.
class TokenCache {
 public:
  /// `capacity` tokens in all, at least one a shard.
  explicit TokenCache(std::size_t capacity);
  ~TokenCache();
  TokenCache(const TokenCache&) = delete;
  TokenCache& operator=(const TokenCache&) = delete;

  /// What the cache knows of a token's text.
  struct Found {
    Sha256 digest;                               ///< of the text
    std::shared_ptr<const VerifiedToken> token;  ///< null: none that `now` vouch for
  };
  /// The token whose text is `text`, as `find` below has it. Each thread remembers what it was asked last, and finds that without a digest
  /// or a lock: also where another thread has had it evicted or erased since, so that what the caller checks again decides.
  [[nodiscard]] Found find(std::string_view text, const Generations& now);
  /// The token of `digest` if `now` vouch for it; null otherwise, and an entry of other generations is dropped. The caller checks times and
  /// revocations (`recheck_token`), and whether the source's keys may still be used.
  [[nodiscard]] std::shared_ptr<const VerifiedToken> find(const Sha256& digest, const Generations& now);
  /// Keeps `token`; at capacity an old entry goes first.
  void insert(const Sha256& digest, std::shared_ptr<const VerifiedToken> token);
  /// Forgets one token: it has expired.
  void erase(const Sha256& digest);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Shard;

  // set once
  const std::uint64_t identity_;
  // locks itself
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace portcullis
