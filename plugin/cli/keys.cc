// `portcullis keys`: which keys a configuration loads, what each may verify, what was set aside and why, and what a rotation would change.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "plugin/cli/command.h"
#include "plugin/cli/key_sightings.h"
#include "plugin/cli/keys_report.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/paint.h"

namespace portcullis {
namespace {

struct KeysOptions {
  std::string config;
  std::string stage;
  std::vector<std::string> status;
  bool json = false;
};

/// Where the keys of a source over the network may be asked for.
std::optional<RemoteQuestion> question_of(CommandContext& context, std::optional<std::string> stage) {
  if (context.http == nullptr || context.environment == nullptr) return std::nullopt;
  // Of two questions, one warns.
  std::function<void(std::string_view)> warn;
  if (!stage) warn = [&context](std::string_view text) { context.err("warning: " + std::string(text) + "\n"); };
  return RemoteQuestion{.world = {.http = *context.http,
                                  .files = context.files,
                                  .environment = *context.environment,
                                  .clock = context.clock,
                                  .entropy = context.entropy,
                                  .pause = [&context](std::chrono::milliseconds time) { return context.pause && context.pause(time); },
                                  .warn = std::move(warn)},
                        .promoted = std::move(stage)};
}

bool loads_whole(const OfflineSource& source) {
  return !source.state.last_error && source.state.keys && source.state.keys->quarantined().empty();
}

/// Whether every gate answered.
bool ask_gates(const KeysOptions& options, CommandContext& context, KeysReport& report) {
  if (options.status.empty()) return true;
  bool all = context.http != nullptr;
  report.sightings.emplace();
  for (const std::string& address : options.status) {
    if (context.http == nullptr) break;
    const Result<void> asked = ask_sightings(*context.http, address, *report.sightings);
    if (asked.ok()) continue;
    all = false;
    context.err("warning: this gate's uses are missing: " + asked.error().detail + "\n");
  }
  return all;
}

void show_keys(const KeysOptions& options, CommandContext& context) {
  const TimePoint now = context.clock.now();
  OfflineWorld world = read_world(context.files, options.config, {}, now, question_of(context, std::nullopt));
  if (!world.source) return complain_of_findings(context, options.config, world.findings);
  KeysReport report{.source = std::move(*world.source),
                    .traditional = world.traditional,
                    .issuers = std::move(world.issuers),
                    .stage = {},
                    .now = {},
                    .sightings = {}};
  if (!options.stage.empty()) {
    if (!world.config->bearer.aws_secrets_manager) {
      context.status = ExitStatus::cannot_judge;
      context.err("--stage is of a secret's versions, and these keys come from " + report.source.setting + "\n");
      return;
    }
    OfflineWorld promoted = read_world(context.files, options.config, {}, now, question_of(context, options.stage));
    if (!promoted.source) return complain_of_findings(context, options.config, promoted.findings);
    report.now = std::exchange(report.source, std::move(*promoted.source));
    report.stage = options.stage;
  }
  const bool asked = ask_gates(options, context, report);
  const bool whole = (!report.traditional || loads_whole(report.source)) &&
                     (report.stage || std::all_of(report.issuers.begin(), report.issuers.end(), loads_whole));
  context.status = whole && asked ? ExitStatus::yes : ExitStatus::no;
  context.out(options.json ? keys_as_json(report, now) : keys_as_text(context, report));
}

}  // namespace

void add_keys(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("keys", "Show the verification keys that a configuration loads, those of OIDC issuers too");
  const auto options = std::make_shared<KeysOptions>();
  command->add_option("CONFIG", options->config, "Configuration file")->required();
  command->add_option("--stage", options->stage,
                      "Preview: which keys come and go if the version of this stage became AWSCURRENT; AWSPENDING before a rotation");
  command->add_option("--status", options->status,
                      "Admin listener of a running gate, 127.0.0.1:9181 or a URL: adds uses and last use of each key; may be given often");
  command->add_flag("--json", options->json, "One JSON object, with the keys as a JWKS too");
  command->footer(
      "Exit status: 0 every key loads, 1 a key was set aside, none loads, or a gate gave no status, 2 the configuration does not load.\n"
      "Examples:\n"
      "  portcullis keys /etc/portcullis/config.json\n"
      "  portcullis keys config.json --stage AWSPENDING --status 127.0.0.1:9181\n"
      "  portcullis keys config.json --json | jq .jwks > jwks.json");
  command->callback([options, &context] { show_keys(*options, context); });
}

}  // namespace portcullis
