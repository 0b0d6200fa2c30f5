// The keeper's inputs, one by one: configuration, marker, revocations, keys. What cannot be used leaves the last good one in force.
#include <algorithm>
#include <utility>

#include "base/codec/percent.h"
#include "plugin/config_changes.h"
#include "plugin/inputs.h"
#include "plugin/keeper.h"

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

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::string as_line(const Finding& finding) { return finding.path.empty() ? finding.message : finding.path + ": " + finding.message; }

/// All errors in one line.
std::string as_line(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings)
    if (finding.severity == Severity::error) text += (text.empty() ? "" : "; ") + as_line(finding);
  return text;
}

std::string as_line(const Error& error) {
  return std::string(reason_name(error.reason)) + (error.detail.empty() ? "" : ": " + error.detail);
}

std::size_t usable(const SourceState& source) { return source.keys ? source.keys->keys().size() : 0; }

}  // namespace

/// All or nothing. Whether the configuration in force is another one now.
bool Keeper::reload_config(bool forced) {
  LoadedConfig loaded = load_config(setup_.files, setup_.config_path, setup_.overrides);
  if (!loaded.config) {
    if (forced || faults_.config != as_line(loaded.findings)) refuse_reload(loaded.findings);
    return false;
  }
  if (!forced && loaded.config->digest == draft_.config.digest) {
    if (faults_.config) setup_.log.write(LogLevel::info, "configuration is again the one in force", {{"digest", draft_.config.digest}});
    faults_.config.reset();
    return false;
  }
  Result<Draft> next = read_draft(std::move(*loaded.config), &draft_);
  if (!next.ok()) {
    const std::vector<Finding> findings{{Severity::error, "", as_line(next.error())}};
    if (forced || faults_.config != as_line(findings)) refuse_reload(findings);
    return false;
  }
  Draft former = std::exchange(draft_, std::move(next).value());
  if (former.fetcher != nullptr && former.fetcher != draft_.fetcher) {
    retired_.push_back(std::move(former.fetcher));
    next_round_ = setup_.clock.steady_now();
    const MutexLock lock(nudge_mutex_);
    nudge_.end_round();
  }
  accept_reload(former.config, loaded.findings);
  return true;
}

void Keeper::refuse_reload(const std::vector<Finding>& findings) {
  reload_attempted_ = setup_.clock.now();
  faults_.config = as_line(findings);
  setup_.metrics.count_reload(false);
  const auto errors = std::count_if(findings.begin(), findings.end(), [](const Finding& one) { return one.severity == Severity::error; });
  setup_.log.write(LogLevel::error, "reload refused: the old configuration stays in force",
                   {{"errors", static_cast<std::int64_t>(errors)}, {"digest", draft_.config.digest}});
  for (const Finding& finding : findings)
    if (finding.severity == Severity::error)
      setup_.log.write(LogLevel::error, "fault in configuration", {{"path", finding.path}, {"fault", finding.message}});
}

void Keeper::accept_reload(const Config& before, const std::vector<Finding>& findings) {
  const TimePoint now = setup_.clock.now();
  reload_attempted_ = now;
  config_loaded_ = now;
  faults_ = {};
  if (!draft_.source_state.last_error) failed_rounds_ = 0;
  setup_.metrics.count_reload(true);
  key_uses_ = KeyUses(draft_.source_state.keys.get(), key_uses_);
  for (const Finding& finding : findings)
    setup_.log.write(finding.severity == Severity::warning ? LogLevel::warn : LogLevel::info, "configuration",
                     {{"note", as_line(finding)}});
  setup_.log.write(LogLevel::info, "configuration reloaded",
                   {{"digest", draft_.config.digest},
                    {"changed", joined(changed_settings(before, draft_.config))},
                    {"extraRoutes", draft_.config.extra_routes.size()},
                    {"revocations", draft_.revocations->size()},
                    {"keys", usable(draft_.source_state)}});
  if (const std::vector<std::string_view> waiting = needs_restart(running_, draft_.config); !waiting.empty())
    setup_.log.write(LogLevel::warn, "some settings need a restart; the rest is in force", {{"settings", joined(waiting)}});
  if (setup_.on_config) setup_.on_config(draft_.config);
}

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
  draft_.source_state = finish_round(before, std::move(brought), ++generations_, now).next;
  const bool good = !draft_.source_state.last_error.has_value();
  setup_.metrics.count_round(good);
  failed_rounds_ = good ? 0 : failed_rounds_ + 1;
  if (draft_.source_state.keys != before.keys || key_uses_.size() != usable(draft_.source_state))
    key_uses_ = KeyUses(draft_.source_state.keys.get(), key_uses_);
  report_round(before);
  if (good) remember();
  next_round_ = setup_.clock.steady_now() + (draft_.fetcher != nullptr ? remote_interval(max_age) : round_interval());
  return true;
}

Milliseconds Keeper::remote_interval(std::optional<Milliseconds> max_age) const {
  const RefreshRules rules = refresh_rules_of(draft_.config);
  const double jitter = draw_jitter(world_->entropy);
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
                   {{"source", draft_.source_state.name}, {"keys", usable(draft_.source_state)}});
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

void Keeper::report_round(const SourceState& before) {
  const SourceState& after = draft_.source_state;
  if (after.last_error) {
    if (before.last_error == after.last_error) return;  // said once
    setup_.log.write(LogLevel::error,
                     after.keys ? "keys cannot be read: the last good set serves" : "keys cannot be read: requests are answered 503",
                     {{"source", after.name}, {"fault", as_line(*after.last_error)}, {"keys", usable(after)}});
    return;
  }
  if (before.last_error) setup_.log.write(LogLevel::info, "keys can be read again", {{"source", after.name}});
  if (after.keys == before.keys) return;
  setup_.log.write(LogLevel::info, "keys in force",
                   {{"source", after.name},
                    {"keys", usable(after)},
                    {"quarantined", after.keys->quarantined().size()},
                    {"digest", after.keys->digest()}});
  for (const QuarantinedKey& key : after.keys->quarantined())
    setup_.log.write(LogLevel::warn, "a key was set aside",
                     {{"source", after.name},
                      {"kid", escape_for_log(key.id)},
                      {"reason", reason_name(key.error.reason)},
                      {"detail", escape_for_log(key.error.detail)}});
}

/// Says when the keys become too old, or good again, which no round brings about.
void Keeper::watch_age() {
  const Freshness now = draft_.source_state.freshness(setup_.clock.now());
  const Freshness before = std::exchange(freshness_, now);
  if (now == before || now != Freshness::expired) return;
  setup_.log.write(LogLevel::error, "keys are older than portcullis.keys.maxStale: requests are answered 503",
                   {{"source", draft_.source_state.name}});
}

}  // namespace portcullis
