// Dates and times as AWS and HTTP write them. A sign, a blank or a letter is never taken for a digit.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace portcullis {

/// `2026-11-22T06:41:23Z` with optional fraction (ISO 8601, as AWS writes it), or nothing. A fraction is dropped.
std::optional<TimePoint> parse_aws_time(std::string_view text);
/// RFC 3339 section 5.6 with any offset, or nothing. A fraction is dropped.
std::optional<TimePoint> parse_rfc3339(std::string_view text);
/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7), or nothing.
std::optional<TimePoint> parse_http_date(std::string_view text);

}  // namespace portcullis
