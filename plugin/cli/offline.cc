#include "plugin/cli/offline.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/codec/percent.h"
#include "base/report/log.h"
#include "base/secret.h"
#include "keystore/key_endings.h"
#include "keystore/key_text.h"
#include "keystore/refresh/oidc_source.h"
#include "plugin/cli/serving.h"
#include "plugin/http/peer.h"
#include "plugin/inputs.h"
#include "plugin/policies.h"
#include "plugin/policy_faults.h"
#include "plugin/shadow.h"

namespace portcullis {
namespace {

constexpr std::uint64_t kFirstGeneration = 1;
constexpr const char* kCurrent = "AWSCURRENT";
constexpr const char* kPrevious = "AWSPREVIOUS";
constexpr std::size_t kBrokerFileBytes = 1024UL * 1024;  ///< passwords, tokens, authorities

/// A file that the command line names in place of the configured source. One key serves whatever `kid` says where it has no id (one PEM
/// block), and where it stands for `cert`.
SourceState read_replacement(const Files& files, const Config& config, const std::string& path, TimePoint now) {
  SourceState before;
  before.max_stale = config.keys.max_stale;
  Result<std::string> text = files.read(path, kKeyFileBytes);
  Result<ParsedKeys> brought = text.ok() ? read_key_text(*text, now) : Result<ParsedKeys>(text.error());
  before.name = "file";
  const bool single = brought.ok() && brought->keys.size() == 1;
  before.kid_required = !single || !(config.bearer.cert || brought->keys.front().id().empty());
  return finish_round(before, std::move(brought), kFirstGeneration, now).next;
}

/// What stands behind the path may be a secret of its owner.
std::string without_query(const std::string& url) { return url.substr(0, url.find_first_of("?#")); }

OfflineSource read_remote(Config config, const std::optional<RemoteQuestion>& remote, TimePoint now) {
  const bool aws = config.bearer.aws_secrets_manager.has_value();
  OfflineSource read{{},
                     aws ? config.bearer.aws_secrets_manager->secret_name : without_query(*config.keys.jwks_url),
                     aws ? "http.auth.bearer.awsSecretsManager" : "portcullis.keys.jwksURL"};
  read.state.name = aws ? "awsSecretsManager" : "jwksURL";
  if (!remote) return read;
  if (aws && remote->promoted) {
    std::vector<std::string>& stages = config.bearer.aws_secrets_manager->version_stages;
    stages = promoted_stages(stages, *remote->promoted);
  }
  const std::unique_ptr<KeySource> source = make_remote_source(remote->world, config);
  read.state = finish_round(first_source_state(config, *source), source->fetch(now), kFirstGeneration, now).next;
  return read;
}

OfflineSource read_source(const Files& files, const Config& config, const std::optional<std::string>& keys_file, TimePoint now,
                          const std::optional<RemoteQuestion>& remote) {
  if (keys_file) return {read_replacement(files, config, *keys_file, now), *keys_file, "--keys"};
  if (!has_traditional_source(config)) return {{}, "OIDC issuers", "http.auth.bearer.oidc"};
  if (has_remote_source(config)) return read_remote(config, remote, now);
  const bool single = config.bearer.cert.has_value();
  OfflineSource read{
      {}, single ? *config.bearer.cert : config.keys.file.value_or(""), single ? "http.auth.bearer.cert" : "portcullis.keys.file"};
  const std::unique_ptr<KeySource> source = make_key_source(files, config);
  read.state = finish_round(first_source_state(config, *source), source->fetch(now), kFirstGeneration, now).next;
  return read;
}

OfflineSource read_issuer(const Files& files, const Config& config, OidcIssuerConfig issuer, TimePoint now,
                          const std::optional<RemoteQuestion>& remote) {
  OfflineSource read{{}, issuer.jwks_file.value_or(""), {}};
  read.state.name = issuer_source_name(issuer);
  read.state.max_stale = config.keys.max_stale;
  const bool network = is_remote(issuer);
  if (network && (!remote || remote->promoted)) return read;  // a preview is of the secret alone
  const auto source = make_oidc_source(network ? &remote->world.http : nullptr, files, std::move(issuer));
  read.state = finish_round(read.state, source->fetch(now), kFirstGeneration, now).next;
  return read;
}

/// The issuers' keys: of those that have them in a file, and of the others where `remote` says how to ask.
std::vector<OfflineSource> read_issuers(const Files& files, const Config& config, const Replacements& replacements, TimePoint now,
                                        const std::optional<RemoteQuestion>& remote, std::vector<Finding>& findings) {
  std::vector<OfflineSource> sources;
  for (std::size_t i = 0; i < config.bearer.oidc.size(); ++i) {
    OidcIssuerConfig issuer = config.bearer.oidc[i];
    const auto replaced = replacements.issuer_files.find(issuer.issuer);
    const bool by_option = replaced != replacements.issuer_files.end();
    if (by_option) issuer.jwks_file = replaced->second;
    const std::string member = is_remote(issuer) ? "issuer" : "jwksFile";
    OfflineSource& source = sources.emplace_back(read_issuer(files, config, std::move(issuer), now, remote));
    source.setting = by_option ? "--oidc-keys" : "http.auth.bearer.oidc[" + std::to_string(i) + "]." + member;
    if (source.state.last_error) findings.push_back({Severity::error, source.setting, source.state.last_error->detail});
    if (source.path.empty() && !remote)
      findings.push_back({Severity::notice, source.setting,
                          "this issuer's keys come over the network and are not asked for here: portcullis keys CONFIG does"});
  }
  return sources;
}

IssuerKeys keys_of(const std::vector<OfflineSource>& issuers) {
  std::vector<SourceState> states;
  states.reserve(issuers.size());
  for (const OfflineSource& issuer : issuers) states.push_back(issuer.state);
  return IssuerKeys(std::move(states));
}

void report_source(const OfflineSource& source, TimePoint now, std::vector<Finding>& findings) {
  if (source.state.last_error) {
    const Error& error = *source.state.last_error;
    findings.push_back(
        {Severity::error, source.setting, error.detail.empty() ? std::string(reason_row(error.reason).meaning) : error.detail});
  }
  if (source.state.keys == nullptr && !source.state.last_error) {
    findings.push_back(
        {Severity::notice, source.setting,
         "these keys come over the network and are not asked for here: portcullis keys CONFIG does, and --keys FILE stands in for them"});
  }
  if (source.state.keys == nullptr) return;
  for (const Key* const key : newly_ending(*source.state.keys, std::nullopt, now)) {
    findings.push_back({Severity::warning, source.setting,
                        "the certificate of key '" + escape_for_log(key->id()) + "' ends at " + to_rfc3339(*key->not_after()) +
                            ": renew it, or the key is set aside then and its tokens are refused"});
  }
  for (const QuarantinedKey& key : source.state.keys->quarantined()) {
    findings.push_back(
        {Severity::warning, source.setting,
         "key '" + escape_for_log(key.id) + "' is set aside (" + std::string(reason_name(key.error.reason)) + "): " + key.error.detail});
  }
}

/// Of a detail that names its setting, too.
Finding finding_at(const char* setting, Severity severity, const std::string& detail) {
  return {severity, setting, std::string(without_setting(setting, detail))};
}

std::optional<GateRules> read_rules(const Files& files, const Config& config, std::vector<Finding>& findings) {
  const Result<Secret> markers = read_markers(files, config);
  Result<GateRules> rules = markers.ok() ? compile_rules(config, markers->reveal(), kFirstGeneration) : Result<GateRules>(markers.error());
  if (rules.ok()) return std::move(rules).value();
  // What does not compile names its own setting.
  findings.push_back(markers.ok() ? Finding{Severity::error, "", rules.error().detail}
                                  : finding_at("portcullis.proxy.markerFile", Severity::error, rules.error().detail));
  std::vector<Finding> further = policy_faults(config);
  // Those of `accessControl` and `shadow` are listed by whoever compiles them.
  std::erase_if(further,
                [](const Finding& one) { return one.path.starts_with("http.accessControl") || one.path.starts_with("portcullis.shadow"); });
  add_unknown_faults(findings, std::move(further));
  return std::nullopt;
}

std::shared_ptr<const Revocations> read_list(const Files& files, const Config& config, std::vector<Finding>& findings) {
  Result<std::shared_ptr<const Revocations>> list = read_revocations(files, config);
  if (list.ok()) return std::move(list).value();
  findings.push_back(finding_at("portcullis.tokens.revocations", Severity::error, list.error().detail));
  return nullptr;
}

/// A warning only: the configuration may be meant for another machine.
void report_users(const Config& config, std::vector<Finding>& findings) {
  const Result<UserTrust> trust = UserTrust::resolve(config.proxy);
  if (!trust.ok())
    findings.push_back(finding_at("portcullis.proxy.trustedUsers", Severity::warning, trust.error().detail + " on this machine"));
}

/// A warning only, as for users: the daemon starts without them, and a request that needs one is refused.
void report_broker_files(const Files& files, const BrokerConfig& broker, std::vector<Finding>& findings) {
  const auto report = [&](const std::string& host, const std::optional<std::string>& path) {
    if (!path) return;
    Result<std::string> text = files.read(*path, kBrokerFileBytes);
    if (text.ok()) return wipe(*text);
    findings.push_back({Severity::warning, "portcullis.broker.registries[\"" + host + "\"]",
                        text.error().detail + ": without it there is no login of this registry"});
  };
  for (const RegistryLoginConfig& registry : broker.registries) {
    if (const auto* of_ecr = std::get_if<EcrLoginConfig>(&registry.login)) {
      report(registry.host, of_ecr->identity.secret_key_file);
    } else if (const auto* fixed = std::get_if<StaticLoginConfig>(&registry.login)) {
      report(registry.host, fixed->password_file);
    } else if (const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&registry.login)) {
      report(registry.host, artifactory->identity.secret_key_file);
      report(registry.host, artifactory->oidc_token_file);
      report(registry.host, artifactory->certificate_authority_file);
    }
  }
}

}  // namespace

