#include "broker/artifactory_login.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "aws/container_url.h"
#include "aws/iam.h"
#include "aws/providers/container.h"
#include "aws/providers/fetch.h"
#include "aws/providers/role.h"
#include "aws/sts.h"
#include "base/codec/percent.h"
#include "broker/artifactory_exchange.h"

namespace portcullis {
namespace {

using AuthType = ArtifactoryLoginConfig::AuthType;

constexpr std::size_t kTokenBytes = 20'000;
constexpr std::chrono::seconds kUsualLife(10'800);
constexpr const char* kGlobal = "aws-global";

/// Credentials that are there already, as a source: each question of one login is signed by the same session.
class Taken final : public CredentialSource {
 public:
  explicit Taken(std::shared_ptr<const AwsCredentials> credentials) : credentials_(std::move(credentials)) {}
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool /*refresh*/) override { return credentials_; }

 private:
  const std::shared_ptr<const AwsCredentials> credentials_;
};

/// One login on its way. Lives on the stack of `log_in_to_artifactory`.
class Exchange {
 public:
  Exchange(RoleSessions& sessions, const BrokerConfig& config, const std::string& host, const ArtifactoryLoginConfig& login,
           const PodIdentity* pod)
      : sessions_(sessions), chain_(sessions.tools().chain), config_(config), host_(host), login_(login), pod_(pod) {}

  Result<RegistryLogin> run();

 private:
  /// Who signs, and the role's ARN where it is known beforehand.
  struct Signer {
    std::shared_ptr<CredentialSource> source;
    std::string role_arn;
  };

  [[nodiscard]] Error failed(const std::string& why) const {
    return {Reason::credentials_unavailable, "no login of " + escape_for_log(host_) + ": " + why};
  }
  [[nodiscard]] std::optional<std::string> variable(const char* name) const { return chain_.environment.get(name); }

  Result<RegistryLogin> by_aws();
  Result<RegistryLogin> by_oidc();
  AuthType chosen() const;
  Result<Signer> signer(const AwsTools& aws);
  Result<Signer> web_identity(const AwsTools& aws);
  Result<Signer> pod_signer();
  Result<Signer> pod_identity(const AwsTools& aws);
  Result<Signer> own_or_role(bool role);
  std::chrono::seconds life_of(const AwsTools& aws, const Signer& signer, std::string& who);
  Result<RegistryLogin> send(const AwsTools& aws, OutgoingRequest request, const ArtifactoryExchange& exchange, const std::string& who,
                             bool oidc);
  [[nodiscard]] ArtifactoryExchange exchange() const;
  [[nodiscard]] std::string region_of_sts() const { return region_ ? *region_ : sessions_.configured_region().value_or(kGlobal); }
  [[nodiscard]] Result<AwsEndpoint> sts() { return sessions_.endpoint(AwsService::sts, region_of_sts()); }

