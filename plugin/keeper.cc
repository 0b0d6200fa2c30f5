#include "plugin/keeper.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "plugin/decisions/output.h"
#include "plugin/inputs.h"
#include "plugin/policies.h"
#include "plugin/shadow.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

/// An editor and a ConfigMap make several events for one change; revocations are in force within a second all the same.
constexpr auto kSettle = 50ms;
/// How often files are looked at where events may be missing (network file systems), and where there are none at all.
constexpr auto kLook = 5s;
constexpr auto kLookWithoutEvents = 1s;
constexpr auto kRetry = 1s;

/// How often a source is asked does not make it another one.
std::optional<AwsSecretsManagerConfig> secret_of(const Config& config) {
  std::optional<AwsSecretsManagerConfig> secret = config.bearer.aws_secrets_manager;
  if (secret) secret->refresh_interval = {};
  return secret;
}

bool same_keys(const Config& left, const Config& right) {
  return left.bearer.cert == right.bearer.cert && left.keys.file == right.keys.file && secret_of(left) == secret_of(right) &&
         left.keys.jwks_url == right.keys.jwks_url;
}

}  // namespace

Keeper::Keeper(KeeperSetup setup, Config config)
    : setup_(std::move(setup)), running_(std::move(config)), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (wake_ < 0) std::abort();  // no descriptor is left at the start of the process
  if (setup_.remote_world) world_.emplace(setup_.remote_world(waits_));
}

Result<std::unique_ptr<Keeper>> Keeper::make(KeeperSetup setup, Config config) {
  std::unique_ptr<Keeper> keeper(new Keeper(std::move(setup), config));
  Result<Draft> draft = keeper->read_draft(std::move(config), nullptr);
  if (!draft.ok()) return std::move(draft).error();
  keeper->draft_ = std::move(draft).value();
  keeper->config_loaded_ = keeper->setup_.clock.now();
  // Start-up never waits for the network: a remote source has its first round on its own thread.
  if (keeper->draft_.fetcher != nullptr) {
    keeper->recall();
    const MutexLock lock(keeper->nudge_mutex_);
    keeper->nudge_.begin_round();  // `run` begins it; requests that come before wait for it
  } else if (keeper->draft_.source != nullptr) {
    keeper->key_round();
  }
  keeper->set_nudges();
  keeper->live_ = std::make_unique<LiveSnapshot>(keeper->build_live());
  return keeper;
}

Keeper::~Keeper() {
  stop_.store(true);
  waits_.stop();
  wake();
  if (thread_.joinable()) thread_.join();
  // A fetch thread that ends its round wakes us: all of them end before there is nothing to write to.
  retired_.clear();
  candidate_.reset();
  draft_.fetcher.reset();
  {
    const MutexLock lock(nudge_mutex_);
    feeds_.clear();
  }
  retired_issuers_.clear();
  draft_.issuers.clear();
  ::close(wake_);
}

void Keeper::start() {
  thread_ = std::thread([this] { run(); });
}

void Keeper::request_reload() noexcept {
  reload_.store(true);
  wake();
}

void Keeper::wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);  // full: it is awake
}

/// Everything that `config` names but the keys of a source that `before` has already.
Result<Keeper::Draft> Keeper::read_draft(Config config, const Draft* before) {
  Draft draft;
  if (Result<void> served = check_somebody_is_trusted(config); !served.ok()) return served.error();
  Result<Secret> markers = read_markers(setup_.files, config);
  if (!markers.ok()) return markers.error();
  draft.markers = std::move(markers).value();
  // The same file says the same: cached tokens stay.
  const bool same = before != nullptr && before->config.digest == config.digest;
  draft.rules_generation = same ? before->rules_generation : ++generations_;
  const Result<GateRules> rules = compile_rules(config, draft.markers.reveal(), draft.rules_generation);
  if (!rules.ok()) return rules.error();
  if (Result<void> compiled = compile_policies(config, same ? before : nullptr, draft); !compiled.ok()) return compiled.error();
  Result<std::shared_ptr<const Revocations>> revocations = read_revocations(setup_.files, config);
  if (!revocations.ok()) return revocations.error();
  draft.revocations = std::move(revocations).value();
  Result<UserTrust> trust = UserTrust::resolve(config.proxy);
  if (!trust.ok()) return trust.error();
  draft.trust = std::move(trust).value();
  // Opened by whoever writes it; here it is only known that it can be.
  if (const auto& path = config.decision_log.output) {
    if (const Result<DecisionOutput> output = DecisionOutput::open(*path); !output.ok()) return output.error();
  }
  if (Result<void> made = make_source(config, before, draft); !made.ok()) return made.error();
  if (Result<void> made = make_issuers(config, before, draft); !made.ok()) return made.error();
  draft.config = std::move(config);
  return draft;
}