std::vector<std::string> promoted_stages(const std::vector<std::string>& configured, const std::string& stage) {
  if (std::find(configured.begin(), configured.end(), kCurrent) == configured.end()) return {stage};
  std::vector<std::string> stages;
  stages.reserve(configured.size());
  for (const std::string& one : configured) stages.push_back(one == kCurrent ? stage : one == kPrevious ? kCurrent : one);
  return stages;
}

bool OfflineWorld::has_errors() const noexcept {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.severity == Severity::error; });
}

LoadedConfig load_for_command(const Files& files, const std::string& path) {
  LoadedConfig as_it_is = load_config(files, path, {});
  if (as_it_is.config) return as_it_is;
  LoadedConfig trusting = load_config(files, path, {.listen = {}, .admin = {}, .trusted = {"127.0.0.1/32"}, .log_level = {}});
  if (trusting.config) trusting.config->proxy.trusted.clear();  // it was all that was missing
  return trusting;
}

LoadedConfig load_for_broker(const Files& files, const std::string& path) {
  return load_config(files, path, {.listen = {}, .admin = {}, .trusted = {"127.0.0.1/32"}, .log_level = {}, .commands_alone = true});
}

OfflineWorld read_world(const Files& files, const std::string& path, const Replacements& replacements, TimePoint now,
                        const std::optional<RemoteQuestion>& remote, const ConfigOverrides* serving) {
  OfflineWorld world;
  LoadedConfig loaded = serving != nullptr ? load_config(files, path, *serving) : load_for_command(files, path);
  add_policy_faults(loaded);
  world.findings = std::move(loaded.findings);
  if (!loaded.config) return world;
  world.config = std::move(loaded.config);
  world.source = read_source(files, *world.config, replacements.keys_file, now, remote);
  world.traditional = replacements.keys_file || has_traditional_source(*world.config);
  if (world.traditional) report_source(*world.source, now, world.findings);
  world.issuers = read_issuers(files, *world.config, replacements, now, remote, world.findings);
  std::optional<GateRules> rules = read_rules(files, *world.config, world.findings);
  std::shared_ptr<const Revocations> revocations = read_list(files, *world.config, world.findings);
  report_users(*world.config, world.findings);
  if (serving != nullptr) {
    const std::vector<Finding> missing = missing_on_this_machine(*world.config);
    world.findings.insert(world.findings.end(), missing.begin(), missing.end());
  }
  if (world.config->broker != nullptr) report_broker_files(files, *world.config->broker, world.findings);
  CompiledPolicy policy = compile_access_control(*world.config);
  world.findings.insert(world.findings.end(), policy.findings.begin(), policy.findings.end());
  CompiledPolicy shadow = compile_shadow(*world.config);
  world.findings.insert(world.findings.end(), shadow.findings.begin(), shadow.findings.end());
  if (!rules || revocations == nullptr || (world.config->access_control && policy.policy == nullptr)) return world;
  world.state = State{.config = *world.config,
                      .rules = std::move(*rules),
                      .source = world.source->state,
                      .traditional = world.traditional,
                      .issuers = keys_of(world.issuers),
                      .revocations = std::move(revocations),
                      .config_generation = kFirstGeneration};
  set_policy(*world.state, std::move(policy.policy));
  set_shadow(*world.state, std::move(shadow.policy));
  return world;
}

}  // namespace portcullis
