#include "plugin/decisions/queue.h"

#include <algorithm>
#include <atomic>

namespace portcullis {
namespace {

/// A number for each thread, so that request threads spread over the shards evenly.
std::size_t number_of_this_thread() noexcept {
  static std::atomic<std::size_t> counter{0};
  thread_local const std::size_t number = counter.fetch_add(1, std::memory_order_relaxed);
  return number;
}

std::size_t bound_of(QueueShare share, std::size_t bytes) noexcept {
  switch (share) {
    case QueueShare::all: return bytes;
    case QueueShare::three_quarters: return bytes / 4 * 3;
    case QueueShare::half: return bytes / 2;
  }
  return 0;
}

}  // namespace

DecisionQueue::DecisionQueue(std::size_t shards, std::size_t bytes) : shard_bytes_(bytes / std::max<std::size_t>(1, shards)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(1, shards); ++i) shards_.push_back(std::make_unique<Shard>());
}

bool DecisionQueue::push(const DecisionRecord& record, QueueShare share) noexcept {
  Shard& shard = *shards_[number_of_this_thread() % shards_.size()];
  const MutexLock lock(shard.mutex);
  try {
    return shard.packed.append(record, bound_of(share, shard_bytes_));
  } catch (...) {
    return false;
  }
}

std::size_t DecisionQueue::take(std::deque<PackedRecords>& batch) {
  batch.resize(shards_.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const MutexLock lock(shards_[i]->mutex);
    batch[i].swap(shards_[i]->packed);
    bytes += batch[i].bytes();
  }
  return bytes;
}

std::size_t DecisionQueue::bytes() const {
  std::size_t bytes = 0;
  for (const auto& shard : shards_) {
    const MutexLock lock(shard->mutex);
    bytes += shard->packed.bytes();
  }
  return bytes;
}

}  // namespace portcullis
