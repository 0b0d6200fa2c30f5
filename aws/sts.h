// AWS Security Token Service: roles and identities (API version 2011-06-15, Query protocol, XML answers).
#pragma once

#include <optional>
#include <string>

#include "aws/client.h"

namespace portcullis {

struct AssumeRoleRequest {
  std::string role_arn;
  std::string session_name;                      ///< 2 to 64 of `\w+=,.@-`
  std::optional<std::string> external_id;        ///< 2 to 1224 of `\w+=,.@:/-`
  std::optional<std::chrono::seconds> duration;  ///< 900 to 43200; sent only when set
  std::optional<std::string> policy{};           ///< JSON, at most 2048 bytes: the session may do no more than it and the role allow
};

struct WebIdentityRequest {
  std::string role_arn;
  std::string session_name;
  Secret token;  ///< sent byte for byte
  std::optional<std::chrono::seconds> duration;
};

struct CallerIdentity {
  std::string account;
  std::string arn;
  std::string user_id;
};

/// Credentials, or why not: `failed` is what AWS said last.
struct StsOutcome {
  std::optional<AwsCredentials> credentials;
  AwsError failed;
};

/// AssumeRole, signed by the client's credentials.
StsOutcome assume_role(AwsClient& sts, const AssumeRoleRequest& request);
/// AssumeRoleWithWebIdentity: unsigned; the client must have no credential source. Repeats `InvalidIdentityToken`, as SDKs do.
StsOutcome assume_role_with_web_identity(AwsClient& sts, const WebIdentityRequest& request);
/// GetCallerIdentity. The error's detail is `describe` of what AWS said; `Reason::io_failed`.
Result<CallerIdentity> get_caller_identity(AwsClient& sts);

/// Grammar and bounds of a request before it is sent. `Reason::bad_request`, naming the member.
Result<void> check_assume_role(const AssumeRoleRequest& request);
/// `arn:<partition>:iam::<12 digits>:role/<path and name>`, 20 to 2048 bytes.
bool is_role_arn(std::string_view text) noexcept;
/// 2 to 1224 of `\w+=,.@:/-`.
bool is_external_id(std::string_view text) noexcept;

}  // namespace portcullis
