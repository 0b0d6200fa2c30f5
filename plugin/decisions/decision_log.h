// The decision log: request threads hand records over and go on; one thread makes lines of them and writes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/report/log.h"
#include "base/result.h"
#include "config/operations.h"
#include "plugin/decisions/line.h"
#include "plugin/decisions/output.h"
#include "plugin/decisions/packed_records.h"
#include "plugin/decisions/queue.h"
#include "plugin/decisions/record.h"
#include "plugin/decisions/sampling.h"
#include "plugin/gate_metrics.h"

namespace portcullis {

/// Off until it is configured. A thread runs from the first time that it is on.
class DecisionLog {
 public:
  /// Bytes of packed records that wait for the writer: some seconds' worth at full load, and what is kept while a disk is full.
  static constexpr std::size_t kQueueBytes = 16UL * 1024 * 1024;

  /// The references outlive it. `threads`: how many request threads there are.
  DecisionLog(Log& log, GateMetrics& metrics, const Clock& clock, unsigned threads, std::size_t queue_bytes = kQueueBytes);
  DecisionLog(const DecisionLog&) = delete;
  DecisionLog& operator=(const DecisionLog&) = delete;
  /// Writes what waits, as far as it can be written, and ends the thread.
  ~DecisionLog();

  /// Takes another configuration; the same path again keeps the file that is open. Records kept before go to the file that
  /// they were kept for. Opens the file, and waits for no writing. `Reason::io_failed` where the file cannot be opened: then nothing
  /// changes. One thread at a time.
  Result<void> configure(const DecisionLogConfig& config) EXCLUDES(mutex_);
  /// Opens the file anew before the next line (SIGUSR1, after a rotation). Where that fails the old one is kept, and the log tells. Returns
  /// at once. Safe from any thread.
  void reopen() EXCLUDES(mutex_);
  /// Whether records are wanted. Safe from many threads.
  [[nodiscard]] bool enabled() const noexcept { return enabled_.load(std::memory_order_relaxed); }
  /// Keeps `record`, or counts it as lost. False: an allow that could not be kept where the configuration says `"onFull": "refuse"`; it
  /// must not be given. Never waits for the writer. Safe from many threads.
  [[nodiscard]] bool keep(DecisionRecord& record) EXCLUDES(mutex_);
  /// Waits until all that was kept before is written, or cannot be. Safe from many threads.
  void flush() EXCLUDES(mutex_);

 private:
  struct Switch {
    std::deque<PackedRecords> before;      ///< kept until then
    std::optional<DecisionOutput> output;  ///< absent: switched off
  };
  /// What the writer is told to do.
  struct Orders {
    bool stop = false;
    bool reopen = false;           ///< after the last switch
    std::vector<Switch> switches;  ///< one after the other
    std::uint64_t flushes = 0;
  };

  void wake();
  // The thread.
  void run();
  Orders wait_for_work();
  void switch_output(Switch& next);
  void add_to_batch(PackedRecords& records) noexcept;
  void reopen_output();
  void take_output(std::optional<DecisionOutput> output);
  void discard();
  void drain();
  void take_queue();
  void write_batch();
  bool next_records() noexcept;
  void append_line();
  bool write_pending();
  Result<std::size_t> write_some() noexcept;
  void tell(const std::optional<Error>& fault);
  std::uint64_t skip_batch() noexcept;
  void give_up(std::uint64_t records);
  void end();
  [[nodiscard]] std::size_t waiting() const;

  // set once
  Log& log_;
  GateMetrics& metrics_;
  const Clock& clock_;
  // locks itself
  DecisionQueue queue_;
  FloodSampling sampling_;
  std::atomic<bool> enabled_{false};
  std::atomic<bool> refuses_{false};  ///< onFull
  std::atomic<bool> failing_{false};
  std::atomic<bool> asleep_{false};  ///< the writer waits until somebody wakes it
  // guarded by mutex_
  Mutex mutex_;
  std::condition_variable_any changed_;
  Orders orders_ GUARDED_BY(mutex_);
  bool records_ GUARDED_BY(mutex_) = false;
  std::uint64_t flushed_ GUARDED_BY(mutex_) = 0;
  // whoever configures
  std::optional<std::string> path_;
  // the writer's thread only
  std::optional<DecisionOutput> output_;
  std::deque<PackedRecords> batch_;  ///< taken from the queue
  std::size_t taken_ = 0;            ///< how many of `batch_` were handed to `lines_`, one after the other
  PackedLines lines_;                ///< of the newest of those
  std::string pending_;              ///< lines that are not written yet: a chunk, and one line more at most
  std::size_t written_ = 0;          ///< bytes of `pending_` that are
  std::uint64_t pending_lines_ = 0;
  SteadyPoint told_{};  ///< when the log was told of a fault
  std::thread thread_;
};

}  // namespace portcullis
