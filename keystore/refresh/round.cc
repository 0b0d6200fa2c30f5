#include "keystore/refresh/round.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace portcullis {
namespace {

RoundOutcome failed_round(const SourceState& before, Error error, TimePoint now) {
  RoundOutcome outcome{before, false};
  outcome.next.failing_since = before.failing_since.value_or(now);
  outcome.next.last_error = std::move(error);
  ++outcome.next.failed_rounds;
  return outcome;
}

/// Whether two sets that vouch for the same look the same in a report, too.
bool look_alike(const KeySet& before, const KeySet& now) {
  const auto same_end = [](const Key& left, const Key& right) { return left.not_after() == right.not_after(); };
  return before.quarantined() == now.quarantined() &&
         std::equal(before.keys().begin(), before.keys().end(), now.keys().begin(), now.keys().end(), same_end);
}

}  // namespace

Freshness SourceState::freshness(TimePoint now) const noexcept {
  if (!keys || !last_success) return Freshness::empty;
  if (now - *last_success > max_stale) return Freshness::expired;
  if (last_error || remembered) return Freshness::stale;
  return Freshness::fresh;
}

RoundOutcome finish_round(const SourceState& before, Result<ParsedKeys> brought, std::uint64_t new_generation, TimePoint now) {
  if (!brought) return failed_round(before, std::move(brought).error(), now);
  auto origin = std::make_shared<const KeysOrigin>(std::move(brought->origin));
  Result<KeySet> set = KeySet::make(std::move(brought).value());
  if (!set) return failed_round(before, std::move(set).error(), now);
  RoundOutcome outcome{before, false};
  outcome.next.last_success = std::min(now, origin->good_at.value_or(now));
  outcome.next.origin = std::move(origin);
  outcome.next.remembered = false;
  outcome.next.failing_since.reset();
  outcome.next.last_error.reset();
  ++outcome.next.good_rounds;
  const bool same_verdicts = before.keys && before.keys->digest() == set->digest();
  if (same_verdicts && look_alike(*before.keys, *set)) return outcome;
  // Where only the quarantined keys or the ends of certificates differ the set is replaced, so that what is reported is true, but it
  // vouches for the same: the generation stays.
  outcome.next.keys = std::make_shared<const KeySet>(std::move(set).value());
  if (same_verdicts) return outcome;
  outcome.next.generation = new_generation;
  outcome.keys_changed = true;
  return outcome;
}

std::string_view freshness_name(Freshness freshness) noexcept {
  switch (freshness) {
    case Freshness::empty: return "empty";
    case Freshness::fresh: return "fresh";
    case Freshness::stale: return "stale";
    case Freshness::expired: return "expired";
  }
  std::abort();
}

}  // namespace portcullis
