// A listening socket on loopback, on a port of its own, with a thread for each connection. libmicrohttpd serves it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/handle.h"
#include "base/result.h"
#include "tests/fake_aws/message.h"

struct MHD_Daemon;

namespace portcullis::fake_aws {

void stop_daemon(MHD_Daemon* daemon) noexcept;

/// Waits that end early when the program ends.
class Patience {
 public:
  /// Waits for `time`; false: the program is ending.
  bool wait(std::chrono::milliseconds time);
  /// Ends all waits, now and later.
  void end();

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
};

/// A certificate chain and its private key, as PEM text.
struct TlsIdentity {
  std::string certificate;
  std::string key;
};

/// Serves until it is destroyed. Call `end` of the patience first, so that slow answers do not hold it up.
class Listener {
 public:
  using Handler = std::function<Answer(const Request&)>;

  /// Listens on 127.0.0.1. `handler` is called by many threads. `Reason::io_failed`.
  static Result<std::unique_ptr<Listener>> start(Handler handler, Patience& patience, std::optional<TlsIdentity> tls);

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  struct Callbacks;
  Listener(Handler handler, Patience& patience, std::optional<TlsIdentity> tls);

  // set once
  const Handler handler_;
  Patience& patience_;
  const std::optional<TlsIdentity> tls_;
  std::uint16_t port_ = 0;
  Handle<MHD_Daemon, stop_daemon> daemon_;
};

}  // namespace portcullis::fake_aws
