#include "plugin/broker/broker_service.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/codec/percent.h"
#include "base/io/random_fraction.h"

namespace portcullis {
namespace {

Error unavailable(std::string detail) { return {Reason::credentials_unavailable, std::move(detail)}; }

/// Short details need no memory.
Result<SharedLogin> no_memory() noexcept { return Error{Reason::credentials_unavailable, "out of memory"}; }

/// `brought` for one of several, or that there is no memory to say it.
Result<SharedLogin> copy_of(const Result<SharedLogin>& brought) noexcept {
  try {
    return brought;
  } catch (...) {
    return no_memory();
  }
}

Result<SharedLogin> process_is_ending() noexcept {
  try {
    return unavailable("the process is ending");
  } catch (...) {
    return no_memory();
  }
}

/// The registry of `config` at `index`, which keeps the configuration alive.
std::shared_ptr<const RegistryLoginConfig> registry_at(const std::shared_ptr<const BrokerConfig>& config, std::size_t index) {
  return {config, &config->registries[index]};
}

}  // namespace

BrokerService::BrokerService(BrokerSetup setup)
    : setup_(setup),
      http_(setup.http, stopping_),
      admission_(setup.places),
      callers_(std::max<std::size_t>(1, setup.places / 4)),
      authenticator_(tools()),
      lines_(setup.threads / 4),
      pool_(setup.threads),
      callers_pool_(setup.threads / 2) {}

BrokerService::~BrokerService() { stop(); }

BrokerTools BrokerService::tools() {
  const Environment& environment = setup_.environment != nullptr ? *setup_.environment : no_environment_;
  return {.chain = {.aws = {.http = http_,
                            .clock = setup_.clock,
                            .entropy = setup_.entropy,
                            .pause = [this](Milliseconds time) { return waits_.pause(time); },
                            .ca_file = {}},
                    .files = setup_.files,
                    .environment = environment,
                    .background =
                        [this](std::function<void()> task) {
                          if (stopping_) return false;
                          pool_.submit(std::move(task));
                          return true;
                        },
                    .warn =
                        [this](std::string_view text) {
                          setup_.log.write(LogLevel::warn, "AWS configuration", {{"note", text}});
                        }},
          .report = [this](const AssumeRoleReport& report) { note(report); }};
}

/// Each use of a role stands in the log, as it does in the audit trail of the account.
void BrokerService::note(const AssumeRoleReport& report) {
  metrics_.count_call(report);
  setup_.log.write(report.code.empty() ? LogLevel::info : LogLevel::warn, report.jump ? "jump role assumed" : "role assumed",
                   {{"role", report.role_arn},
                    {"region", report.region},
                    {"externalId", report.external_id},
                    {"result", report.code.empty() ? "success" : "failure"},
                    {"code", escape_for_log(report.code)},
                    {"ms", static_cast<std::int64_t>(report.duration.count())}});
}

SharedLogin BrokerService::find(const LoginTarget& target) {
  LoginCache::Found found;
  {
    const MutexLock lock(mutex_);
    found = cache_.find(target.key, setup_.clock.now());
    if (found.due) found.due = flights_.try_emplace(target.key, Flight{.waiters = {}, .of_gate = true, .begun = false}).second;
  }
  if (found.due) start(target, {});
  return std::move(found.login);
}

/// What can be said at once.
std::optional<Result<SharedLogin>> BrokerService::at_hand(const LoginTarget& target, bool fresh) {
  const TimePoint now = setup_.clock.now();
  LoginCache::Found found = cache_.look(target.key, now);
  if (found.login && fresh) {
    const std::optional<TimePoint> tried = cache_.tried_at(target.key);
    if (!tried || now >= *tried + kFreshEvery) return std::nullopt;
    // The registry refused this one, and another could not be had a moment ago.
    if (auto error = cache_.last_error(target.key)) return Result<SharedLogin>(std::move(*error));
  }
  if (found.login) return Result<SharedLogin>(std::move(found.login));
  if (!found.error) return std::nullopt;
  SharedLogin old = fresh ? nullptr : cache_.last_resort(target.key, now);
  if (old) return Result<SharedLogin>(std::move(old));
  return Result<SharedLogin>(std::move(*found.error));
}

/// A flight that nobody flies would be waited for by everybody: it is made with its first waiter, or not at all. Whether it is to be
/// started now, or later by whoever is before it in the caller's line.
Result<bool> BrokerService::new_flight(const LoginTarget& target, Waiter waiter, const std::string& caller) {
  if (flights_.size() >= setup_.queue) return Error{Reason::overloaded, "too many logins to registries are under way"};
  Flight flight{.waiters = {}, .of_gate = caller.empty(), .begun = false};
  flight.waiters.push_back(std::move(waiter));
  const auto made = flights_.emplace(target.key, std::move(flight)).first;
  if (caller.empty()) return true;
  try {
    Result<bool> begins = lines_.enter(caller, target, setup_.clock.steady_now());
    if (!begins) flights_.erase(made);
    return begins;
  } catch (...) {
    flights_.erase(made);
    throw;
  }
}

void BrokerService::login(const LoginTarget& target, bool fresh, Done done, const std::string& caller) {
  std::optional<Result<SharedLogin>> known;
  bool starts = false;
  {
    const MutexLock lock(mutex_);
    known = at_hand(target, fresh);
    // `stop` sets the flag before it empties the map: either it sees this waiter, or this waiter sees the flag.
    if (!known && stopping_) known = process_is_ending();
    if (!known) {
      const SteadyPoint deadline = setup_.clock.steady_now() + kLongestWait;
      const auto flight = flights_.find(target.key);
      if (flight != flights_.end()) {
        flight->second.waiters.push_back({std::move(done), deadline, fresh});
        starts = caller.empty() && !std::exchange(flight->second.of_gate, true) && !flight->second.begun;
      } else {
        const Result<bool> begins = new_flight(target, {done, deadline, fresh}, caller);
        if (!begins) known = begins.error();
        starts = begins && *begins;
      }
    }
  }
  if (known) return done(std::move(*known));  // NOLINT(bugprone-use-after-move): it was moved where nothing is known
  if (starts) start(target, caller);
}

/// Whoever made the flight calls this, and a request of the gate that finds it in a caller's line. Without memory for it, whoever waits is
/// told so now.
void BrokerService::start(const LoginTarget& target, const std::string& caller) noexcept {
  try {
    (caller.empty() ? pool_ : callers_pool_).submit([this, target, caller] { run(target, caller); });
  } catch (...) {
    Waiters waiters;
    {
      const MutexLock lock(mutex_);
      waiters = take(target.key);
    }
    tell(waiters, no_memory(), nullptr);
    start_next(caller);
  }
}

/// Whether the login of `key` is still to be made, and nobody makes it yet: from here on the caller does.
bool BrokerService::begin(const Sha256& key) noexcept {
  const MutexLock lock(mutex_);
  const auto flight = flights_.find(key);
  return flight != flights_.end() && !std::exchange(flight->second.begun, true);
}

void BrokerService::run(const LoginTarget& target, const std::string& caller) noexcept {
  if (!begin(target.key)) return start_next(caller);
  Result<SharedLogin> brought = no_memory();
  try {
    brought = stopping_ ? process_is_ending() : authenticator_.log_in(*target.config, *target.registry, target.session_policy);
  } catch (...) {
    // No memory, as a rule: whoever waits is told, and the next one tries again.
    brought = no_memory();
  }
  note_login(target, brought);
  land(target, brought);
  start_next(caller);
}

/// A login of `caller` has ended: the next one of his line that somebody still waits for.
void BrokerService::start_next(const std::string& caller) noexcept {
  if (caller.empty()) return;
  std::optional<LoginTarget> next;
  {
    const MutexLock lock(mutex_);
    while ((next = lines_.leave(caller))) {
      const auto flight = flights_.find(next->key);
      if (flight == flights_.end() || flight->second.of_gate || flight->second.begun) continue;
      if (!flight->second.waiters.empty()) break;
      flights_.erase(flight);
    }
  }
  if (next) start(*next, caller);
}

void BrokerService::note_login(const LoginTarget& target, const Result<SharedLogin>& brought) noexcept {
  try {
    metrics_.count_login(*target.registry, brought.ok());
  } catch (...) {
    // One login is not counted.
  }
  if (brought) return;
  setup_.log.write(
      LogLevel::error, "login to a registry failed",
      {{"registry", target.registry->host}, {"reason", reason_name(brought.error().reason)}, {"detail", brought.error().detail}});
}

void BrokerService::land(const LoginTarget& target, const Result<SharedLogin>& brought) noexcept {
  const double jitter = random_fraction(setup_.entropy);
  Waiters waiters;
  SharedLogin old;
  {
    const MutexLock lock(mutex_);
    const TimePoint now = setup_.clock.now();
    try {
      if (brought) {
        cache_.put(target.key, *brought, now, jitter, (*brought)->expires ? Milliseconds::max() : kStaticKept);
      } else {
        cache_.put_error(target.key, brought.error(), now);
      }
    } catch (...) {
      // It serves who waits for it, and is not kept.
    }
    waiters = take(target.key);
    if (!brought && !waiters.empty()) old = cache_.last_resort(target.key, now);
  }
  tell(waiters, brought, old);
}

/// The flight of `key` is over.
BrokerService::Waiters BrokerService::take(const Sha256& key) noexcept {
  const auto flight = flights_.find(key);
  if (flight == flights_.end()) return {};
  Waiters waiters = std::move(flight->second.waiters);
  flights_.erase(flight);
  return waiters;
}

/// `old`: for whoever did not ask for a fresh one; null: nobody gets it.
void BrokerService::tell(const Waiters& waiters, const Result<SharedLogin>& brought, const SharedLogin& old) noexcept {
  for (const Waiter& waiter : waiters) waiter.done(old && !waiter.fresh ? Result<SharedLogin>(old) : copy_of(brought));
}

void BrokerService::configure(const BrokerConfig& config) {
  const MutexLock lock(mutex_);
  LoginCacheRules rules = cache_.rules();
  rules.maximum = config.cache_maximum;
  rules.entries = config.cache_entries;
  cache_.set_rules(rules);
}

void BrokerService::tick() {
  const Result<SharedLogin> slow = unavailable("the login takes too long");
  Waiters late;
  {
    const MutexLock lock(mutex_);
    const SteadyPoint now = setup_.clock.steady_now();
    std::size_t count = 0;
    for (const auto& [key, flight] : flights_) count += flight.waiters.size();
    late.reserve(count);  // nobody is lost half-way
    for (auto& [key, flight] : flights_) {
      Waiters& waiters = flight.waiters;
      const auto first = std::stable_partition(waiters.begin(), waiters.end(), [now](const Waiter& one) { return now < one.deadline; });
      std::move(first, waiters.end(), std::back_inserter(late));
      waiters.erase(first, waiters.end());
    }
  }
  tell(late, slow, nullptr);
}

void BrokerService::stop() {
  admission_.close();
  callers_.close();
  std::unordered_map<Sha256, Flight, Sha256Hash> waiting;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    waiting.swap(flights_);
  }
  waits_.stop();
  const Result<SharedLogin> ending = process_is_ending();
  for (const auto& [key, flight] : waiting) tell(flight.waiters, ending, nullptr);
}

