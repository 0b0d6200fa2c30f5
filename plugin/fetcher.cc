#include "plugin/fetcher.h"

#include <utility>

namespace portcullis {
namespace {

/// A round that ended in an exception has failed, as any other.
Result<ParsedKeys> fetch_from(KeySource& source, TimePoint now) noexcept {
  try {
    return source.fetch(now);
  } catch (...) {
    return Error{Reason::io_failed, "out of memory"};
  }
}

}  // namespace

Fetcher::Fetcher(std::shared_ptr<KeySource> source, const Clock& clock, std::function<void()> on_done)
    : source_(std::move(source)), clock_(clock), on_done_(std::move(on_done)), thread_([this] { run(); }) {}

Fetcher::~Fetcher() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Fetcher::begin() {
  {
    const MutexLock lock(mutex_);
    if (phase_ != Phase::idle) return;
    phase_ = Phase::wanted;
  }
  changed_.notify_all();
}

std::optional<Result<ParsedKeys>> Fetcher::take() {
  const MutexLock lock(mutex_);
  if (phase_ != Phase::done) return std::nullopt;
  phase_ = Phase::idle;
  return std::exchange(brought_, std::nullopt);
}

bool Fetcher::busy() const {
  const MutexLock lock(mutex_);
  return phase_ != Phase::idle;
}

void Fetcher::run() {
  for (;;) {
    {
      const MutexLock lock(mutex_);
      while (phase_ != Phase::wanted && !stopping_) changed_.wait(mutex_);
      if (stopping_) return;
      phase_ = Phase::running;
    }
    Result<ParsedKeys> brought = fetch_from(*source_, clock_.now());
    {
      const MutexLock lock(mutex_);
      brought_.emplace(std::move(brought));
      phase_ = Phase::done;
    }
    on_done_();
  }
}

}  // namespace portcullis
