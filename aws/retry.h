// The SDKs' standard retry mode as a value: three attempts, a token bucket, full jitter, at most 20 seconds.
#pragma once

#include <chrono>
#include <optional>

#include "aws/aws_error.h"

namespace portcullis {

struct RetryRules {
  int attempts = 3;  ///< in all; AWS_MAX_ATTEMPTS overrides
  std::chrono::milliseconds base{1000};
  std::chrono::milliseconds cap{20'000};
  /// Absent: any wait up to the bound, which begins at twice `base`. Set: the bound, which begins at `base`, give or take this part.
  std::optional<double> jitter{};
};

/// The retry quota of one client, shared by its calls. Not safe from many threads: the caller guards it.
class RetryQuota {
 public:
  /// The wait before attempt `next_attempt` (2 is the first retry), or nothing: give up. `jitter` in [0, 1). `retry_after` is the server's
  /// wish, clamped to the cap. Takes 5 tokens of 500, 10 for an answer that never came (`timed_out`).
  std::optional<std::chrono::milliseconds> next_wait(const RetryRules& rules, int next_attempt, AwsErrorKind kind, bool timed_out,
                                                     std::optional<std::chrono::milliseconds> retry_after, double jitter);
  /// A call succeeded: at the first attempt one token comes back, after a retry what that retry took.
  void succeeded(int attempts_used);

 private:
  static constexpr int kCapacity = 500;
  static constexpr int kRetryCost = 5;
  static constexpr int kTimeoutCost = 10;

  int tokens_ = kCapacity;
  int last_cost_ = 0;
};

}  // namespace portcullis
