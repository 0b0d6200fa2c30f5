#include "aws/credential_cache.h"

#include <algorithm>
#include <utility>

#include "base/io/random_fraction.h"

namespace portcullis {

using std::chrono::milliseconds;

namespace {

/// Short details need no memory.
Error no_memory() noexcept { return {Reason::io_failed, "out of memory"}; }

}  // namespace

CredentialCache::CredentialCache(std::unique_ptr<CredentialSource> source, const Clock& clock, Entropy& entropy, Background background,
                                 CredentialCacheRules rules)
    : source_(std::move(source)), clock_(clock), entropy_(entropy), background_(std::move(background)), rules_(rules) {}

bool CredentialCache::usable() const { return held_ != nullptr && (!held_->expires || clock_.now() < *held_->expires); }

bool CredentialCache::due() const { return due_at_ && clock_.now() >= *due_at_; }

std::optional<CredentialCache::Answer> CredentialCache::at_hand(bool refresh) const {
  const SteadyPoint now = clock_.steady_now();
  if (refresh && (!forced_until_ || now >= *forced_until_)) return std::nullopt;
  if (refresh && error_ && now < error_until_) return Answer(*error_);
  if (usable()) return Answer(held_);
  if (error_ && now < error_until_) return Answer(*error_);
  return std::nullopt;
}

CredentialCache::Answer CredentialCache::credentials(bool refresh) {
  std::optional<Answer> found;
  bool renew = false;
  {
    const MutexLock lock(mutex_);
    found = at_hand(refresh);
    renew = found && found->ok() && due() && !in_flight_ && !scheduled_;
    if (renew) scheduled_ = true;
  }
  if (!found) return fetch_or_join(refresh);
  if (renew) {
    if (background_ && background_([this] { renew_ahead(); })) return *found;
    renew_ahead();
    const MutexLock lock(mutex_);
    if (usable()) return held_;
  }
  return *found;
}

CredentialCache::Answer CredentialCache::fetch_or_join(bool refresh) {
  {
    const MutexLock lock(mutex_);
    if (in_flight_) {
      const unsigned long before = landings_;
      while (landings_ == before) landed_.wait(mutex_);
      return *landing_;
    }
    // Between the look and the lock another caller may have brought what we want.
    if (auto found = at_hand(refresh)) return *found;
    in_flight_ = true;
  }
  return fetch(refresh);
}

void CredentialCache::renew_ahead() {
  {
    const MutexLock lock(mutex_);
    scheduled_ = false;
    if (in_flight_ || !due()) return;
    in_flight_ = true;
  }
  (void)fetch(false);
}

/// Lands whatever happens: others wait for it.
CredentialCache::Answer CredentialCache::fetch(bool refresh) noexcept {
  Answer answer = no_memory();
  try {
    answer = source_->credentials(refresh);
  } catch (...) {
    answer = no_memory();
  }
  {
    const MutexLock lock(mutex_);
    try {
      take(answer, refresh);
      // A failure ahead of time is nobody's business while the old credentials serve; who was refused with them has to hear of it.
      if (!answer && !refresh && usable()) answer = Answer(held_);
      landing_ = answer;
    } catch (...) {
      answer = no_memory();
      landing_ = no_memory();
    }
    in_flight_ = false;
    ++landings_;
  }
  landed_.notify_all();
  return answer;
}

void CredentialCache::take(const Answer& answer, bool refresh) {
  const SteadyPoint now = clock_.steady_now();
  if (refresh) forced_until_ = now + rules_.negative;
  if (!answer) {
    error_ = answer.error();
    error_until_ = now + rules_.negative;
    if (due_at_) due_at_ = clock_.now() + rules_.retry_after;
    return;
  }
  held_ = *answer;
  error_.reset();
  due_at_.reset();
  scheduled_ = false;
  if (!held_->expires) return;
  const milliseconds left = *held_->expires - clock_.now();
  const milliseconds ahead = std::min(rules_.refresh_ahead, std::max(left / 2, milliseconds(0)));
  const auto early =
      milliseconds(static_cast<std::int64_t>(static_cast<double>(ahead.count()) * rules_.jitter * random_fraction(entropy_)));
  due_at_ = *held_->expires - ahead - early;
}

}  // namespace portcullis
