// Amazon ECR and ECR Public: the registry passwords that short-lived identities can ask for (JSON 1.1).
#pragma once

#include <string>

#include "aws/client.h"
#include "base/secret.h"

namespace portcullis {

struct EcrPassword {
  std::string user;  ///< `AWS`
  Secret password;
  TimePoint expires;
};

/// GetAuthorizationToken of a private registry. `Reason::io_failed` with what AWS said; an empty answer is a failure.
Result<EcrPassword> get_ecr_password(AwsClient& ecr);
/// The same of public.ecr.aws; the client's endpoint must be ecr-public's in us-east-1.
Result<EcrPassword> get_ecr_public_password(AwsClient& ecr_public);

}  // namespace portcullis
