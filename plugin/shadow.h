// A second accessControl, judged on live traffic and never enforced: what a new policy would do before it is in force.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/report/log.h"
#include "config/config.h"
#include "plugin/gate.h"
#include "plugin/gate_metrics.h"
#include "plugin/http/message.h"
#include "plugin/state.h"
#include "policy/compile.h"
#include "policy/request_facts.h"

namespace portcullis {

/// Compiles `portcullis.shadow`, whose faults are errors as those of `http.accessControl` are; no policy and no findings where there is
/// none.
CompiledPolicy compile_shadow(const Config& config);
/// Puts `shadow`, which may be null, into a state that has its policy already.
void set_shadow(State& state, std::shared_ptr<const Policy> shadow);
void set_shadow(State& state, std::shared_ptr<const Policy> shadow, const LoggedClaims& read);

/// What the shadow says of a decision.
enum class ShadowVerdict { not_judged, agrees, would_deny, would_allow };
/// Judges what was asked by the shadow instead of the policy, and all else as it is. Not judged: what was decided before anybody looked at
/// rights, and questions about a token alone.
ShadowVerdict judge_shadow(const HttpRequest& request, const GateAnswer& given, const State& state, std::span<const TagFact> tags,
                           TimePoint now);

/// Tells the log of disagreements, some of them. Safe from many threads.
class ShadowReport {
 public:
  static constexpr std::uint32_t kLinesPerSecond = 5;

  ShadowReport(Log& log, GateMetrics& metrics) : log_(log), metrics_(metrics) {}
  /// Judges one decision where a shadow is configured, counts a disagreement, and has a line for the first few of each second.
  void note(const HttpRequest& request, const GateAnswer& given, const State& state, std::span<const TagFact> tags, std::string_view id,
            TimePoint now);

 private:
  bool admit(TimePoint now) noexcept;

  // locks itself
  Log& log_;
  GateMetrics& metrics_;
  std::atomic<std::int64_t> second_{-1};
  std::atomic<std::uint32_t> lines_{0};
};

}  // namespace portcullis
