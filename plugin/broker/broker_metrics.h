// The broker's own series: calls to STS, logins, the cache.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "base/mutex.h"
#include "base/report/metrics.h"
#include "broker/login_cache.h"
#include "broker/role_session.h"
#include "config/broker.h"

namespace portcullis {

/// Counts what happens a few times a second at most. Safe from many threads.
class BrokerMetrics {
 public:
  /// Upper bounds of the histogram of STS calls, in seconds.
  static constexpr std::array<double, 8> kBounds = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

  void count_call(const AssumeRoleReport& report) EXCLUDES(mutex_);
  void count_login(const RegistryLoginConfig& registry, bool good) EXCLUDES(mutex_);
  /// The families that count, and those of the cache.
  void add_to(MetricsText& text, const LoginCacheFigures& figures) const EXCLUDES(mutex_);

 private:
  using Calls = std::map<std::string, std::uint64_t, std::less<>>;
  using Logins = std::map<std::tuple<std::string_view, std::string_view, bool>, std::uint64_t>;

  // guarded by mutex_
  mutable Mutex mutex_;
  Calls calls_ GUARDED_BY(mutex_);  ///< by error code; empty: it worked
  Logins logins_ GUARDED_BY(mutex_);
  std::array<std::uint64_t, kBounds.size() + 1> durations_ GUARDED_BY(mutex_){};
  double duration_sum_ GUARDED_BY(mutex_) = 0;
};

/// `ecr`, `ecr_public`, `artifactory`, `static`.
std::string_view login_kind(const RegistryLoginConfig& registry);
/// `role`; `static` for keys and passwords; `own` for the gate's own AWS credentials; `oidc`.
std::string_view login_method(const RegistryLoginConfig& registry) noexcept;

}  // namespace portcullis
