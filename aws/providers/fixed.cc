#include "aws/providers/fixed.h"

#include <utility>

#include "aws/shared_config.h"

namespace portcullis {
namespace {

Result<AwsCredentials> whole(std::optional<std::string> id, std::optional<std::string> secret, std::optional<std::string> token,
                             std::optional<std::string> account) {
  if (!id || !secret) return Error{Reason::bad_request, "half a pair of keys"};
  AwsCredentials credentials;
  credentials.access_key_id = std::move(*id);
  credentials.secret_access_key = Secret(std::move(*secret));
  if (token) credentials.session_token = Secret(std::move(*token));
  credentials.account_id = std::move(account);
  return credentials;
}

}  // namespace

FixedCredentials::FixedCredentials(AwsCredentials credentials)
    : credentials_(std::make_shared<const AwsCredentials>(std::move(credentials))) {}

Result<std::shared_ptr<const AwsCredentials>> FixedCredentials::credentials(bool /*refresh*/) { return credentials_; }

Result<AwsCredentials> environment_credentials(const Environment& environment) {
  auto id = environment.get("AWS_ACCESS_KEY_ID");
  if (!id) id = environment.get("AWS_ACCESS_KEY");
  auto secret = environment.get("AWS_SECRET_ACCESS_KEY");
  if (!secret) secret = environment.get("AWS_SECRET_KEY");
  return whole(std::move(id), std::move(secret), environment.get("AWS_SESSION_TOKEN"), environment.get("AWS_ACCOUNT_ID"));
}

Result<AwsCredentials> profile_credentials(const Properties& properties) {
  return whole(property(properties, "aws_access_key_id"), property(properties, "aws_secret_access_key"),
               property(properties, "aws_session_token"), property(properties, "aws_account_id"));
}

}  // namespace portcullis
