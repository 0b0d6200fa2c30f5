#include "plugin/cli/broker_world.h"

#include <algorithm>
#include <utility>

#include "broker/registry_choice.h"
#include "config/defaults.h"
#include "config/load.h"
#include "plugin/cli/aws_world.h"
#include "plugin/cli/offline.h"

namespace portcullis {
namespace {

Error invalid(std::string detail) { return {Reason::config_invalid, std::move(detail)}; }

std::string first_fault(const std::string& path, const std::vector<Finding>& findings) {
  const auto fault =
      std::find_if(findings.begin(), findings.end(), [](const Finding& finding) { return finding.severity == Severity::error; });
  if (fault == findings.end()) return path + " does not load";
  const bool of_the_file = fault->path.empty() && fault->message.starts_with(path + ": ");  // it could not be read
  if (of_the_file) return fault->message;
  return path + ": " + (fault->path.empty() ? "" : fault->path + ": ") + fault->message + "; `portcullis check " + path +
         "` lists everything";
}

/// Amazon's registries alone, as who we are.
BrokerWorld without_configuration() {
  BrokerConfig config;
  config.session_prefix = defaults::kSessionPrefix;
  return {.config = std::make_shared<const BrokerConfig>(std::move(config)), .own_ecr = true};
}

}  // namespace

std::optional<RegistryLoginConfig> BrokerWorld::find(const std::string& host) const {
  if (own_ecr) return own_ecr_login(host);
  const RegistryLoginConfig* found = registry_that_opens(*config, host);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

Result<BrokerWorld> read_broker(const CommandContext& context, const std::optional<std::string>& path) {
  const auto named = path ? path : context.environment == nullptr ? std::nullopt : context.environment->get("PORTCULLIS_CONFIG");
  const std::string file = named.value_or(kUsualConfig);
  if (!named) {
    const auto there = context.files.read(file, defaults::kFileBytes);
    if (!there && there.error().detail.find("No such file") != std::string::npos) return without_configuration();
  }
  LoadedConfig loaded = load_for_broker(context.files, file);
  if (!loaded.config) return invalid(first_fault(file, loaded.findings));
  if (loaded.config->broker == nullptr) return invalid(file + ": there is no portcullis.broker, and so no registry to log in to");
  return BrokerWorld{.config = std::move(loaded.config->broker)};
}

BrokerTools broker_tools(CommandContext& context) {
  BrokerTools tools{.chain = aws_tools(context)};
  tools.chain.warn = [&context](std::string_view text) { context.err("portcullis: warning: " + std::string(text) + "\n"); };
  return tools;
}

}  // namespace portcullis
