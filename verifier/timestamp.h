// RFC 3339 timestamps, as people write them into a revocations file.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace portcullis {

/// Reads `2026-03-01T12:00:00Z`, with an optional fraction (cut to milliseconds) and `Z` or an offset (RFC 3339 section 5.6), capitals
/// only. Nothing for any other text, a date that does not exist, or a leap second.
std::optional<TimePoint> parse_timestamp(std::string_view text) noexcept;

}  // namespace portcullis
