#include "plugin/http/listen_socket.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace portcullis {
namespace {

/// The kernel cuts it to net.core.somaxconn.
constexpr int kBacklog = 4096;
constexpr mode_t kUnixSocketMode = 0660;

Error failed(const std::string& address, const std::string& what) {
  return {Reason::io_failed, "cannot listen on " + address + ": " + what};
}
Error failed(const std::string& address) { return failed(address, std::strerror(errno)); }

/// bind(2) said no: what the operator can do about it.
Error not_bound(const ListenAddress& address) {
  const int why = errno;
  const bool is_file = address.kind == ListenAddress::Kind::unix_socket;
  std::string what = std::strerror(why);
  if (why == ENOENT && is_file) what += ": make its folder first, one that the gate's user may write to";
  if (why == EACCES)
    what += is_file ? ": the gate's user must be allowed to write to its folder" : ": ports below 1024 want CAP_NET_BIND_SERVICE";
  if (why == EADDRINUSE) what += ": another process listens there";
  if (why == EADDRNOTAVAIL) what += ": no interface of this machine has that address";
  return failed(address.text, what);
}

Result<sockaddr_un> unix_address(const ListenAddress& address) {
  sockaddr_un native{};
  native.sun_family = AF_UNIX;
  if (address.host.size() >= sizeof native.sun_path) return failed(address.text, "the path is longer than 107 bytes");
  std::memcpy(native.sun_path, address.host.data(), address.host.size());
  return native;
}

/// Removes a socket file that nobody answers on.
Result<void> remove_stale(const ListenAddress& address, const sockaddr_un& native) {
  struct stat status {};
  if (::lstat(address.host.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) return failed(address.text, "there is something there that is not a socket");
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return failed(address.text);
  const int connected = ::connect(probe, reinterpret_cast<const sockaddr*>(&native), sizeof native);
  const int why = errno;
  ::close(probe);
  // EAGAIN: a full backlog belongs to somebody who is alive.
  if (connected == 0 || why == EAGAIN) return failed(address.text, "another process listens there");
  if (why != ECONNREFUSED && why != ENOENT) return failed(address.text, std::strerror(why));
  if (::unlink(address.host.c_str()) != 0 && errno != ENOENT) return failed(address.text);
  return {};
}

Result<gid_t> group_called(const std::string& name) {
  std::array<char, 16384> buffer{};
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return Error{Reason::io_failed, "there is no group \"" + name + "\" (portcullis.listenGroup)"};
  return found->gr_gid;
}

std::string tcp_text(const sockaddr_storage& native) {
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (native.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(native);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, host.data(), host.size());
    return "[" + std::string(host.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(native);
  ::inet_ntop(AF_INET, &v4.sin_addr, host.data(), host.size());
  return std::string(host.data()) + ":" + std::to_string(ntohs(v4.sin_port));
}

/// Fills `native` from a numeric address; its length, or 0 where the text is none.
socklen_t tcp_address(const ListenAddress& address, sockaddr_storage& native) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(native);
  if (::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    return sizeof v4;
  }
  native = {};
  auto& v6 = reinterpret_cast<sockaddr_in6&>(native);
  if (::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) != 1) return 0;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(address.port);
  return sizeof v6;
}

}  // namespace

Result<ListenSocket> ListenSocket::open(const ListenAddress& address, const std::optional<std::string>& group) {
  return address.kind == ListenAddress::Kind::unix_socket ? open_unix(address, group) : open_tcp(address);
}

Result<ListenSocket> ListenSocket::open_unix(const ListenAddress& address, const std::optional<std::string>& group) {
  const Result<sockaddr_un> native = unix_address(address);
  if (!native.ok()) return native.error();
  gid_t gid = ::getegid();
  if (group) {
    const Result<gid_t> named = group_called(*group);
    if (!named.ok()) return named.error();
    gid = *named;
  }
  if (const Result<void> removed = remove_stale(address, *native); !removed.ok()) return removed.error();
  ListenSocket socket;
  socket.descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket.descriptor_ < 0) return failed(address.text);
  if (::bind(socket.descriptor_, reinterpret_cast<const sockaddr*>(&*native), sizeof *native) != 0) return not_bound(address);
  socket.path_ = address.host;
  socket.text_ = "unix:" + address.host;
  struct stat status {};
  if (::lstat(address.host.c_str(), &status) != 0) return failed(address.text);
  socket.device_ = status.st_dev;
  socket.inode_ = status.st_ino;
  socket.group_ = gid;
  // Nobody can connect before listen(2), so that nobody meets the mode and group that bind(2) gave.
  if (group && ::chown(address.host.c_str(), static_cast<uid_t>(-1), gid) != 0)
    return failed(address.text, std::string(std::strerror(errno)) + ": the gate's user must be a member of the group \"" + *group +
                                    "\" (portcullis.listenGroup)");
  if (::chmod(address.host.c_str(), kUnixSocketMode) != 0) return failed(address.text);
  if (::listen(socket.descriptor_, kBacklog) != 0) return failed(address.text);
  return socket;
}

Result<ListenSocket> ListenSocket::open_tcp(const ListenAddress& address) {
  sockaddr_storage native{};
  socklen_t length = tcp_address(address, native);
  if (length == 0) return failed(address.text, "not a numeric address");
  ListenSocket socket;
  socket.descriptor_ = ::socket(native.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket.descriptor_ < 0) return failed(address.text);
  const int on = 1;
  if (::setsockopt(socket.descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return failed(address.text);
  if (::bind(socket.descriptor_, reinterpret_cast<const sockaddr*>(&native), length) != 0) return not_bound(address);
  if (::listen(socket.descriptor_, kBacklog) != 0) return failed(address.text);
  length = sizeof native;
  if (::getsockname(socket.descriptor_, reinterpret_cast<sockaddr*>(&native), &length) != 0) return failed(address.text);
  socket.text_ = tcp_text(native);
  return socket;
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      retired_(std::exchange(other.retired_, -1)),
      text_(std::move(other.text_)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_),
      group_(other.group_) {}

ListenSocket::~ListenSocket() {
  close();
  if (retired_ >= 0) ::close(retired_);
}

void ListenSocket::close() noexcept {
  if (descriptor_ < 0) return;
  struct stat status {};
  const bool ours = !path_.empty() && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
  if (ours) ::unlink(path_.c_str());
  // Linux ends a listening socket here, TCP and unix alike; connections that were accepted stay.
  ::shutdown(descriptor_, SHUT_RDWR);
  retired_ = std::exchange(descriptor_, -1);
}

}  // namespace portcullis
