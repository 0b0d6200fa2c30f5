// The gate's own series: what request threads and the keeper count, and the Prometheus text of all of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/report/metrics.h"
#include "plugin/gate.h"
#include "plugin/live_state.h"
#include "verifier/token_cache.h"

namespace portcullis {

/// Counts without locks on request threads. Safe from many threads.
class GateMetrics {
 public:
  GateMetrics();

  /// One answer of the gate, and how long the decision took.
  void count(const GateAnswer& answer, std::chrono::nanoseconds took);
  /// One round of the key source.
  void count_round(bool good);
  /// One try to reload the configuration.
  void count_reload(bool good);

  /// Refusals so far by reason, those that never happened left out: for `/status`.
  struct Refused {
    Reason reason;
    std::uint64_t count;
  };
  [[nodiscard]] std::vector<Refused> refusals() const;
  /// How many tokens the cache knew, and how many not.
  [[nodiscard]] std::uint64_t cache_hits() const;
  [[nodiscard]] std::uint64_t cache_misses() const;

  /// Everything in the Prometheus text format, process metrics included.
  [[nodiscard]] std::string text(const LiveState& live, const TokenCache& cache, TimePoint now) const;

 private:
  void add_decisions(MetricsText& text) const;
  void add_tokens(MetricsText& text, const LiveState& live, const TokenCache& cache) const;
  void add_keys(MetricsText& text, const LiveState& live, TimePoint now) const;
  void add_configuration(MetricsText& text, const LiveState& live) const;

  // locks itself
  CounterTable counters_;
};

}  // namespace portcullis
