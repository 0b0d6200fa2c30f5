// One AWS service in one region: builds, signs, sends, reads and retries a call.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "aws/aws_error.h"
#include "aws/canonical_request.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/retry.h"
#include "base/clock.h"
#include "base/io/entropy.h"
#include "base/io/http.h"
#include "base/mutex.h"
#include "base/result.h"

namespace portcullis {

/// Whoever has credentials. Safe from many threads; may block on the network.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  /// The credentials to sign with now. `refresh`: what was given before was refused as expired, so fetch anew. Any error: there are none.
  [[nodiscard]] virtual Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) = 0;
};

/// What every call needs from outside. The references outlive the client.
struct AwsTools {
  HttpTransport& http;
  const Clock& clock;
  Entropy& entropy;
  std::function<bool(std::chrono::milliseconds)> pause;  ///< waits; false: stop now, the process is ending
  std::optional<std::string> ca_file;                    ///< AWS_CA_BUNDLE or ca_bundle
  RetryRules retries{};
};

/// A call before it is signed: path `/`, POST.
struct AwsCall {
  std::string content_type;
  HttpHeaders headers;  ///< `X-Amz-Target` and its like
  std::string body;
};

/// Either a 2xx answer, or what went wrong last.
struct AwsOutcome {
  std::optional<IncomingAnswer> answer;
  AwsError error;  ///< where there is no answer
  int attempts = 0;
  [[nodiscard]] bool ok() const noexcept { return answer.has_value(); }
};

/// Safe from many threads.
class AwsClient {
 public:
  /// `credentials` may be null: calls are not signed then (AssumeRoleWithWebIdentity).
  AwsClient(AwsTools tools, AwsEndpoint endpoint, CredentialSource* credentials);

  /// Sends `call`. Signs at each attempt, with the clock corrected by the skew that the service showed; expired credentials are refreshed
  /// once; denials are never repeated. `also_transient` names a code that this call may repeat (`InvalidIdentityToken` of web identity).
  AwsOutcome send(const AwsCall& call, std::string_view also_transient = {});

  [[nodiscard]] const AwsEndpoint& endpoint() const noexcept { return endpoint_; }

 private:
  struct Attempt {
    std::optional<IncomingAnswer> answer;
    AwsError error;
    bool timed_out = false;
    std::optional<std::chrono::milliseconds> retry_after;
  };

  Attempt attempt(const AwsCall& call, const AwsCredentials* credentials, const std::string& invocation, int number);
  Result<OutgoingRequest> build(const AwsCall& call, const AwsCredentials* credentials, const std::string& invocation, int number);
  void learn_skew(const IncomingAnswer& answer);

  // set once
  const AwsTools tools_;
  const AwsEndpoint endpoint_;
  CredentialSource* const credentials_;
  // guarded by mutex_
  Mutex mutex_;
  RetryQuota quota_ GUARDED_BY(mutex_);
  std::chrono::milliseconds skew_ GUARDED_BY(mutex_){0};
};

/// `Retry-After` in whole seconds, an hour at most; a date is not read (RFC 9110 section 10.2.3).
std::optional<std::chrono::milliseconds> retry_after_of(const IncomingAnswer& answer);
/// One line for people: `AccessDenied (HTTP 403): message`, or the transport's error.
std::string describe(const AwsError& error);

}  // namespace portcullis
