#include "plugin/gate_metrics.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/report/process_metrics.h"
#include "plugin/cli/version.h"

namespace portcullis {
namespace {

/// 10 µs to 1 s.
constexpr std::array<double, 16> kBounds{10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3,   2.5e-3,
                                         5e-3,  10e-3, 25e-3, 50e-3,  100e-3, 250e-3, 500e-3, 1.0};

constexpr std::array kEndpoints{Endpoint::auth,       Endpoint::forward,  Endpoint::envoy,       Endpoint::verify,
                                Endpoint::introspect, Endpoint::exchange, Endpoint::credentials, Endpoint::unknown};

constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::policy_test_failed) + 1;

/// What the token exchange does without a decision, in the order of `GateAnswer::Exchange`.
constexpr std::array<std::string_view, 4> kExchangeNames{"", "anonymous", "relayed", "preflight"};

// The layout of the counter table.
constexpr std::size_t kDecisions = 0;  // endpoint by reason
constexpr std::size_t kDurations = kDecisions + kEndpoints.size() * kReasons;
constexpr std::size_t kDurationSum = kDurations + kBounds.size() + 1;  // nanoseconds
constexpr std::size_t kUnjudged = kDurationSum + 1;                    // tokens that no source judged, by reason
constexpr std::size_t kExchanges = kUnjudged + kReasons;               // without a decision, by what was done
constexpr std::size_t kCacheHits = kExchanges + kExchangeNames.size();
constexpr std::size_t kCacheMisses = kCacheHits + 1;
constexpr std::size_t kRoundsGood = kCacheMisses + 1;
constexpr std::size_t kRoundsFailed = kRoundsGood + 1;
constexpr std::size_t kReloadsGood = kRoundsFailed + 1;
constexpr std::size_t kReloadsFailed = kReloadsGood + 1;
constexpr std::size_t kLogged = kReloadsFailed + 1;
constexpr std::size_t kLoggedBytes = kLogged + 1;
constexpr std::size_t kUnlogged = kLoggedBytes + 1;  // by why
constexpr std::size_t kShadowDenies = kUnlogged + static_cast<std::size_t>(Unlogged::sampled) + 1;
constexpr std::size_t kShadowAllows = kShadowDenies + 1;
constexpr std::size_t kCounters = kShadowAllows + 1;

constexpr std::size_t index_of(Reason reason) { return static_cast<std::size_t>(reason); }
constexpr std::size_t decision_index(Endpoint endpoint, Reason reason) {
  return kDecisions + static_cast<std::size_t>(endpoint) * kReasons + index_of(reason);
}

constexpr std::size_t unlogged_index(Unlogged why) { return kUnlogged + static_cast<std::size_t>(why); }

constexpr double as_number(std::uint64_t count) { return static_cast<double>(count); }
constexpr double as_seconds(TimePoint time) { return static_cast<double>(time.time_since_epoch().count()) / 1000; }

/// What is told of one source.
struct SourceSeries {
  const SourceState& source;
  const KeyUses& uses;
  std::uint64_t good_rounds;
  std::uint64_t failed_rounds;
};

/// The traditional keys, where there are any, and then the issuers.
std::vector<SourceSeries> sources_of(const LiveState& live, std::uint64_t good_rounds = 0, std::uint64_t failed_rounds = 0) {
  std::vector<SourceSeries> sources;
  if (live.state.traditional) sources.push_back({live.state.source, live.key_uses, good_rounds, failed_rounds});
  for (std::size_t i = 0; i < live.state.issuers.sources().size(); ++i) {
    const SourceState& source = live.state.issuers.sources()[i];
    sources.push_back({source, live.issuer_uses.at(i), source.good_rounds, source.failed_rounds});
  }
  return sources;
}

/// The algorithm that a bad token names is nobody's word.
constexpr std::string_view kUnverified = "unverified";

void add_judged(MetricsText& text, const SourceSeries& one) {
  const TokenCounts& counts = one.uses.tokens();
  for (const Algorithm algorithm : all_algorithms()) {
    if (counts.good(algorithm) == 0) continue;
    text.sample({{"source", one.source.name}, {"alg", algorithm_name(algorithm)}, {"result", "good"}}, as_number(counts.good(algorithm)));
  }
  for (const ReasonRow& row : all_reasons()) {
    if (!blames_token(row.reason) || counts.refused(row.reason) == 0) continue;
    text.sample({{"source", one.source.name}, {"alg", kUnverified}, {"result", row.name}}, as_number(counts.refused(row.reason)));
  }
}

void add_rounds(MetricsText& text, const std::vector<SourceSeries>& sources, TimePoint now) {
  text.family("portcullis_keyset_refresh_total", "Rounds of the key source.", MetricKind::counter);
  for (const SourceSeries& one : sources)
    text.sample({{"source", one.source.name}, {"result", "good"}}, as_number(one.good_rounds))
        .sample({{"source", one.source.name}, {"result", "failed"}}, as_number(one.failed_rounds));
  text.family("portcullis_keyset_state", "1 for the state that the key set is in.", MetricKind::gauge);
  for (const SourceSeries& one : sources)
    for (const Freshness state : {Freshness::empty, Freshness::fresh, Freshness::stale, Freshness::expired})
      text.sample({{"source", one.source.name}, {"state", freshness_name(state)}}, one.source.freshness(now) == state ? 1 : 0);
  const auto succeeded = [](const SourceSeries& one) { return one.source.last_success.has_value(); };
  if (!std::any_of(sources.begin(), sources.end(), succeeded)) return;
  text.family("portcullis_keyset_last_success_timestamp_seconds", "When the newest good round was.", MetricKind::gauge);
  for (const SourceSeries& one : sources)
    if (succeeded(one)) text.sample({{"source", one.source.name}}, as_seconds(*one.source.last_success));
  text.family("portcullis_keyset_age_seconds", "Time since the newest good round.", MetricKind::gauge);
  for (const SourceSeries& one : sources)
    if (succeeded(one)) text.sample({{"source", one.source.name}}, std::chrono::duration<double>(now - *one.source.last_success).count());
}

/// Of the keys that came in certificates.
void add_certificate_ends(MetricsText& text, const std::vector<SourceSeries>& sources) {
  bool begun = false;
  for (const SourceSeries& one : sources) {
    if (one.source.keys == nullptr) continue;
    for (const Key& key : one.source.keys->keys()) {
      if (!key.not_after()) continue;
      if (!std::exchange(begun, true))
        text.family("portcullis_key_certificate_not_after_timestamp_seconds", "When the certificate of a key ends.", MetricKind::gauge);
      text.sample({{"source", one.source.name}, {"kid", key.id()}}, as_seconds(*key.not_after()));
    }
  }
}

void add_key_sets(MetricsText& text, const std::vector<SourceSeries>& sources) {
  text.family("portcullis_keyset_keys", "Keys that serve.", MetricKind::gauge);
  for (const SourceSeries& one : sources) text.sample({{"source", one.source.name}}, as_number(one.source.key_count()));
  text.family("portcullis_keyset_quarantined", "Keys that were set aside; /status names them.", MetricKind::gauge);
  for (const SourceSeries& one : sources)
    text.sample({{"source", one.source.name}}, one.source.keys ? as_number(one.source.keys->quarantined().size()) : 0);
  const auto loaded = [](const SourceSeries& one) { return one.source.keys != nullptr; };
  if (!std::any_of(sources.begin(), sources.end(), loaded)) return;
  text.family("portcullis_keyset_info", "Which key set serves.", MetricKind::gauge);
  for (const SourceSeries& one : sources)
    if (loaded(one)) text.sample({{"source", one.source.name}, {"digest", one.source.keys->digest()}}, 1);
  add_certificate_ends(text, sources);
  text.family("portcullis_key_uses_total", "Decisions on tokens of each loaded key.", MetricKind::counter);
  for (const SourceSeries& one : sources)
    for (std::size_t i = 0; i < one.source.key_count(); ++i)
      text.sample({{"source", one.source.name}, {"kid", one.source.keys->keys()[i].id()}},
                  as_number(one.uses.at(i).count.load(std::memory_order_relaxed)));
}

}  // namespace

