// The little of a URL that a configuration is checked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portcullis {

/// An absolute http or https URL.
struct HttpUrl {
  bool https = false;
  std::string host;        ///< without port and brackets, as written
  std::uint16_t port = 0;  ///< 443 or 80 where it is not written

  /// Whether the host is this one: 127.0.0.0/8, ::1 or localhost.
  [[nodiscard]] bool loopback() const;
};

/// Reads `http(s)://host[:port][/…]`. Nothing for another scheme, an empty host, user and password, a port that is none, blanks, controls
/// and non-ASCII bytes.
std::optional<HttpUrl> parse_http_url(std::string_view text);

}  // namespace portcullis
