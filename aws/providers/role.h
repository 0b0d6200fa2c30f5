// Credentials from STS: a role assumed with other credentials, or with an OIDC token from a file.
#pragma once

#include <memory>

#include "aws/chain_plan.h"
#include "aws/client.h"
#include "aws/sts.h"
#include "base/io/files.h"

namespace portcullis {

/// AssumeRole at each call; cache it. Safe from many threads.
class AssumedRole final : public CredentialSource {
 public:
  /// `source` signs the calls to `sts`. An empty session name is made up at each call: `portcullis-<unix milliseconds>`.
  AssumedRole(const AwsTools& tools, AwsEndpoint sts, std::unique_ptr<CredentialSource> source, AssumeRoleRequest request);
  /// `Reason::io_failed`: what STS said, with the role and, where it was denied, what to look at. `refresh` goes to nobody: STS gives new
  /// credentials each time, and says itself when those of the source have expired.
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override;

 private:
  const AwsTools tools_;
  const std::unique_ptr<CredentialSource> source_;
  const AssumeRoleRequest request_;
  AwsClient sts_;
};

/// AssumeRoleWithWebIdentity at each call, with what the token file holds then. Safe from many threads.
class WebIdentity final : public CredentialSource {
 public:
  WebIdentity(const AwsTools& tools, const Files& files, AwsEndpoint sts, WebIdentityRole role);
  /// The file is read anew and sent byte for byte, at most 20,000 of them. `Reason::io_failed`.
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override;

 private:
  const AwsTools tools_;
  const Files& files_;
  const WebIdentityRole role_;
  AwsClient sts_;
};

}  // namespace portcullis
