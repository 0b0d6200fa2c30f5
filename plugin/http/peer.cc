#include "plugin/http/peer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace portcullis {
namespace {

Result<uid_t> user_called(const std::string& name) {
  uid_t number = 0;
  const char* end = name.data() + name.size();
  if (const auto [stop, fault] = std::from_chars(name.data(), end, number); fault == std::errc{} && stop == end) return number;
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return Error{Reason::config_invalid, "portcullis.proxy.trustedUsers: there is no user \"" + name + "\""};
  return found->pw_uid;
}

}  // namespace

Result<UserTrust> UserTrust::resolve(const ProxyConfig& proxy) {
  if (!proxy.trusted_users) return UserTrust{{0, ::geteuid()}, true};
  UserTrust trust;
  for (const std::string& name : *proxy.trusted_users) {
    const Result<uid_t> user = user_called(name);
    if (!user.ok()) return user.error();
    trust.users.push_back(*user);
  }
  return trust;
}

bool UserTrust::trusts(const PeerCredentials& peer, std::optional<gid_t> socket_gid) const noexcept {
  if (std::find(users.begin(), users.end(), peer.user) != users.end()) return true;
  return socket_group && socket_gid && std::find(peer.groups.begin(), peer.groups.end(), *socket_gid) != peer.groups.end();
}

Result<PeerCredentials> read_credentials(int descriptor) {
  ucred native{};
  socklen_t length = sizeof native;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &native, &length) != 0)
    return Error{Reason::io_failed, std::string("SO_PEERCRED: ") + std::strerror(errno)};
  PeerCredentials peer{native.uid, {native.gid}};
  // NGROUPS_MAX is 65,536; the kernel tells the size that it needs.
  std::vector<gid_t> groups(32);
  for (;;) {
    length = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length) == 0) break;
    // A kernel that does not tell groups leaves the primary one.
    if (errno != ERANGE || length / sizeof(gid_t) <= groups.size()) return peer;
    groups.resize(length / sizeof(gid_t));
  }
  groups.resize(length / sizeof(gid_t));
  peer.groups.insert(peer.groups.end(), groups.begin(), groups.end());
  return peer;
}

Peer tcp_peer(const sockaddr& address) {
  Peer peer{.kind = Peer::Kind::tcp, .address = {}, .user_trusted = false, .text = {}};
  in6_addr mapped{};
  if (address.sa_family == AF_INET) {
    mapped.s6_addr[10] = mapped.s6_addr[11] = 0xff;
    std::memcpy(&mapped.s6_addr[12], &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
  } else if (address.sa_family == AF_INET6) {
    mapped = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  }
  std::memcpy(peer.address.data(), mapped.s6_addr, peer.address.size());
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (IN6_IS_ADDR_V4MAPPED(&mapped))
    ::inet_ntop(AF_INET, &mapped.s6_addr[12], text.data(), text.size());
  else
    ::inet_ntop(AF_INET6, &mapped, text.data(), text.size());
  peer.text = text.data();
  return peer;
}

Peer unix_peer(const PeerCredentials& credentials) {
  return {.kind = Peer::Kind::unix_socket, .address = {}, .user_trusted = false, .text = "unix:" + std::to_string(credentials.user)};
}

}  // namespace portcullis
