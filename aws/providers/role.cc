#include "aws/providers/role.h"

#include <utility>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr std::size_t kTokenBytes = 20'000;

std::string session_name(const std::string& wanted, TimePoint now) {
  return wanted.empty() ? "portcullis-" + std::to_string(now.time_since_epoch().count()) : wanted;
}

/// What an operator can do about the codes that are seen most.
std::string_view advice(std::string_view code) noexcept {
  if (code == "AccessDenied") return "; compare the role's trust policy (principal, external id, conditions) with who asks";
  if (code == "InvalidIdentityToken") return "; the account needs an OIDC provider for the token's issuer, with its audience";
  if (code == "ExpiredTokenException") return "; the token file is not being renewed";
  if (code == "InvalidClientTokenId") return "; the key does not exist, or the region has to be enabled for the account";
  if (code == "RegionDisabledException") return "; enable STS for the region in IAM's account settings";
  if (code == "SignatureDoesNotMatch") return "; compare the secret key, and the clock of this host";
  return "";
}

Result<std::shared_ptr<const AwsCredentials>> taken(StsOutcome outcome, const std::string& role_arn) {
  if (outcome.credentials) return std::make_shared<const AwsCredentials>(std::move(*outcome.credentials));
  return Error{Reason::io_failed, "cannot assume role " + escape_for_log(role_arn) + ": " + describe(outcome.failed) +
                                      std::string(advice(outcome.failed.code))};
}

}  // namespace

AssumedRole::AssumedRole(const AwsTools& tools, AwsEndpoint sts, std::unique_ptr<CredentialSource> source, AssumeRoleRequest request)
    : tools_(tools), source_(std::move(source)), request_(std::move(request)), sts_(tools, std::move(sts), source_.get()) {}

Result<std::shared_ptr<const AwsCredentials>> AssumedRole::credentials(bool /*refresh*/) {
  AssumeRoleRequest request = request_;
  request.session_name = session_name(request_.session_name, tools_.clock.now());
  return taken(assume_role(sts_, request), request_.role_arn);
}

WebIdentity::WebIdentity(const AwsTools& tools, const Files& files, AwsEndpoint sts, WebIdentityRole role)
    : tools_(tools), files_(files), role_(std::move(role)), sts_(tools, std::move(sts), nullptr) {}

Result<std::shared_ptr<const AwsCredentials>> WebIdentity::credentials(bool /*refresh*/) {
  auto token = files_.read(role_.token_file, kTokenBytes);
  if (!token) return Error{Reason::io_failed, "the web identity token cannot be read: " + token.error().detail};
  if (token->empty()) return Error{Reason::io_failed, "the web identity token file " + escape_for_log(role_.token_file) + " is empty"};
  return taken(assume_role_with_web_identity(sts_, {.role_arn = role_.role_arn,
                                                    .session_name = session_name(role_.session_name.value_or(""), tools_.clock.now()),
                                                    .token = Secret(std::move(token).value()),
                                                    .duration = role_.duration}),
               role_.role_arn);
}

}  // namespace portcullis
