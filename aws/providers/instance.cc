#include "aws/providers/instance.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "aws/providers/answer.h"
#include "aws/providers/fetch.h"
#include "base/codec/percent.h"
#include "base/io/random_fraction.h"

namespace portcullis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using namespace std::chrono_literals;

constexpr std::string_view kMarks = "_+=,.@-";  ///< of role names, beside letters and digits
constexpr const char* kTokenPath = "/latest/api/token";
constexpr const char* kRolesPath = "/latest/meta-data/iam/security-credentials/";
constexpr const char* kTokenTtl = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds";
constexpr seconds kWantedTtl = 21'600s;
constexpr milliseconds kConnect = 250ms;
constexpr milliseconds kFirstAnswer = 450ms;  ///< twice this, and a pause, are the second that an absent service costs
constexpr milliseconds kAnswer = 1000ms;
constexpr milliseconds kPause = 50ms;
constexpr milliseconds kAbsent = 1000ms;
constexpr milliseconds kWhole = 5000ms;
constexpr seconds kLongestLife = 3600s;
constexpr seconds kShortestExtension = 300s;
constexpr seconds kExtensionSpread = 600s;

Error failed(std::string detail) { return {Reason::io_failed, "EC2 instance metadata: " + std::move(detail)}; }

bool is_role_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

}  // namespace

/// How long one call may still take: one second until the service has shown itself, five in all.
struct InstanceMetadata::Budget {
  const Clock& clock;
  SteadyPoint start;
  bool reached = false;
  milliseconds waited{0};  ///< pauses that were granted, for clocks that stand still

  [[nodiscard]] milliseconds left() const {
    const auto spent = std::max(std::chrono::duration_cast<milliseconds>(clock.steady_now() - start), waited);
    return (reached ? kWhole : kAbsent) - spent;
  }
};

InstanceMetadata::InstanceMetadata(const AwsTools& tools, ImdsSettings settings, std::function<void(std::string_view)> warn)
    : tools_(tools), settings_(std::move(settings)), warn_(std::move(warn)) {}

Result<std::shared_ptr<const AwsCredentials>> InstanceMetadata::credentials(bool refresh) {
  auto fresh = fetch();
  const TimePoint now = tools_.clock.now();
  std::shared_ptr<const AwsCredentials> old;
  {
    const MutexLock lock(mutex_);
    old = last_;
  }
  if (fresh) {
    const bool expired = fresh->expires && *fresh->expires <= now;
    if (fresh->expires) fresh->expires = std::min(*fresh->expires, now + kLongestLife);
    auto given = std::make_shared<const AwsCredentials>(std::move(fresh).value());
    {
      const MutexLock lock(mutex_);
      last_ = given;
    }
    if (!expired) return given;
    if (warn_) warn_("the EC2 instance metadata service gave credentials that have expired; they are used until it gives others");
    return extended(*given);
  }
  if (old == nullptr || refresh) return fresh.error();
  if (warn_) warn_("credentials are kept past their time: " + fresh.error().detail);
  return extended(*old);
}

std::shared_ptr<const AwsCredentials> InstanceMetadata::extended(const AwsCredentials& old) {
  auto copy = std::make_shared<AwsCredentials>(copy_of(old));
  const auto spread = static_cast<std::int64_t>(random_fraction(tools_.entropy) * static_cast<double>(kExtensionSpread.count()));
  const TimePoint until = tools_.clock.now() + kShortestExtension + seconds(spread);
  copy->expires = std::max(until, copy->expires.value_or(until));
  return copy;
}

Result<AwsCredentials> InstanceMetadata::fetch() {
  Budget budget{tools_.clock, tools_.clock.steady_now()};
  auto session = this->session(budget);
  if (!session) return session.error();
  auto roles = get(kRolesPath, *session, budget);
  if (!roles) return roles.error();
  std::string_view role(*roles);
  role = role.substr(0, role.find_first_of("\r\n"));
  if (!is_role_name(role)) return failed("the answer names no role");
  const auto answer = get(kRolesPath + std::string(role), *session, budget);
  if (!answer) return answer.error();
  auto credentials = read_instance_answer(*answer);
  if (!credentials) return failed(credentials.error().detail);
  return credentials;
}

