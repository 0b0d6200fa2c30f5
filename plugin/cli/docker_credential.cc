// `portcullis docker-credential`, and the binary called as `docker-credential-portcullis`: logins for docker, podman, skopeo and their
// like.
#include <memory>
#include <string>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "broker/docker_credential.h"
#include "broker/registry_choice.h"
#include "plugin/cli/argument_mask.h"
#include "plugin/cli/aws_world.h"
#include "plugin/cli/broker_world.h"
#include "plugin/cli/command.h"
#include "plugin/cli/version.h"

namespace portcullis {
namespace {

constexpr std::string_view kHelperHelp =
    "docker-credential-portcullis: logins of portcullis.broker for docker, podman and skopeo\n"
    "\n"
    "Usage: docker-credential-portcullis get|list|store|erase|version\n"
    "\n"
    "  get      the login of the registry on standard input, as JSON\n"
    "  list     every configured registry with its user, as JSON\n"
    "  store    always refused: portcullis makes logins itself and keeps none\n"
    "  erase    nothing to do\n"
    "  version  the version\n"
    "\n"
    "Clients find it in PATH by {\"credHelpers\": {\"HOST\": \"portcullis\"}} of ~/.docker/config.json or containers-auth.json.\n"
    "Its configuration is the file PORTCULLIS_CONFIG, else /etc/portcullis/portcullis.json; where there is none, every ECR registry is\n"
    "opened with the default AWS credentials. `portcullis docker-credential --help` shows examples.\n";

struct HelperOptions {
  std::string action;
  std::optional<std::string> config;
};

/// Clients read what went wrong from standard output, and compare it with the protocol's own texts.
void refuse(CommandContext& context, std::string_view why) {
  context.out(std::string(why) + "\n");
  context.status = ExitStatus::no;
}

void get(const HelperOptions& options, CommandContext& context) {
  const auto input = context.read_input(kDockerInputBytes);
  if (!input) return refuse(context, input.error().detail);
  const auto server = read_docker_server(*input);
  if (!server) return refuse(context, server.error().detail);
  const auto world = read_broker(context, options.config);
  if (!world) return refuse(context, "portcullis: " + world.error().detail);
  const auto host = host_of_server(*server);
  const auto registry = host ? world->find(*host) : std::nullopt;
  if (!registry) return refuse(context, kDockerNotFound);
  Authenticator authenticator(broker_tools(context));
  const auto login = authenticator.log_in(*world->config, *registry);
  // Not "not found": a client that is let down here must not go on without credentials.
  if (!login) return refuse(context, "portcullis: " + login.error().detail);
  context.out(docker_credential(*server, **login) + "\n");
}

void list(const HelperOptions& options, CommandContext& context) {
  const auto world = read_broker(context, options.config);
  if (!world) return refuse(context, "portcullis: " + world.error().detail);
  context.out(docker_list(*world->config) + "\n");
}

void store(CommandContext& context) {
  auto input = context.read_input(kDockerInputBytes);
  if (!input) return refuse(context, input.error().detail);
  const auto server = read_docker_store(*input);
  wipe(*input);
  if (!server) return refuse(context, server.error().detail);
  refuse(context, "portcullis keeps no passwords, it makes logins itself: name " + *server + " in portcullis.broker.registries");
}

/// Nothing is kept, so what is to be erased is not there already.
void erase(CommandContext& context) {
  const auto input = context.read_input(kDockerInputBytes);
  if (!input) return refuse(context, input.error().detail);
  if (const auto server = read_docker_server(*input); !server) refuse(context, server.error().detail);
}

void act(const HelperOptions& options, CommandContext& context) {
  if (options.action == "version") return context.out("docker-credential-portcullis " + std::string(program_version()) + "\n");
  if (options.action == "store") return store(context);
  if (options.action == "erase") return erase(context);
  if (!has_network(context)) return;
  if (options.action == "get") return get(options, context);
  if (options.action == "list") return list(options, context);
  refuse(context, "docker-credential-portcullis: unknown action: " + shown_argument(options.action));
}

}  // namespace

void add_docker_credential(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("docker-credential", "Give logins to docker, podman and skopeo, as a credential helper");
  const auto options = std::make_shared<HelperOptions>();
  command->add_option("ACTION", options->action, "get, list, store, erase or version")->required();
  command->add_option("--config", options->config, "Configuration file; else PORTCULLIS_CONFIG, else /etc/portcullis/portcullis.json");
  command->footer(
      "The server comes on standard input, and errors go to standard output: the protocol of credential helpers.\n"
      "A link to the binary called docker-credential-portcullis, in PATH, is found by clients by {\"credHelpers\": {\"HOST\": "
      "\"portcullis\"}}.\n"
      "Without a configuration file, every ECR registry is opened with the default AWS credentials.\n"
      "Exit status: 0 done, 1 refused.\n"
      "Examples:\n"
      "  echo https://111122223333.dkr.ecr.eu-west-1.amazonaws.com | portcullis docker-credential get\n"
      "  portcullis docker-credential list --config config.json");
  command->callback([options, &context] { act(*options, context); });
}

ExitStatus run_docker_helper(int argc, const char* const* argv, CommandContext& context) {
  const std::string_view word = argc == 2 ? argv[1] : "";
  if (word == "--help" || word == "-h" || word == "help") {
    context.out(kHelperHelp);
    return context.status;
  }
  if (argc != 2) {
    refuse(context, "Usage: docker-credential-portcullis <store|get|erase|list|version>");
    return context.status;
  }
  act({.action = argv[1], .config = {}}, context);
  return context.status;
}

bool is_docker_helper(std::string_view program) noexcept {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  return name == "docker-credential-portcullis";
}

}  // namespace portcullis