Result<void> Keeper::compile_policies(const Config& config, const Draft* same, Draft& draft) {
  if (same != nullptr) {
    draft.policies = same->policies;
    return {};
  }
  CompiledPolicy compiled = compile_access_control(config);
  if (config.access_control && compiled.policy == nullptr) return as_error(compiled.findings);
  for (const Finding& finding : compiled.findings)
    setup_.log.write(LogLevel::warn, "configuration", {{"path", finding.path}, {"note", finding.message}});
  CompiledPolicy shadow = compile_shadow(config);
  if (config.shadow && shadow.policy == nullptr) return as_error(shadow.findings);
  draft.policies = {std::move(compiled.policy), std::move(shadow.policy), {}, {}};
  draft.policies.policy_reads = logged_claims_of(draft.policies.policy.get());
  draft.policies.shadow_reads = logged_claims_of(draft.policies.shadow.get());
  return {};
}

/// The source of keys, with the state that it begins with. One that did not change goes on as it is, and one that was asked for its first
/// keys already is not asked twice. A new file must bring keys here and now; a new source on the network does so as a candidate.
Result<void> Keeper::make_source(const Config& config, const Draft* before, Draft& draft) {
  const Draft* const waiting = candidate_ ? &candidate_->draft : nullptr;
  for (const Draft* const former : {before, waiting}) {
    if (former == nullptr || !same_keys(former->config, config)) continue;
    draft.source = former->source;
    draft.fetcher = former->fetcher;
    draft.source_state = former->source_state;
    draft.source_state.max_stale = config.keys.max_stale;
    return {};
  }
  if (has_remote_source(config)) {
    if (!world_) return Error{Reason::config_invalid, "keys over the network are not available here"};
    draft.source = make_remote_source(*world_, config);
    draft.source_state = first_source_state(config, *draft.source);
    draft.fetcher = std::make_shared<Fetcher>(draft.source, setup_.clock, [this] { wake(); });
    return {};
  }
  if (!has_traditional_source(config)) return {};
  draft.source = make_key_source(setup_.files, config);
  draft.source_state = first_source_state(config, *draft.source);
  if (before == nullptr) return {};
  const TimePoint now = setup_.clock.now();
  draft.source_state = finish_round(draft.source_state, draft.source->fetch(now), ++generations_, now).next;
  if (draft.source_state.last_error) return at_setting(traditional_setting(config), *draft.source_state.last_error);
  return {};
}

std::shared_ptr<const LiveState> Keeper::build_live() const {
  auto live = std::make_shared<LiveState>();
  live->state.config = draft_.config;
  live->state.config.admin = running_.admin;  // the listener that is open decides who reads metrics; it moves with a restart
  // It compiled when it was read; it does again.
  live->state.rules = compile_rules(draft_.config, draft_.markers.reveal(), draft_.rules_generation).value();
  live->state.source = draft_.source_state;
  live->state.traditional = draft_.source != nullptr;
  std::vector<SourceState> issuers;
  for (const std::shared_ptr<IssuerFeed>& feed : draft_.issuers) {
    issuers.push_back(feed->state());
    live->issuer_uses.push_back(feed->uses());
  }
  live->state.issuers = IssuerKeys(std::move(issuers));
  live->state.revocations = draft_.revocations;
  set_policy(live->state, draft_.policies.policy, draft_.policies.policy_reads);
  set_shadow(live->state, draft_.policies.shadow, draft_.policies.shadow_reads);
  live->state.config_generation = draft_.rules_generation;
  live->trust = draft_.trust;
  live->key_uses = key_uses_;
  live->faults = faults_;
  live->config_loaded = config_loaded_;
  live->reload_attempted = reload_attempted_;
  if (candidate_) live->reload_waits_for = candidate_->draft.source_state.name;
  return live;
}

