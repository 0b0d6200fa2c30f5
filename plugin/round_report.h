// What the log says of a source's rounds: once when something changes, and never each time.
#pragma once

#include "base/report/log.h"
#include "keystore/refresh/round.h"

namespace portcullis {

/// One round has ended: new keys, keys that were set aside, a fault that is new, or the end of one.
void report_round(Log& log, const SourceState& before, const SourceState& after);

/// The keys of `source` are older than `maxStale`.
void report_expired(Log& log, const SourceState& source);

}  // namespace portcullis
