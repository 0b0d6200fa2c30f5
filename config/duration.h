// Durations as Go writes them: `30s`, `1h30m`, `1.5h`.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/config.h"

namespace portcullis {

/// Reads a Go duration (time.ParseDuration): signed decimal numbers, each with a unit of ns, us, µs, ms, s, m or h; `0` needs none.
/// `Reason::config_invalid` for a number without a unit, for what is finer than a millisecond, and for more than 292 years.
Result<Duration> parse_duration(std::string_view text);

/// The shortest such text: `1h30m0s` is written `1h30m`.
std::string format_duration(Duration duration);

}  // namespace portcullis