void Keeper::publish() {
  set_nudges();
  live_->publish(build_live());
}

void Keeper::set_nudges() {
  const MutexLock lock(nudge_mutex_);
  remote_ = draft_.fetcher != nullptr;
  feeds_ = draft_.issuers;
  nudge_.set_cooldown(draft_.config.keys.refetch_cooldown);
}

bool Keeper::nudge(std::string_view source) {
  NudgeAnswer answer = NudgeAnswer::refused;
  {
    const MutexLock lock(nudge_mutex_);
    for (const std::shared_ptr<IssuerFeed>& feed : feeds_)
      if (feed->name() == source) return feed->nudge();
    if (remote_) answer = nudge_.ask(setup_.clock.steady_now());
  }
  if (answer == NudgeAnswer::start) {
    nudged_.store(true);
    wake();
  } else if (answer == NudgeAnswer::join) {
    wake();  // the keeper looks at the new deadline in the waiting room
  }
  return answer != NudgeAnswer::refused;
}

void Keeper::report_status() {
  if (!setup_.on_status) return;
  const TimePoint now = setup_.clock.now();
  std::string sources;
  const auto add = [&](const SourceState& source) {
    sources += std::to_string(source.key_count()) + " keys from " + source.name + " (" +
               std::string(freshness_name(source.freshness(now))) + "), ";
  };
  if (draft_.source != nullptr) add(draft_.source_state);
  for (const std::shared_ptr<IssuerFeed>& feed : draft_.issuers) add(feed->state());
  setup_.on_status("STATUS=" + sources + "configuration " + draft_.config.digest.substr(0, 8) +
                   (faults_.config ? ", newest reload refused" : ""));
}

void Keeper::run() {
  guarded([this] { begin(); });
  while (!stop_.load()) guarded([this] { turn(); });
}

/// Memory that ran out in the middle of a step changes nothing that requests see: what was under way is begun anew, at once the first time,
/// and then every second.
template <class Step>
void Keeper::guarded(Step step) noexcept {
  try {
    step();
    failed_steps_ = 0;
  } catch (...) {
    due_ = {.config = true, .keys = draft_.source != nullptr, .marker = true, .revocations = true, .forced = true};
    due_at_ = setup_.clock.steady_now() + (failed_steps_++ == 0 ? 0s : kRetry);
    setup_.log.write(LogLevel::error, "the keeper ran out of memory: everything is read again");
  }
}

void Keeper::begin() {
  const SteadyPoint now = setup_.clock.steady_now();
  next_look_ = now + kLook;
  next_round_ = draft_.fetcher != nullptr ? now : now + round_interval();
  follow_files();
  // What changed between the first reading and the watch.
  due_ = {.config = true, .keys = draft_.source != nullptr && draft_.fetcher == nullptr, .marker = true, .revocations = true};
  due_at_ = now;
  mark_issuer_files();
  report_status();
}

/// Waits for something to do, and does it.
void Keeper::turn() {
  wait_for_events(next_wake());
  const SteadyPoint woken = setup_.clock.steady_now();
  if (reload_.exchange(false)) {
    due_ = {.config = true, .keys = true, .marker = true, .revocations = true, .forced = true};
    due_at_ = woken;
  }
  mark(watch_.changed_by_events());
  if (woken >= next_look_) {
    mark(watch_.changed_by_look());
    next_look_ = woken + (watch_.descriptor() >= 0 ? kLook : kLookWithoutEvents);
    watch_age();
    if (setup_.on_tick) setup_.on_tick();
  }
  if (nudged_.exchange(false) || (draft_.source != nullptr && woken >= next_round_ && !due_.any())) {
    due_.keys = true;
    due_at_ = woken;
  }
  take_rounds();
  take_issuer_rounds();
  if (begin_issuer_rounds(woken)) publish();
  if (due_.any() && woken >= due_at_) handle(std::exchange(due_, {}));
}

SteadyPoint Keeper::next_wake() const {
  SteadyPoint regular = draft_.source == nullptr ? next_look_ : std::min(next_look_, next_round_);
  for (const std::shared_ptr<IssuerFeed>& feed : draft_.issuers) regular = std::min(regular, feed->next_wake());
  if (setup_.room != nullptr) regular = std::min(regular, setup_.room->wake_due(setup_.clock.steady_now()).value_or(regular));
  return due_.any() ? std::min(due_at_, regular) : regular;
}

