// Times and durations as people write them on a command line.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace portcullis {

/// `2026-11-22T06:41:23Z`, with a fraction or an offset if wanted (RFC 3339 section 5.6), or seconds since 1970 as a decimal number with a
/// sign. Between the years 0 and 9999. `Reason::bad_request`.
Result<TimePoint> parse_time(std::string_view text);

/// A Go duration, as in the configuration: `15m`, `1h30m`, `-90s`, `1.5h`. At most 100 years either way. A bare number is refused, but `0`.
/// `Reason::bad_request`.
Result<Milliseconds> parse_span(std::string_view text);

}  // namespace portcullis
