// When a pull secret is renewed, and how long a failure waits for its next attempt.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace portcullis {

/// A renewal never comes sooner than this after the last one, however short-lived the login was.
inline constexpr Milliseconds kSoonestRenewal{10'000};
/// Logins that do not expire are read anew this often: their file may have changed.
inline constexpr Milliseconds kUnexpiringRenewal{5 * 60'000};
/// Between attempts: the first wait, and the longest, before jitter.
inline constexpr Milliseconds kFirstRetry{5'000};
inline constexpr Milliseconds kLongestRetry{10 * 60'000};

/// When a login that was had at `now` and ends at `expires` is had anew: after `refresh_time`, or 0.75 of its life, whichever is earlier;
/// never within `kSoonestRenewal`. A login without end: after `refresh_time` or `kUnexpiringRenewal`.
TimePoint renewal_time(TimePoint now, std::optional<TimePoint> expires, std::optional<Milliseconds> refresh_time);

/// Whether `refresh_time` is longer than the login lives, which the operator wants to know: the earlier time is kept.
bool outlives_login(TimePoint now, std::optional<TimePoint> expires, std::optional<Milliseconds> refresh_time);

/// The wait behind the `failures`th failure in a row (1 is the first): doubling from `kFirstRetry` to `kLongestRetry`, times 0.75 to 1.25
/// by `jitter` in [0, 1).
Milliseconds retry_wait(int failures, double jitter);

}  // namespace portcullis
