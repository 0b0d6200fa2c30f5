// Whose AWS credentials sign: static keys, the gate's own, or a role, assumed directly or through a jump role.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aws/chain.h"
#include "aws/client.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "config/broker.h"

namespace portcullis {

/// One AssumeRole as it went, for the log and the metrics: nothing secret in it.
struct AssumeRoleReport {
  std::string_view role_arn;
  std::string_view region;
  bool external_id = false;  ///< one was sent
  bool jump = false;         ///< the role was the jump role
  std::string_view code;     ///< AWS's error code; empty where it worked, `no_answer` where nothing came
  std::chrono::milliseconds duration{};
};

/// What the broker may use of the outside world. Every reference outlives what is made with it.
struct BrokerTools {
  ChainTools chain;
  std::function<void(const AssumeRoleReport&)> report{};  ///< hears each AssumeRole; on the thread that made it
};

/// Wave's schedule for STS: three attempts, 1 s, doubled, at most 10 s, a quarter of jitter.
RetryRules broker_retries() noexcept;

/// Who is asked for.
struct SessionRequest {
  const AwsIdentityConfig& identity;
  std::string region;                    ///< of STS: the registry's
  std::string registry;                  ///< host; its letters and digits name the session
  std::string session_prefix;            ///< 2 to 19 of `\w+=,.@-`
  std::optional<std::string> jump_role;  ///< assumed first, where `identity` is a role
  std::optional<std::string> jump_external_id;
  std::optional<std::string> session_policy;  ///< JSON; for a role alone
};

/// Credentials that can sign, and how long they can.
struct AwsSession {
  std::shared_ptr<CredentialSource> source;
  std::optional<TimePoint> expires;  ///< absent: static keys
};

/// Makes sessions; keeps what several share: the gate's own chain, and the jump role's credentials by region, 45 minutes at most. Safe from
/// many threads; blocks on the network.
class RoleSessions {
 public:
  /// How long a jump role's credentials are used.
  static constexpr std::chrono::minutes kJumpLife{45};
  /// What is asked for, of a role and of a jump role: the longest that a chained role may have.
  static constexpr std::chrono::seconds kSessionLife{3600};

  explicit RoleSessions(BrokerTools tools);

  /// Credentials of `request.identity`: a role is assumed at each call, for `kSessionLife`. `Reason::credentials_unavailable`, with role,
  /// region, AWS's code and text, and what to do; `Reason::bad_request` for a session policy without a role.
  [[nodiscard]] Result<AwsSession> open(const SessionRequest& request) EXCLUDES(mutex_);
  /// Where `service` is in `region`, by the gate's own AWS configuration (its configured endpoints, FIPS and dual stack); `fips` asks for
  /// more. `Reason::credentials_unavailable`.
  [[nodiscard]] Result<AwsEndpoint> endpoint(AwsService service, const std::string& region, bool fips = false) EXCLUDES(mutex_);
  /// The region of the AWS configuration, or nothing.
  [[nodiscard]] std::optional<std::string> configured_region() EXCLUDES(mutex_);
  /// For clients of other services: with the CA bundle of the AWS configuration and `broker_retries`.
  [[nodiscard]] Result<AwsTools> aws_tools() EXCLUDES(mutex_);
  [[nodiscard]] const BrokerTools& tools() const noexcept { return tools_; }

 private:
  using Source = std::shared_ptr<CredentialSource>;

  Result<std::shared_ptr<const SharedConfig>> configuration() EXCLUDES(mutex_);
  Result<Source> own_chain() EXCLUDES(mutex_);
  Result<Source> jump(const SessionRequest& request) EXCLUDES(mutex_);
  Result<AwsSession> assume(const SessionRequest& request) EXCLUDES(mutex_);
  Result<AwsSession> with_keys(const SessionRequest& request);

  // set once
  const BrokerTools tools_;
  // guarded by mutex_
  Mutex mutex_;
  std::shared_ptr<const SharedConfig> config_ GUARDED_BY(mutex_);  ///< without keys
  Source chain_ GUARDED_BY(mutex_);
  std::map<std::string, Source> jumps_ GUARDED_BY(mutex_);  ///< by region, role and external id
};

/// `<prefix>-<letters and digits of host, the first 30>-<milliseconds>`, at most 64 bytes.
std::string role_session_name(std::string_view prefix, std::string_view host, TimePoint now);

}  // namespace portcullis
