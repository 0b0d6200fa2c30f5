#include "plugin/cli/pull_secret_rounds.h"

#include <algorithm>
#include <utility>

#include "base/codec/percent.h"
#include "plugin/cli/broker_world.h"
#include "plugin/cli/leftover_files.h"
#include "plugin/cli/offline.h"

namespace portcullis {
namespace {

void sweep(const PullSecretConfig& config, TimePoint now) {
  std::vector<std::string> names;
  for (const GeneratedSecretConfig& secret : config.secrets) {
    for (const char* end : {".json", ".user", ".token"}) names.push_back(secret.name + end);
  }
  remove_leftovers(*config.folder, names, now);
}

}  // namespace

PullSecretRounds::PullSecretRounds(const PullSecretOptions& options, CommandContext& context, Milliseconds poll)
    : options_(options), context_(context), poll_(poll), authenticator_(broker_tools(context)) {}

Result<void> PullSecretRounds::load() {
  const LoadedConfig loaded = load_for_broker(context_.files, options_.config);
  if (!loaded.config) {
    return Error{Reason::config_invalid, options_.config + " does not load; `portcullis check " + options_.config +
                                             "` lists everything:\n" + format_findings(loaded.findings)};
  }
  // Another part of the file may have changed: nobody logs in anew for that.
  if (broker_ != nullptr && loaded.config->broker_digest == digest_) return {};
  return choose(*loaded.config);
}

Result<void> PullSecretRounds::choose(const Config& config) {
  if (config.broker == nullptr || config.broker->pull_secrets.empty()) {
    return Error{Reason::config_invalid, options_.config + " has no `portcullis.broker.pullSecrets`: say there which secrets are wanted"};
  }
  const auto& all = config.broker->pull_secrets;
  for (const std::string& name : options_.names) {
    const bool known = std::any_of(all.begin(), all.end(), [&](const PullSecretConfig& one) { return one.name == name; });
    if (known) continue;
    std::string names;
    for (const PullSecretConfig& one : all) names += (names.empty() ? "" : ", ") + one.name;
    return Error{Reason::config_invalid, "no pull secret is called " + escape_for_log(name) + "; there are " + names};
  }
  const auto is_chosen = [&](const PullSecretConfig& one) {
    return options_.names.empty() || std::find(options_.names.begin(), options_.names.end(), one.name) != options_.names.end();
  };
  const bool needs_cluster =
      std::any_of(all.begin(), all.end(), [&](const PullSecretConfig& one) { return is_chosen(one) && one.kubernetes; });
  if (needs_cluster && !options_.print) {
    if (const auto reached = reach_kubernetes(); !reached) return reached.error();
  }
  rotations_.clear();
  for (const PullSecretConfig& one : all) {
    if (!is_chosen(one)) continue;
    if (one.folder && !options_.print) sweep(one, context_.clock.now());
    const RotationTools tools{.log_in = [this](const std::string& host) { return log_in(host); },
                              .files = context_.files,
                              .entropy = context_.entropy,
                              .kube = kube_.get(),
                              .poll = poll_};
    rotations_.push_back(std::make_unique<Rotation>(tools, one));
  }
  broker_ = config.broker;
  digest_ = config.broker_digest;
  return {};
}

Result<void> PullSecretRounds::reach_kubernetes() {
  if (kube_ != nullptr) return {};
  auto access = in_cluster_access(*context_.environment, context_.files, options_.service_account);
  if (!access) return access.error();
  kube_ = std::make_unique<KubeApi>(*context_.http, context_.files, std::move(access).value());
  return {};
}

Result<HostLogin> PullSecretRounds::log_in(const std::string& host) {
  const RegistryLoginConfig* registry = find_registry(*broker_, host);
  if (registry == nullptr) return Error{Reason::config_invalid, "no such registry in `portcullis.broker.registries`"};
  auto login = authenticator_.log_in(*broker_, *registry);
  if (!login) return login.error();
  return HostLogin{.hosts = hosts_of(*registry), .login = std::move(login).value()};
}

std::vector<RoundReport> PullSecretRounds::run_due() {
  std::vector<RoundReport> reports;
  for (const auto& rotation : rotations_) {
    if (const TimePoint now = context_.clock.now(); rotation->is_due(now)) reports.push_back(rotation->run(now));
  }
  return reports;
}

TimePoint PullSecretRounds::due() const {
  TimePoint soonest = TimePoint::max();
  for (const auto& rotation : rotations_) soonest = std::min(soonest, rotation->due());
  return soonest;
}

std::vector<RoundReport> PullSecretRounds::remove() {
  std::vector<RoundReport> reports;
  for (const auto& rotation : rotations_) {
    if (!rotation->pull_secret().kubernetes) continue;
    RoundReport& report = reports.emplace_back(RoundReport{.pull_secret = rotation->pull_secret().name});
    KubeDelivery(*kube_, rotation->pull_secret()).remove_all(report);
  }
  return reports;
}

Result<Secret> PullSecretRounds::manifests() {
  std::string items;
  for (const auto& rotation : rotations_) {
    const PullSecretConfig& config = rotation->pull_secret();
    const auto set = log_in_to_all(
        config, [this](const std::string& host) { return log_in(host); }, context_.clock.now());
    if (!set) return Error{set.error().reason, config.name + ": " + set.error().detail};
    const std::vector<std::string> nowhere{""};
    for (const std::string& space : config.namespaces.empty() ? nowhere : config.namespaces) {
      for (const GeneratedSecretConfig& secret : config.secrets) {
        items += items.empty() ? "" : ",";
        items += printed_manifest(config, secret.name, space, set->data.at(secret.type), set->times).reveal();
      }
    }
  }
  Secret list(R"({"apiVersion":"v1","kind":"List","items":[)" + items + "]}\n");
  wipe(items);
  return list;
}

}  // namespace portcullis
