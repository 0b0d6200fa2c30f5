// Requests that wait suspended for keys: until the round that they nudged has ended, or their time is up.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"

namespace portcullis {

/// Safe from many threads. Callbacks run outside the lock.
class WaitingRoom {
 public:
  /// Keeps `wake` until `wake_all` or `wake_source` of that source, or until `wake_due` comes with a time of `deadline` or later; then
  /// calls it once. Where the room is closed already it is called at once.
  void add(std::function<void()> wake, SteadyPoint deadline, std::string source = {}) EXCLUDES(mutex_);
  /// Everybody looks again.
  void wake_all() EXCLUDES(mutex_);
  /// A round of `source` has ended: those who wait for it look again, and nobody else.
  void wake_source(std::string_view source) EXCLUDES(mutex_);
  /// Wakes those whose time is up. The next deadline, or nothing where nobody waits.
  std::optional<SteadyPoint> wake_due(SteadyPoint now) EXCLUDES(mutex_);
  /// Wakes everybody, now and from now on: the process is ending.
  void close() EXCLUDES(mutex_);

 private:
  struct Guest {
    std::function<void()> wake;
    SteadyPoint deadline;
    std::string source;
  };

  // guarded by mutex_
  Mutex mutex_;
  std::vector<Guest> guests_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace portcullis
