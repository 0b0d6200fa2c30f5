#include "plugin/broker/broker_metrics.h"

#include <algorithm>
#include <variant>

#include "broker/ecr_login.h"

namespace portcullis {
namespace {

/// A label's values are a closed list: what AWS answers is not ours to repeat without end.
constexpr std::array<std::string_view, 15> kCodes = {"",
                                                     "no_answer",
                                                     "AccessDenied",
                                                     "ValidationError",
                                                     "InvalidParameterValue",
                                                     "ExpiredToken",
                                                     "ExpiredTokenException",
                                                     "InvalidClientTokenId",
                                                     "SignatureDoesNotMatch",
                                                     "RegionDisabledException",
                                                     "Throttling",
                                                     "ThrottlingException",
                                                     "MalformedPolicyDocument",
                                                     "PackedPolicyTooLarge",
                                                     "InternalFailure"};

std::string_view code_label(std::string_view code) noexcept {
  return std::find(kCodes.begin(), kCodes.end(), code) == kCodes.end() ? "other" : code;
}

double as_number(std::uint64_t count) noexcept { return static_cast<double>(count); }

std::string_view method_of(const AwsIdentityConfig& identity) noexcept {
  if (identity.role_arn) return "role";
  return identity.access_key ? "static" : "own";
}

}  // namespace

std::string_view login_kind(const RegistryLoginConfig& registry) {
  if (std::holds_alternative<ArtifactoryLoginConfig>(registry.login)) return "artifactory";
  const auto* ecr = std::get_if<EcrLoginConfig>(&registry.login);
  if (ecr == nullptr) return "static";
  const auto host = ecr_host_of(registry.host, *ecr);
  return host && host->kind == EcrHost::Kind::ecr_public ? "ecr_public" : "ecr";
}

std::string_view login_method(const RegistryLoginConfig& registry) noexcept {
  if (const auto* ecr = std::get_if<EcrLoginConfig>(&registry.login)) return method_of(ecr->identity);
  const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&registry.login);
  if (artifactory == nullptr) return "static";
  return artifactory->auth_type == ArtifactoryLoginConfig::AuthType::oidc ? "oidc" : method_of(artifactory->identity);
}

void BrokerMetrics::count_call(const AssumeRoleReport& report) {
  const double seconds = std::chrono::duration<double>(report.duration).count();
  const auto bucket = static_cast<std::size_t>(std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin());
  const MutexLock lock(mutex_);
  ++calls_[std::string(code_label(report.code))];
  ++durations_[bucket];
  duration_sum_ += seconds;
}

void BrokerMetrics::count_login(const RegistryLoginConfig& registry, bool good) {
  const MutexLock lock(mutex_);
  ++logins_[{login_kind(registry), login_method(registry), good}];
}

void BrokerMetrics::add_to(MetricsText& text, const LoginCacheFigures& figures) const {
  const MutexLock lock(mutex_);
  text.family("portcullis_sts_calls_total", "Roles that were assumed, and why not (AWS's error code)", MetricKind::counter);
  for (const auto& [code, count] : calls_) {
    text.sample({{"operation", "AssumeRole"}, {"result", code.empty() ? "success" : "failure"}, {"code", code}}, as_number(count));
  }
  text.histogram("portcullis_sts_call_duration_seconds", "How long assuming a role took, repetitions included",
                 {.bounds = kBounds, .counts = durations_, .sum = duration_sum_});
  text.family("portcullis_broker_logins_total", "Logins that were made", MetricKind::counter);
  for (const auto& [labels, count] : logins_) {
    const auto& [kind, method, good] = labels;
    text.sample({{"kind", kind}, {"method", method}, {"result", good ? "success" : "failure"}}, as_number(count));
  }
  text.family("portcullis_broker_cache_requests_total", "Questions for a login; stale: the old one had to do", MetricKind::counter)
      .sample({{"result", "hit"}}, as_number(figures.hits))
      .sample({{"result", "miss"}}, as_number(figures.misses))
      .sample({{"result", "stale"}}, as_number(figures.stale));
  text.family("portcullis_broker_cache_evictions_total", "Logins that were dropped for want of room", MetricKind::counter)
      .sample({}, as_number(figures.evictions));
  text.family("portcullis_broker_cache_entries", "Logins that are kept", MetricKind::gauge)
      .sample({}, static_cast<double>(figures.entries));
  text.family("portcullis_broker_credentials_expiring", "Kept logins that expire soon", MetricKind::gauge)
      .sample({{"within", "5m"}}, static_cast<double>(figures.expiring));
}

}  // namespace portcullis
