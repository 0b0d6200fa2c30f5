#include "broker/role_session.h"

#include <algorithm>
#include <utility>

#include "aws/credential_cache.h"
#include "aws/providers/fixed.h"
#include "aws/shared_config.h"
#include "aws/sts.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr std::size_t kHostInName = 30;
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kSecretKeyBytes = 4096;

Error unavailable(std::string detail) { return {Reason::credentials_unavailable, std::move(detail)}; }

/// What an operator can do about the codes that are seen most.
std::string advice(std::string_view code, const std::string& region) {
  if (code == "AccessDenied") {
    return "; compare the role's trust policy with who asks: principal, external id, conditions (portcullis iam-policy prints it)";
  }
  // The documentation says InvalidParameterValue, the service ValidationError.
  if (code == "ValidationError" || code == "InvalidParameterValue") {
    return "; compare role ARN (arn:aws:iam::<12 digits>:role/<name>) and external id (2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -)";
  }
  if (code == "RegionDisabledException") return "; enable STS for " + region + " in the account settings of IAM";
  if (code == "ExpiredToken" || code == "ExpiredTokenException") return "; the credentials that sign have expired and were not renewed";
  if (code == "InvalidClientTokenId") return "; the access key does not exist, or the account has not enabled the region " + region;
  if (code == "SignatureDoesNotMatch") return "; compare the secret key, and the clock of this host";
  if (code == "PackedPolicyTooLarge" || code == "MalformedPolicyDocument") return "; the session policy names too many repositories";
  return "";
}

/// AssumeRole at each call, reported, and cut short where `life` is given.
class ReportedRole final : public CredentialSource {
 public:
  ReportedRole(const BrokerTools& tools, const AwsTools& aws, AwsEndpoint sts, std::shared_ptr<CredentialSource> signer,
               AssumeRoleRequest request, std::string name_prefix, bool jump)
      : tools_(tools),
        clock_(aws.clock),
        signer_(std::move(signer)),
        request_(std::move(request)),
        name_prefix_(std::move(name_prefix)),
        jump_(jump),
        sts_(aws, std::move(sts), signer_.get()) {}

  Result<std::shared_ptr<const AwsCredentials>> credentials(bool /*refresh*/) override {
    AssumeRoleRequest request = request_;
    request.session_name = role_session_name(name_prefix_, {}, clock_.now());
    if (auto good = check_assume_role(request); !good) return good.error();
    const SteadyPoint start = clock_.steady_now();
    StsOutcome outcome = assume_role(sts_, request);
    report(outcome, start);
    if (!outcome.credentials) return refused(outcome.failed);
    if (jump_) {
      const TimePoint latest = clock_.now() + RoleSessions::kJumpLife;
      outcome.credentials->expires = std::min(outcome.credentials->expires.value_or(latest), latest);
    }
    return std::make_shared<const AwsCredentials>(std::move(*outcome.credentials));
  }

 private:
  void report(const StsOutcome& outcome, SteadyPoint start) const {
    if (!tools_.report) return;
    const bool silent = !outcome.credentials && outcome.failed.code.empty();
    tools_.report({.role_arn = request_.role_arn,
                   .region = sts_.endpoint().signing_region,
                   .external_id = request_.external_id.has_value(),
                   .jump = jump_,
                   .code = silent ? "no_answer" : std::string_view(outcome.failed.code),
                   .duration = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - start)});
  }

  Error refused(const AwsError& error) const {
    const std::string& region = sts_.endpoint().signing_region;
    return unavailable(std::string("cannot assume ") + (jump_ ? "the jump role " : "role ") + request_.role_arn + " in " + region +
                       (request_.external_id ? " with an external id: " : " without an external id: ") + describe(error) +
                       advice(error.code, region));
  }

  const BrokerTools& tools_;
  const Clock& clock_;
  const std::shared_ptr<CredentialSource> signer_;
  const AssumeRoleRequest request_;
  const std::string name_prefix_;
  const bool jump_;
  AwsClient sts_;
};

/// Credentials that a call has brought, with the source that they came from for when they are refused.
class HeldCredentials final : public CredentialSource {
 public:
  explicit HeldCredentials(std::shared_ptr<const AwsCredentials> held) : held_(std::move(held)) {}
  Result<std::shared_ptr<const AwsCredentials>> credentials(bool /*refresh*/) override { return held_; }

 private:
  const std::shared_ptr<const AwsCredentials> held_;
};

std::string letters_and_digits(std::string_view host) {
  std::string out;
  for (const char c : host) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) out += c;
    if (out.size() == kHostInName) break;
  }
  return out;
}

}  // namespace

RetryRules broker_retries() noexcept {
  return {.attempts = 3, .base = std::chrono::seconds(1), .cap = std::chrono::seconds(10), .jitter = 0.25};
}

std::string role_session_name(std::string_view prefix, std::string_view host, TimePoint now) {
  std::string name(prefix);
  if (const std::string label = letters_and_digits(host); !label.empty()) name += '-' + label;
  const std::string time = '-' + std::to_string(now.time_since_epoch().count());
  name.resize(std::min(name.size(), kLongestName - time.size()));
  return name + time;
}

RoleSessions::RoleSessions(BrokerTools tools) : tools_(std::move(tools)) {}

Result<AwsSession> RoleSessions::open(const SessionRequest& request) {
  if (request.identity.role_arn) return assume(request);
  if (request.session_policy) return Error{Reason::bad_request, "only a role's session can be limited by a policy"};
  if (request.identity.access_key) return with_keys(request);
  auto chain = own_chain();
  if (!chain) return chain.error();
  // Asked now, so that a chain that has nothing is told as such.
  const auto credentials = (*chain)->credentials(false);
  if (!credentials) return unavailable(credentials.error().detail);
  return AwsSession{std::move(chain).value(), (*credentials)->expires};
}

