#include "aws/container_url.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr std::array<std::uint8_t, 16> kLoopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> kPodIdentity = {0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x23};  // fd00:ec2::23

Error bad(std::string detail) { return {Reason::bad_request, std::move(detail)}; }

bool is_plain(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#' && c != '\\'; });
}

/// The host of `authority`, without port and brackets; empty if it is not one.
std::string_view host_of(std::string_view authority) noexcept {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == std::string_view::npos ? std::string_view() : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool is_allowed_v4(const in_addr& address) noexcept {
  const std::uint32_t number = ntohl(address.s_addr);
  return (number >> 24U) == 127 || number == 0xa9feaa02U || number == 0xa9feaa17U;  // 127/8, 169.254.170.2, 169.254.170.23
}

bool is_allowed_v6(const in6_addr& address) noexcept {
  return std::memcmp(&address, kLoopback.data(), 16) == 0 || std::memcmp(&address, kPodIdentity.data(), 16) == 0;
}

/// A literal address must be one of the few; a name is judged when it has been resolved.
bool may_be_asked_without_tls(const std::string& host) noexcept {
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return is_allowed_v4(v4);
  if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1) return is_allowed_v6(v6);
  return true;
}

}  // namespace

Result<std::string> relative_container_url(std::string_view path) {
  if (!path.starts_with('/') || !is_plain(path)) {
    return bad("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with / and hold neither blanks nor #");
  }
  return "http://169.254.170.2" + std::string(path);
}

Result<std::string> full_container_url(std::string_view url) {
  const bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://")) return bad("AWS_CONTAINER_CREDENTIALS_FULL_URI must begin with https:// or http://");
  const std::string_view rest = url.substr(tls ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  const std::string host(host_of(authority));
  if (host.empty() || !is_plain(url) || authority.find('@') != std::string_view::npos) {
    return bad("AWS_CONTAINER_CREDENTIALS_FULL_URI must be a URL with a host, without user, fragment and blanks");
  }
  if (!tls && !may_be_asked_without_tls(host)) {
    return bad("AWS_CONTAINER_CREDENTIALS_FULL_URI: invalid endpoint host, \"" + escape_for_log(host) +
               "\", only loopback/ecs/eks hosts are allowed");
  }
  return std::string(url);
}

}  // namespace portcullis
