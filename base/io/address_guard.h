// Which addresses a call may reach: judged on the resolved address that the socket is about to connect to, so that no name, redirect or
// second look-up gets around it.
#pragma once

#include <string>

#include "base/io/http.h"

struct sockaddr;

namespace portcullis {

/// Whether `address` (IPv4, IPv6 or an IPv4 address mapped into IPv6) may be connected to. Metadata and link-local addresses are open to
/// the calls that exist for them alone (169.254.169.254, fd00:ec2::254; 169.254.170.2, 169.254.170.23, fd00:ec2::23), and unspecified and
/// multicast addresses to none.
bool may_reach(const sockaddr& address, ReachableHosts reachable) noexcept;

/// Whether `address` is of 127.0.0.0/8 or ::1, plain or mapped.
bool is_loopback(const sockaddr& address) noexcept;

}  // namespace portcullis
