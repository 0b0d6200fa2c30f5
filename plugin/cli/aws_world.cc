#include "plugin/cli/aws_world.h"

#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/percent.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/table.h"

namespace portcullis {
namespace {

std::string_view origin_name(ProfileOrigin origin) {
  switch (origin) {
    case ProfileOrigin::option: return "--profile";
    case ProfileOrigin::aws_profile: return "AWS_PROFILE";
    case ProfileOrigin::aws_default_profile: return "AWS_DEFAULT_PROFILE";
    case ProfileOrigin::built_in: return "nothing names another";
  }
  std::abort();
}

}  // namespace

void add_aws_options(CLI::App& command, AwsOptions& options) {
  command.add_option("--profile", options.profile, "Profile of the shared AWS files; beats keys in the environment");
  command.add_option("--region", options.region, "Region; beats AWS_REGION and the profile");
  command.add_flag("--strict", options.strict, "A malformed line of a shared AWS file is an error");
  command.add_flag("--json", options.json, "One JSON object");
}

ChainTools aws_tools(CommandContext& context) {
  return {.aws = {.http = *context.http,
                  .clock = context.clock,
                  .entropy = context.entropy,
                  .pause = [pause = context.pause](std::chrono::milliseconds wait) { return pause && pause(wait); },
                  .ca_file = {}},
          .files = context.files,
          .environment = *context.environment,
          .background = {},
          .warn = {}};
}

SharedConfigOptions shared_config_options(const AwsOptions& options) {
  return {.profile = options.profile,
          .region = options.region,
          .strictness = options.strict ? ProfileStrictness::strict : ProfileStrictness::lenient};
}

bool has_network(CommandContext& context) {
  if (context.http != nullptr && context.environment != nullptr) return true;
  complain(context, "this command needs the network");
  return false;
}

std::string explain(const SharedConfig& config, const ChainPlan& plan) {
  Table sources({"SOURCE", "USED", "WHY"});
  for (const ConsideredSource& one : plan.considered) sources.add({one.name, one.chosen ? "yes" : "no", one.why});
  std::string out = sources.text();
  Table settings({"SETTING", "VALUE", "FROM"});
  settings.add({"profile", escape_for_log(config.profile), std::string(origin_name(config.profile_origin))});
  settings.add({"region", config.region ? escape_for_log(config.region->value) : "-",
                config.region ? config.region->origin : "neither AWS_REGION nor the profile sets one"});
  const auto sts = config.endpoint(AwsService::sts);
  const auto& named = config.endpoints[static_cast<std::size_t>(AwsService::sts)];
  settings.add({"STS endpoint", sts ? escape_for_log(sts->url) : "-", sts ? (named ? named->origin : "the region") : sts.error().detail});
  if (config.ca_file) settings.add({"CA bundle", escape_for_log(*config.ca_file), "AWS_CA_BUNDLE or ca_bundle"});
  return out + "\n" + settings.text();
}

void warn(CommandContext& context, const SharedConfig& config, const ChainPlan* plan) {
  for (const std::string& warning : config.warnings) context.err("portcullis: warning: " + warning + "\n");
  if (plan == nullptr) return;
  for (const std::string& warning : plan->warnings) context.err("portcullis: warning: " + warning + "\n");
}

void fail(CommandContext& context, const Error& error) {
  complain(context, error);
  context.status = ExitStatus::no;
}

}  // namespace portcullis
