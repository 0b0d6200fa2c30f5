// When the next round of a remote source is due, as pure arithmetic: an even load after good rounds, a growing one after failures.
#pragma once

#include <optional>

#include "base/clock.h"

namespace portcullis {

/// How often one source may and must be asked.
struct RefreshRules {
  Milliseconds interval{};   ///< wanted between two good rounds, more than 0
  Milliseconds max_stale{};  ///< the age at which keys stop serving, more than 0
};

/// An origin's wish to be left alone is followed up to here: a removed key must not live on for a day because a cache says so.
inline constexpr Milliseconds kMostFreshFor = std::chrono::minutes(10);
/// The ceiling of the back-off.
inline constexpr Milliseconds kMostBackOff = std::chrono::seconds(60);
/// No two rounds follow each other faster than this, whatever the dice say.
inline constexpr Milliseconds kLeastWait = std::chrono::milliseconds(100);

/// From the end of a good round to the start of the next: the interval ±10 %, so that a fleet that started at once drifts apart. `max_age`
/// (`KeysOrigin::max_age`) may make it longer, up to `kMostFreshFor`, and never shorter. At most half of `max_stale`: one failed round must
/// not end the service. `jitter` in [0, 1).
Milliseconds wait_after_success(const RefreshRules& rules, std::optional<Milliseconds> max_age, double jitter);

/// From the end of the `failures`-th failed round in a row (1 is the first) to the start of the next: full jitter, at random up to 1 s, 2
/// s, 4 s …, and at most the interval and `kMostBackOff`. `jitter` in [0, 1).
Milliseconds wait_after_failure(const RefreshRules& rules, unsigned failures, double jitter);

}  // namespace portcullis
