// AWS Secrets Manager: one secret, by version stage (JSON 1.1).
#pragma once

#include <optional>
#include <string>

#include "aws/client.h"
#include "base/secret.h"

namespace portcullis {

struct SecretQuestion {
  std::string secret_id;                     ///< name or ARN, 1 to 2048 bytes
  std::string version_stage = "AWSCURRENT";  ///< 1 to 256 bytes
};

struct SecretValue {
  std::string arn;
  std::string name;
  std::string version_id;
  std::optional<TimePoint> created;  ///< of this version
  Secret text;                       ///< SecretString, or the decoded SecretBinary
};

/// The secret, or why it could not be had.
struct SecretOutcome {
  Result<SecretValue> value;
  std::string code{};  ///< what AWS called its refusal: `ResourceNotFoundException`; empty where AWS gave no answer, or a good one
};

/// GetSecretValue. `Reason::io_failed` with the text `failed to retrieve secret …: <what AWS said>`; an answer for another secret than the
/// one asked for is a failure too.
SecretOutcome get_secret_value(AwsClient& secrets_manager, const SecretQuestion& question);

}  // namespace portcullis
