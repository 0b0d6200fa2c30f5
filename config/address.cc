#include "config/address.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <arpa/inet.h>

#include "base/io/files.h"
#include "config/defaults.h"
#include "config/read/report.h"

namespace portcullis {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::string_view kUnixPrefix = "unix:";
constexpr unsigned kMappedBits = 96;

Error fault(std::string_view text, const std::string& what) { return {Reason::config_invalid, in_quotes(text) + ": " + what}; }

bool is_mapped(std::span<const std::uint8_t, 16> bytes) noexcept { return std::equal(kMapped.begin(), kMapped.end(), bytes.begin()); }

std::string address_text(const AddressBytes& bytes) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const bool v4 = is_mapped(bytes);
  inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? bytes.data() + kMapped.size() : bytes.data(), buffer.data(), buffer.size());
  return buffer.data();
}

template <class Number>
std::optional<Number> decimal(std::string_view text, Number most) {
  Number value = 0;
  if (text.empty() || text.size() > 5 || text.front() == '-') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

Result<ListenAddress> unix_address(std::string_view text, const std::string& folder) {
  const std::string_view written = text.substr(kUnixPrefix.size());
  if (written.empty()) return fault(text, "the path of the socket is missing");
  ListenAddress address;
  address.kind = ListenAddress::Kind::unix_socket;
  address.host = resolve_path(folder, std::string(written));
  address.text = text;
  if (address.host.size() > defaults::kUnixPathBytes) {
    return fault(text, "a unix socket's path has at most " + std::to_string(defaults::kUnixPathBytes) +
                           " bytes; this one, with the configuration's folder, has " + std::to_string(address.host.size()));
  }
  return address;
}

/// Host and port as written; brackets are dropped.
Result<std::pair<std::string_view, std::string_view>> split_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find("]:");
    if (close == std::string_view::npos) return fault(text, "write an IPv6 address as [::1]:9180");
    return std::pair{text.substr(1, close - 1), text.substr(close + 2)};
  }
  if (text.find("://") != std::string_view::npos) return fault(text, "write the address and the port alone, such as 127.0.0.1:9180");
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fault(text, "the port is missing; write 127.0.0.1:9180, [::1]:9180 or unix:/path");
  if (text.find(':') != colon) return fault(text, "write an IPv6 address as [::1]:9180");
  return std::pair{text.substr(0, colon), text.substr(colon + 1)};
}

bool is_any(const ListenAddress& address) { return address.host == "0.0.0.0" || address.host == "::"; }

bool same_family(const ListenAddress& left, const ListenAddress& right) {
  return (left.host.find(':') == std::string::npos) == (right.host.find(':') == std::string::npos);
}

/// The range's bytes with all bits behind the prefix cleared.
AddressRange masked(AddressRange range) noexcept {
  for (unsigned bit = range.prefix; bit < 128; ++bit) {
    range.bytes[bit / 8] = static_cast<std::uint8_t>(range.bytes[bit / 8] & ~(0x80U >> (bit % 8)));
  }
  return range;
}

}  // namespace

std::optional<AddressBytes> parse_address(std::string_view text) noexcept {
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(text.begin(), text.end(), std::begin(terminated));
  AddressBytes bytes{};
  if (inet_pton(AF_INET6, terminated, bytes.data()) == 1) return bytes;
  std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
  if (inet_pton(AF_INET, terminated, bytes.data() + kMapped.size()) == 1) return bytes;
  return std::nullopt;
}

Result<ListenAddress> parse_listen_address(std::string_view text, const std::string& folder) {
  if (text.starts_with(kUnixPrefix)) return unix_address(text, folder);
  const auto parts = split_port(text);
  if (!parts) return parts.error();
  const auto [host, port_text] = *parts;
  if (host.empty()) return fault(text, "the address is missing; write 0.0.0.0 or [::] for every address of this host");
  const auto bytes = parse_address(host == "localhost" ? "127.0.0.1" : host);
  if (!bytes) return fault(text, "the address must be numeric; names are not looked up");
  const auto port = decimal<std::uint32_t>(port_text, 65'535);
  if (!port) return fault(text, "the port must be a number from 0 to 65535");
  ListenAddress address;
  address.host = address_text(*bytes);
  address.port = static_cast<std::uint16_t>(*port);
  address.text = text;
  return address;
}

Result<AddressRange> parse_address_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto bytes = parse_address(text.substr(0, slash));
  if (!bytes) return fault(text, "write an address or a range, such as 10.0.0.0/8 or ::1/128");
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  AddressRange range;
  std::copy(bytes->begin(), bytes->end(), std::begin(range.bytes));
  if (slash == std::string_view::npos) return range;
  const auto prefix = decimal<unsigned>(text.substr(slash + 1), v4 ? 32 : 128);
  if (!prefix) return fault(text, std::string("the prefix must be a number from 0 to ") + (v4 ? "32" : "128"));
  range.prefix = v4 ? kMappedBits + *prefix : *prefix;
  const AddressRange network = masked(range);
  if (!(network == range)) {
    AddressBytes first{};
    std::copy(std::begin(network.bytes), std::end(network.bytes), first.begin());
    return fault(text, "bits are set behind the prefix; did you mean " + address_text(first) + "/" + std::to_string(*prefix) + "?");
  }
  return range;
}

bool contains(const AddressRange& range, std::span<const std::uint8_t, 16> address) noexcept {
  // `::/0` and the like hold the mapped form of every IPv4 address by their bits: trust must not spread from one family to the other.
  const bool v4_range = range.prefix >= kMappedBits && is_mapped(range.bytes);
  if (is_mapped(address) != v4_range) return false;
  const unsigned whole = range.prefix / 8;
  if (!std::equal(address.begin(), address.begin() + whole, std::begin(range.bytes))) return false;
  const unsigned rest = range.prefix % 8;
  if (rest == 0) return true;
  const unsigned mask = (0xffU << (8 - rest)) & 0xffU;
  return (address[whole] & mask) == (range.bytes[whole] & mask);
}

bool is_loopback(const ListenAddress& address) {
  if (address.kind == ListenAddress::Kind::unix_socket) return true;
  return address.host.starts_with("127.") || address.host == "::1";
}

bool collide(const ListenAddress& left, const ListenAddress& right) {
  if (left.kind != right.kind) return false;
  if (left.kind == ListenAddress::Kind::unix_socket) return left.host == right.host;
  if (left.port != right.port || left.port == 0) return false;
  return left.host == right.host || (same_family(left, right) && (is_any(left) || is_any(right)));
}

}  // namespace portcullis