LoginCacheFigures BrokerService::figures() const {
  const MutexLock lock(mutex_);
  return cache_.figures(setup_.clock.now());
}

void BrokerService::add_metrics(MetricsText& text, const std::shared_ptr<const BrokerConfig>& config) const {
  metrics_.add_to(text, figures());
  text.family("portcullis_broker_credential_expiry_timestamp_seconds", "When the login of a registry expires", MetricKind::gauge);
  for (std::size_t i = 0; config && i < config->registries.size(); ++i) {
    const LoginTarget target = login_target(config, registry_at(config, i));
    const MutexLock lock(mutex_);
    const std::optional<TimePoint> expires = cache_.expires(target.key);
    if (expires) text.sample({{"registry", target.registry->host}}, static_cast<double>(expires->time_since_epoch().count()) / 1000.0);
  }
}

void BrokerService::write_status(JsonWriter& json, const std::shared_ptr<const BrokerConfig>& config) const {
  const LoginCacheFigures counted = figures();
  json.begin_object().key("registries").begin_array();
  for (std::size_t i = 0; config && i < config->registries.size(); ++i) {
    const LoginTarget target = login_target(config, registry_at(config, i));
    json.begin_object().key("host").string(target.registry->host).key("kind").string(login_kind(*target.registry));
    json.key("method").string(login_method(*target.registry));
    const MutexLock lock(mutex_);
    const std::optional<TimePoint> expires = cache_.expires(target.key);
    const std::optional<Error> error = cache_.last_error(target.key);
    json.key("expires");
    expires ? json.string(to_rfc3339(*expires)) : json.null();
    json.key("lastError");
    error ? json.string(detail_for_log(error->detail)) : json.null();
    json.end_object();
  }
  json.end_array().key("cache").begin_object();
  json.key("entries").integer(static_cast<std::int64_t>(counted.entries)).key("hits").integer(static_cast<std::int64_t>(counted.hits));
  json.key("misses").integer(static_cast<std::int64_t>(counted.misses)).key("stale").integer(static_cast<std::int64_t>(counted.stale));
  json.key("evictions").integer(static_cast<std::int64_t>(counted.evictions)).end_object().end_object();
}

}  // namespace portcullis
