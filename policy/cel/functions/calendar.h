// Durations and timestamps: ranges, arithmetic, and their texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "policy/cel/value.h"

namespace portcullis::cel {

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
inline constexpr std::int64_t kFirstSecond = -62'135'596'800;
inline constexpr std::int64_t kLastSecond = 253'402'300'799;
inline constexpr std::int64_t kNanosASecond = 1'000'000'000;

/// A duration as cel-go has it: nanoseconds in 64 bits, some 292 years either way. Nothing where it does not fit.
std::optional<std::int64_t> nanos_of(Duration duration) noexcept;
Duration duration_from_nanos(std::int64_t nanos) noexcept;
/// Nothing outside the years 1 to 9999.
std::optional<Timestamp> timestamp_from_seconds(std::int64_t seconds) noexcept;
std::optional<Timestamp> add(Timestamp timestamp, std::int64_t nanos) noexcept;
/// `left - right`; nothing where that is no duration.
std::optional<Duration> between(Timestamp left, Timestamp right) noexcept;

/// Go's syntax: a sign, then numbers with the units h, m, s, ms, us, µs, ns: `1h30m`, `-1.5s`, `0`.
std::optional<Duration> parse_duration(std::string_view text) noexcept;
/// RFC 3339: `2026-11-22T10:00:00.5+01:00`.
std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept;

}  // namespace portcullis::cel
