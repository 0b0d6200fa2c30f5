#include "broker/pull_secret/schedule.h"

#include <algorithm>

namespace portcullis {

TimePoint renewal_time(TimePoint now, std::optional<TimePoint> expires, std::optional<Milliseconds> refresh_time) {
  if (!expires) return now + std::max(refresh_time.value_or(kUnexpiringRenewal), kSoonestRenewal);
  const Milliseconds due = (*expires - now) * 3 / 4;
  return now + std::max(refresh_time ? std::min(due, *refresh_time) : due, kSoonestRenewal);
}

bool outlives_login(TimePoint now, std::optional<TimePoint> expires, std::optional<Milliseconds> refresh_time) {
  return expires && refresh_time && *refresh_time > *expires - now;
}

Milliseconds retry_wait(int failures, double jitter) {
  Milliseconds wait = kFirstRetry;
  for (int i = 1; i < failures && wait < kLongestRetry; ++i) wait *= 2;
  wait = std::min(wait, kLongestRetry);
  return Milliseconds(static_cast<Milliseconds::rep>(static_cast<double>(wait.count()) * (0.75 + 0.5 * jitter)));
}

}  // namespace portcullis
