// Asks another token endpoint on behalf of requests that wait suspended: off the request threads, bounded in number and in time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "base/clock.h"
#include "base/io/http.h"
#include "base/mutex.h"
#include "plugin/admission.h"
#include "plugin/worker_pool.h"

namespace portcullis {

/// Safe from many threads.
class TokenRelay {
 public:
  using Done = std::function<void(Result<IncomingAnswer>)>;

  /// `http` may be null, then every call fails. `clock` and `http` outlive the relay. `threads` calls at once, `places` requests that wait.
  TokenRelay(HttpTransport* http, const Clock& clock, unsigned threads, std::size_t places);
  TokenRelay(const TokenRelay&) = delete;
  TokenRelay& operator=(const TokenRelay&) = delete;
  /// `stop`, then waits for calls under way.
  ~TokenRelay();

  /// Who may wait for it: a slow endpoint takes no place of those who wait for keys or signatures.
  [[nodiscard]] Admission& admission() noexcept { return admission_; }
  /// Makes `call` on one of the threads and hands the answer to `done`, once, on whatever thread. The time in the queue counts for the
  /// call's timeout. `Reason::io_failed` as of `HttpTransport::send`, or because the process ends. `done` does not throw; where there is no
  /// memory to take the call `submit` does, and `done` is not called.
  void submit(std::shared_ptr<const OutgoingRequest> call, Done done) EXCLUDES(mutex_);
  /// The process is ending: nobody enters any more, everybody who waits is told so now, and calls under way are given up.
  void stop() EXCLUDES(mutex_);

 private:
  void run(std::uint64_t number, const OutgoingRequest& call, SteadyPoint deadline) EXCLUDES(mutex_);
  Result<IncomingAnswer> ask(const OutgoingRequest& call, SteadyPoint deadline) const;
  /// Whoever takes it calls it; null where `stop` was faster.
  Done take(std::uint64_t number) EXCLUDES(mutex_);

  // set once
  HttpTransport* const http_;
  const Clock& clock_;
  // locks itself
  Admission admission_;
  std::atomic<bool> stopping_{false};
  // guarded by mutex_
  Mutex mutex_;
  std::uint64_t next_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::uint64_t, Done> open_ GUARDED_BY(mutex_);
  // locks itself; last, so that its threads end first
  WorkerPool pool_;
};

}  // namespace portcullis
