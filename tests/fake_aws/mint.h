// Names and secrets that this cloud makes up, and times as AWS writes them.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace portcullis::fake_aws {

/// `prefix` and `count` random letters and digits of base32: access key ids, the end of a secret's ARN.
std::string random_id(std::string_view prefix, std::size_t count);
/// `count` random letters and digits.
std::string random_text(std::size_t count);
/// A random UUID (RFC 4122 version 4).
std::string random_uuid();
/// `prefix` and 17 letters that depend on `arn` alone: unique ids of users and roles.
std::string unique_id(std::string_view prefix, std::string_view arn);
/// base64 with padding.
std::string base64(std::string_view bytes);

/// `2026-11-22T08:00:00Z`.
std::string iso_time(TimePoint time);
/// `1795334400.000`: seconds since 1970.
std::string epoch_time(TimePoint time);
/// `Sun, 22 Nov 2026 08:00:00 GMT`.
std::string http_date(TimePoint time);
/// The time that `20261122T080000Z` is; false where it is none.
bool read_amz_date(std::string_view text, TimePoint& time);

}  // namespace portcullis::fake_aws
