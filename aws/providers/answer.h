// Credentials as JSON: what credential processes, containers, the instance metadata service and IAM Identity Center answer.
#pragma once

#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/result.h"

namespace portcullis {

// Errors of the readers are `Reason::io_failed`; their detail names what is missing and holds nothing of the answer but its error code and
// message, escaped.

/// `{"Version": 1, "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"}`; the last three are optional.
Result<AwsCredentials> read_process_answer(std::string_view text);
/// `{"AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId"}`; the last three are optional.
Result<AwsCredentials> read_container_answer(std::string_view text);
/// The same with `"Code": "Success"`, a token and an expiration; with another code, what `Message` says.
Result<AwsCredentials> read_instance_answer(std::string_view text);
/// `{"roleCredentials": {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"}}`, the last in milliseconds.
Result<AwsCredentials> read_sso_answer(std::string_view text);

/// A copy that lives on its own.
AwsCredentials copy_of(const AwsCredentials& credentials);

/// `Reason::io_failed` that names the time where `credentials` have expired (D-9); `who` is for the message.
Result<void> check_not_expired(const AwsCredentials& credentials, TimePoint now, std::string_view who);

}  // namespace portcullis
