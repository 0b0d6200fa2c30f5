#include "keystore/refresh/jwks_fetch.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/codec/percent.h"
#include "keystore/jwks.h"

namespace portcullis {
namespace {

constexpr std::size_t kMaxTagBytes = 1024;
/// RFC 9111 section 1.2.2: a larger number of seconds is this one.
constexpr std::int64_t kMostSeconds = std::int64_t{1} << 31U;

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool equal_in_any_case(std::string_view left, std::string_view right) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [&](char a, char b) { return lower(a) == lower(b); });
}

/// delta-seconds, or nothing.
std::optional<std::int64_t> seconds_of(std::string_view text) noexcept {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() ? std::min(number, kMostSeconds) : kMostSeconds;
}

/// `max-age` (RFC 9111 section 5.2.2.1). Nothing where it is missing, malformed, written twice, or where the answer may not be kept.
std::optional<std::int64_t> max_age_of(std::string_view control) {
  std::optional<std::int64_t> found;
  while (!control.empty()) {
    const std::size_t comma = std::min(control.find(','), control.size());
    const std::string_view directive = trim(control.substr(0, comma));
    control.remove_prefix(std::min(comma + 1, control.size()));
    const std::size_t equals = std::min(directive.find('='), directive.size());
    const std::string_view name = directive.substr(0, equals);
    if (equal_in_any_case(name, "no-store") || equal_in_any_case(name, "no-cache")) return std::nullopt;
    if (!equal_in_any_case(name, "max-age")) continue;
    std::string_view value = equals < directive.size() ? directive.substr(equals + 1) : std::string_view();
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    const auto seconds = seconds_of(value);
    if (found || !seconds) return std::nullopt;
    found = seconds;
  }
  return found;
}

KeysOrigin origin_of(const IncomingAnswer& answer, TimePoint now) {
  const std::int64_t age = seconds_of(answer.header("Age").value_or("")).value_or(0);
  const std::optional<std::int64_t> max_age = max_age_of(answer.header("Cache-Control").value_or(""));
  KeysOrigin origin;
  // A cache gives what is fresh by its origin's own word (RFC 9111 section 4.2): the origin vouches for that long.
  origin.good_at = max_age && age <= *max_age ? now : now - std::chrono::seconds(age);
  if (max_age) origin.max_age = std::chrono::seconds(std::max<std::int64_t>(*max_age - age, 0));
  return origin;
}

/// A tag that can be sent back: quoted, weak or not, of bytes that a header may carry (RFC 9110 section 8.8.3).
std::string tag_of(const IncomingAnswer& answer) {
  const std::string tag = answer.header("ETag").value_or("");
  std::string_view opaque = tag;
  if (opaque.starts_with("W/")) opaque.remove_prefix(2);
  const bool sound = tag.size() <= kMaxTagBytes && opaque.size() >= 2 && opaque.front() == '"' && opaque.back() == '"' &&
                     std::all_of(opaque.begin(), opaque.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return sound ? tag : std::string();
}

Error failed(const std::string& shown, Reason reason, const std::string& why) {
  return {reason, "failed to retrieve JWKS " + shown + ": " + why};
}

Error wrong_status(const std::string& shown, int status) {
  const std::string_view more = status >= 300 && status < 400 ? " (redirects are not followed)" : "";
  return failed(shown, Reason::io_failed, "HTTP " + std::to_string(status) + std::string(more));
}

}  // namespace

Result<ParsedKeys> JwksFetch::fetch(HttpTransport& http, const std::string& url, const Options& options, TimePoint now) {
  const std::string shown = escape_for_log(std::string_view(url).substr(0, url.find_first_of("?#")));
  if (url != url_) tag_.clear();
  url_ = url;
  OutgoingRequest request;
  request.method = "GET";
  request.url = url;
  request.headers = {{"Accept", "application/jwk-set+json, application/json"}};
  if (options.bearer) request.headers.emplace_back("Authorization", "Bearer " + *options.bearer);
  if (!tag_.empty()) request.headers.emplace_back("If-None-Match", tag_);
  request.body_limit = kJwksLimits.bytes;
  request.reachable = ReachableHosts::with_loopback;
  request.ca_pem = options.ca_pem;
  const Result<IncomingAnswer> answer = http.send(request);
  if (!answer) return failed(shown, answer.error().reason, answer.error().detail);
  if (answer->status == 304 && !tag_.empty()) {
    ParsedKeys keys = last_;
    keys.origin = origin_of(*answer, now);
    return keys;
  }
  if (answer->status != 200) return wrong_status(shown, answer->status);
  return read(*answer, shown, now);
}

Result<ParsedKeys> JwksFetch::read(const IncomingAnswer& answer, const std::string& shown, TimePoint now) {
  Result<ParsedKeys> keys = read_jwks(answer.body, "");
  if (!keys) return failed(shown, keys.error().reason, keys.error().detail);
  if (keys->keys.empty())
    return failed(shown, Reason::keys_empty, "no usable key, and " + std::to_string(keys->quarantined.size()) + " set aside");
  // Only what could be used may be what an origin calls unchanged.
  tag_ = tag_of(answer);
  last_ = *keys;
  keys->origin = origin_of(answer, now);
  return keys;
}

}  // namespace portcullis
