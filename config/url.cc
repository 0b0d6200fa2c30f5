#include "config/url.h"

#include <algorithm>
#include <charconv>

#include "config/address.h"
#include "config/read/nearest.h"

namespace portcullis {
namespace {

bool is_visible(char c) noexcept { return c > 0x20 && c < 0x7f; }

bool is_host(std::string_view host) noexcept {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

std::optional<std::uint16_t> read_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || text.size() > 5) return std::nullopt;
  return port;
}

}  // namespace

bool HttpUrl::loopback() const {
  const auto bytes = parse_address(host);
  if (!bytes) return equal_in_any_case(host, "localhost");
  return is_loopback(ListenAddress{.kind = ListenAddress::Kind::tcp, .host = host, .port = 0, .text = {}});
}

std::optional<HttpUrl> parse_http_url(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), is_visible)) return std::nullopt;
  HttpUrl url;
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = text.substr(0, mark);
  url.https = equal_in_any_case(scheme, "https");
  if (!url.https && !equal_in_any_case(scheme, "http")) return std::nullopt;
  std::string_view authority = text.substr(mark + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos || !parse_address(authority.substr(1, close - 1))) return std::nullopt;
    url.host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
  } else {
    url.host = authority.substr(0, authority.find(':'));
    if (!is_host(url.host)) return std::nullopt;
    authority.remove_prefix(url.host.size());
  }
  url.port = url.https ? 443 : 80;
  if (authority.empty()) return url;
  if (!authority.starts_with(':')) return std::nullopt;
  const auto port = read_port(authority.substr(1));
  if (!port) return std::nullopt;
  url.port = *port;
  return url;
}

}  // namespace portcullis
