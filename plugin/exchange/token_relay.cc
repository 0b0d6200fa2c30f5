#include "plugin/exchange/token_relay.h"

#include <utility>

namespace portcullis {
namespace {

// Short details need no memory.
Error given_up() noexcept { return {Reason::io_failed, "process is over"}; }
Error no_memory() noexcept { return {Reason::io_failed, "out of memory"}; }

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
  if (number == 0) return done(given_up());  // NOLINT(bugprone-use-after-move): it was moved where there is a number
  const SteadyPoint deadline = clock_.steady_now() + call->timeout;
  try {
    pool_.submit([this, number, call = std::move(call), deadline] { run(number, *call, deadline); });
  } catch (...) {
    // The caller still has the request, unless `stop` was faster and has told it.
    if (take(number) != nullptr) throw;
  }
}

void TokenRelay::run(std::uint64_t number, const OutgoingRequest& call, SteadyPoint deadline) {
  Result<IncomingAnswer> brought = no_memory();
  try {
    brought = ask(call, deadline);
  } catch (...) {
    brought = no_memory();
  }
  if (const Done done = take(number)) done(std::move(brought));
}

Result<IncomingAnswer> TokenRelay::ask(const OutgoingRequest& call, SteadyPoint deadline) const {
  const auto left = std::chrono::floor<std::chrono::milliseconds>(deadline - clock_.steady_now());
  if (http_ == nullptr) return Error{Reason::io_failed, "there is no network"};
  if (left.count() <= 0 || stopping_)
    return Error{Reason::io_failed, "the upstream token endpoint is too slow: the queue is longer than the timeout"};
  OutgoingRequest timed = call;
  timed.timeout = left;
  timed.stop = &stopping_;
  return http_->send(timed);
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
