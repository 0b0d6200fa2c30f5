// What `portcullis aws …` has in common: options, tools, and how the chain is told to people.
#pragma once

#include <optional>
#include <string>

#include "aws/chain.h"
#include "plugin/cli/command.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace portcullis {

/// Options that every subcommand of `aws` takes.
struct AwsOptions {
  std::optional<std::string> profile;
  std::optional<std::string> region;
  bool strict = false;
  bool json = false;
};

/// Adds `--profile`, `--region`, `--strict` and `--json` to `command`.
void add_aws_options(CLI::App& command, AwsOptions& options);

/// The tools of `context`. It must have `http` and `environment`.
ChainTools aws_tools(CommandContext& context);
SharedConfigOptions shared_config_options(const AwsOptions& options);
/// Whether `context` can reach the network; complains where it cannot.
bool has_network(CommandContext& context);

/// The plan as a table: every source in order, what was chosen, region, profile and STS endpoint with where each comes from, and warnings.
std::string explain(const SharedConfig& config, const ChainPlan& plan);
/// Each warning as a line of standard error.
void warn(CommandContext& context, const SharedConfig& config, const ChainPlan* plan);
/// An error of the network or of AWS: to standard error, status `no`.
void fail(CommandContext& context, const Error& error);

}  // namespace portcullis
