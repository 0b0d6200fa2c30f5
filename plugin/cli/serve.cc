// `portcullis serve`: the daemon, from its arguments to its last signal.
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "config/load.h"
#include "plugin/app.h"
#include "plugin/cli/command.h"
#include "plugin/cli/serving.h"
#include "plugin/hardening.h"
#include "plugin/inputs.h"
#include "plugin/policy_faults.h"
#include "plugin/resident_code.h"
#include "plugin/steering_signals.h"

namespace portcullis {
namespace {

struct ServeOptions {
  std::string config_path;
  ConfigOverrides overrides;
};

std::optional<std::string> notify_socket() {
  const char* path = std::getenv("NOTIFY_SOCKET");
  return path == nullptr ? std::nullopt : std::optional<std::string>(path);
}

void steer(App& app, const SteeringSignals& signals) {
  for (;;) {
    const int signal = signals.wait();
    if (signal == SIGHUP) {
      app.reload();
    } else if (signal == SIGUSR1) {
      app.reopen_log();
    } else {
      app.stop([&signals](Milliseconds time) { return signals.stop_within(time); });
      return;
    }
  }
}

ExitStatus serve(const ServeOptions& options, CommandContext& context) {
  const SteeringSignals signals;
  harden_process();
  LoadedConfig loaded = load_config(context.files, options.config_path, options.overrides);
  if (!loaded.config) {
    add_policy_faults(loaded);
    context.err(format_findings(loaded.findings));
    return ExitStatus::cannot_judge;
  }
  if (const auto served = check_somebody_is_trusted(*loaded.config); !served) {
    context.err("error: " + served.error().detail + "\n");
    return ExitStatus::cannot_judge;
  }
  const AppSetup setup{.config_path = options.config_path,
                       .overrides = options.overrides,
                       .clock = context.clock,
                       .files = context.files,
                       .entropy = context.entropy,
                       .notify_socket = notify_socket(),
                       .http = context.http,
                       .environment = context.environment};
  Result<std::unique_ptr<App>> app = App::start(setup, std::move(*loaded.config), loaded.findings);
  if (!app.ok()) {
    context.err("error: " + app.error().detail + "\n");
    return ExitStatus::cannot_judge;
  }
  for (const std::string_view weakness : process_weaknesses()) (*app)->log().write(LogLevel::warn, weakness);
  drop_resident_code();
  context.output_is_answer = false;
  context.out((*app)->bound_json() + "\n");
  steer(**app, signals);
  return ExitStatus::yes;
}

}  // namespace

void add_serve(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("serve", "Answer the proxy's questions until SIGTERM");
  const auto options = std::make_shared<ServeOptions>();
  command->add_option("CONFIG", options->config_path, "Configuration file")->required();
  add_serving_options(*command, options->overrides);
  command->add_option("--admin", options->overrides.admin, "Address of health, metrics and status, or off");
  command->add_option("--log-level", options->overrides.log_level, "debug, info, warn or error");
  command->footer(
      "Prints one JSON line with the bound addresses. SIGHUP reloads, SIGUSR1 opens the log file anew, SIGTERM and SIGINT stop\n"
      "(a second one at once).\n"
      "Examples:\n"
      "  portcullis serve /etc/portcullis/portcullis.json\n"
      "  portcullis serve zot.json --listen 127.0.0.1:9180 --trust 127.0.0.1/32 --admin off");
  command->callback([options, &context] { context.status = serve(*options, context); });
}

}  // namespace portcullis