Result<AwsSession> RoleSessions::with_keys(const SessionRequest& request) {
  const AwsIdentityConfig& identity = request.identity;
  AwsCredentials keys;
  keys.access_key_id = *identity.access_key;
  if (identity.secret_key) {
    keys.secret_access_key = Secret(std::string(identity.secret_key->reveal()));
  } else {
    auto text = tools_.chain.files.read(identity.secret_key_file.value_or(""), kSecretKeyBytes);
    if (!text) return unavailable("the secret key of " + request.registry + " cannot be read: " + text.error().detail);
    while (!text->empty() && static_cast<unsigned char>(text->back()) <= ' ') text->pop_back();
    if (text->empty()) return unavailable("the file with the secret key of " + request.registry + " is empty");
    keys.secret_access_key = Secret(std::move(text).value());
  }
  return AwsSession{std::make_shared<FixedCredentials>(std::move(keys)), std::nullopt};
}

Result<AwsSession> RoleSessions::assume(const SessionRequest& request) {
  auto signer = request.jump_role ? jump(request) : own_chain();
  if (!signer) return signer.error();
  auto sts = endpoint(AwsService::sts, request.region);
  if (!sts) return sts.error();
  const auto aws = aws_tools();
  if (!aws) return aws.error();
  std::string prefix = request.session_prefix;
  if (const std::string label = letters_and_digits(request.registry); !label.empty()) prefix += '-' + label;
  ReportedRole role(tools_, *aws, std::move(sts).value(), std::move(signer).value(),
                    {.role_arn = *request.identity.role_arn,
                     .session_name = {},
                     .external_id = request.identity.external_id,
                     .duration = kSessionLife,
                     .policy = request.session_policy},
                    std::move(prefix), false);
  auto credentials = role.credentials(false);
  if (!credentials) return credentials.error();
  const std::optional<TimePoint> expires = (*credentials)->expires;
  return AwsSession{std::make_shared<HeldCredentials>(std::move(credentials).value()), expires};
}

Result<RoleSessions::Source> RoleSessions::jump(const SessionRequest& request) {
  const std::string key = request.region + '\n' + *request.jump_role + '\n' + request.jump_external_id.value_or("");
  {
    const MutexLock lock(mutex_);
    const auto found = jumps_.find(key);
    if (found != jumps_.end()) return found->second;
  }
  auto signer = own_chain();
  if (!signer) return signer.error();
  auto sts = endpoint(AwsService::sts, request.region);
  if (!sts) return sts.error();
  const auto aws = aws_tools();
  if (!aws) return aws.error();
  auto role = std::make_unique<ReportedRole>(
      tools_, *aws, std::move(sts).value(), std::move(signer).value(),
      AssumeRoleRequest{
          .role_arn = *request.jump_role, .session_name = {}, .external_id = request.jump_external_id, .duration = kSessionLife},
      request.session_prefix + "-jump", true);
  auto cache = std::make_shared<CredentialCache>(std::move(role), aws->clock, aws->entropy);
  const MutexLock lock(mutex_);
  // Whoever was first: one cache for all, so that one call serves all.
  return jumps_.emplace(key, std::move(cache)).first->second;
}

Result<std::shared_ptr<const SharedConfig>> RoleSessions::configuration() {
  {
    const MutexLock lock(mutex_);
    if (config_) return config_;
  }
  auto loaded = load_shared_config(tools_.chain.files, tools_.chain.environment, {});
  if (!loaded) return unavailable("failed to load AWS configuration: " + loaded.error().detail);
  wipe_keys(loaded->files);
  auto shared = std::make_shared<const SharedConfig>(std::move(loaded).value());
  const MutexLock lock(mutex_);
  if (!config_) config_ = std::move(shared);
  return config_;
}

Result<RoleSessions::Source> RoleSessions::own_chain() {
  {
    const MutexLock lock(mutex_);
    if (chain_) return chain_;
  }
  auto chain = resolve_chain(tools_.chain, {});
  if (!chain) return unavailable(chain.error().detail);
  const MutexLock lock(mutex_);
  if (!chain_) chain_ = std::move(chain->credentials);
  return chain_;
}

Result<AwsEndpoint> RoleSessions::endpoint(AwsService service, const std::string& region, bool fips) {
  auto config = configuration();
  if (!config) return config.error();
  const auto& configured_url = (*config)->endpoints[static_cast<std::size_t>(service)];
  auto found = resolve_endpoint({.service = service,
                                 .region = region,
                                 .fips = !configured_url && (fips || (*config)->fips),
                                 .dual_stack = !configured_url && (*config)->dual_stack,
                                 .configured_url = configured_url ? std::optional(configured_url->value) : std::nullopt});
  if (!found) return unavailable("no endpoint in " + escape_for_log(region) + ": " + found.error().detail);
  return found;
}

std::optional<std::string> RoleSessions::configured_region() {
  const auto config = configuration();
  if (!config || !(*config)->region) return std::nullopt;
  return (*config)->region->value;
}

Result<AwsTools> RoleSessions::aws_tools() {
  const auto config = configuration();
  if (!config) return config.error();
  const AwsTools& tools = tools_.chain.aws;
  return AwsTools{.http = tools.http,
                  .clock = tools.clock,
                  .entropy = tools.entropy,
                  .pause = tools.pause,
                  .ca_file = (*config)->ca_file ? (*config)->ca_file : tools.ca_file,
                  .retries = broker_retries()};
}

}  // namespace portcullis
