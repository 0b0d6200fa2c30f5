// `portcullis pull-secret`: logins written where container engines read them, and renewed before they end.
#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "config/duration.h"
#include "plugin/cli/aws_world.h"
#include "plugin/cli/command.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/pull_secret_report.h"
#include "plugin/cli/pull_secret_rounds.h"
#include "plugin/hardening.h"
#include "plugin/log_output.h"

namespace portcullis {
namespace {

constexpr Milliseconds kShortestPoll{1000};

/// Nothing has to be put away: every file and every secret is whole at every moment. As process 1 of a container, a signal without a
/// handler would not end us.
void end_at_once(int /*signal*/) { ::_exit(0); }

void show(const std::vector<RoundReport>& reports, const PullSecretOptions& options, CommandContext& context) {
  const bool ok = std::all_of(reports.begin(), reports.end(), [](const RoundReport& report) { return report.ok(); });
  for (const RoundReport& report : reports) context.err(problems_text(report));
  if (options.json) {
    context.out(as_json(reports));
  } else {
    for (const RoundReport& report : reports) context.out(as_text(report));
  }
  context.status = ok ? ExitStatus::yes : ExitStatus::no;
}

void print(PullSecretRounds& rounds, CommandContext& context) {
  const auto manifests = rounds.manifests();
  if (!manifests) return fail(context, manifests.error());
  context.out(manifests->reveal());
}

void remove(PullSecretRounds& rounds, const PullSecretOptions& options, CommandContext& context) {
  const std::vector<RoundReport> reports = rounds.remove();
  if (reports.empty())
    context.err("portcullis: nothing was removed: none of these pull secrets goes to Kubernetes; files of a folder are yours to delete\n");
  show(reports, options, context);
}

void watch(PullSecretRounds& rounds, Milliseconds poll, CommandContext& context) {
  auto output = LogOutput::open(std::nullopt);
  if (!output) return complain(context, output.error());
  Log log(context.clock, output->descriptor(), output->is_terminal() ? LogForm::text : LogForm::json, LogLevel::info);
  RoundLog rounds_log(log);
  std::string fault;
  do {
    const auto loaded = rounds.load();
    if (!loaded && loaded.error().detail != fault) {
      log.write(LogLevel::error, "the configuration does not load: the old one stays", {{"fault", loaded.error().detail}});
    }
    fault = loaded ? "" : loaded.error().detail;
    for (const RoundReport& report : rounds.run_due()) rounds_log.write(report, context.clock.now());
  } while (context.pause && context.pause(std::clamp(rounds.due() - context.clock.now(), Milliseconds(0), poll)));
}

void run(const PullSecretOptions& options, CommandContext& context) {
  if (!has_network(context)) return;
  if (options.watch && (options.once || options.print || options.remove))
    return complain(context, "--watch goes with neither --once, --stdout nor --remove");
  if (options.print && options.remove) return complain(context, "--stdout and --remove exclude each other");
  const auto poll = parse_duration(options.poll);
  if (!poll || *poll < kShortestPoll) return complain(context, "--poll must be a duration of a second or more, say 30s");
  harden_process();
  PullSecretRounds rounds(options, context, *poll);
  if (const auto loaded = rounds.load(); !loaded) return complain(context, loaded.error());
  if (options.print) return print(rounds, context);
  if (options.remove) return remove(rounds, options, context);
  if (!options.watch) return show(rounds.run_due(), options, context);
  std::signal(SIGTERM, end_at_once);
  std::signal(SIGINT, end_at_once);
  watch(rounds, *poll, context);
}

}  // namespace

void add_pull_secret(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("pull-secret", "Write logins as pull secrets, to files or to Kubernetes, and renew them");
  const auto options = std::make_shared<PullSecretOptions>();
  command->add_option("CONFIG", options->config, "Configuration file; its `portcullis.broker.pullSecrets` are written")->required();
  command->add_option("--name", options->names, "Only this pull secret; may stand several times");
  command->add_flag("--once", options->once, "Once, as without any of these");
  command->add_flag("--watch", options->watch, "For ever: renew before a login ends, follow namespaces and this file");
  command->add_flag("--stdout", options->print, "Print manifests for kubectl, with their logins, and write nothing else");
  command->add_flag("--remove", options->remove, "Remove from Kubernetes what these pull secrets made");
  command->add_option("--poll", options->poll, "How often --watch looks at namespaces, secrets, files and this configuration")
      ->capture_default_str();
  command->add_option("--service-account", options->service_account, "Folder of the pod's service account")->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object instead of lines");
  command->footer(
      "Exit status: 0 all written, 1 something was not, 2 the configuration or the cluster cannot be used.\n"
      "Examples:\n"
      "  portcullis pull-secret gate.json\n"
      "  portcullis pull-secret gate.json --stdout | kubectl apply --server-side -f -\n"
      "  portcullis pull-secret gate.json --watch --name team-a");
  command->callback([options, &context] { run(*options, context); });
}

}  // namespace portcullis
