// `portcullis check`: everything that there is to say about a configuration and the files that it names.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/json_writer.h"
#include "config/defaults.h"
#include "plugin/cli/command.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/serving.h"

namespace portcullis {
namespace {

struct CheckOptions {
  std::string config;
  ConfigOverrides serving;
  bool strict = false;
  bool json = false;
};

std::size_t count(const std::vector<Finding>& findings, Severity severity) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) { return finding.severity == severity; }));
}

std::size_t loaded_keys(const OfflineWorld& world) {
  std::size_t count = world.source ? world.source->state.key_count() : 0;
  for (const OfflineSource& issuer : world.issuers) count += issuer.state.key_count();
  return count;
}

std::string as_json(const CheckOptions& options, const OfflineWorld& world, bool passed) {
  JsonWriter json;
  json.begin_object().key("config").string(options.config).key("ok").boolean(passed);
  json.key("errors").integer(static_cast<std::int64_t>(count(world.findings, Severity::error)));
  json.key("warnings").integer(static_cast<std::int64_t>(count(world.findings, Severity::warning)));
  json.key("keys").integer(static_cast<std::int64_t>(loaded_keys(world)));
  json.key("findings").begin_array();
  for (const Finding& finding : world.findings) {
    json.begin_object().key("severity").string(severity_name(finding.severity)).key("path").string(finding.path);
    json.key("message").string(finding.message).end_object();
  }
  json.end_array().end_object();
  return std::move(json).text() + "\n";
}

std::string as_text(const CommandContext& context, const CheckOptions& options, const OfflineWorld& world, bool passed) {
  std::string out = format_findings(world.findings);
  out += options.config + ": " + counted(count(world.findings, Severity::error), "error") + ", " +
         counted(count(world.findings, Severity::warning), "warning");
  if (world.source && (world.traditional || !world.issuers.empty()))
    out += ", " + counted(loaded_keys(world), "key") + " from " + world.source->path;
  out += passed ? ": " + paint(context, Colour::green, "good") : ": " + paint(context, Colour::red, "not good");
  return out + "\n";
}

void check(const CheckOptions& options, CommandContext& context) {
  // A file that cannot be read was not judged; one that is wrong was.
  const Result<std::string> readable = context.files.read(options.config, defaults::kFileBytes);
  if (!readable.ok()) return complain(context, readable.error());
  const ConfigOverrides serving = judged_as(options.serving);
  const OfflineWorld world = read_world(context.files, options.config, {}, context.clock.now(), std::nullopt, &serving);
  const bool passed = !world.has_errors() && !(options.strict && count(world.findings, Severity::warning) > 0);
  context.status = passed ? ExitStatus::yes : ExitStatus::no;
  context.out(options.json ? as_json(options, world, passed) : as_text(context, options, world, passed));
}

}  // namespace

void add_check(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("check", "List every fault of a configuration and of the files that it names");
  const auto options = std::make_shared<CheckOptions>();
  command->add_option("CONFIG", options->config, "Configuration file")->required();
  add_serving_options(*command, options->serving);
  command->add_flag("--strict", options->strict, "Warnings are findings too");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Exit status: 0 good, 1 findings, 2 the file cannot be read.\n"
      "Examples:\n"
      "  portcullis check /etc/portcullis/config.json\n"
      "  portcullis check --strict --json config.json | jq '.findings[]'\n"
      "  portcullis check zot.json --listen 127.0.0.1:9180 --trust 127.0.0.1/32");
  command->callback([options, &context] { check(*options, context); });
}

}  // namespace portcullis
