// `portcullis doctor`: what to run when something does not work; each step in turn, and what to do about the one that fails.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/percent.h"
#include "base/digest.h"
#include "config/defaults.h"
#include "config/load.h"
#include "plugin/cli/argument_mask.h"
#include "plugin/cli/aws_world.h"
#include "plugin/cli/broker_world.h"
#include "plugin/cli/command.h"
#include "plugin/cli/doctor_clock.h"
#include "plugin/cli/doctor_gate.h"
#include "plugin/cli/doctor_registry.h"
#include "plugin/cli/doctor_report.h"
#include "plugin/cli/doctor_running.h"
#include "plugin/cli/nginx_file.h"
#include "plugin/cli/nginx_lint.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/serving.h"

namespace portcullis {
namespace {

struct DoctorOptions {
  std::string config;
  ConfigOverrides serving;
  std::vector<std::string> registries;
  std::vector<std::string> nginx;
  std::string status;
  bool reach = false;
  bool json = false;
};

/// Whether a login of `registry` begins with what the default chain finds.
bool uses_the_chain(const RegistryLoginConfig& registry) {
  if (const auto* ecr = std::get_if<EcrLoginConfig>(&registry.login)) return !ecr->identity.access_key;
  const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&registry.login);
  return artifactory != nullptr && artifactory->identity.role_arn.has_value();
}

/// Those that `hosts` name, or all. Complains of a name that is not configured.
std::optional<std::vector<RegistryLoginConfig>> chosen(const BrokerConfig& config, const DoctorOptions& options, CommandContext& context) {
  if (options.registries.empty()) return config.registries;
  std::vector<RegistryLoginConfig> found;
  for (const std::string& host : options.registries) {
    const RegistryLoginConfig* one = find_registry(config, host);
    if (one == nullptr) return complain(context, "portcullis.broker.registries has no '" + escape_for_log(host) + "'"), std::nullopt;
    found.push_back(*one);
  }
  return found;
}

/// The broker of the configuration; null where there is none, or where the file does not load and no registry was named: `examine_gate`
/// tells that. Nothing, and a complaint, where the file cannot be read or the registries that are named need a broker.
std::optional<std::shared_ptr<const BrokerConfig>> find_broker(const DoctorOptions& options, CommandContext& context) {
  const std::string& path = options.config;
  const Result<std::string> readable = context.files.read(path, defaults::kFileBytes);
  if (!readable.ok()) return complain(context, readable.error()), std::nullopt;
  const LoadedConfig loaded = load_for_broker(context.files, path);
  const auto broker = loaded.config ? loaded.config->broker : nullptr;
  if (options.registries.empty() || broker != nullptr) return broker;
  if (!loaded.config) return complain_of_findings(context, path, loaded.findings), std::nullopt;
  return complain(context, path + " has no portcullis.broker, and '" + escape_for_log(options.registries.front()) +
                               "' would be one of its registries"),
         std::nullopt;
}

void examine_nginx(const DoctorOptions& options, const CommandContext& context, DoctorReport& report) {
  for (const std::string& path : options.nginx) {
    const auto text = context.files.read(path, kNginxBytes);
    const std::string shown = shown_argument(path);
    if (text.ok()) {
      lint_nginx(*text, shown, report);
    } else {
      report.fail("nginx", shown, shown == path ? text.error().detail : "is no file: it was typed in the place of one");
    }
  }
}

/// Whether a gate can serve by `config`: over TCP somebody must be trusted, or it is a file for the command line alone.
bool serves(const Config& config) {
  const auto is_unix = [](const ListenAddress& address) { return address.kind == ListenAddress::Kind::unix_socket; };
  return !config.proxy.trusted.empty() || std::any_of(config.listen.begin(), config.listen.end(), is_unix);
}

/// The admin listener of the gate that serves by the file, also by one that has faults: the gate that runs has an older one. Nothing where
/// there is none to ask.
std::optional<std::string> running_gate(const LoadedConfig& loaded) {
  const std::optional<Config>& config = loaded.config ? loaded.config : loaded.partial;
  if (!config) return std::string(defaults::kAdmin);
  return config->admin && serves(*config) ? admin_address(*config->admin) : std::nullopt;
}

void examine_what_runs(const DoctorOptions& options, const CommandContext& context, HttpTransport& http, DoctorReport& report) {
  if (looks_like_secret(options.status))
    return report.fail("running gate", "answer", masked(options.status) + ": is no address", "--status takes one such as 127.0.0.1:9181");
  const auto address =
      options.status.empty() ? running_gate(load_config(context.files, options.config, judged_as(options.serving))) : options.status;
  if (!address) return;
  const Result<std::string> text = context.files.read(options.config, defaults::kFileBytes);
  examine_running(http, *address, !options.status.empty(), text.ok() ? to_hex(sha256(*text)) : std::string(), report);
}

void examine(const DoctorOptions& options, CommandContext& context) {
  if (!has_network(context)) return;
  HttpTransport& unwatched = *context.http;  // the gate's clock is this host's, and tells nothing
  ClockWatch watch(*context.http, context.clock);
  context.http = &watch;
  DoctorReport report;
  const auto found_broker = find_broker(options, context);
  if (!found_broker) return;
  const auto& broker = *found_broker;
  std::vector<RegistryLoginConfig> registries;
  if (broker != nullptr) {
    auto found = chosen(*broker, options, context);
    if (!found) return;
    registries = std::move(*found);
  }
  examine_gate(context, options.config, judged_as(options.serving), report);
  examine_what_runs(options, context, unwatched, report);
  examine_nginx(options, context, report);
  if (std::any_of(registries.begin(), registries.end(), uses_the_chain)) examine_credential_source(context, report);
  Authenticator authenticator(broker_tools(context));
  for (const RegistryLoginConfig& registry : registries) {
    examine_registry(
        {.context = context, .authenticator = authenticator, .config = *broker, .config_path = options.config, .reach = options.reach},
        registry, report);
  }
  watch.report(report);
  context.status = report.good() ? ExitStatus::yes : ExitStatus::no;
  context.out(options.json ? doctor_as_json(report) : doctor_as_text(context, report));
}

void run_doctor(const DoctorOptions& options, CommandContext& context) {
  HttpTransport* const http = context.http;
  examine(options, context);
  context.http = http;
}

}  // namespace

