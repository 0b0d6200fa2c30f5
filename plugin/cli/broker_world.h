// What the commands that log in have in common: the configuration, the choice of a registry, and one login.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "broker/authenticator.h"
#include "broker/login.h"
#include "config/broker.h"
#include "plugin/cli/command.h"

namespace portcullis {

/// Where the configuration is, unless `--config` or PORTCULLIS_CONFIG say otherwise.
inline constexpr const char* kUsualConfig = "/etc/portcullis/portcullis.json";

/// The logins that there are.
struct BrokerWorld {
  std::shared_ptr<const BrokerConfig> config;  ///< never null
  bool own_ecr = false;                        ///< there is no configuration: every registry of Amazon's, with the default credential chain

  /// The registry that opens `host`, or nothing.
  [[nodiscard]] std::optional<RegistryLoginConfig> find(const std::string& host) const;
};

/// Loads `portcullis.broker` of the file at `path`, else of PORTCULLIS_CONFIG, else of `kUsualConfig`; where that last one does not exist,
/// `own_ecr` is true. `Reason::config_invalid`, with the first fault, for a file that does not load or has no `portcullis.broker`.
Result<BrokerWorld> read_broker(const CommandContext& context, const std::optional<std::string>& path);

/// What logins may use: `context` must have `http` and `environment`. Warnings go to standard error.
BrokerTools broker_tools(CommandContext& context);

}  // namespace portcullis
