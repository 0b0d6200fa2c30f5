#include "plugin/exchange/token_relay.h"

#include <utility>

namespace portcullis {
namespace {

Error given_up() { return {Reason::io_failed, "the process is ending"}; }

}  // namespace

TokenRelay::TokenRelay(HttpTransport* http, const Clock& clock, unsigned threads, std::size_t places)
    : http_(http), clock_(clock), admission_(places), pool_(threads) {}

TokenRelay::~TokenRelay() { stop(); }

void TokenRelay::submit(std::shared_ptr<const OutgoingRequest> call, Done done) {
  std::uint64_t number = 0;
  {
    const MutexLock lock(mutex_);
    // `stop` sets the flag before it empties the map: either it sees this call, or this call sees the flag.
    if (!stopping_) {
      number = ++next_;
      open_.emplace(number, std::move(done));
    }
  }
  if (number == 0) return done(given_up());
  const SteadyPoint deadline = clock_.steady_now() + call->timeout;
  pool_.submit([this, number, call = std::move(call), deadline] { run(number, *call, deadline); });
}

void TokenRelay::run(std::uint64_t number, const OutgoingRequest& call, SteadyPoint deadline) {
  const auto left = std::chrono::floor<std::chrono::milliseconds>(deadline - clock_.steady_now());
  Result<IncomingAnswer> brought =
      Error{Reason::io_failed, "the upstream token endpoint is too slow: the queue is longer than the timeout"};
  if (http_ == nullptr) {
    brought = Error{Reason::io_failed, "there is no network"};
  } else if (left.count() > 0 && !stopping_) {
    OutgoingRequest timed = call;
    timed.timeout = left;
    timed.stop = &stopping_;
    brought = http_->send(timed);
  }
  if (const Done done = take(number)) done(std::move(brought));
}

TokenRelay::Done TokenRelay::take(std::uint64_t number) {
  const MutexLock lock(mutex_);
  const auto found = open_.find(number);
  if (found == open_.end()) return nullptr;
  Done done = std::move(found->second);
  open_.erase(found);
  return done;
}

void TokenRelay::stop() {
  admission_.close();
  std::unordered_map<std::uint64_t, Done> waiting;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    waiting.swap(open_);
  }
  for (const auto& [number, done] : waiting) done(given_up());
}

}  // namespace portcullis
