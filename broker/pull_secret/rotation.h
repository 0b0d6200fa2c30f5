// The life of one pull secret: log in, deliver, look again, and do it anew before the login ends. Time comes in; nothing waits here.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/io/entropy.h"
#include "base/io/files.h"
#include "broker/pull_secret/kube_delivery.h"
#include "broker/pull_secret/report.h"
#include "broker/pull_secret/secret_set.h"

namespace portcullis {

/// A fresh login of a registry of the configuration, by its host; blocks on the network.
using LogInToRegistry = std::function<Result<HostLogin>(const std::string& host)>;

/// A fresh login of each registry of `pull_secret`, in every form that is wanted; it ends when the first of them ends. The error names the
/// registry; `Reason::io_failed` for a login that has ended already.
Result<SecretSet> log_in_to_all(const PullSecretConfig& pull_secret, const LogInToRegistry& log_in, TimePoint now);

/// What a rotation may use. References outlive it.
struct RotationTools {
  LogInToRegistry log_in;
  Files& files;
  Entropy& entropy;
  KubeApi* kube = nullptr;    ///< not null where the pull secret goes to Kubernetes
  Milliseconds poll{30'000};  ///< between two looks at what stands where it was delivered
};

/// Not safe from many threads.
class Rotation {
 public:
  Rotation(RotationTools tools, PullSecretConfig pull_secret);
  Rotation(const Rotation&) = delete;
  Rotation& operator=(const Rotation&) = delete;

  /// Does what is due at `now`: logs in where the login is old, delivers where something is missing. A login that was had before serves on,
  /// while it lasts, where no new one can be had. Failures wait longer each time (`retry_wait`).
  RoundReport run(TimePoint now);
  /// When `run` has something to do again.
  [[nodiscard]] TimePoint due() const noexcept { return std::min(renewal_due_, delivery_due_); }
  /// Whether it has something to do at `now`: also where the clock was set back since the last run, because what was due by the old clock
  /// could be hours away.
  [[nodiscard]] bool is_due(TimePoint now) const noexcept { return now >= due() || now < ran_; }
  [[nodiscard]] const PullSecretConfig& pull_secret() const noexcept { return pull_secret_; }

 private:
  void renew(TimePoint now, RoundReport& report);
  void deliver(TimePoint now, RoundReport& report);

  const RotationTools tools_;
  const PullSecretConfig pull_secret_;
  std::optional<KubeDelivery> kube_;
  std::optional<SecretSet> set_;
  TimePoint ran_{};  ///< the last time
  TimePoint renewal_due_{};
  TimePoint delivery_due_{};
  int failed_renewals_ = 0;  ///< in a row
  int failed_deliveries_ = 0;
};

}  // namespace portcullis
