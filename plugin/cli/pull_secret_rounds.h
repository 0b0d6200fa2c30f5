// The pull secrets of a configuration, round by round: for `portcullis pull-secret`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/authenticator.h"
#include "broker/kubernetes/kube_api.h"
#include "broker/pull_secret/rotation.h"
#include "config/load.h"
#include "plugin/cli/command.h"

namespace portcullis {

struct PullSecretOptions {
  std::string config;
  std::vector<std::string> names;  ///< of pull secrets; empty: all
  bool once = false;
  bool watch = false;
  bool print = false;   ///< manifests on standard output, and nowhere else
  bool remove = false;  ///< what was made in Kubernetes is taken away
  bool json = false;
  std::string poll = "30s";
  std::string service_account = kServiceAccountFolder;
};

/// Not safe from many threads.
class PullSecretRounds {
 public:
  /// Both outlive it. `context` has a network and an environment.
  PullSecretRounds(const PullSecretOptions& options, CommandContext& context, Milliseconds poll);

  /// Reads the configuration. `Reason::config_invalid`, with every fault in its detail: what was read before stays.
  Result<void> load();
  /// Lets every pull secret do what is due now: one report each for those that were.
  std::vector<RoundReport> run_due();
  /// The soonest time at which there is something to do.
  [[nodiscard]] TimePoint due() const;
  /// Removes what the chosen pull secrets made in Kubernetes.
  std::vector<RoundReport> remove();
  /// One fresh login for each chosen pull secret, as manifests: a list that `kubectl apply` takes. The detail names the pull secret.
  Result<Secret> manifests();

 private:
  Result<HostLogin> log_in(const std::string& host);
  Result<void> choose(const Config& config);
  Result<void> reach_kubernetes();

  const PullSecretOptions& options_;
  CommandContext& context_;
  const Milliseconds poll_;
  Authenticator authenticator_;
  std::shared_ptr<const BrokerConfig> broker_;
  std::string digest_;  ///< of the section
  std::unique_ptr<KubeApi> kube_;
  std::vector<std::unique_ptr<Rotation>> rotations_;
};

}  // namespace portcullis
