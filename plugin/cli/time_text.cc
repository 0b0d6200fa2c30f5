#include "plugin/cli/time_text.h"

#include <charconv>
#include <chrono>
#include <cstdint>

#include "verifier/timestamp.h"

namespace portcullis {
namespace {

constexpr std::int64_t kFirstSecond = -62167219200;  ///< 0000-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253402300799;   ///< 9999-12-31T23:59:59Z

}  // namespace

Result<TimePoint> parse_time(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc{} && end == text.data() + text.size()) {
    if (number < kFirstSecond || number > kLastSecond) return Error{Reason::bad_request, "the time lies outside the years 0 to 9999"};
    return TimePoint{std::chrono::seconds{number}};
  }
  if (const auto time = parse_timestamp(text)) return *time;
  return Error{Reason::bad_request, "a time is RFC 3339, such as 2026-11-22T06:41:23Z, or seconds since 1970"};
}

}  // namespace portcullis