GateMetrics::GateMetrics() : counters_(kCounters) {}

void GateMetrics::count(const GateAnswer& answer, std::chrono::nanoseconds took) {
  CounterTable::Row& row = counters_.mine();
  if (answer.exchange != GateAnswer::Exchange::none) return row.add(kExchanges + static_cast<std::size_t>(answer.exchange));
  const Reason reason = answer.decision ? answer.decision->reason() : Reason::bad_request;
  row.add(decision_index(answer.endpoint, reason));
  const double seconds = std::chrono::duration<double>(took).count();
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  row.add(kDurations + static_cast<std::size_t>(bucket - kBounds.begin()));
  row.add(kDurationSum, static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)));
  if (!answer.decision) return;
  if (answer.decision->from_cache) return row.add(kCacheHits);
  if (answer.decision->token != nullptr) {
    row.add(kCacheMisses);
  } else if (blames_token(reason)) {
    row.add(kCacheMisses);
    if (!answer.decision->judge) row.add(kUnjudged + index_of(reason));
  }
}

void GateMetrics::count_round(bool good) { counters_.mine().add(good ? kRoundsGood : kRoundsFailed); }
void GateMetrics::count_reload(bool good) { counters_.mine().add(good ? kReloadsGood : kReloadsFailed); }

void GateMetrics::count_logged(std::uint64_t lines) { counters_.mine().add(kLogged, lines); }
void GateMetrics::count_logged_bytes(std::uint64_t bytes) { counters_.mine().add(kLoggedBytes, bytes); }
void GateMetrics::count_unlogged(Unlogged why, std::uint64_t decisions) { counters_.mine().add(unlogged_index(why), decisions); }
void GateMetrics::count_shadow_disagreement(bool to_allow) { counters_.mine().add(to_allow ? kShadowAllows : kShadowDenies); }
std::uint64_t GateMetrics::shadow_disagreements(bool to_allow) const { return counters_.total(to_allow ? kShadowAllows : kShadowDenies); }
std::uint64_t GateMetrics::logged() const { return counters_.total(kLogged); }
std::uint64_t GateMetrics::unlogged(Unlogged why) const { return counters_.total(unlogged_index(why)); }

