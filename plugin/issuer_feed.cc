#include "plugin/issuer_feed.h"

#include <algorithm>
#include <utility>

#include "base/io/random_fraction.h"
#include "keystore/refresh/oidc_source.h"
#include "plugin/round_report.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

/// The thread tells when a round has ended; until then no other is due.
constexpr Milliseconds kRoundUnderWay = 10min;

/// What is a matter of the source, and not of the rules that its tokens keep or of how often it is asked.
OidcIssuerConfig source_part(OidcIssuerConfig issuer) {
  issuer.audiences.clear();
  issuer.claim_mapping = {};
  issuer.username_prefix.clear();
  issuer.groups_prefix.clear();
  issuer.refresh_interval = {};
  issuer.required.reset();
  return issuer;
}

}  // namespace

Result<std::shared_ptr<IssuerFeed>> IssuerFeed::make(FeedTools tools, const OidcIssuerConfig& issuer, const KeysConfig& keys) {
  if (is_remote(issuer) && tools.http == nullptr) return Error{Reason::config_invalid, "keys over the network are not available here"};
  std::shared_ptr<KeySource> source = make_oidc_source(tools.http, tools.files, issuer);
  std::shared_ptr<IssuerFeed> feed(new IssuerFeed(std::move(tools), issuer, std::move(source)));
  feed->adopt(issuer, keys);
  return feed;
}

IssuerFeed::IssuerFeed(FeedTools tools, const OidcIssuerConfig& issuer, std::shared_ptr<KeySource> source)
    : tools_(std::move(tools)), issuer_(source_part(issuer)), source_(std::move(source)) {
  state_.name = source_->name();
  if (!is_remote(issuer)) return;
  fetcher_ = std::make_unique<Fetcher>(source_, tools_.clock, tools_.wake);
  const MutexLock lock(mutex_);
  nudge_.begin_round();  // requests that come before the first round wait for it
}

bool IssuerFeed::serves(const OidcIssuerConfig& issuer) const { return source_part(issuer) == issuer_; }

void IssuerFeed::adopt(const OidcIssuerConfig& issuer, const KeysConfig& keys) {
  const bool sooner = issuer.refresh_interval < rules_.interval;
  rules_ = {.interval = issuer.refresh_interval, .max_stale = keys.max_stale};
  state_.max_stale = keys.max_stale;
  if (sooner && next_round_ != SteadyPoint{}) next_round_ = std::min(next_round_, tools_.clock.steady_now() + rules_.interval);
  const MutexLock lock(mutex_);
  nudge_.set_cooldown(keys.refetch_cooldown);
}

void IssuerFeed::read_file(std::uint64_t new_generation) {
  if (fetcher_ == nullptr) end_round(source_->fetch(tools_.clock.now()), new_generation);
}

bool IssuerFeed::begin_due(SteadyPoint now, std::uint64_t new_generation) {
  {
    const MutexLock lock(mutex_);
    if (!std::exchange(wanted_, false) && now < next_round_) return false;
    if (fetcher_ != nullptr) nudge_.begin_round();
  }
  if (fetcher_ == nullptr) {
    read_file(new_generation);
    return true;
  }
  fetcher_->begin();
  next_round_ = now + kRoundUnderWay;
  return false;
}

bool IssuerFeed::take(std::uint64_t new_generation) {
  if (fetcher_ == nullptr) return false;
  std::optional<Result<ParsedKeys>> brought = fetcher_->take();
  if (!brought) return false;
  end_round(std::move(*brought), new_generation);
  return true;
}

void IssuerFeed::released() {
  const MutexLock lock(mutex_);
  nudge_.end_round();
}

void IssuerFeed::end_round(Result<ParsedKeys> brought, std::uint64_t new_generation) {
  const SourceState before = state_;
  const std::optional<Milliseconds> max_age = brought.ok() ? brought->origin.max_age : std::nullopt;
  SourceState next = finish_round(before, std::move(brought), new_generation, tools_.clock.now()).next;
  if (next.keys != before.keys || uses_.size() != next.key_count()) uses_ = KeyUses(next.keys.get(), uses_);
  state_ = std::move(next);
  failed_rounds_ = state_.last_error ? failed_rounds_ + 1 : 0;
  report_round(tools_.log, before, state_);
  next_round_ = tools_.clock.steady_now() + wait_for_next(max_age);
}

Milliseconds IssuerFeed::wait_for_next(std::optional<Milliseconds> max_age) const {
  const double jitter = tools_.entropy == nullptr ? 0.5 : random_fraction(*tools_.entropy);
  return failed_rounds_ == 0 ? wait_after_success(rules_, max_age, jitter) : wait_after_failure(rules_, failed_rounds_, jitter);
}

void IssuerFeed::watch_age() {
  const Freshness now = state_.freshness(tools_.clock.now());
  const Freshness before = std::exchange(freshness_, now);
  if (now != before && now == Freshness::expired) report_expired(tools_.log, state_);
}

bool IssuerFeed::nudge() {
  NudgeAnswer answer = NudgeAnswer::refused;
  {
    const MutexLock lock(mutex_);
    if (fetcher_ != nullptr) answer = nudge_.ask(tools_.clock.steady_now());
    if (answer == NudgeAnswer::start) wanted_ = true;
  }
  // Where a round is under way the keeper looks at the new deadline in the waiting room.
  if (answer != NudgeAnswer::refused) tools_.wake();
  return answer != NudgeAnswer::refused;
}

}  // namespace portcullis
