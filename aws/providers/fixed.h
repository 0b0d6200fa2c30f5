// Keys that stand in the environment or in a profile: read once, never refreshed.
#pragma once

#include <memory>

#include "aws/client.h"
#include "aws/profile.h"
#include "base/io/environment.h"

namespace portcullis {

/// Gives the same credentials always. Safe from many threads.
class FixedCredentials final : public CredentialSource {
 public:
  explicit FixedCredentials(AwsCredentials credentials);
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override;

 private:
  const std::shared_ptr<const AwsCredentials> credentials_;
};

/// AWS_ACCESS_KEY_ID (or AWS_ACCESS_KEY) and AWS_SECRET_ACCESS_KEY (or AWS_SECRET_KEY), AWS_SESSION_TOKEN, AWS_ACCOUNT_ID.
/// `Reason::bad_request` where the pair is not whole.
Result<AwsCredentials> environment_credentials(const Environment& environment);
/// `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`, `aws_account_id`. `Reason::bad_request` where the pair is not whole.
Result<AwsCredentials> profile_credentials(const Properties& properties);

}  // namespace portcullis