std::vector<GateMetrics::Refused> GateMetrics::refusals() const {
  std::vector<Refused> found;
  for (const ReasonRow& row : all_reasons()) {
    if (row.outcome == Outcome::allow) continue;
    std::uint64_t count = 0;
    for (const Endpoint endpoint : kEndpoints) count += counters_.total(decision_index(endpoint, row.reason));
    if (count > 0) found.push_back({row.reason, count});
  }
  return found;
}

std::uint64_t GateMetrics::cache_hits() const { return counters_.total(kCacheHits); }
std::uint64_t GateMetrics::cache_misses() const { return counters_.total(kCacheMisses); }

std::string GateMetrics::text(const LiveState& live, const TokenCache& cache, TimePoint now) const {
  MetricsText text;
  add_decisions(text);
  add_tokens(text, live, cache);
  add_keys(text, live, now);
  add_configuration(text, live);
  if (live.state.config.decision_log.output) add_decision_log(text);
  if (live.state.shadow != nullptr) add_shadow(text);
  text.family("portcullis_build_info", "The program.", MetricKind::gauge).sample({{"version", program_version()}}, 1);
  add_process_metrics(text);
  return text.text();
}

void GateMetrics::add_decisions(MetricsText& text) const {
  text.family("portcullis_decisions_total", "Answers of the gate.", MetricKind::counter);
  for (const Endpoint endpoint : kEndpoints)
    for (const ReasonRow& row : all_reasons()) {
      const std::uint64_t count = counters_.total(decision_index(endpoint, row.reason));
      // `allowed` stands from the start, so that a rate over it is never without a series.
      if (count == 0 && !(endpoint == Endpoint::auth && row.reason == Reason::allowed)) continue;
      const std::string_view decision = row.outcome == Outcome::allow ? "allow" : "deny";
      text.sample({{"endpoint", endpoint_name(endpoint)}, {"decision", decision}, {"reason", row.name}}, as_number(count));
    }
  text.family("portcullis_token_exchanges_total", "Token requests that the gate answered without a decision of its own.",
              MetricKind::counter);
  for (std::size_t i = 1; i < kExchangeNames.size(); ++i)
    if (const std::uint64_t count = counters_.total(kExchanges + i); count > 0)
      text.sample({{"result", kExchangeNames[i]}}, as_number(count));
  std::array<std::uint64_t, kBounds.size() + 1> counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = counters_.total(kDurations + i);
  text.histogram("portcullis_decision_duration_seconds", "Time from a request's arrival at the handler to its decision.",
                 {kBounds, counts, as_number(counters_.total(kDurationSum)) / 1e9});
}

