#include "plugin/cli/broker_iam_policy.h"

#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "aws/ecr_host.h"
#include "base/codec/json_writer.h"

namespace portcullis {
namespace {

using Actions = std::vector<std::string_view>;

/// What one identity is asked for.
struct Needs {
  std::optional<std::string> external_id;
  std::set<std::string> repositories;  ///< of ECR, as ARNs
  bool ecr_public = false;
  bool get_role = false;  ///< itself, for the longest session
  bool of_caller = false;
  std::set<std::string> assumes;  ///< roles
};

class PolicyText {
 public:
  PolicyText() { json_.begin_object().key("Version").string("2012-10-17").key("Statement").begin_array(); }

  PolicyText& allow(const Actions& actions, const std::set<std::string>& resources) {
    if (resources.empty()) return *this;
    any_ = true;
    json_.begin_object().key("Effect").string("Allow").key("Action").begin_array();
    for (const std::string_view action : actions) json_.string(action);
    json_.end_array().key("Resource").begin_array();
    for (const std::string& resource : resources) json_.string(resource);
    json_.end_array().end_object();
    return *this;
  }

  /// Empty where nothing was allowed.
  [[nodiscard]] std::string text() && { return any_ ? std::move(json_.end_array().end_object()).text() : std::string(); }

 private:
  JsonWriter json_;
  bool any_ = false;
};

std::string permissions_of(const Needs& needs, const std::string& arn, bool push) {
  PolicyText policy;
  policy.allow({"sts:AssumeRole"}, needs.assumes);
  if (!needs.repositories.empty()) {
    policy.allow({"ecr:GetAuthorizationToken"}, {"*"});
    policy.allow({"ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"}, needs.repositories);
    if (push) {
      policy.allow({"ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"}, needs.repositories);
    }
  }
  if (needs.ecr_public) policy.allow({"ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"}, {"*"});
  if (needs.get_role && !arn.empty()) policy.allow({"iam:GetRole"}, {arn});
  return std::move(policy).text();
}

std::string trust_of(const Needs& needs, const std::string& principal) {
  JsonWriter json;
  json.begin_object().key("Version").string("2012-10-17").key("Statement").begin_array().begin_object();
  json.key("Effect").string("Allow").key("Action").string("sts:AssumeRole");
  json.key("Principal").begin_object().key("AWS").string(principal).end_object();
  if (needs.external_id || needs.of_caller) {
    json.key("Condition").begin_object().key("StringEquals").begin_object();
    json.key("sts:ExternalId").string(needs.external_id.value_or("REPLACE-WITH-YOUR-EXTERNAL-ID")).end_object().end_object();
  }
  return std::move(json.end_object().end_array().end_object()).text();
}

/// Whose identity needs what; ours is called "".
class Plan {
 public:
  explicit Plan(const BrokerConfig& config) {
    for (const RegistryLoginConfig& registry : config.registries) {
      if (const auto* ecr = std::get_if<EcrLoginConfig>(&registry.login)) add_ecr(registry.host, *ecr);
      if (const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&registry.login)) add_artifactory(*artifactory);
    }
    for (const std::string& role : config.caller_roles) identities_[role].of_caller = true;
    if (config.jump_role) identities_[*config.jump_role].external_id = config.jump_external_id;
    const std::string signer = config.jump_role.value_or("");
    for (const auto& [arn, needs] : identities_)
      if (!arn.empty() && arn != signer) assumed_.insert(arn);
    identities_[signer].assumes = assumed_;
    if (config.jump_role) identities_[""].assumes = {*config.jump_role};
  }
  [[nodiscard]] const std::map<std::string, Needs>& identities() const noexcept { return identities_; }

 private:
  Needs* needs_of(const AwsIdentityConfig& identity) {
    if (identity.access_key && !identity.role_arn) return nullptr;  // a user of somebody's: not ours to describe
    Needs& needs = identities_[identity.role_arn.value_or("")];
    if (identity.external_id) needs.external_id = identity.external_id;
    return &needs;
  }

  void add_ecr(const std::string& host, const EcrLoginConfig& login) {
    const auto ecr = parse_ecr_host(login.ecr.value_or(host));
    Needs* const needs = needs_of(login.identity);
    if (!ecr || needs == nullptr) return;
    if (ecr->kind == EcrHost::Kind::ecr_public) {
      needs->ecr_public = true;
    } else {
      needs->repositories.insert(ecr_repository_arn(*ecr, "*"));
    }
  }

  void add_artifactory(const ArtifactoryLoginConfig& login) {
    if (!login.identity.role_arn) return;
    if (Needs* const needs = needs_of(login.identity)) needs->get_role = needs->get_role || !login.token_life;
  }

  std::map<std::string, Needs> identities_;
  std::set<std::string> assumed_;
};

}  // namespace

BrokerPolicies broker_policies(const BrokerConfig& config, const std::string& principal, bool push) {
  const Plan plan(config);
  BrokerPolicies policies;
  for (const auto& [arn, needs] : plan.identities()) {
    const std::string permissions = permissions_of(needs, arn, push);
    if (arn.empty()) {
      policies.permissions = permissions;
      continue;
    }
    const bool is_jump = arn == config.jump_role;
    const std::string& trusted = is_jump || !config.jump_role ? principal : *config.jump_role;
    RolePolicies role{.arn = arn, .trust = trust_of(needs, trusted), .permissions = needs.of_caller ? "" : permissions};
    policies.roles.insert(is_jump ? policies.roles.begin() : policies.roles.end(), std::move(role));
  }
  return policies;
}

}  // namespace portcullis
