#include "plugin/cli/offline.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/codec/percent.h"
#include "keystore/key_text.h"
#include "keystore/refresh/file_source.h"

namespace portcullis {
namespace {

constexpr std::uint64_t kFirstGeneration = 1;

/// A file that the command line names in place of the configured source. A text without key ids (one PEM block) serves whatever `kid` says,
/// as `cert` does.
SourceState read_replacement(const Files& files, const std::string& path, SourceState before, TimePoint now) {
  Result<std::string> text = files.read(path, kKeyFileBytes);
  Result<ParsedKeys> brought = text.ok() ? read_key_text(*text, now) : Result<ParsedKeys>(text.error());
  before.name = "file";
  before.kid_required = !(brought.ok() && brought->keys.size() == 1 && brought->keys.front().id().empty());
  return finish_round(before, std::move(brought), kFirstGeneration, now).next;
}

OfflineSource read_source(const Files& files, const Config& config, const std::optional<std::string>& keys_file, TimePoint now) {
  SourceState empty;
  empty.max_stale = config.keys.max_stale;
  if (keys_file) return {read_replacement(files, *keys_file, std::move(empty), now), *keys_file, "--keys"};
  const bool single = config.bearer.cert.has_value();
  const std::string path = single ? *config.bearer.cert : config.keys.file.value_or("");
  const std::unique_ptr<KeySource> source = single ? make_cert_source(files, path) : make_keys_file_source(files, path);
  empty.name = source->name();
  empty.kid_required = !single;
  return {finish_round(empty, source->fetch(now), kFirstGeneration, now).next, path,
          single ? "http.auth.bearer.cert" : "portcullis.keys.file"};
}

void report_source(const OfflineSource& source, std::vector<Finding>& findings) {
  if (source.state.last_error) {
    const Error& error = *source.state.last_error;
    findings.push_back(
        {Severity::error, source.setting, error.detail.empty() ? std::string(reason_row(error.reason).meaning) : error.detail});
  }
  if (source.state.keys == nullptr) return;
  for (const QuarantinedKey& key : source.state.keys->quarantined()) {
    findings.push_back(
        {Severity::warning, source.setting,
         "key '" + escape_for_log(key.id) + "' is set aside (" + std::string(reason_name(key.error.reason)) + "): " + key.error.detail});
  }
}

std::optional<GateRules> read_rules(const Files& files, const Config& config, std::vector<Finding>& findings) {
  std::string markers;
  if (config.proxy.marker_file) {
    Result<std::string> text = files.read(*config.proxy.marker_file, kMarkerFileBytes);
    if (!text.ok()) {
      findings.push_back({Severity::error, "portcullis.proxy.markerFile", text.error().detail});
      return std::nullopt;
    }
    markers = std::move(text).value();
  }
  Result<GateRules> rules = compile_rules(config, markers, kFirstGeneration);
  wipe(markers);
  if (rules.ok()) return std::move(rules).value();
  findings.push_back({Severity::error, config.proxy.marker_file ? "portcullis.proxy.markerFile" : "", rules.error().detail});
  return std::nullopt;
}

std::shared_ptr<const Revocations> read_revocations(const Files& files, const Config& config, std::vector<Finding>& findings) {
  if (!config.tokens.revocations) return std::make_shared<const Revocations>();
  const Result<std::string> text = files.read(*config.tokens.revocations, kRevocationsFileBytes);
  Result<Revocations> parsed = text.ok() ? Revocations::parse(*text) : Result<Revocations>(text.error());
  if (parsed.ok()) return std::make_shared<const Revocations>(std::move(parsed).value());
  findings.push_back({Severity::error, "portcullis.tokens.revocations", parsed.error().detail});
  return nullptr;
}

}  // namespace

bool OfflineWorld::has_errors() const noexcept {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.severity == Severity::error; });
}

OfflineWorld read_world(const Files& files, const std::string& path, const std::optional<std::string>& keys_file, TimePoint now) {
  OfflineWorld world;
  LoadedConfig loaded = load_config(files, path, {});
  world.findings = std::move(loaded.findings);
  if (!loaded.config) return world;
  world.config = std::move(loaded.config);
  world.source = read_source(files, *world.config, keys_file, now);
  report_source(*world.source, world.findings);
  std::optional<GateRules> rules = read_rules(files, *world.config, world.findings);
  std::shared_ptr<const Revocations> revocations = read_revocations(files, *world.config, world.findings);
  if (!rules || revocations == nullptr) return world;
  world.state = State{.config = *world.config,
                      .rules = std::move(*rules),
                      .source = world.source->state,
                      .revocations = std::move(revocations),
                      .config_generation = kFirstGeneration};
  return world;
}

}  // namespace portcullis
