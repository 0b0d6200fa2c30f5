#include "keystore/refresh/reader_role.h"

#include <utility>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr std::string_view kNoConfiguration = "failed to load AWS configuration";

/// AssumeRole at each call; the cache around it keeps that rare.
class ReaderRole final : public CredentialSource {
 public:
  ReaderRole(const AwsTools& tools, AwsEndpoint sts, std::unique_ptr<CredentialSource> own, AssumeRoleRequest request)
      : own_(std::move(own)), request_(std::move(request)), sts_(tools, std::move(sts), own_.get()) {}

  /// `refresh` goes to nobody: STS gives a new session each time, and says itself when the credentials that sign have expired.
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool /*refresh*/) override {
    const auto own = own_->credentials(false);
    if (!own) return own.error();
    AssumeRoleRequest request = request_;
    const bool temporary = !(*own)->session_token.empty();
    if (temporary && request.duration && *request.duration > kMostOfAChainedRole) request.duration = kMostOfAChainedRole;
    StsOutcome outcome = assume_role(sts_, request);
    if (outcome.credentials) return std::make_shared<const AwsCredentials>(std::move(*outcome.credentials));
    const std::string why = describe(outcome.failed);
    if (why.starts_with(kNoConfiguration)) return Error{Reason::io_failed, why};
    std::string detail = std::string(kNoConfiguration) + ": cannot assume role " + escape_for_log(request_.role_arn) + ": " + why;
    if (outcome.failed.kind == AwsErrorKind::denied) detail += "; compare the role's trust policy (principal, external id) with who asks";
    return Error{Reason::io_failed, std::move(detail)};
  }

 private:
  // set once
  const std::unique_ptr<CredentialSource> own_;
  const AssumeRoleRequest request_;
  // locks itself
  AwsClient sts_;
};

}  // namespace

std::unique_ptr<CredentialSource> make_reader_role(const AwsTools& tools, AwsEndpoint sts, std::unique_ptr<CredentialSource> own,
                                                   AssumeRoleRequest request, CredentialCache::Background background) {
  auto role = std::make_unique<ReaderRole>(tools, std::move(sts), std::move(own), std::move(request));
  return std::make_unique<CredentialCache>(std::move(role), tools.clock, tools.entropy, std::move(background));
}

}  // namespace portcullis