void Keeper::wait_for_events(SteadyPoint until) {
  const auto left = std::chrono::ceil<Milliseconds>(until - setup_.clock.steady_now());
  std::array<pollfd, 2> waited{{{wake_, POLLIN, 0}, {watch_.descriptor(), POLLIN, 0}}};
  const int timeout = static_cast<int>(std::clamp<Milliseconds>(left, 0ms, 60s).count());
  if (::poll(waited.data(), waited.size(), timeout) <= 0) return;
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(wake_, &count, sizeof count);
}

/// What the fetch thread brought, if it did; and threads of former sources that have ended.
void Keeper::take_rounds() {
  std::erase_if(retired_, [](const std::shared_ptr<Fetcher>& former) { return (void)former->take(), !former->busy(); });
  std::erase_if(retired_issuers_, [](const std::shared_ptr<IssuerFeed>& former) { return former->discard(), !former->busy(); });
  if (candidate_) {
    if (auto first = candidate_->draft.fetcher->take()) end_candidate(std::move(*first));
  }
  if (draft_.fetcher == nullptr) return;
  std::optional<Result<ParsedKeys>> brought = draft_.fetcher->take();
  if (!brought) return;
  end_round(std::move(*brought));
  publish();
  report_status();
  release_waiters();
}

/// A round has ended, or will never end: who waited for it looks at the state that is published by now.
void Keeper::release_waiters() {
  {
    const MutexLock lock(nudge_mutex_);
    nudge_.end_round();
  }
  const std::optional<std::string> left = std::exchange(left_source_, std::nullopt);
  if (setup_.room == nullptr) return;
  setup_.room->wake_source(draft_.source_state.name);
  if (left) setup_.room->wake_source(*left);
}

void Keeper::mark(const std::set<std::string>& files) {
  if (files.empty()) return;
  if (!due_.any()) due_at_ = setup_.clock.steady_now() + kSettle;
  for (const std::string& file : files) {
    if (file == setup_.config_path) due_.config = true;
    if (file == draft_.config.proxy.marker_file) due_.marker = true;
    if (file == draft_.config.tokens.revocations) due_.revocations = true;
    const std::vector<std::string> keys = draft_.source == nullptr ? std::vector<std::string>{} : draft_.source->watched_files();
    if (std::find(keys.begin(), keys.end(), file) != keys.end()) due_.keys = true;
    mark_issuers_of(file);
  }
}

/// Watches first and reads then, so that what changes in between is seen.
void Keeper::follow_files() {
  std::vector<std::string> files = key_files();
  files.push_back(setup_.config_path);
  if (draft_.config.proxy.marker_file) files.push_back(*draft_.config.proxy.marker_file);
  if (draft_.config.tokens.revocations) files.push_back(*draft_.config.tokens.revocations);
  watch_.watch(files);
  watched_ = std::move(files);
}

void Keeper::handle(Due due) {
  if (due.forced) begin_reload_notice();
  if (due.forced)
    for (const std::shared_ptr<IssuerFeed>& feed : draft_.issuers) feed->mark_changed();
  follow_files();
  const bool reloaded = due.config && reload_config(due.forced);
  if (reloaded) {
    const std::vector<std::string> before = watched_;
    follow_files();
    // Files that were read before they were watched.
    if (before != watched_) {
      due_ = {.config = false, .keys = true, .marker = true, .revocations = true, .forced = false};
      due_at_ = setup_.clock.steady_now();
      mark_issuer_files();
    }
  }
  const std::shared_ptr<const LiveState> seen = live_->read();
  bool changed = reloaded || faults_ != seen->faults || candidate_.has_value() != seen->reload_waits_for.has_value();
  if (due.marker && !reloaded) changed = read_marker() || changed;
  if (due.revocations && !reloaded) changed = read_revocation_list() || changed;
  if (due.keys && draft_.source != nullptr) changed = key_round() || changed;
  if (changed || due.forced) publish();
  if (left_source_) release_waiters();
  watch_age();
  report_status();
  end_reload_notice();
}

}  // namespace portcullis
