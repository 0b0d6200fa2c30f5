// `portcullis login`: one login of a configured registry, printed, or piped into `docker login`.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "base/report/log.h"
#include "broker/registry_choice.h"
#include "plugin/cli/aws_world.h"
#include "plugin/cli/broker_world.h"
#include "plugin/cli/command.h"
#include "plugin/cli/paint.h"

namespace portcullis {
namespace {

struct LoginOptions {
  std::string host;
  std::optional<std::string> config;
  bool docker = false;
  bool password = false;
  bool json = false;
};

std::string end_of(const RegistryLogin& login) { return login.expires ? to_rfc3339(*login.expires) : std::string("never"); }

std::string as_json(const std::string& host, const RegistryLogin& login) {
  JsonWriter json;
  json.begin_object().key("registry").string(host).key("username").string(login.user);
  json.key("password").string(login.password.text().reveal());
  if (login.expires) json.key("expiresAt").string(to_rfc3339(*login.expires));
  return std::move(json.end_object()).text() + "\n";
}

/// The password goes through a pipe: arguments can be read by every user of the machine.
void pipe_to_docker(const std::string& host, const RegistryLogin& login, CommandContext& context) {
  if (!context.run_program) return complain(context, "--docker needs a place where programs can run");
  const auto status =
      context.run_program({"docker", "login", "--username", login.user, "--password-stdin", host}, login.password.text().reveal());
  if (!status) return complain(context, status.error());
  if (*status != 0) context.status = ExitStatus::no;
}

void log_in(const LoginOptions& options, CommandContext& context) {
  if (!has_network(context)) return;
  if (options.docker + options.password + options.json > 1) return complain(context, "give one of --docker, --password and --json");
  const auto world = read_broker(context, options.config);
  if (!world) return complain(context, world.error());
  const auto host = host_of_server(options.host);
  const auto registry = host ? world->find(*host) : std::nullopt;
  if (!registry) {
    return complain(context, "no login is configured for '" + escape_for_log(options.host) +
                                 "': name it in portcullis.broker.registries (portcullis docker-credential list shows what there is)");
  }
  Authenticator authenticator(broker_tools(context));
  const auto login = authenticator.log_in(*world->config, *registry);
  if (!login) return fail(context, login.error());
  if (options.docker) return pipe_to_docker(*host, **login, context);
  const std::string password((*login)->password.text().reveal());
  if (options.password) return context.out(password + "\n");
  if (options.json) return context.out(as_json(*host, **login));
  context.out("username  " + escape_for_log((*login)->user) + "\npassword  " + password + "\nexpires   " + end_of(**login) + "\n");
}

}  // namespace

void add_login(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("login", "Log in to a registry of portcullis.broker, and show or pipe the login");
  const auto options = std::make_shared<LoginOptions>();
  command->add_option("HOST", options->host, "The registry, as clients write it")->required();
  command->add_option("--config", options->config, "Configuration file; else PORTCULLIS_CONFIG, else /etc/portcullis/portcullis.json");
  command->add_flag("--docker", options->docker, "Run docker login with it");
  command->add_flag("--password", options->password, "The password alone, for a pipe");
  command->add_flag("--json", options->json, "One JSON object: registry, username, password, expiresAt");
  command->footer(
      "Without a configuration file, every ECR registry is opened with the default AWS credentials.\n"
      "Exit status: 0 there is a login, 1 it cannot be had (or docker refused it), 2 the host or the configuration is not good.\n"
      "Examples:\n"
      "  portcullis login company.jfrog.io --docker\n"
      "  portcullis login 111122223333.dkr.ecr.eu-west-1.amazonaws.com --password | skopeo login --username AWS --password-stdin "
      "111122223333.dkr.ecr.eu-west-1.amazonaws.com");
  command->callback([options, &context] { log_in(*options, context); });
}

}  // namespace portcullis
