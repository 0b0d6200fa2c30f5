// One refresh round as a pure function: what was known, what the source brought, and the time, to what is known next.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "keystore/key_set.h"

namespace portcullis {

/// How far a source's keys may be trusted.
enum class Freshness {
  empty,    ///< no good round yet: 503 keys_not_loaded
  fresh,    ///< the newest round was good
  stale,    ///< serving the last good set, or a remembered one, warned
  expired,  ///< the last good set is older than maxStale: 503 keys_stale
};

/// What is known of one source. A value: the keeper replaces it, requests read it.
struct SourceState {
  std::string name;
  bool kid_required = true;            ///< false for `cert`: its one key serves whatever `kid` says
  std::shared_ptr<const KeySet> keys;  ///< the last good set, or null
  std::uint64_t generation = 0;        ///< moves exactly when `keys` changes what it vouches for
  std::optional<TimePoint> last_success;
  std::optional<TimePoint> failing_since;
  std::optional<Error> last_error;  ///< of the newest round, if that failed
  Milliseconds max_stale{};
  bool remembered = false;                   ///< `keys` are those of lastKnownGood: no round of this process was good yet
  std::shared_ptr<const KeysOrigin> origin;  ///< of the newest good round, of a remembered one, or null
  std::uint64_t good_rounds = 0;             ///< since the source is there
  std::uint64_t failed_rounds = 0;

  [[nodiscard]] Freshness freshness(TimePoint now) const noexcept;
  /// How many keys the last good set has; 0 where there is none.
  [[nodiscard]] std::size_t key_count() const noexcept { return keys ? keys->keys().size() : 0; }
};

struct RoundOutcome {
  SourceState next;
  bool keys_changed;  ///< the digest moved: cached tokens of the old generation are forgotten
};

/// A failed round keeps the last good set. A good round whose digest did not move keeps the set, its generation and so every cached token.
/// `new_generation` is used only if the keys changed; it must be new in the process. Age is counted from the time at which the origin
/// vouched, where the source knows that (`KeysOrigin::good_at`), and never from later than `now`.
RoundOutcome finish_round(const SourceState& before, Result<ParsedKeys> brought, std::uint64_t new_generation, TimePoint now);

/// "empty", "fresh", "stale", "expired".
std::string_view freshness_name(Freshness freshness) noexcept;

}  // namespace portcullis
