// One set of credentials for all callers: fetched once, renewed ahead of time, kept until it really ends. It never asks another source.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <optional>

#include "aws/client.h"
#include "base/clock.h"
#include "base/io/entropy.h"
#include "base/mutex.h"

namespace portcullis {

struct CredentialCacheRules {
  std::chrono::milliseconds refresh_ahead = std::chrono::minutes(5);  ///< at most half of what is left when credentials arrive
  double jitter = 0.1;                                                ///< refreshes begin up to this part of `refresh_ahead` earlier
  std::chrono::milliseconds negative = std::chrono::seconds(2);       ///< an error is repeated for so long without asking
  std::chrono::milliseconds retry_after = std::chrono::seconds(30);   ///< between refreshes that fail while credentials still serve
};

/// Safe from many threads. Callers that come while a fetch is under way wait for it and share its result, good or bad.
class CredentialCache final : public CredentialSource {
 public:
  /// Runs a task on another thread, soon. False: it will not, so the cache runs it where it is. A task must have run or been dropped before
  /// the cache is destroyed.
  using Background = std::function<bool(std::function<void()>)>;

  /// Without `background`, the caller that finds credentials due renews them on its own thread, while others go on with the old ones.
  CredentialCache(std::unique_ptr<CredentialSource> source, const Clock& clock, Entropy& entropy, Background background = {},
                  CredentialCacheRules rules = {});

  /// `refresh`: fetch now; but one call in `rules.negative` serves all whose credentials were refused in that time. Errors of the source;
  /// none while the credentials at hand have not expired.
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override EXCLUDES(mutex_);

 private:
  using Answer = Result<std::shared_ptr<const AwsCredentials>>;

  [[nodiscard]] bool usable() const REQUIRES(mutex_);
  [[nodiscard]] bool due() const REQUIRES(mutex_);
  [[nodiscard]] std::optional<Answer> at_hand(bool refresh) const REQUIRES(mutex_);
  Answer fetch_or_join(bool refresh) EXCLUDES(mutex_);
  void renew_ahead() EXCLUDES(mutex_);
  Answer fetch(bool refresh) noexcept EXCLUDES(mutex_);
  void take(const Answer& answer, bool refresh) REQUIRES(mutex_);

  // set once
  const std::unique_ptr<CredentialSource> source_;
  const Clock& clock_;
  Entropy& entropy_;
  const Background background_;
  const CredentialCacheRules rules_;
  // locks itself
  std::condition_variable_any landed_;
  // guarded by mutex_
  Mutex mutex_;
  std::shared_ptr<const AwsCredentials> held_ GUARDED_BY(mutex_);
  std::optional<TimePoint> due_at_ GUARDED_BY(mutex_);  ///< when to renew ahead of time; nothing: never
  std::optional<Error> error_ GUARDED_BY(mutex_);
  SteadyPoint error_until_ GUARDED_BY(mutex_);
  std::optional<SteadyPoint> forced_until_ GUARDED_BY(mutex_);
  bool in_flight_ GUARDED_BY(mutex_) = false;
  bool scheduled_ GUARDED_BY(mutex_) = false;
  unsigned long landings_ GUARDED_BY(mutex_) = 0;
  std::optional<Answer> landing_ GUARDED_BY(mutex_);  ///< what the last fetch brought, for those who waited
};

}  // namespace portcullis
