// `portcullis iam-policy`: the permissions that a configuration needs in AWS, and not one more, as policies to paste into IAM.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "base/codec/json_writer.h"
#include "config/load.h"
#include "plugin/cli/broker_iam_policy.h"
#include "plugin/cli/command.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/paint.h"

namespace portcullis {
namespace {

/// IAM refuses it, so that nobody trusts by accident whom nobody named.
constexpr const char* kUnknownPrincipal = "REPLACE-WITH-THE-ARN-THAT-aws-whoami-SHOWS";
constexpr std::size_t kSuffix = 7;  ///< `-AbCdEf` behind a secret's name

struct PolicyOptions {
  std::string config;
  std::string principal = kUnknownPrincipal;
  bool push = false;
  bool json = false;
};

struct NamedPolicy {
  std::string_view name;
  std::string_view where;
  std::string text;
};

bool ends_in_suffix(std::string_view arn) noexcept {
  if (arn.size() <= kSuffix || arn[arn.size() - kSuffix] != '-') return false;
  const std::string_view tail = arn.substr(arn.size() - kSuffix + 1);
  return std::all_of(tail.begin(), tail.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

/// A name and a partial ARN lack the six characters that change when a secret is made anew. The account is the role's, or any.
std::string secret_resource(const AwsSecretsManagerConfig& config) {
  if (config.secret_name.starts_with("arn:")) {
    return ends_in_suffix(config.secret_name) ? config.secret_name : config.secret_name + "-??????";
  }
  std::string account = "*";
  if (config.role_arn) {
    const std::size_t place = config.role_arn->find(":iam::");
    if (place != std::string::npos) account = config.role_arn->substr(place + 6, 12);
  }
  std::string arn = "arn:";
  arn.append(partition_of(config.region)).append(":secretsmanager:").append(config.region).append(":").append(account);
  return arn.append(":secret:").append(config.secret_name).append("-??????");
}

JsonWriter& begin_policy(JsonWriter& json, std::string_view action) {
  json.begin_object().key("Version").string("2012-10-17").key("Statement").begin_array().begin_object();
  return json.key("Effect").string("Allow").key("Action").string(action);
}

std::string finished(JsonWriter json) {
  json.end_object().end_array().end_object();
  return std::move(json).text();
}

std::string permission(std::string_view action, std::string_view resource) {
  JsonWriter json;
  begin_policy(json, action).key("Resource").string(resource);
  return finished(std::move(json));
}

std::string trust(const AwsSecretsManagerConfig& config, const std::string& principal) {
  JsonWriter json;
  begin_policy(json, "sts:AssumeRole").key("Principal").begin_object().key("AWS").string(principal).end_object();
  if (config.external_id) {
    json.key("Condition").begin_object().key("StringEquals").begin_object();
    json.key("sts:ExternalId").string(*config.external_id).end_object().end_object();
  }
  return finished(std::move(json));
}

std::vector<NamedPolicy> policies_of(const AwsSecretsManagerConfig& config, const std::string& principal) {
  const std::string reading = permission("secretsmanager:GetSecretValue", secret_resource(config));
  if (!config.role_arn) return {{"permissions", "permissions of Portcullis's own identity", reading}};
  return {{"permissions", "permissions of Portcullis's own identity", permission("sts:AssumeRole", *config.role_arn)},
          {"rolePermissions", "permissions of the role", reading},
          {"roleTrust", "trust policy of the role", trust(config, principal)}};
}

void write_broker(JsonWriter& json, const BrokerPolicies& broker) {
  if (!broker.permissions.empty()) json.key("brokerPermissions").raw(broker.permissions);
  if (broker.roles.empty()) return;
  json.key("brokerRoles").begin_object();
  for (const RolePolicies& role : broker.roles) {
    json.key(role.arn).begin_object().key("trust").raw(role.trust);
    if (!role.permissions.empty()) json.key("permissions").raw(role.permissions);
    json.end_object();
  }
  json.end_object();
}

void print_broker(const BrokerPolicies& broker, CommandContext& context) {
  if (!broker.permissions.empty()) context.out("permissions of Portcullis's own identity, for the broker:\n" + broker.permissions + "\n");
  for (const RolePolicies& role : broker.roles) {
    context.out("trust policy of " + role.arn + ":\n" + role.trust + "\n");
    if (!role.permissions.empty()) context.out("permissions of " + role.arn + ":\n" + role.permissions + "\n");
  }
}

/// Whom a trust policy names. `aws whoami` shows a role by one of its sessions, which ends; the policy has to name the role.
Result<std::string> trusted_principal(const std::string& text, CommandContext& context) {
  constexpr std::string_view kSession = ":assumed-role/";
  const std::size_t place = text.find(kSession);
  const std::size_t service = text.find(":sts::");
  if (text.starts_with("arn:") && service < place && place != std::string::npos) {
    const std::size_t name = place + kSession.size();
    const std::string role = text.substr(0, service) + ":iam::" + text.substr(service + 6, place - service - 6) + ":role/" +
                             text.substr(name, text.find('/', name) - name);
    context.err("portcullis: warning: --principal is one session of a role; the policies name " + role +
                ": give that ARN yourself if the role has a path\n");
    return role;
  }
  if (text == kUnknownPrincipal || (text.starts_with("arn:") && !arn_account(text).empty())) return text;
  return Error{Reason::config_invalid,
               "--principal: the ARN of a role or user is needed, such as arn:aws:iam::111122223333:role/portcullis; "
               "`portcullis aws whoami` shows who we are"};
}

void show_policies(const PolicyOptions& options, CommandContext& context) {
  const Result<std::string> principal = trusted_principal(options.principal, context);
  if (!principal) return complain(context, principal.error());
  const LoadedConfig loaded = load_for_broker(context.files, options.config);
  if (!loaded.config) return complain_of_findings(context, options.config, loaded.findings);
  const auto& secrets = loaded.config->bearer.aws_secrets_manager;
  const auto policies = secrets ? policies_of(*secrets, *principal) : std::vector<NamedPolicy>();
  const auto& broker_config = loaded.config->broker;
  const BrokerPolicies broker = broker_config == nullptr ? BrokerPolicies() : broker_policies(*broker_config, *principal, options.push);
  if (options.json) {
    JsonWriter json;
    json.begin_object();
    for (const NamedPolicy& one : policies) json.key(one.name).raw(one.text);
    write_broker(json, broker);
    return context.out(std::move(json.end_object()).text() + "\n");
  }
  if (policies.empty() && broker.permissions.empty() && broker.roles.empty()) context.out("This configuration asks nothing of AWS.\n");
  for (const NamedPolicy& one : policies) context.out(std::string(one.where) + ":\n" + one.text + "\n");
  print_broker(broker, context);
}

}  // namespace

void add_iam_policy(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("iam-policy", "Print the IAM policies that a configuration needs");
  const auto options = std::make_shared<PolicyOptions>();
  command->add_option("CONFIG", options->config, "Configuration file")->required();
  command->add_option("--principal", options->principal, "ARN of Portcullis's own identity, for the trust policy of the role");
  command->add_flag("--push", options->push, "The broker's roles may push too");
  command->add_flag("--json", options->json,
                    "One JSON object: permissions, rolePermissions, roleTrust; of the broker brokerPermissions and brokerRoles");
  command->footer(
      "A secret that is encrypted with a KMS key of your own needs kms:Decrypt on that key too.\n"
      "Exit status: 0 printed, 2 the configuration does not load.\n"
      "Examples:\n"
      "  portcullis iam-policy /etc/portcullis/config.json\n"
      "  portcullis iam-policy config.json --json | jq .permissions > policy.json");
  command->callback([options, &context] { show_policies(*options, context); });
}

}  // namespace portcullis
