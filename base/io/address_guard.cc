#include "base/io/address_guard.h"

#include <array>
#include <cstdint>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

namespace portcullis {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr Bytes kMetadataV6 = {0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54};     // fd00:ec2::254
constexpr Bytes kCredentialsV6 = {0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x23};  // fd00:ec2::23

/// As IPv6 bytes, IPv4 mapped; all zero for a family that we do not know.
Bytes bytes_of(const sockaddr& address) noexcept {
  Bytes bytes{};
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(&bytes[12], &v4.sin_addr, 4);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(bytes.data(), &v6.sin6_addr, 16);
  }
  return bytes;
}

bool is_zero(const Bytes& bytes, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

/// ::ffff:a.b.c.d, the old ::a.b.c.d, and NAT64's 64:ff9b::a.b.c.d all lead to an IPv4 address.
bool holds_v4(const Bytes& bytes) noexcept {
  if (is_zero(bytes, 10) && bytes[10] == 0xff && bytes[11] == 0xff) return true;
  if (is_zero(bytes, 12) && !(bytes[12] == 0 && bytes[13] == 0 && bytes[14] == 0)) return true;
  return bytes[0] == 0x00 && bytes[1] == 0x64 && bytes[2] == 0xff && bytes[3] == 0x9b && bytes[4] == 0 && bytes[5] == 0 && bytes[6] == 0 &&
         bytes[7] == 0;
}

std::uint32_t v4_of(const Bytes& bytes) noexcept {
  return (std::uint32_t{bytes[12]} << 24U) | (std::uint32_t{bytes[13]} << 16U) | (std::uint32_t{bytes[14]} << 8U) | bytes[15];
}

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) { return (a << 24U) | (b << 16U) | (c << 8U) | d; }

bool is_loopback(const Bytes& bytes) noexcept {
  if (holds_v4(bytes)) return (v4_of(bytes) >> 24U) == 127;
  return is_zero(bytes, 15) && bytes[15] == 1;
}

bool is_metadata(const Bytes& bytes) noexcept {
  return bytes == kMetadataV6 || (holds_v4(bytes) && v4_of(bytes) == v4(169, 254, 169, 254));
}

bool is_credential_host(const Bytes& bytes) noexcept {
  if (bytes == kCredentialsV6) return true;
  return holds_v4(bytes) && (v4_of(bytes) == v4(169, 254, 170, 2) || v4_of(bytes) == v4(169, 254, 170, 23));
}

/// Link-local, unspecified, multicast, broadcast: nothing that a public service has.
bool is_never_public(const Bytes& bytes) noexcept {
  if (is_metadata(bytes) || is_credential_host(bytes)) return true;
  if (holds_v4(bytes)) {
    const std::uint32_t address = v4_of(bytes);
    return (address >> 16U) == (v4(169, 254, 0, 0) >> 16U) || (address >> 24U) == 0 || (address >> 28U) >= 14;
  }
  return is_zero(bytes, 16) || bytes[0] == 0xff || (bytes[0] == 0xfe && (bytes[1] & 0xc0U) == 0x80);
}

}  // namespace

bool may_reach(const sockaddr& address, ReachableHosts reachable) noexcept {
  if (address.sa_family != AF_INET && address.sa_family != AF_INET6) return false;
  const Bytes bytes = bytes_of(address);
  switch (reachable) {
    case ReachableHosts::public_only:
    case ReachableHosts::with_loopback:
    case ReachableHosts::with_plain_http: return !is_never_public(bytes);
    case ReachableHosts::credential_hosts: return is_credential_host(bytes) || is_loopback(bytes);
    case ReachableHosts::metadata_service: return is_metadata(bytes) || is_loopback(bytes);
  }
  return false;
}

bool is_loopback(const sockaddr& address) noexcept {
  return (address.sa_family == AF_INET || address.sa_family == AF_INET6) && is_loopback(bytes_of(address));
}

}  // namespace portcullis
