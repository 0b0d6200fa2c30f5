// The gate's own series: what request threads and the keeper count, and the Prometheus text of all of it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/report/metrics.h"
#include "plugin/gate.h"
#include "plugin/live_state.h"
#include "verifier/token_cache.h"

namespace portcullis {

/// Why a decision has no line in the decision log.
enum class Unlogged {
  dropped,  ///< it could not be written, or there was no room for it
  sampled,  ///< a refusal of nobody in particular, that another line stands for
};

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

  /// Lines, and bytes, that the decision log has written.
  void count_logged(std::uint64_t lines);
  void count_logged_bytes(std::uint64_t bytes);
  void count_unlogged(Unlogged why, std::uint64_t decisions = 1);
  /// A decision that `portcullis.shadow` would have made the other way: an allow of it, or a refusal.
  void count_shadow_disagreement(bool to_allow);
  [[nodiscard]] std::uint64_t shadow_disagreements(bool to_allow) const;
  void set_decision_log_failing(bool failing) noexcept { decision_log_failing_.store(failing, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t logged() const;
  [[nodiscard]] std::uint64_t unlogged(Unlogged why) const;
  [[nodiscard]] bool decision_log_failing() const noexcept { return decision_log_failing_.load(std::memory_order_relaxed); }

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
  void add_decision_log(MetricsText& text) const;
  void add_shadow(MetricsText& text) const;

  // locks itself
  CounterTable counters_;
  std::atomic<bool> decision_log_failing_{false};
};

}  // namespace portcullis
