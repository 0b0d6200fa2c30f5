#include "aws/retry.h"

#include <algorithm>
#include <cmath>

namespace portcullis {

std::optional<std::chrono::milliseconds> RetryQuota::next_wait(const RetryRules& rules, int next_attempt, AwsErrorKind kind, bool timed_out,
                                                               std::optional<std::chrono::milliseconds> retry_after, double jitter) {
  if (next_attempt > rules.attempts) return std::nullopt;
  if (kind == AwsErrorKind::denied || kind == AwsErrorKind::other) return std::nullopt;
  // Fresh credentials and a corrected clock are no sign of load: they are used at once.
  if (kind == AwsErrorKind::expired || kind == AwsErrorKind::skew) return std::chrono::milliseconds(0);
  const int cost = timed_out ? kTimeoutCost : kRetryCost;
  if (tokens_ < cost) return std::nullopt;
  tokens_ -= cost;
  last_cost_ = cost;
  if (retry_after) return std::clamp(*retry_after, std::chrono::milliseconds(0), rules.cap);
  const int doublings = std::clamp(next_attempt - (rules.jitter ? 2 : 1), 0, 20);
  const double cap = static_cast<double>(rules.cap.count());
  const double bound = std::min(cap, std::ldexp(static_cast<double>(rules.base.count()), doublings));
  const double random = std::clamp(jitter, 0.0, 1.0);
  const double part = rules.jitter ? 1.0 + *rules.jitter * (2.0 * random - 1.0) : random;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(cap, bound * part)));
}

void RetryQuota::succeeded(int attempts_used) { tokens_ = std::min(kCapacity, tokens_ + (attempts_used > 1 ? last_cost_ : 1)); }

}  // namespace portcullis
