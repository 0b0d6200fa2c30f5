// Signals as a queue that one thread reads: no handler ever runs.
#pragma once

#include <csignal>

#include "base/clock.h"

namespace portcullis {

/// Blocks the signals that steer the daemon (SIGHUP, SIGUSR1, SIGTERM, SIGINT) for the calling thread and all that it starts. Make it
/// before any thread.
class SteeringSignals {
 public:
  SteeringSignals();
  SteeringSignals(const SteeringSignals&) = delete;
  SteeringSignals& operator=(const SteeringSignals&) = delete;

  /// The next signal's number; waits for it.
  [[nodiscard]] int wait() const;
  /// Whether SIGTERM or SIGINT comes within `time`.
  [[nodiscard]] bool stop_within(Milliseconds time) const;

 private:
  sigset_t set_{};
};

}  // namespace portcullis
