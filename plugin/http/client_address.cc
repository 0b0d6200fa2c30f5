#include "plugin/http/client_address.h"

#include <algorithm>

#include "base/codec/hex.h"
#include "config/address.h"

namespace portcullis {
namespace {

constexpr std::size_t kMostPortDigits = 5;
/// Every IPv4 address (RFC 4291 section 2.5.5.2).
constexpr AddressRange kIPv4{.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, .prefix = 96};
constexpr std::size_t kNetworkBytes = 8;

bool is_port(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMostPortDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// `stated` without `:port`. An IPv6 address has no port unless it is in brackets (RFC 3986 section 3.2.2).
std::string_view without_port(std::string_view stated) noexcept {
  if (stated.starts_with('[')) {
    const std::size_t end = stated.find(']');
    if (end == std::string_view::npos) return {};
    const std::string_view rest = stated.substr(end + 1);
    const bool sound = rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
    const std::string_view inside = stated.substr(1, end - 1);
    return sound && inside.find(':') != std::string_view::npos ? inside : std::string_view();
  }
  const std::size_t colon = stated.find(':');
  if (colon == std::string_view::npos || colon != stated.rfind(':')) return stated;
  return is_port(stated.substr(colon + 1)) ? stated.substr(0, colon) : std::string_view();
}

}  // namespace

std::string_view client_address(std::string_view stated) noexcept {
  const std::string_view address = without_port(stated);
  const auto bytes = parse_address(address);
  if (!bytes) return {};
  const bool mapped = contains(kIPv4, *bytes) && address.find('.') != std::string_view::npos;
  return mapped ? address.substr(address.rfind(':') + 1) : address;
}

std::string client_share(std::string_view address) {
  const auto bytes = parse_address(address);
  if (!bytes) return {};
  const std::string_view all(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return hex_encode(contains(kIPv4, *bytes) ? all : all.substr(0, kNetworkBytes));
}

}  // namespace portcullis