void add_doctor(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("doctor", "Take each step that the gate and its broker take, and say which one fails");
  const auto options = std::make_shared<DoctorOptions>();
  command->add_option("CONFIG", options->config, "Configuration file")->required();
  command->add_option("REGISTRY", options->registries, "Registries of portcullis.broker to log in to; else all of them");
  add_serving_options(*command, options->serving);
  command
      ->add_option("--nginx", options->nginx,
                   "File of an nginx that asks the gate, looked through for usual mistakes; may stand several times")
      ->allow_extra_args(false);
  command->add_option("--status", options->status,
                      "Admin listener of the gate that runs, 127.0.0.1:9181 or a URL; else the configuration's own, where one answers");
  command->add_flag("--reach", options->reach,
                    "Ask each registry itself, too, with the login: name, route, certificate, and whether it is let in");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Logs in as the gate does, asks its sources of keys once, and asks the gate that runs how it is; a role with an external id is tried "
      "without it, too, which must fail.\n"
      "No password, token or key is printed.\n"
      "Exit status: 0 no step failed, 1 a step failed, 2 the file cannot be read, or a registry is not configured.\n"
      "Examples:\n"
      "  portcullis doctor /etc/portcullis/config.json\n"
      "  portcullis doctor config.json 123456789012.dkr.ecr.eu-west-1.amazonaws.com --reach\n"
      "  portcullis doctor config.json --nginx /etc/nginx/conf.d/portcullis.conf\n"
      "  portcullis doctor config.json --json | jq '.steps[] | select(.result == \"failed\")'");
  command->callback([options, &context] { run_doctor(*options, context); });
}

}  // namespace portcullis