  RoleSessions& sessions_;
  const ChainTools& chain_;
  const BrokerConfig& config_;
  const std::string& host_;
  const ArtifactoryLoginConfig& login_;
  const PodIdentity* const pod_;
  std::optional<std::string> region_;  ///< that is signed for; absent: all of them
};

/// A configured role or key says what is meant; else what the platform gives to this pod.
AuthType Exchange::chosen() const {
  if (login_.auth_type != AuthType::automatic) return login_.auth_type;
  if (login_.identity.role_arn || login_.identity.access_key) return AuthType::assume_role;
  if (variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) return AuthType::pod_identity;
  if (variable("AWS_WEB_IDENTITY_TOKEN_FILE")) return AuthType::web_identity;
  return AuthType::automatic;
}

Result<Exchange::Signer> Exchange::web_identity(const AwsTools& aws) {
  const auto role = login_.identity.role_arn ? login_.identity.role_arn : variable("AWS_ROLE_ARN");
  const auto file = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!role || !file) {
    return failed(
        "authType webIdentity needs AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE: annotate the service account with "
        "eks.amazonaws.com/role-arn, and start the pod anew");
  }
  auto endpoint = sts();
  if (!endpoint) return endpoint.error();
  WebIdentityRole wanted{.role_arn = *role,
                         .session_name = role_session_name(config_.session_prefix, host_, chain_.aws.clock.now()),
                         .token_file = *file,
                         .duration = {}};
  return Signer{std::make_shared<WebIdentity>(aws, chain_.files, std::move(endpoint).value(), std::move(wanted)), *role};
}

Result<Exchange::Signer> Exchange::pod_signer() {
  auto session = open_pod_session(sessions_, config_, host_, region_of_sts(), *pod_);
  if (!session) return session.error();
  return Signer{std::move(session->source), pod_->role_arn};
}

Result<Exchange::Signer> Exchange::pod_identity(const AwsTools& aws) {
  const auto url = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const auto file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (!url || !file) {
    return failed(
        "authType podIdentity needs AWS_CONTAINER_CREDENTIALS_FULL_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: is the EKS Pod Identity "
        "Agent installed, and has the service account an association?");
  }
  auto checked = full_container_url(*url);
  if (!checked) return failed("AWS_CONTAINER_CREDENTIALS_FULL_URI: " + checked.error().detail);
  ContainerEndpoint endpoint{.url = std::move(checked).value(), .token_file = *file};
  return Signer{std::make_shared<ContainerRole>(aws, chain_.files, chain_.environment, std::move(endpoint)), ""};
}

/// A configured role or key, or what the default chain finds.
Result<Exchange::Signer> Exchange::own_or_role(bool role) {
  if (role && !login_.identity.role_arn && !login_.identity.access_key) return failed("authType assumeRole needs assumeRoleArn");
  auto session = sessions_.open({.identity = login_.identity,
                                 .region = region_of_sts(),
                                 .registry = host_,
                                 .session_prefix = config_.session_prefix,
                                 .jump_role = config_.jump_role,
                                 .jump_external_id = config_.jump_external_id,
                                 .session_policy = {}});
  if (!session) return session.error();
  return Signer{session->source, login_.identity.role_arn.value_or("")};
}

Result<Exchange::Signer> Exchange::signer(const AwsTools& aws) {
  if (pod_ != nullptr) return pod_signer();
  switch (chosen()) {
    case AuthType::web_identity: return web_identity(aws);
    case AuthType::pod_identity: return pod_identity(aws);
    case AuthType::assume_role: return own_or_role(true);
    case AuthType::automatic: return own_or_role(false);
    case AuthType::oidc: break;
  }
  return failed("authType oidc has no AWS identity");
}

/// As long as the role's sessions may last; what cannot be learned is no reason to fail.
std::chrono::seconds Exchange::life_of(const AwsTools& aws, const Signer& signer, std::string& who) {
  if (signer.role_arn.empty()) {
    if (auto endpoint = sts()) {
      AwsClient client(aws, std::move(endpoint).value(), signer.source.get());
      if (const auto identity = get_caller_identity(client)) who = identity->arn;
    }
  }
  if (login_.token_life) return *login_.token_life;
  const std::string_view name = role_name_of(who);
  auto endpoint = sessions_.endpoint(AwsService::iam, region_.value_or("us-east-1"));
  if (name.empty() || !endpoint) return kUsualLife;
  AwsClient iam(aws, std::move(endpoint).value(), signer.source.get());
  const auto longest = get_longest_session(iam, name);
  if (!longest && chain_.warn) {
    chain_.warn("the token of " + escape_for_log(host_) + " is asked for 3h, because " + longest.error().detail +
                "; allow iam:GetRole on the role itself, or set tokenLife");
  }
  return longest ? *longest : kUsualLife;
}

ArtifactoryExchange Exchange::exchange() const {
  return {.base_url = login_.url.value_or("https://" + host_), .region = region_, .life = kUsualLife, .scope = login_.scope};
}

Result<RegistryLogin> Exchange::send(const AwsTools& aws, OutgoingRequest request, const ArtifactoryExchange& exchange,
                                     const std::string& who, bool oidc) {
  request.ca_file = login_.certificate_authority_file;
  const TimePoint begin = aws.clock.now();
  auto answer = fetch_patiently(aws, request);
  wipe(request.body);
  for (auto& header : request.headers) wipe(header.second);
  if (!answer) return failed(answer.error().detail);
  if (answer->status != 200) return failed(explain_refusal(*answer, who, oidc));
  auto token = read_exchange_answer(answer->body, exchange.life);
  wipe(answer->body);
  if (!token) return failed(token.error().detail);
  return RegistryLogin{.user = std::move(token->user), .password = std::move(token->token), .expires = begin + token->life};
}

Result<RegistryLogin> Exchange::by_aws() {
  const auto aws = sessions_.aws_tools();
  if (!aws) return aws.error();
  auto who_signs = signer(*aws);
  if (!who_signs) return who_signs.error();
  const auto credentials = who_signs->source->credentials(false);
  if (!credentials) return failed(credentials.error().detail);
  who_signs->source = std::make_shared<Taken>(*credentials);
  std::string who = who_signs->role_arn;
  ArtifactoryExchange asked = exchange();
  asked.life = life_of(*aws, *who_signs, who);
  auto request = aws_exchange_request(asked, **credentials, aws->clock.now());
  if (!request) return failed(request.error().detail);
  return send(*aws, std::move(request).value(), asked, who.empty() ? "the AWS identity" : who, false);
}

Result<RegistryLogin> Exchange::by_oidc() {
  Secret read;
  if (pod_ == nullptr) {
    if (!login_.oidc_token_file) return failed("authType oidc needs oidcTokenFile");
    auto text = chain_.files.read(*login_.oidc_token_file, kTokenBytes);
    if (!text) return failed("oidcTokenFile: " + text.error().detail);
    while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
    if (text->empty()) return failed("oidcTokenFile: " + escape_for_log(*login_.oidc_token_file) + " is empty");
    read = Secret(std::move(text).value());
  }
  const auto aws = sessions_.aws_tools();
  if (!aws) return aws.error();
  const std::string provider = login_.oidc_provider.value_or("");
  ArtifactoryExchange asked = exchange();
  asked.life = login_.token_life.value_or(kUsualLife);
  const std::string_view token = pod_ == nullptr ? read.reveal() : pod_->token.reveal();
  return send(*aws, oidc_exchange_request(asked, {.token = token, .provider = provider, .audience = login_.oidc_audience}), asked,
              "the OIDC token of provider " + provider, true);
}

Result<RegistryLogin> Exchange::run() {
  region_ = login_.region ? login_.region : sessions_.configured_region();
  if (region_ == "*") region_.reset();
  return login_.auth_type == AuthType::oidc ? by_oidc() : by_aws();
}

}  // namespace

Result<RegistryLogin> log_in_to_artifactory(RoleSessions& sessions, const BrokerConfig& config, const std::string& host,
                                            const ArtifactoryLoginConfig& login, const PodIdentity* pod) {
  return Exchange(sessions, config, host, login, pod).run();
}

}  // namespace portcullis
