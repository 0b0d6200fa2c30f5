#include "plugin/remote_source.h"

#include <cstdlib>
#include <utility>

#include "aws/arn.h"
#include "aws/chain.h"
#include "aws/client.h"
#include "keystore/refresh/jwks_source.h"
#include "keystore/refresh/reader_role.h"
#include "keystore/refresh/secrets_source.h"

namespace portcullis {
namespace {

/// How often a JWKS is asked for where nothing says otherwise.
constexpr Milliseconds kJwksInterval = std::chrono::minutes(1);

/// Secrets Manager with the credentials of this host, or of a role that they may assume. The chain is built in the first round that needs
/// it, and again after one that could not build it: a profile that is mended is found without a restart.
class AwsKeySource final : public KeySource {
 public:
  AwsKeySource(RemoteWorld world, AwsSecretsManagerConfig config)
      : world_(std::move(world)),
        config_(std::move(config)),
        secrets_(make_secrets_source([this] { return client(); }, {.secret_id = config_.secret_name, .stages = config_.version_stages})) {}

  [[nodiscard]] const std::string& name() const noexcept override { return secrets_->name(); }
  [[nodiscard]] std::vector<std::string> watched_files() const override { return {}; }
  [[nodiscard]] Result<ParsedKeys> fetch(TimePoint now) override { return secrets_->fetch(now); }

 private:
  [[nodiscard]] AwsTools tools() const {
    return {.http = world_.http, .clock = world_.clock, .entropy = world_.entropy, .pause = world_.pause, .ca_file = {}};
  }

  Result<AwsClient*> client() {
    if (client_ != nullptr) return client_.get();
    auto chain =
        resolve_chain({.aws = tools(), .files = world_.files, .environment = world_.environment, .background = {}, .warn = world_.warn},
                      {.profile = {}, .region = config_.region});
    if (!chain) return chain.error();
    if (world_.warn) {
      for (const std::string& warning : chain->config.warnings) world_.warn(warning);
    }
    const AwsTools set_up = configured(tools(), chain->config);
    std::unique_ptr<CredentialSource> credentials = std::move(chain->credentials);
    if (config_.role_arn) {
      const auto sts = chain->config.endpoint(AwsService::sts, config_.region);
      if (!sts) return sts.error();
      credentials = make_reader_role(set_up, *sts, std::move(credentials), role_request());
    }
    const auto endpoint = config_.endpoint ? resolve_endpoint({.service = AwsService::secrets_manager,
                                                               .region = config_.region,
                                                               .fips = false,
                                                               .dual_stack = false,
                                                               .configured_url = config_.endpoint})
                                           : chain->config.endpoint(AwsService::secrets_manager, config_.region);
    if (!endpoint) return endpoint.error();
    credentials_ = std::move(credentials);
    client_ = std::make_unique<AwsClient>(set_up, *endpoint, credentials_.get());
    return client_.get();
  }

  [[nodiscard]] AssumeRoleRequest role_request() const {
    AssumeRoleRequest request{
        .role_arn = *config_.role_arn, .session_name = config_.session_name, .external_id = config_.external_id, .duration = {}};
    if (config_.duration) request.duration = std::chrono::floor<std::chrono::seconds>(*config_.duration);
    return request;
  }

  const RemoteWorld world_;
  const AwsSecretsManagerConfig config_;
  std::unique_ptr<CredentialSource> credentials_;
  std::unique_ptr<AwsClient> client_;
  const std::unique_ptr<KeySource> secrets_;
};

/// The account that the environment names, without asking anybody.
std::string account_of(const Environment& environment) {
  if (auto account = environment.get("AWS_ACCOUNT_ID")) return std::move(*account);
  return std::string(arn_account(environment.get("AWS_ROLE_ARN").value_or("")));
}

}  // namespace

bool has_remote_source(const Config& config) noexcept {
  return config.bearer.aws_secrets_manager.has_value() || config.keys.jwks_url.has_value();
}

std::unique_ptr<KeySource> make_remote_source(const RemoteWorld& world, const Config& config) {
  if (config.bearer.aws_secrets_manager) return std::make_unique<AwsKeySource>(world, *config.bearer.aws_secrets_manager);
  if (!config.keys.jwks_url) std::abort();  // the caller asked `has_remote_source`
  return make_jwks_source(world.http, *config.keys.jwks_url);
}

RefreshRules refresh_rules_of(const Config& config) noexcept {
  const Milliseconds interval = config.bearer.aws_secrets_manager ? config.bearer.aws_secrets_manager->refresh_interval : kJwksInterval;
  return {.interval = interval, .max_stale = config.keys.max_stale};
}

SourceIdentity identity_of_source(const Config& config, const Environment& environment) {
  if (config.bearer.aws_secrets_manager) return identity_of(*config.bearer.aws_secrets_manager, account_of(environment));
  return identity_of_jwks(config.keys.jwks_url.value_or(""));
}

}  // namespace portcullis
