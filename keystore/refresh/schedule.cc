#include "keystore/refresh/schedule.h"

#include <algorithm>

namespace portcullis {
namespace {

constexpr Milliseconds kFirstBackOff = std::chrono::seconds(1);
/// 2^6 s is past every ceiling; more would overflow some day.
constexpr unsigned kMostDoublings = 6;

Milliseconds scaled(Milliseconds whole, double part) {
  return Milliseconds(static_cast<Milliseconds::rep>(static_cast<double>(whole.count()) * part));
}

}  // namespace

Milliseconds wait_after_success(const RefreshRules& rules, std::optional<Milliseconds> max_age, double jitter) {
  const Milliseconds wished = std::min(max_age.value_or(Milliseconds(0)), kMostFreshFor);
  const Milliseconds wait = scaled(std::max(rules.interval, wished), 0.9 + 0.2 * jitter);
  return std::max(std::min(wait, rules.max_stale / 2), kLeastWait);
}

Milliseconds wait_after_failure(const RefreshRules& rules, unsigned failures, double jitter) {
  const unsigned doublings = std::min(failures == 0 ? 0 : failures - 1, kMostDoublings);
  const Milliseconds ceiling = std::min({kFirstBackOff * (1U << doublings), rules.interval, kMostBackOff});
  return std::max(scaled(ceiling, jitter), kLeastWait);
}

}  // namespace portcullis
