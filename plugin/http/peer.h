// Who is at the other end of a connection, and whether a unix socket's user is trusted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "config/config.h"
#include "plugin/http/message.h"

struct sockaddr;

namespace portcullis {

/// What the kernel says of a unix socket's other end (SO_PEERCRED, SO_PEERGROUPS), at the time of its connect(2).
struct PeerCredentials {
  uid_t user = static_cast<uid_t>(-1);
  std::vector<gid_t> groups;  ///< primary group first
};

/// Which users of unix sockets are trusted: `proxy.trustedUsers` as numbers.
struct UserTrust {
  std::vector<uid_t> users;
  bool socket_group = false;  ///< members of the socket's group too

  /// Looks names up; a number stands for itself. Absent: root, our own user, and the socket's group. `Reason::config_invalid` for a user
  /// that does not exist. Blocks (NSS).
  static Result<UserTrust> resolve(const ProxyConfig& proxy);
  /// `socket_gid`: group of the listening socket.
  [[nodiscard]] bool trusts(const PeerCredentials& peer, std::optional<gid_t> socket_gid) const noexcept;
};

/// Reads the credentials of a connected unix socket. `Reason::io_failed`.
Result<PeerCredentials> read_credentials(int descriptor);
/// The peer of a TCP connection; IPv4 addresses as mapped ones, and as plain text.
Peer tcp_peer(const sockaddr& address);
/// The peer of a unix socket: `unix:<uid>`. Not trusted yet.
Peer unix_peer(const PeerCredentials& credentials);

}  // namespace portcullis
