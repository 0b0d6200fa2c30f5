// The keys of one OIDC issuer as they come in: its own thread, its own schedule, its own nudges, so that a dead or slow issuer disturbs
// nobody else's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/io/entropy.h"
#include "base/io/files.h"
#include "base/io/http.h"
#include "base/mutex.h"
#include "base/report/log.h"
#include "config/config.h"
#include "keystore/refresh/nudge.h"
#include "keystore/refresh/round.h"
#include "keystore/refresh/schedule.h"
#include "keystore/refresh/source.h"
#include "plugin/fetcher.h"
#include "plugin/key_uses.h"

namespace portcullis {

/// What a feed works with; all of it outlives the feed.
struct FeedTools {
  HttpTransport* http;  ///< null: nobody can be asked over the network
  Entropy* entropy;     ///< null together with `http`
  Files& files;
  const Clock& clock;
  Log& log;
  std::function<void()> wake;  ///< wakes the keeper; from any thread
};

/// The keeper's thread calls everything but `nudge` and `name`.
class IssuerFeed {
 public:
  /// Nobody is asked yet. `Reason::config_invalid` where the issuer's keys come over a network that is not available here.
  static Result<std::shared_ptr<IssuerFeed>> make(FeedTools tools, const OidcIssuerConfig& issuer, const KeysConfig& keys);

  /// Whether the keys of `issuer` come from this source: then `adopt` takes what else is configured of it.
  [[nodiscard]] bool serves(const OidcIssuerConfig& issuer) const;
  void adopt(const OidcIssuerConfig& issuer, const KeysConfig& keys);

  /// A file is read here and now; `new_generation` as in `finish_round`. Nothing for a source on the network.
  void read_file(std::uint64_t new_generation);
  [[nodiscard]] std::vector<std::string> watched_files() const { return source_->watched_files(); }
  /// One of its files has changed.
  void mark_changed() { next_round_ = SteadyPoint{}; }

  /// Begins a round where one is due or was asked for; a file is read at once. Whether there is something to publish.
  bool begin_due(SteadyPoint now, std::uint64_t new_generation);
  /// Takes over what the thread brought, if it did. Whether a round has ended, after which the state is published, and then `released`.
  bool take(std::uint64_t new_generation);
  /// Whoever waited for the round looks again: the state is published.
  void released() EXCLUDES(mutex_);
  /// When `begin_due` has to be called next.
  [[nodiscard]] SteadyPoint next_wake() const noexcept { return next_round_; }
  /// Takes what a round brought that nobody wants any more.
  void discard() {
    if (fetcher_ != nullptr) (void)fetcher_->take();
  }
  /// Whether its thread is in the middle of something: a feed that is destroyed then waits for it.
  [[nodiscard]] bool busy() const { return fetcher_ != nullptr && fetcher_->busy(); }
  /// Says when the keys have become too old, which no round brings about.
  void watch_age();

  [[nodiscard]] const std::string& name() const noexcept { return source_->name(); }
  [[nodiscard]] const SourceState& state() const noexcept { return state_; }
  [[nodiscard]] const KeyUses& uses() const noexcept { return uses_; }

  /// Asked by a request whose key is not there: whether a round is under way or was begun. Safe from any thread.
  [[nodiscard]] bool nudge() EXCLUDES(mutex_);

 private:
  IssuerFeed(FeedTools tools, const OidcIssuerConfig& issuer, std::shared_ptr<KeySource> source);
  void end_round(Result<ParsedKeys> brought, std::uint64_t new_generation);
  [[nodiscard]] Milliseconds wait_for_next(std::optional<Milliseconds> max_age) const;

  // set once
  const FeedTools tools_;
  const OidcIssuerConfig issuer_;
  const std::shared_ptr<KeySource> source_;
  // guarded by mutex_
  Mutex mutex_;
  Nudge nudge_ GUARDED_BY(mutex_){Milliseconds(0)};
  bool wanted_ GUARDED_BY(mutex_) = false;
  // the keeper's thread only
  RefreshRules rules_{};
  SourceState state_;
  KeyUses uses_;
  SteadyPoint next_round_{};
  unsigned failed_rounds_ = 0;
  Freshness freshness_ = Freshness::empty;
  std::unique_ptr<Fetcher> fetcher_;  ///< null for a file; the last, because its thread calls `tools_.wake`
};

}  // namespace portcullis
