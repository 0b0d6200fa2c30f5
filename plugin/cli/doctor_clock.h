// A network that compares the clocks of those who answer with ours.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/io/http.h"
#include "base/mutex.h"
#include "plugin/cli/doctor_report.h"

namespace portcullis {

/// Passes every call on, and looks at the `Date` of the answer. Safe from many threads.
class ClockWatch final : public HttpTransport {
 public:
  /// Tokens are judged by this clock, and AWS refuses what is signed five minutes off.
  static constexpr std::chrono::seconds kMost{60};

  /// Both outlive it.
  ClockWatch(HttpTransport& http, const Clock& clock) : http_(http), clock_(clock) {}

  [[nodiscard]] Result<IncomingAnswer> send(const OutgoingRequest& request) override EXCLUDES(mutex_);
  /// `clock`: how far ours is from the farthest of theirs; skipped where nobody told the time.
  void report(DoctorReport& report) const EXCLUDES(mutex_);

 private:
  struct Seen {
    std::chrono::seconds ahead{};  ///< theirs, of ours
    std::string host;
  };

  // set once
  HttpTransport& http_;
  const Clock& clock_;
  // guarded by mutex_
  mutable Mutex mutex_;
  std::optional<Seen> farthest_ GUARDED_BY(mutex_);
};

}  // namespace portcullis
