// The thread of one remote key source: rounds may block on the network here, and nowhere else.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"
#include "keystore/refresh/source.h"

namespace portcullis {

/// Fetches when it is told to, one round at a time. The keeper's thread asks and takes.
class Fetcher {
 public:
  /// Starts the thread. `on_done` is called on it after each round and wakes whoever takes the result; `clock` outlives the fetcher.
  Fetcher(std::shared_ptr<KeySource> source, const Clock& clock, std::function<void()> on_done);
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;
  /// Waits for a round under way, which the network's deadlines bound.
  ~Fetcher();

  /// Begins a round. Nothing happens while one is under way, or while a result has not been taken.
  void begin() EXCLUDES(mutex_);
  /// What the newest round brought, once.
  [[nodiscard]] std::optional<Result<ParsedKeys>> take() EXCLUDES(mutex_);
  /// Whether a round is under way, or its result has not been taken.
  [[nodiscard]] bool busy() const EXCLUDES(mutex_);

 private:
  enum class Phase { idle, wanted, running, done };

  void run() EXCLUDES(mutex_);

  // set once
  const std::shared_ptr<KeySource> source_;
  const Clock& clock_;
  const std::function<void()> on_done_;
  // guarded by mutex_
  mutable Mutex mutex_;
  std::condition_variable_any changed_;
  Phase phase_ GUARDED_BY(mutex_) = Phase::idle;
  std::optional<Result<ParsedKeys>> brought_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  // the owner's thread only
  std::thread thread_;
};

}  // namespace portcullis
