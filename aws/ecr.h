// Amazon ECR and ECR Public: the registry passwords that short-lived identities can ask for (JSON 1.1).
#pragma once

#include <optional>
#include <string>

#include "aws/client.h"
#include "base/secret.h"

namespace portcullis {

struct EcrPassword {
  std::string user;  ///< `AWS`
  Secret password;
  TimePoint expires;
};

/// A password, or why not: `failed` is what AWS said last, without a code where the answer could not be read.
struct EcrOutcome {
  std::optional<EcrPassword> password;
  AwsError failed;
};

/// GetAuthorizationToken of a private registry. An empty answer is a failure.
EcrOutcome get_ecr_password(AwsClient& ecr);
/// The same of public.ecr.aws; the client's endpoint must be ecr-public's in us-east-1.
EcrOutcome get_ecr_public_password(AwsClient& ecr_public);

}  // namespace portcullis
