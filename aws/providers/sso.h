// Credentials of a role in AWS IAM Identity Center, with the token that `aws sso login` left (SDKs and Tools Reference Guide, "IAM Identity
// Center credential provider").
#pragma once

#include <memory>
#include <string>

#include "aws/chain_plan.h"
#include "aws/client.h"
#include "aws/providers/sso_token.h"
#include "base/io/files.h"

namespace portcullis {

/// GetRoleCredentials at each call; cache it. Safe from many threads.
class SsoCredentials final : public CredentialSource {
 public:
  /// `portal` and `oidc` are the endpoints of sso and sso-oidc in the role's region; `home` holds `.aws/sso/cache`.
  SsoCredentials(const AwsTools& tools, Files& files, AwsEndpoint portal, AwsEndpoint oidc, std::string home, SsoRole role);
  /// Reads the cached token anew. One of a session is refreshed in its last five minutes, and the file rewritten by rename, mode 0600;
  /// where that fails, the token is used until it expires. `Reason::io_failed`, with the command that a person has to run.
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override;

 private:
  Result<Secret> access_token();
  Result<RefreshedToken> create_token(const SsoToken& token);

  const AwsTools tools_;
  Files& files_;
  const AwsEndpoint portal_;
  const AwsEndpoint oidc_;
  const std::string home_;
  const SsoRole role_;
};

}  // namespace portcullis
