#include "broker/pull_secret/rotation.h"

#include <algorithm>
#include <utility>

#include "base/io/random_fraction.h"
#include "broker/pull_secret/file_delivery.h"
#include "broker/pull_secret/schedule.h"

namespace portcullis {

Result<SecretSet> log_in_to_all(const PullSecretConfig& pull_secret, const LogInToRegistry& log_in, TimePoint now) {
  std::vector<HostLogin> logins;
  LoginTimes times{.renewed = now, .expires = std::nullopt};
  for (const std::string& host : pull_secret.registries) {
    auto login = log_in(host);
    if (!login) return Error{login.error().reason, host + ": " + login.error().detail};
    const auto expires = login->login->expires;
    if (expires && *expires <= now)
      return Error{Reason::io_failed, host + ": the login that was given has ended already. Is this clock right?"};
    if (expires) times.expires = std::min(*expires, times.expires.value_or(*expires));
    logins.push_back(std::move(login).value());
  }
  return fill_secrets(pull_secret, logins, times);
}

Rotation::Rotation(RotationTools tools, PullSecretConfig pull_secret) : tools_(std::move(tools)), pull_secret_(std::move(pull_secret)) {
  if (pull_secret_.kubernetes && tools_.kube != nullptr) kube_.emplace(*tools_.kube, pull_secret_);
}

RoundReport Rotation::run(TimePoint now) {
  RoundReport report{.pull_secret = pull_secret_.name};
  if (now < std::exchange(ran_, now)) renewal_due_ = delivery_due_ = now;
  if (now >= renewal_due_) renew(now, report);
  // What has ended opens nothing: a namespace without a secret shows the trouble better than one with a dead one.
  if (set_ && set_->times.expires && *set_->times.expires <= now) set_.reset();
  if (now >= delivery_due_ || report.logged_in) deliver(now, report);
  if (set_) report.expires = set_->times.expires;
  report.next = due();
  return report;
}

void Rotation::renew(TimePoint now, RoundReport& report) {
  auto set = log_in_to_all(pull_secret_, tools_.log_in, now);
  if (!set) {
    report.problems.push_back({.where = "login", .what = set.error().detail});
    renewal_due_ = now + retry_wait(++failed_renewals_, random_fraction(tools_.entropy));
    return;
  }
  report.logged_in = true;
  if (outlives_login(now, set->times.expires, pull_secret_.refresh_time)) {
    report.warnings.emplace_back("`refreshTime` is longer than the login lives; it is renewed earlier");
  }
  failed_renewals_ = 0;
  renewal_due_ = renewal_time(now, set->times.expires, pull_secret_.refresh_time);
  // A static login that is read again and is the same needs no writing.
  if (set_ && same_secrets(*set_, *set) && set_->times.expires == set->times.expires) return;
  set_ = std::move(set).value();
  if (kube_) kube_->forget();
}

void Rotation::deliver(TimePoint now, RoundReport& report) {
  const std::size_t before = report.problems.size();
  if (pull_secret_.folder && set_) deliver_files(tools_.files, *pull_secret_.folder, pull_secret_, *set_, report);
  if (kube_) kube_->deliver(set_ ? &*set_ : nullptr, report);
  if (!pull_secret_.folder && !kube_) {
    report.problems.push_back(
        {.where = "destination", .what = "it goes nowhere: set `folder` or `kubernetes`, or use --stdout", .is_fault = false});
  }
  const bool failed = std::any_of(report.problems.begin() + static_cast<std::ptrdiff_t>(before), report.problems.end(),
                                  [](const RoundProblem& problem) { return problem.is_fault; });
  failed_deliveries_ = failed ? failed_deliveries_ + 1 : 0;
  delivery_due_ = now + (failed ? retry_wait(failed_deliveries_, random_fraction(tools_.entropy)) : tools_.poll);
}

}  // namespace portcullis