Result<InstanceMetadata::Session> InstanceMetadata::session(Budget& budget) {
  {
    const MutexLock lock(mutex_);
    if (session_ && tools_.clock.steady_now() < session_->until) return *session_;
  }
  auto fresh = new_session(budget);
  if (fresh && !fresh->token.empty()) {
    const MutexLock lock(mutex_);
    session_ = *fresh;
  }
  return fresh;
}

Result<InstanceMetadata::Session> InstanceMetadata::new_session(Budget& budget) {
  OutgoingRequest request;
  request.method = "PUT";
  request.url = settings_.endpoint + kTokenPath;
  request.headers = {{kTokenTtl, std::to_string(kWantedTtl.count())}};
  const auto answer = send(std::move(request), budget, settings_.allow_v1 ? 1 : 2);
  const Session without{.token = {}, .until = tools_.clock.steady_now()};
  if (!answer) {
    if (settings_.allow_v1) return without;
    return failed("no session token: " + answer.error().detail +
                  "; in a container the instance's hop limit must be 2 (aws ec2 modify-instance-metadata-options "
                  "--http-put-response-hop-limit 2); outside EC2 set AWS_EC2_METADATA_DISABLED=true");
  }
  if (answer->status != 200) {
    if (settings_.allow_v1 && answer->status != 400) return without;
    return failed("no session token: " + describe_answer(*answer) + (answer->status == 403 ? ", request forbidden: IMDS is disabled" : ""));
  }
  if (answer->body.empty() || answer->body.find_first_of("\r\n ") != std::string::npos) return failed("the session token is no token");
  seconds ttl{0};  // without the header, one token a call, as aws-sdk-go-v2 does
  if (const auto text = answer->header(kTokenTtl)) {
    int number = 0;
    if (std::from_chars(text->data(), text->data() + text->size(), number).ec == std::errc()) ttl = seconds(std::clamp(number, 0, 21'600));
  }
  return Session{answer->body, tools_.clock.steady_now() + ttl};
}

Result<std::string> InstanceMetadata::get(const std::string& path, Session& session, Budget& budget) {
  for (bool renewed = false;; renewed = true) {
    OutgoingRequest request;
    request.method = "GET";
    request.url = settings_.endpoint + path;
    if (!session.token.empty()) request.headers = {{"X-Aws-Ec2-Metadata-Token", session.token}};
    auto answer = send(std::move(request), budget, 3);
    if (!answer) return failed(answer.error().detail);
    if (answer->status == 200) return std::move(answer->body);
    if (answer->status == 401 && !renewed && !session.token.empty()) {  // the token was revoked or has run out
      auto fresh = new_session(budget);
      if (!fresh) return fresh.error();
      session = *fresh;
      const MutexLock lock(mutex_);
      session_ = session;
      continue;
    }
    if (answer->status == 404 && path == kRolesPath) return failed("no IAM role is attached to this instance (HTTP 404)");
    return failed(describe_answer(*answer));
  }
}

Result<IncomingAnswer> InstanceMetadata::send(OutgoingRequest request, Budget& budget, int tries) {
  request.body_limit = 64UL * 1024;
  request.reachable = ReachableHosts::metadata_service;
  request.connect_timeout = kConnect;
  Result<IncomingAnswer> answer(Error{Reason::io_failed, settings_.endpoint + ": no time is left"});
  for (int number = 1; number <= tries; ++number) {
    const milliseconds left = budget.left();
    if (left <= 0ms) return answer;
    request.timeout = std::min(budget.reached ? kAnswer : kFirstAnswer, left);
    answer = tools_.http.send(request);
    if (answer) {
      budget.reached = true;
      if (answer->status < 500) return answer;
    }
    if (number == tries || budget.left() <= kPause) return answer;
    budget.waited += kPause;
    if (!tools_.pause(kPause)) return answer;
  }
  return answer;
}

}  // namespace portcullis
