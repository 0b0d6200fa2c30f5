// Addresses to listen on, and ranges of addresses to trust.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/config.h"

namespace portcullis {

/// IPv6, or IPv4 mapped into it (`::ffff:a.b.c.d`, RFC 4291 section 2.5.5.2).
using AddressBytes = std::array<std::uint8_t, 16>;

/// A numeric address, without brackets, port or zone.
std::optional<AddressBytes> parse_address(std::string_view text) noexcept;

/// `127.0.0.1:9180`, `[::1]:9180`, `localhost:9180` (127.0.0.1), or `unix:PATH`, where a relative path starts in `folder`. Names are not
/// looked up; port 0 means that the system chooses. `Reason::config_invalid`, also for a socket path of more than 107 bytes.
Result<ListenAddress> parse_listen_address(std::string_view text, const std::string& folder);

/// `10.0.0.0/8`, `::1/128`, or one address. `Reason::config_invalid`, also where bits are set behind the prefix: whoever writes
/// 10.1.2.3/8 may not know whom that trusts.
Result<AddressRange> parse_address_range(std::string_view text);

/// Whether `address` lies in `range`. An IPv4 address lies in IPv4 ranges alone: `::/0` is every IPv6 address and no IPv4 one.
bool contains(const AddressRange& range, std::span<const std::uint8_t, 16> address) noexcept;

/// Whether the address is one of this host's own (127.0.0.0/8, ::1, or a unix socket).
bool is_loopback(const ListenAddress& address);
/// Whether both cannot be bound at once: the same unix path, or the same port with equal hosts or one of them every address of that family.
bool collide(const ListenAddress& left, const ListenAddress& right);

}  // namespace portcullis