void GateMetrics::add_tokens(MetricsText& text, const LiveState& live, const TokenCache& cache) const {
  const std::vector<SourceSeries> sources = sources_of(live);
  text.family("portcullis_tokens_verified_total", "Tokens that were verified, cached ones not counted again.", MetricKind::counter);
  for (const SourceSeries& one : sources) add_judged(text, one);
  for (const ReasonRow& row : all_reasons())
    if (const std::uint64_t count = counters_.total(kUnjudged + index_of(row.reason)); count > 0)
      text.sample({{"source", "none"}, {"alg", kUnverified}, {"result", row.name}}, as_number(count));
  text.family("portcullis_token_cache_requests_total", "Look-ups in the verified-token cache.", MetricKind::counter)
      .sample({{"result", "hit"}}, as_number(cache_hits()))
      .sample({{"result", "miss"}}, as_number(cache_misses()));
  text.family("portcullis_token_cache_entries", "Tokens in the verified-token cache.", MetricKind::gauge)
      .sample({}, as_number(cache.size()));
  text.family("portcullis_unknown_kid_total", "Tokens whose key id the loaded set does not have.", MetricKind::counter);
  for (const SourceSeries& one : sources)
    text.sample({{"source", one.source.name}, {"action", "refused"}}, as_number(one.uses.tokens().refused(Reason::key_unknown)));
}

void GateMetrics::add_keys(MetricsText& text, const LiveState& live, TimePoint now) const {
  const std::vector<SourceSeries> sources = sources_of(live, counters_.total(kRoundsGood), counters_.total(kRoundsFailed));
  add_rounds(text, sources, now);
  add_key_sets(text, sources);
}

void GateMetrics::add_configuration(MetricsText& text, const LiveState& live) const {
  text.family("portcullis_config_reload_total", "Tries to reload the configuration.", MetricKind::counter)
      .sample({{"result", "good"}}, as_number(counters_.total(kReloadsGood)))
      .sample({{"result", "failed"}}, as_number(counters_.total(kReloadsFailed)));
  text.family("portcullis_config_info", "Which configuration is in force.", MetricKind::gauge)
      .sample({{"digest", live.state.config.digest}}, 1);
  text.family("portcullis_config_loaded_timestamp_seconds", "When the configuration in force was read.", MetricKind::gauge)
      .sample({}, as_seconds(live.config_loaded));
  const auto flag = [](bool set) { return set ? 1.0 : 0.0; };
  text.family("portcullis_input_failed", "1 where the newest reading of a file was refused and the last good one serves.",
              MetricKind::gauge)
      .sample({{"input", "config"}}, flag(live.faults.config.has_value()))
      .sample({{"input", "keys"}}, flag(live.state.source.last_error.has_value()))
      .sample({{"input", "marker"}}, flag(live.faults.marker.has_value()))
      .sample({{"input", "revocations"}}, flag(live.faults.revocations.has_value()));
  text.family("portcullis_revocations", "Entries of the revocations file in force.", MetricKind::gauge)
      .sample({}, as_number(live.state.revocations->size()));
}

void GateMetrics::add_shadow(MetricsText& text) const {
  text.family("portcullis_shadow_disagreements_total", "Decisions that portcullis.shadow would have made the other way.",
              MetricKind::counter)
      .sample({{"direction", "allow_to_deny"}}, as_number(shadow_disagreements(false)))
      .sample({{"direction", "deny_to_allow"}}, as_number(shadow_disagreements(true)));
}

void GateMetrics::add_decision_log(MetricsText& text) const {
  text.family("portcullis_decision_log_lines_total", "Lines of the decision log.", MetricKind::counter).sample({}, as_number(logged()));
  text.family("portcullis_decision_log_bytes_total", "Bytes written to the decision log.", MetricKind::counter)
      .sample({}, as_number(counters_.total(kLoggedBytes)));
  text.family("portcullis_decision_log_missing_total", "Decisions without a line in the decision log.", MetricKind::counter)
      .sample({{"why", "dropped"}}, as_number(unlogged(Unlogged::dropped)))
      .sample({{"why", "sampled"}}, as_number(unlogged(Unlogged::sampled)));
  text.family("portcullis_decision_log_failing", "1 while the decision log cannot be written.", MetricKind::gauge)
      .sample({}, decision_log_failing() ? 1 : 0);
}

}  // namespace portcullis
