// `portcullis kubelet-provider`: logins for the kubelet, by its credential provider protocol.
#include <memory>
#include <string>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/percent.h"
#include "broker/kubelet_credential.h"
#include "broker/pod_login.h"
#include "plugin/cli/aws_world.h"
#include "plugin/cli/broker_world.h"
#include "plugin/cli/command.h"
#include "plugin/cli/paint.h"

namespace portcullis {
namespace {

struct ProviderOptions {
  std::optional<std::string> config;
};

/// With the token of the pod's service account, its identity and never the node's.
Result<SharedLogin> log_in(CommandContext& context, const BrokerConfig& config, const RegistryLoginConfig& registry,
                           KubeletRequest& request) {
  Authenticator authenticator(broker_tools(context));
  if (!request.service_account_token) return authenticator.log_in(config, registry);
  const PodIdentity pod{.role_arn = request.role_arn, .token = std::move(*request.service_account_token)};
  auto login = log_in_as_pod(authenticator.sessions(), config, registry, pod);
  if (!login) return login.error();
  return std::make_shared<const RegistryLogin>(std::move(login).value());
}

void provide(const ProviderOptions& options, CommandContext& context) {
  if (!has_network(context)) return;
  auto input = context.read_input(kKubeletInputBytes);
  if (!input) return complain(context, input.error());
  auto request = read_kubelet_request(*input);
  wipe(*input);
  if (!request) return complain(context, request.error());
  const auto world = read_broker(context, options.config);
  if (!world) return complain(context, world.error());
  const auto registry = world->find(request->host);
  if (!registry) {
    // The kubelet goes on without credentials, as it does for a registry that wants none.
    context.err("portcullis: no login is configured for " + escape_for_log(request->host) + "\n");
    return context.out(kubelet_answer(request->host, nullptr, context.clock.now()) + "\n");
  }
  const auto login = log_in(context, *world->config, *registry, *request);
  if (!login) return fail(context, login.error());
  context.out(kubelet_answer(request->host, login->get(), context.clock.now()) + "\n");
}

}  // namespace

void add_kubelet_provider(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("kubelet-provider", "Give logins to the kubelet, as a credential provider");
  const auto options = std::make_shared<ProviderOptions>();
  command->add_option("--config", options->config, "Configuration file; else PORTCULLIS_CONFIG, else /etc/portcullis/portcullis.json");
  command->footer(
      "Reads a CredentialProviderRequest (credentialprovider.kubelet.k8s.io/v1) from standard input and prints the response.\n"
      "Without a configuration file, every ECR registry is opened with the default AWS credentials.\n"
      "Exit status: 0 answered, 1 no login could be had, 2 the request or the configuration is not good.\n"
      "Examples:\n"
      "  portcullis kubelet-provider --config /etc/portcullis/portcullis.json < request.json");
  command->callback([options, &context] { provide(*options, context); });
}

}  // namespace portcullis
