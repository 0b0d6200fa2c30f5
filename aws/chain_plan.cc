#include "aws/chain_plan.h"

#include <utility>

#include "aws/chain_profile.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr const char* kFailed = "failed to load AWS configuration: ";

/// One word per kind, and what tells it from another of its kind.
struct Describe {
  std::string operator()(const EnvironmentKeys& /*source*/) const { return "keys of the environment"; }
  std::string operator()(const ProfileKeys& source) const { return "keys of profile " + escape_for_log(source.profile); }
  std::string operator()(const WebIdentityRole& source) const {
    return "web identity: role " + escape_for_log(source.role_arn) + " with the token of " + escape_for_log(source.token_file);
  }
  std::string operator()(const CredentialProcess& /*source*/) const { return "credential_process"; }
  std::string operator()(const SsoRole& source) const {
    return "SSO: role " + escape_for_log(source.role_name) + " of account " + escape_for_log(source.account_id);
  }
  std::string operator()(const ContainerEndpoint& source) const { return "container credentials of " + escape_for_log(source.url); }
  std::string operator()(const InstanceRole& /*source*/) const { return "EC2 instance metadata"; }
};

/// Goes through the sources in order and writes down what it sees.
class Planner {
 public:
  Planner(const SharedConfig& config, const Environment& environment) : config_(config), environment_(environment) {}

  Result<ChainPlan> run() {
    if (config_.profile_origin == ProfileOrigin::option) {
      pass_over("environment keys", "a profile was asked for");
      pass_over("environment web identity", "a profile was asked for");
    } else {
      if (take_environment_keys()) return std::move(plan_);
      const auto taken = take_web_identity();
      if (!taken) return failed("environment web identity", taken.error());
      if (*taken) return std::move(plan_);
    }
    auto profile = plan_profile(config_, environment_);
    if (!profile) return failed(profile_name(), profile.error());
    for (std::string& warning : profile->warnings) plan_.warnings.push_back(std::move(warning));
    if (profile->base) {
      plan_.roles = std::move(profile->roles);
      return chosen(profile_name(), std::move(*profile->base));
    }
    pass_over(profile_name(), config_.find(config_.profile) == nullptr ? "it does not exist" : "it holds no credentials");
    auto container = container_endpoint(environment_);
    if (!container) return failed("container", container.error());
    if (*container) return chosen("container", std::move(**container));
    pass_over("container", "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set");
    if (config_.imds.disabled) {
      return failed("instance metadata", {Reason::bad_request, "AWS_EC2_METADATA_DISABLED is true; no source of credentials is left"});
    }
    return chosen("instance metadata", InstanceRole{});
  }

 private:
  [[nodiscard]] std::string profile_name() const { return "profile " + escape_for_log(config_.profile); }

  bool take_environment_keys() {
    const bool id = environment_.get("AWS_ACCESS_KEY_ID") || environment_.get("AWS_ACCESS_KEY");
    const bool secret = environment_.get("AWS_SECRET_ACCESS_KEY") || environment_.get("AWS_SECRET_KEY");
    if (id && secret) {
      (void)chosen("environment keys", EnvironmentKeys{});
      return true;
    }
    pass_over("environment keys", id ? "AWS_SECRET_ACCESS_KEY is not set" : "AWS_ACCESS_KEY_ID is not set");
    if (id != secret) {
      plan_.warnings.emplace_back(id ? "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY, and ignored"
                                     : "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID, and ignored");
    }
    return false;
  }

  Result<bool> take_web_identity() {
    const auto file = environment_.get("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!file) {
      pass_over("environment web identity", "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
      return false;
    }
    const auto role = environment_.get("AWS_ROLE_ARN");
    if (!role) return Error{Reason::bad_request, "AWS_WEB_IDENTITY_TOKEN_FILE is set, and role ARN is not set: set AWS_ROLE_ARN"};
    if (config_.profile_origin == ProfileOrigin::aws_profile) {
      plan_.warnings.emplace_back("AWS_PROFILE is set, and the web identity of the environment is used (D-2)");
    }
    (void)chosen("environment web identity", WebIdentityRole{*role, environment_.get("AWS_ROLE_SESSION_NAME"), *file, std::nullopt});
    return true;
  }

  void pass_over(std::string name, std::string why) { plan_.considered.push_back({std::move(name), false, std::move(why)}); }

  Result<ChainPlan> chosen(std::string name, BaseSource source) {
    std::string what = describe(source);
    for (const RoleStep& role : plan_.roles) what += ", then role " + escape_for_log(role.role_arn);
    plan_.considered.push_back({std::move(name), true, std::move(what)});
    plan_.base = std::move(source);
    return plan_;
  }

  [[nodiscard]] Error failed(const std::string& name, const Error& error) const {
    return {error.reason, kFailed + list_of(plan_.considered) + name + ": " + error.detail};
  }

  const SharedConfig& config_;
  const Environment& environment_;
  ChainPlan plan_;
};

}  // namespace

Result<ChainPlan> plan_chain(const SharedConfig& config, const Environment& environment) { return Planner(config, environment).run(); }

std::string describe(const BaseSource& source) { return std::visit(Describe{}, source); }

std::string list_of(const std::vector<ConsideredSource>& considered) {
  std::string text;
  for (const ConsideredSource& one : considered) {
    if (!one.chosen) text += one.name + ": skipped, " + one.why + "; ";
  }
  return text;
}

}  // namespace portcullis
