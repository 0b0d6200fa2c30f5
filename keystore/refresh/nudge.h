// Rounds that requests ask for: bounded by time alone, so that a flood of made-up key ids is no flood at the source.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace portcullis {

/// What a request that lacks a key is told.
enum class NudgeAnswer {
  start,    ///< the slot is the caller's: start a round now, then wait for it
  join,     ///< a round is under way: wait for it
  refused,  ///< it is too early for another round: answer at once, with the keys that there are
};

/// The nudges of one source. A value without threads: the caller guards it with the mutex that also guards its waiting requests. Used so:
///
///     request  ask(now): start -> wake the fetch thread and suspend; join -> suspend; refused -> answer
///     fetch    begin_round() before each round, scheduled or nudged; end_round() after it; then resume all who wait
///
/// Nothing but time opens the slot again: neither a failed round, nor an empty one, nor one that brought keys (go-oidc, libjwt and others
/// skip the cool-down where the set is empty, and so refetch for each forged token).
class Nudge {
 public:
  explicit Nudge(Milliseconds cooldown) noexcept : cooldown_(cooldown) {}

  /// Asked by a request whose key is not there. `start` claims the slot before anything is fetched: until `cooldown` has passed since then,
  /// no other request gets it. A round in flight is joined, whoever asked for it.
  NudgeAnswer ask(SteadyPoint now) noexcept;
  /// A round begins; a `start` that was given out is redeemed by it.
  void begin_round() noexcept { in_flight_ = true; }
  /// The round is over, well or not.
  void end_round() noexcept { in_flight_ = false; }

  /// Whether a round is under way, or promised by a `start`.
  [[nodiscard]] bool in_flight() const noexcept { return in_flight_; }
  /// How many requests were refused a round since the process began: a metric.
  [[nodiscard]] std::uint64_t suppressed() const noexcept { return suppressed_; }
  /// A reload may change it; the slot that is taken stays taken.
  void set_cooldown(Milliseconds cooldown) noexcept { cooldown_ = cooldown; }

 private:
  Milliseconds cooldown_;
  std::optional<SteadyPoint> claimed_;  ///< when the newest slot was given out
  bool in_flight_ = false;
  std::uint64_t suppressed_ = 0;
};

}  // namespace portcullis
