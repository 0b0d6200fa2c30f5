// A moment as people write it on a command line.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace portcullis {

/// `2026-11-22T06:41:23Z` (RFC 3339 section 5.6, as in a revocations file), or seconds since 1970 as a whole number between the years 0 and
/// 9999. `Reason::bad_request`.
Result<TimePoint> parse_time(std::string_view text);

}  // namespace portcullis
