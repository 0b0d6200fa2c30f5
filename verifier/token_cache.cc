#include "verifier/token_cache.h"

#include <atomic>
#include <utility>

#include "base/mutex.h"
#include "verifier/recent_tokens.h"
#include "verifier/token_memo.h"

namespace portcullis {
namespace {

constexpr std::size_t kShards = 32;

/// The last byte, because hash tables use the first ones. Nobody chooses the digest of a token that a trusted key has signed.
std::size_t shard_of(const Sha256& digest) { return digest.bytes.back() % kShards; }

std::uint64_t next_identity() noexcept {
  static std::atomic<std::uint64_t> counter{0};
  return counter.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// The calling thread's memo, empty where it was another cache's.
TokenMemo& memo_of(std::uint64_t cache) {
  struct Owned {
    std::uint64_t cache = 0;
    TokenMemo memo;
  };
  thread_local Owned owned;
  if (owned.cache != cache) {
    owned.memo.clear();
    owned.cache = cache;
  }
  return owned.memo;
}

}  // namespace

/// What goes is moved out, and destroyed when the lock is free again.
struct alignas(64) TokenCache::Shard {
  // locks itself
  mutable Mutex mutex;
  // guarded by mutex
  RecentTokens tokens GUARDED_BY(mutex);
};

TokenCache::TokenCache(std::size_t capacity) : identity_(next_identity()), shards_(std::make_unique<Shard[]>(kShards)) {
  for (std::size_t i = 0; i < kShards; ++i) {
    const MutexLock lock(shards_[i].mutex);
    shards_[i].tokens = RecentTokens(capacity / kShards);
  }
}

TokenCache::~TokenCache() = default;

TokenCache::Found TokenCache::find(std::string_view text, const Generations& now) {
  TokenMemo& memo = memo_of(identity_);
  const TokenMemo::Known* const known = memo.find(text);
  if (known != nullptr && now.vouch_for(*known->token)) return {known->digest, known->token};
  Found found;
  found.digest = sha256(text);
  found.token = find(found.digest, now);
  if (found.token != nullptr) memo.note(text, found.digest, found.token);
  return found;
}

std::shared_ptr<const VerifiedToken> TokenCache::find(const Sha256& digest, const Generations& now) {
  Shard& shard = shards_[shard_of(digest)];
  std::shared_ptr<const VerifiedToken> removed;
  const MutexLock lock(shard.mutex);
  const RecentTokens::Token* const found = shard.tokens.find(digest);
  if (found == nullptr) return nullptr;
  if (now.vouch_for(**found)) return *found;
  removed = shard.tokens.erase(digest);
  return nullptr;
}

void TokenCache::insert(const Sha256& digest, std::shared_ptr<const VerifiedToken> token) {
  Shard& shard = shards_[shard_of(digest)];
  std::shared_ptr<const VerifiedToken> removed;
  const MutexLock lock(shard.mutex);
  removed = shard.tokens.insert(digest, std::move(token));
}

void TokenCache::erase(const Sha256& digest) {
  Shard& shard = shards_[shard_of(digest)];
  std::shared_ptr<const VerifiedToken> removed;
  const MutexLock lock(shard.mutex);
  removed = shard.tokens.erase(digest);
}

std::size_t TokenCache::size() const {
  std::size_t all = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const MutexLock lock(shards_[i].mutex);
    all += shards_[i].tokens.size();
  }
  return all;
}

}  // namespace portcullis
