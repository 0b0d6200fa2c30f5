#include "verifier/token_cache.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"
#include "verifier/token_memo.h"

namespace portcullis {
namespace {

constexpr std::size_t kShards = 32;

struct Entry {
  Sha256 digest;
  std::shared_ptr<const VerifiedToken> token;
};
using Entries = std::list<Entry>;

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

/// The most recently used first. Entries that go are moved out and destroyed when the lock is free again.
struct alignas(64) TokenCache::Shard {
  // set once
  std::size_t capacity = 1;
  // locks itself
  mutable Mutex mutex;
  // guarded by mutex
  Entries order GUARDED_BY(mutex);
  std::unordered_map<Sha256, Entries::iterator, Sha256Hash> index GUARDED_BY(mutex);

  void remove(Entries::iterator entry, Entries& removed) REQUIRES(mutex) {
    index.erase(entry->digest);
    removed.splice(removed.end(), order, entry);
  }
};

TokenCache::TokenCache(std::size_t capacity) : identity_(next_identity()), shards_(std::make_unique<Shard[]>(kShards)) {
  for (std::size_t i = 0; i < kShards; ++i) shards_[i].capacity = std::max<std::size_t>(1, capacity / kShards);
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
  Entries removed;
  const MutexLock lock(shard.mutex);
  const auto found = shard.index.find(digest);
  if (found == shard.index.end()) return nullptr;
  const Entries::iterator entry = found->second;
  if (!now.vouch_for(*entry->token)) {
    shard.remove(entry, removed);
    return nullptr;
  }
  shard.order.splice(shard.order.begin(), shard.order, entry);
  return entry->token;
}

void TokenCache::insert(const Sha256& digest, std::shared_ptr<const VerifiedToken> token) {
  Shard& shard = shards_[shard_of(digest)];
  // What `token` has taken the place of by the end is destroyed when the lock is free again.
  const MutexLock lock(shard.mutex);
  if (const auto known = shard.index.find(digest); known != shard.index.end()) {
    known->second->token.swap(token);
    shard.order.splice(shard.order.begin(), shard.order, known->second);
    return;
  }
  if (shard.order.size() < shard.capacity) {
    Entries fresh;
    fresh.push_back({digest, std::move(token)});
    shard.index.emplace(digest, fresh.begin());
    shard.order.splice(shard.order.begin(), fresh);
    return;
  }
  const Entries::iterator oldest = std::prev(shard.order.end());
  auto node = shard.index.extract(oldest->digest);
  node.key() = oldest->digest = digest;
  oldest->token.swap(token);
  shard.index.insert(std::move(node));
  shard.order.splice(shard.order.begin(), shard.order, oldest);
}

void TokenCache::erase(const Sha256& digest) {
  Shard& shard = shards_[shard_of(digest)];
  Entries removed;
  const MutexLock lock(shard.mutex);
  const auto found = shard.index.find(digest);
  if (found != shard.index.end()) shard.remove(found->second, removed);
}

std::size_t TokenCache::size() const {
  std::size_t all = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const MutexLock lock(shards_[i].mutex);
    all += shards_[i].order.size();
  }
  return all;
}

}  // namespace portcullis
