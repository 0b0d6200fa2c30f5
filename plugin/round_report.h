// What the log says of a source's rounds: once when something changes, and never each time.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/report/log.h"
#include "keystore/refresh/round.h"

namespace portcullis {

/// One round has ended: new keys, keys that were set aside, a fault that is new, or the end of one.
void report_round(Log& log, const SourceState& before, const SourceState& after);

/// Keys of `source` whose certificates end soon: at 30 days, 7 days and 1 day, where `seen` is when this was looked at last, for the same
/// keys.
void report_endings(Log& log, const SourceState& source, std::optional<TimePoint> seen, TimePoint now);

/// The keys of `source` are older than `maxStale`.
void report_expired(Log& log, const SourceState& source);

}  // namespace portcullis
