// A bound, listening socket: TCP, or a unix socket whose file is ours to make and to remove.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "config/config.h"

namespace portcullis {

/// Owns the descriptor, and the file of a unix socket: ending removes the file if it is still this one.
class ListenSocket {
 public:
  /// Binds and listens. A unix socket gets mode 0660 and, where `group` is set, that group; a socket file that nobody answers on is
  /// replaced, one that somebody answers on and anything that is not a socket are left alone. `Reason::io_failed`, naming the address.
  static Result<ListenSocket> open(const ListenAddress& address, const std::optional<std::string>& group);

  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&&) = delete;
  ListenSocket(const ListenSocket&) = delete;
  ListenSocket& operator=(const ListenSocket&) = delete;
  ~ListenSocket();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// `unix:/run/gate.sock`, `127.0.0.1:43211`, `[::1]:80`: with the port that the system chose.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool is_unix() const noexcept { return !path_.empty(); }
  /// Group of the socket's file; nothing for TCP.
  [[nodiscard]] std::optional<gid_t> group() const noexcept { return group_; }
  /// Ends listening at once: nobody can connect any more. The number of the descriptor is not given back before the object goes, because a
  /// request thread of libmicrohttpd may still hold it. Idempotent.
  void close() noexcept;

 private:
  ListenSocket() = default;
  static Result<ListenSocket> open_unix(const ListenAddress& address, const std::optional<std::string>& group);
  static Result<ListenSocket> open_tcp(const ListenAddress& address);

  int descriptor_ = -1;
  int retired_ = -1;  ///< listens no more, and is closed with the object
  std::string text_;
  std::string path_;  ///< empty for TCP
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::optional<gid_t> group_;
};

}  // namespace portcullis
