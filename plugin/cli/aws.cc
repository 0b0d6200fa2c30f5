// `portcullis aws`: which credentials the default chain finds, who they are, and where a service is.
#include <memory>
#include <string>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "aws/sts.h"
#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "base/report/log.h"
#include "plugin/cli/aws_world.h"
#include "plugin/cli/command.h"
#include "plugin/cli/paint.h"

namespace portcullis {
namespace {

struct CredentialsOptions {
  AwsOptions aws;
  bool explain = false;
};

struct EndpointOptions {
  AwsOptions aws;
  std::string service;
  bool fips = false;
  bool dual_stack = false;
};

/// `2026-11-22T06:41:23Z`: whole seconds, as AWS writes times.
std::string aws_time(TimePoint time) { return to_rfc3339(time).substr(0, 19) + "Z"; }

/// The format of `credential_process`, so that other tools can run us as one. The only place that prints secrets.
std::string as_process_answer(const AwsCredentials& credentials) {
  JsonWriter json;
  json.begin_object().key("Version").integer(1).key("AccessKeyId").string(credentials.access_key_id);
  json.key("SecretAccessKey").string(credentials.secret_access_key.reveal());
  if (!credentials.session_token.empty()) json.key("SessionToken").string(credentials.session_token.reveal());
  if (credentials.expires) json.key("Expiration").string(aws_time(*credentials.expires));
  if (credentials.account_id) json.key("AccountId").string(*credentials.account_id);
  json.end_object();
  return std::move(json).text() + "\n";
}

std::string as_text(const AwsCredentials& credentials, const ChainPlan& plan) {
  std::string out = "access key id  " + escape_for_log(credentials.access_key_id) + "\n";
  out += "session token  " + std::string(credentials.session_token.empty() ? "no" : "yes") + "\n";
  out += "expires        " + (credentials.expires ? aws_time(*credentials.expires) : std::string("never")) + "\n";
  if (credentials.account_id) out += "account        " + escape_for_log(*credentials.account_id) + "\n";
  return out + "source         " + (plan.considered.empty() ? std::string("-") : plan.considered.back().why) + "\n";
}

void show_credentials(const CredentialsOptions& options, CommandContext& context) {
  if (!has_network(context)) return;
  const ChainTools tools = aws_tools(context);
  const auto config = load_shared_config(context.files, *context.environment, shared_config_options(options.aws));
  if (!config) return complain(context, "failed to load AWS configuration: " + config.error().detail);
  const auto plan = plan_chain(*config, *context.environment);
  if (options.explain || !options.aws.json) warn(context, *config, plan ? &*plan : nullptr);
  if (!plan) return complain(context, plan.error());
  // The explanation must not get into what a program reads.
  if (options.explain) (options.aws.json ? context.err : context.out)(explain(*config, *plan) + "\n");
  const auto source = make_chain(tools, *config, *plan);
  if (!source) return complain(context, source.error());
  const auto credentials = (*source)->credentials(false);
  if (!credentials) return fail(context, credentials.error());
  context.out(options.aws.json ? as_process_answer(**credentials) : as_text(**credentials, *plan));
}

void show_identity(const AwsOptions& options, CommandContext& context) {
  if (!has_network(context)) return;
  const ChainTools tools = aws_tools(context);
  const auto chain = resolve_chain(tools, shared_config_options(options));
  if (!chain) return complain(context, chain.error());
  if (!options.json) warn(context, chain->config, &chain->plan);
  const auto endpoint = chain->config.endpoint(AwsService::sts);
  if (!endpoint) return complain(context, endpoint.error());
  AwsClient sts(configured(tools.aws, chain->config), *endpoint, chain->credentials.get());
  const auto identity = get_caller_identity(sts);
  if (!identity) return fail(context, identity.error());
  if (options.json) {
    JsonWriter json;
    json.begin_object().key("Account").string(identity->account).key("Arn").string(identity->arn);
    json.key("UserId").string(identity->user_id).end_object();
    return context.out(std::move(json).text() + "\n");
  }
  context.out("account  " + escape_for_log(identity->account) + "\narn      " + escape_for_log(identity->arn) + "\nuser id  " +
              escape_for_log(identity->user_id) + "\n");
}

void show_endpoint(const EndpointOptions& options, CommandContext& context) {
  if (!has_network(context)) return;
  const auto service = aws_service_from_name(options.service);
  if (!service) return complain(context, "--service must be sts, secretsmanager, ecr, ecr-public, sso, sso-oidc or iam");
  auto config = load_shared_config(context.files, *context.environment, shared_config_options(options.aws));
  if (!config) return complain(context, "failed to load AWS configuration: " + config.error().detail);
  config->fips = config->fips || options.fips;
  config->dual_stack = config->dual_stack || options.dual_stack;
  const auto endpoint = config->endpoint(*service);
  if (!endpoint) return complain(context, endpoint.error());
  const auto& named = config->endpoints[static_cast<std::size_t>(*service)];
  const std::string origin = named ? named->origin : "computed";
  if (options.aws.json) {
    JsonWriter json;
    json.begin_object().key("url").string(endpoint->url).key("signing_name").string(endpoint->signing_name);
    json.key("signing_region").string(endpoint->signing_region).key("origin").string(origin).end_object();
    return context.out(std::move(json).text() + "\n");
  }
  context.out(endpoint->url + "\nsigning name    " + endpoint->signing_name + "\nsigning region  " +
              escape_for_log(endpoint->signing_region) + "\nfrom            " + origin + "\n");
}

void add_credentials(CLI::App& aws, CommandContext& context) {
  CLI::App* command = aws.add_subcommand("credentials", "Show what the default credential chain finds");
  const auto options = std::make_shared<CredentialsOptions>();
  add_aws_options(*command, options->aws);
  command->add_flag("--explain", options->explain, "Every source in order, and why it was used or passed over");
  command->footer(
      "Secrets are printed with --json alone, in the format of credential_process.\n"
      "Exit status: 0 found, 1 the chosen source failed, 2 nothing can be chosen.\n"
      "Examples:\n"
      "  portcullis aws credentials --explain\n"
      "  portcullis aws credentials --profile prod --json");
  command->callback([options, &context] { show_credentials(*options, context); });
}

void add_whoami(CLI::App& aws, CommandContext& context) {
  CLI::App* command = aws.add_subcommand("whoami", "Ask STS whose credentials these are");
  const auto options = std::make_shared<AwsOptions>();
  add_aws_options(*command, *options);
  command->footer(
      "Exit status: 0 STS knows them, 1 it does not, 2 nothing can be chosen.\n"
      "Examples:\n"
      "  portcullis aws whoami\n"
      "  portcullis aws whoami --profile prod --json");
  command->callback([options, &context] { show_identity(*options, context); });
}

void add_endpoint(CLI::App& aws, CommandContext& context) {
  CLI::App* command = aws.add_subcommand("endpoint", "Show where a service is, and what decides it");
  const auto options = std::make_shared<EndpointOptions>();
  add_aws_options(*command, options->aws);
  command->add_option("--service", options->service, "sts, secretsmanager, ecr, ecr-public, sso, sso-oidc or iam")->required();
  command->add_flag("--fips", options->fips, "The FIPS endpoint");
  command->add_flag("--dualstack", options->dual_stack, "The endpoint for IPv4 and IPv6");
  command->footer(
      "Examples:\n"
      "  portcullis aws endpoint --service secretsmanager --region eu-west-1\n"
      "  portcullis aws endpoint --service sts --region us-gov-west-1 --fips --json");
  command->callback([options, &context] { show_endpoint(*options, context); });
}

}  // namespace

void add_aws(CLI::App& app, CommandContext& context) {
  CLI::App* aws = app.add_subcommand("aws", "Credentials, identity and endpoints of AWS");
  aws->require_subcommand(1);
  add_credentials(*aws, context);
  add_whoami(*aws, context);
  add_endpoint(*aws, context);
}

}  // namespace portcullis
