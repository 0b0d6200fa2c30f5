// The keeper's inputs but the configuration, one by one: marker, revocations, keys. What cannot be used leaves the last good one in force.
#include <algorithm>
#include <utility>

#include "base/codec/percent.h"
#include "base/io/random_fraction.h"
#include "plugin/inputs.h"
#include "plugin/keeper.h"
#include "plugin/round_report.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

/// How often the key file is read though nothing says that it changed: its age counts from the newest good reading.
constexpr Milliseconds kRound = 60s;
constexpr Milliseconds kLeastRound = 250ms;
/// The fetch thread tells when a round has ended; until then no other is due.
constexpr Milliseconds kRoundUnderWay = 10min;
/// A failed round is tried again after 1 s, then 2 s, up to 64 s or the usual interval.
constexpr unsigned kMostDoublings = 6;

std::string as_line(const Error& error) {
  return std::string(reason_name(error.reason)) + (error.detail.empty() ? "" : ": " + error.detail);
}

}  // namespace

/// Whether there is something to publish.
bool Keeper::read_marker() {
  if (!draft_.config.proxy.marker_file) return false;
  Result<Secret> markers = read_markers(setup_.files, draft_.config);
  std::optional<std::string> fault;
  if (!markers.ok()) {
    fault = as_line(markers.error());
  } else if (const auto rules = compile_rules(draft_.config, markers->reveal(), draft_.rules_generation); !rules.ok()) {
    fault = as_line(rules.error());
  }
  const bool news = fault != faults_.marker;
  faults_.marker = fault;
  if (fault) {
    if (news) setup_.log.write(LogLevel::error, "marker file cannot be used: the old markers stay", {{"fault", *fault}});
    return news;
  }
  if (equal_in_constant_time(markers->reveal(), draft_.markers.reveal())) return news;
  draft_.markers = std::move(markers).value();
  setup_.log.write(LogLevel::info, "markers read anew");
  return true;
}

/// Whether there is something to publish.
bool Keeper::read_revocation_list() {
  if (!draft_.config.tokens.revocations) return false;
  Result<std::shared_ptr<const Revocations>> revocations = read_revocations(setup_.files, draft_.config);
  std::optional<std::string> fault;
  if (!revocations.ok()) fault = as_line(revocations.error());
  const bool news = fault != faults_.revocations;
  faults_.revocations = fault;
  if (fault) {
    if (news) setup_.log.write(LogLevel::error, "revocations cannot be read: the last ones stay in force", {{"fault", *fault}});
    return news;
  }
  draft_.revocations = std::move(revocations).value();
  setup_.log.write(LogLevel::info, "revocations in force", {{"entries", draft_.revocations->size()}});
  return true;
}

/// One round of the key source. Whether there is something to publish: a file brings at least its age at once, the network answers later.
bool Keeper::key_round() {
  if (draft_.fetcher == nullptr) return end_round(draft_.source->fetch(setup_.clock.now()));
  {
    const MutexLock lock(nudge_mutex_);
    nudge_.begin_round();
  }
  draft_.fetcher->begin();
  next_round_ = setup_.clock.steady_now() + kRoundUnderWay;
  return false;
}

/// Takes over what a round brought, or keeps what there is. Always something to publish.
bool Keeper::end_round(Result<ParsedKeys> brought) {
  const TimePoint now = setup_.clock.now();
  const SourceState before = draft_.source_state;
  const std::optional<Milliseconds> max_age = brought.ok() ? brought->origin.max_age : std::nullopt;
  SourceState next = finish_round(before, std::move(brought), ++generations_, now).next;
  if (next.keys != before.keys || key_uses_.size() != next.key_count()) key_uses_ = KeyUses(next.keys.get(), key_uses_);
  draft_.source_state = std::move(next);
  const bool good = !draft_.source_state.last_error.has_value();
  setup_.metrics.count_round(good);
  failed_rounds_ = good ? 0 : failed_rounds_ + 1;
  report_round(setup_.log, before, draft_.source_state);
  if (good) remember();
  next_round_ = setup_.clock.steady_now() + (draft_.fetcher != nullptr ? remote_interval(max_age) : round_interval());
  return true;
}

Milliseconds Keeper::remote_interval(std::optional<Milliseconds> max_age) const {
  const RefreshRules rules = refresh_rules_of(draft_.config);
  const double jitter = random_fraction(world_->entropy);
  return failed_rounds_ == 0 ? wait_after_success(rules, max_age, jitter) : wait_after_failure(rules, failed_rounds_, jitter);
}

/// Serves with the keys that an earlier process left on disk, until the source has answered.
void Keeper::recall() {
  const std::optional<std::string>& path = draft_.config.keys.last_known_good;
  if (!path) return;
  Result<SourceState> recalled = recall_last_known_good(setup_.files, *path, identity_of_source(draft_.config, world_->environment),
                                                        draft_.source_state, ++generations_, setup_.clock.now());
  if (!recalled.ok()) {
    setup_.log.write(LogLevel::info, "no last known good keys to begin with", {{"fault", as_line(recalled.error())}});
    return;
  }
  draft_.source_state = std::move(recalled).value();
  key_uses_ = KeyUses(draft_.source_state.keys.get(), key_uses_);
  setup_.log.write(LogLevel::warn, "serving the last known good keys until the source answers",
                   {{"source", draft_.source_state.name}, {"keys", draft_.source_state.key_count()}});
}

void Keeper::remember() {
  const std::optional<std::string>& path = draft_.config.keys.last_known_good;
  if (!path || draft_.fetcher == nullptr) return;
  const Result<void> saved =
      save_last_known_good(setup_.files, *path, identity_of_source(draft_.config, world_->environment), draft_.source_state);
  if (!saved.ok()) setup_.log.write(LogLevel::warn, "the last known good keys could not be written", {{"fault", as_line(saved.error())}});
}

Milliseconds Keeper::round_interval() const {
  const Milliseconds usual = std::clamp<Milliseconds>(draft_.config.keys.max_stale / 4, kLeastRound, kRound);
  if (failed_rounds_ == 0) return usual;
  return std::min<Milliseconds>(usual, std::chrono::seconds(1) * (1U << std::min(failed_rounds_ - 1, kMostDoublings)));
}

/// Says when the keys become too old, or good again, or their certificates come near their ends, which no round brings about.
void Keeper::watch_age() {
  for (const std::shared_ptr<IssuerFeed>& feed : draft_.issuers) feed->watch_age();
  const TimePoint time = setup_.clock.now();
  const bool seen = endings_.keys == draft_.source_state.keys;
  report_endings(setup_.log, draft_.source_state, seen ? std::optional(endings_.seen) : std::nullopt, time);
  endings_ = {draft_.source_state.keys, time};
  const Freshness now = draft_.source_state.freshness(time);
  const Freshness before = std::exchange(freshness_, now);
  if (now == before || now != Freshness::expired) return;
  report_expired(setup_.log, draft_.source_state);
}

}  // namespace portcullis
