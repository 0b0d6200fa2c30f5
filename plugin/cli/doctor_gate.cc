#include "plugin/cli/doctor_gate.h"

#include "aws/chain.h"
#include "base/codec/json.h"
#include "base/codec/percent.h"
#include "config/defaults.h"
#include "plugin/cli/aws_world.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/paint.h"

namespace portcullis {
namespace {

constexpr const char* kConfiguration = "configuration";
constexpr const char* kKeys = "keys";

void tell_findings(const std::vector<Finding>& findings, const std::string& config_path, DoctorReport& report) {
  for (const Finding& finding : findings) {
    const std::string step = finding.path.empty() ? config_path : finding.path;
    if (finding.severity == Severity::error) report.fail(kConfiguration, step, finding.message);
    if (finding.severity == Severity::warning) report.warn(kConfiguration, step, finding.message, {});
  }
}

/// One that brought nothing is among the findings.
void tell_source(const OfflineSource& source, DoctorReport& report) {
  if (source.state.last_error || source.state.keys == nullptr) return;
  const std::string where = source.path.empty() ? source.state.name : source.path;
  report.ok(kKeys, source.setting, counted(source.state.key_count(), "key") + " from " + escape_for_log(where));
}

/// A file that zot reads too says how it stores blobs; with deduplication, its usual way, `HEAD` and a mount by digest reach a blob of
/// another repository, and no gate that sees URLs alone can stop that.
void tell_storage(const Files& files, const std::string& path, DoctorReport& report) {
  const auto text = files.read(path, defaults::kFileBytes);
  const auto document =
      text ? parse_json(*text, {.bytes = defaults::kFileBytes, .depth = defaults::kFileDepth, .members = defaults::kFileMembers})
           : Result<JsonDocument>(text.error());
  if (!document) return;
  const JsonView storage = document->root().get("storage");
  if (!storage.is_object()) return;
  const auto judge = [&report](const std::string& step, const JsonView& one) {
    if (one.get("dedupe").boolean() == false) return report.ok(kConfiguration, step, "false");
    report.warn(kConfiguration, step, "zot links a blob by its digest alone: whoever knows it reaches blobs of other repositories",
                "set \"dedupe\": false, or leave authorization to zot as well");
  };
  judge("storage.dedupe", storage);
  for (const auto& [name, part] : storage.get("subPaths").members()) judge("storage.subPaths." + escape_for_log(name) + ".dedupe", part);
}

}  // namespace

void examine_gate(CommandContext& context, const std::string& path, const ConfigOverrides& serving, DoctorReport& report) {
  const RemoteQuestion question{
      .world = {.http = *context.http,
                .files = context.files,
                .environment = *context.environment,
                .clock = context.clock,
                .entropy = context.entropy,
                .pause = [&context](std::chrono::milliseconds time) { return context.pause && context.pause(time); },
                .warn = {}},
      .promoted = {}};
  const OfflineWorld world = read_world(context.files, path, {}, context.clock.now(), question, &serving);
  tell_findings(world.findings, path, report);
  if (!world.has_errors()) report.ok(kConfiguration, path, "loads, with every file that it names");
  tell_storage(context.files, path, report);
  if (world.source && world.traditional) tell_source(*world.source, report);
  for (const OfflineSource& issuer : world.issuers) tell_source(issuer, report);
}

void examine_credential_source(CommandContext& context, DoctorReport& report) {
  constexpr const char* kPart = "AWS";
  constexpr const char* kStep = "credential source";
  const char* const advice = "`portcullis aws credentials --explain` shows every source of the chain, and why it was passed over";
  const auto config = load_shared_config(context.files, *context.environment, {});
  if (!config) return report.fail(kPart, kStep, config.error().detail, advice);
  const auto plan = plan_chain(*config, *context.environment);
  if (!plan) return report.fail(kPart, kStep, plan.error().detail, advice);
  const std::string why = plan->considered.empty() ? std::string() : plan->considered.back().name + ": " + plan->considered.back().why;
  report.ok(kPart, kStep, why);
  for (const std::string& warning : config->warnings) report.warn(kPart, kStep, warning, {});
  for (const std::string& warning : plan->warnings) report.warn(kPart, kStep, warning, {});
}

}  // namespace portcullis
