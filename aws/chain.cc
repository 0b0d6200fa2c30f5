#include "aws/chain.h"

#include <utility>

#include "aws/providers/container.h"
#include "aws/providers/fixed.h"
#include "aws/providers/instance.h"
#include "aws/providers/process.h"
#include "aws/providers/role.h"
#include "aws/providers/sso.h"

namespace portcullis {
namespace {

using Source = std::unique_ptr<CredentialSource>;

constexpr const char* kFailed = "failed to load AWS configuration: ";

Error failed(const Error& error) {
  if (error.detail.starts_with(kFailed)) return error;
  return {error.reason, kFailed + error.detail};
}

Result<Source> fixed(Result<AwsCredentials> credentials) {
  if (!credentials) return credentials.error();
  return Source(std::make_unique<FixedCredentials>(std::move(credentials).value()));
}

/// Builds the source that each kind of plan stands for.
class BaseBuilder {
 public:
  BaseBuilder(const ChainTools& tools, const AwsTools& aws, const SharedConfig& config) : tools_(tools), aws_(aws), config_(config) {}

  Result<Source> operator()(const EnvironmentKeys& /*plan*/) const { return fixed(environment_credentials(tools_.environment)); }

  Result<Source> operator()(const ProfileKeys& plan) const {
    const Properties* properties = config_.find(plan.profile);
    if (properties == nullptr) return Error{Reason::bad_request, "the profile does not exist"};
    return fixed(profile_credentials(*properties));
  }

  Result<Source> operator()(const WebIdentityRole& plan) const {
    auto sts = config_.endpoint(AwsService::sts);
    if (!sts) return sts.error();
    return Source(std::make_unique<WebIdentity>(aws_, tools_.files, std::move(sts).value(), plan));
  }

  Result<Source> operator()(const CredentialProcess& plan) const { return Source(std::make_unique<ProcessCredentials>(aws_.clock, plan)); }

  Result<Source> operator()(const SsoRole& plan) const {
    auto portal = config_.endpoint(AwsService::sso, plan.region);
    if (!portal) return portal.error();
    auto oidc = config_.endpoint(AwsService::sso_oidc, plan.region);
    if (!oidc) return oidc.error();
    return Source(
        std::make_unique<SsoCredentials>(aws_, tools_.files, std::move(portal).value(), std::move(oidc).value(), config_.home, plan));
  }

  Result<Source> operator()(const ContainerEndpoint& plan) const {
    return Source(std::make_unique<ContainerRole>(aws_, tools_.files, tools_.environment, plan));
  }

  Result<Source> operator()(const InstanceRole& /*plan*/) const {
    return Source(std::make_unique<InstanceMetadata>(aws_, config_.imds, tools_.warn));
  }

 private:
  const ChainTools& tools_;
  const AwsTools& aws_;
  const SharedConfig& config_;
};

/// Tells the whole story where the chosen source fails.
class ExplainedSource final : public CredentialSource {
 public:
  ExplainedSource(Source source, const Clock& clock, std::string skipped, std::string name)
      : source_(std::move(source)), clock_(clock), skipped_(std::move(skipped)), name_(std::move(name)) {}

  Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override {
    const SteadyPoint start = clock_.steady_now();
    auto answer = source_->credentials(refresh);
    if (answer) return answer;
    const auto cost = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - start);
    return Error{Reason::io_failed,
                 kFailed + skipped_ + name_ + ": failed after " + std::to_string(cost.count()) + " ms, " + answer.error().detail};
  }

 private:
  const Source source_;
  const Clock& clock_;
  const std::string skipped_;
  const std::string name_;
};

Result<Source> with_roles(const AwsTools& aws, const SharedConfig& config, const ChainPlan& plan, Source source) {
  for (const RoleStep& role : plan.roles) {
    auto sts = config.endpoint(AwsService::sts);
    if (!sts) return sts.error();
    // What signs for a role is cached too: it lives as long as it lives, however often the role is renewed.
    auto below = std::make_unique<CredentialCache>(std::move(source), aws.clock, aws.entropy);
    source = std::make_unique<AssumedRole>(aws, std::move(sts).value(), std::move(below),
                                           AssumeRoleRequest{.role_arn = role.role_arn,
                                                             .session_name = role.session_name.value_or(""),
                                                             .external_id = role.external_id,
                                                             .duration = role.duration});
  }
  return source;
}

}  // namespace

AwsTools configured(const AwsTools& tools, const SharedConfig& config) {
  return {.http = tools.http,
          .clock = tools.clock,
          .entropy = tools.entropy,
          .pause = tools.pause,
          .ca_file = config.ca_file ? config.ca_file : tools.ca_file,
          .retries = config.retries};
}

Result<Source> make_chain(const ChainTools& tools, const SharedConfig& config, const ChainPlan& plan) {
  const AwsTools aws = configured(tools.aws, config);
  auto base = std::visit(BaseBuilder(tools, aws, config), plan.base);
  if (!base) return failed(base.error());
  auto source = with_roles(aws, config, plan, std::move(base).value());
  if (!source) return failed(source.error());
  const std::string name = plan.considered.empty() ? describe(plan.base) : plan.considered.back().name;
  auto explained = std::make_unique<ExplainedSource>(std::move(source).value(), aws.clock, list_of(plan.considered), name);
  return Source(std::make_unique<CredentialCache>(std::move(explained), aws.clock, aws.entropy, tools.background));
}

Result<ResolvedChain> resolve_chain(const ChainTools& tools, const SharedConfigOptions& options) {
  auto config = load_shared_config(tools.files, tools.environment, options);
  if (!config) return failed(config.error());
  auto plan = plan_chain(*config, tools.environment);
  if (!plan) return failed(plan.error());
  if (tools.warn) {
    for (const std::string& warning : plan->warnings) tools.warn(warning);
  }
  auto source = make_chain(tools, *config, *plan);
  if (!source) return source.error();
  wipe_keys(config->files);  // the source has its own copy, which wipes itself
  return ResolvedChain{std::move(config).value(), std::move(plan).value(), std::move(source).value()};
}

}  // namespace portcullis
