// Decisions between the request threads and the writer: bounded, and shared out so that request threads do not wait for each other.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "plugin/decisions/packed_records.h"
#include "plugin/decisions/record.h"

namespace portcullis {

/// How much of the queue a record may fill. What an operator must not lose finds room when the rest does not.
enum class QueueShare {
  all,             ///< allows
  three_quarters,  ///< refusals of somebody whose token was good
  half,            ///< all other refusals: whoever reaches the proxy can make as many as they like
};

/// Safe from many threads.
class DecisionQueue {
 public:
  /// `bytes` in all, in `shards` parts of the same size; as many shards as there are request threads are enough. Memory is taken when it is
  /// needed.
  DecisionQueue(std::size_t shards, std::size_t bytes);

  /// Packs `record` into the calling thread's part. False: no room there, or no memory.
  bool push(const DecisionRecord& record, QueueShare share) noexcept;
  /// Exchanges all that is there for the elements of `batch`, which are empty: one for each shard, records in the order of their arrival.
  /// Returns how many bytes that are.
  std::size_t take(std::deque<PackedRecords>& batch);
  /// Bytes that wait.
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Shard {
    mutable Mutex mutex;
    PackedRecords packed GUARDED_BY(mutex);
  };

  // set once
  const std::size_t shard_bytes_;
  // each locks itself
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace portcullis
