#include "plugin/http/status.h"

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "base/report/log.h"
#include "plugin/cli/version.h"

namespace portcullis {
namespace {

void write_time(JsonWriter& json, std::string_view name, const std::optional<TimePoint>& time) {
  json.key(name);
  if (time)
    json.string(to_rfc3339(*time));
  else
    json.null();
}

void write_text(JsonWriter& json, std::string_view name, const std::optional<std::string>& text) {
  json.key(name);
  if (text)
    json.string(*text);
  else
    json.null();
}

/// Empty texts are null: no version is known.
std::optional<std::string> version_of(const SourceState& source, const Key* key) {
  if (!source.origin) return std::nullopt;
  const auto& of_keys = source.origin->of_keys;
  if (key == nullptr) return source.origin->version.empty() ? std::nullopt : std::optional(source.origin->version);
  const auto found = of_keys.find(key->id());
  return found == of_keys.end() ? std::nullopt : std::optional(found->second);
}

void write_key(JsonWriter& json, const Key& key, const KeyUse& use, const std::optional<std::string>& version) {
  json.begin_object();
  json.key("kid").string(key.id()).key("type").string(key_type_name(key.type())).key("bits").integer(key.bits());
  json.key("algorithms").begin_array();
  for (const Algorithm algorithm : all_algorithms())
    if (key.algorithms().contains(algorithm)) json.string(algorithm_name(algorithm));
  json.end_array();
  json.key("thumbprint").string(key.thumbprint());
  write_text(json, "version", version);
  write_time(json, "certificateNotAfter", key.not_after());
  json.key("uses").integer(static_cast<std::int64_t>(use.count.load(std::memory_order_relaxed)));
  const std::int64_t last = use.last_used.load(std::memory_order_relaxed);
  write_time(json, "lastUsed", last == 0 ? std::nullopt : std::optional<TimePoint>(std::chrono::sys_seconds(std::chrono::seconds(last))));
  json.end_object();
}

void write_source(JsonWriter& json, const SourceState& source, const KeyUses& uses, TimePoint now) {
  json.begin_object();
  json.key("name").string(source.name).key("state").string(freshness_name(source.freshness(now)));
  write_time(json, "lastSuccess", source.last_success);
  json.key("ageSeconds");
  if (source.last_success)
    json.number(std::chrono::duration<double>(now - *source.last_success).count());
  else
    json.null();
  write_time(json, "failingSince", source.failing_since);
  write_text(json, "lastError",
             source.last_error
                 ? std::optional(std::string(reason_name(source.last_error->reason)) + ": " + detail_for_log(source.last_error->detail))
                 : std::nullopt);
  json.key("remembered").boolean(source.remembered);
  write_text(json, "digest", source.keys ? std::optional(source.keys->digest()) : std::nullopt);
  write_text(json, "version", version_of(source, nullptr));
  json.key("keys").begin_array();
  if (source.keys)
    for (std::size_t i = 0; i < source.keys->keys().size(); ++i) {
      const Key& key = source.keys->keys()[i];
      write_key(json, key, uses.at(i), version_of(source, &key));
    }
  json.end_array();
  json.key("quarantined").begin_array();
  if (source.keys)
    for (const QuarantinedKey& key : source.keys->quarantined()) {
      json.begin_object().key("kid").string(escape_for_log(key.id)).key("reason").string(reason_name(key.error.reason));
      json.key("detail").string(detail_for_log(key.error.detail)).end_object();
    }
  json.end_array().end_object();
}

void write_config(JsonWriter& json, const LiveState& live) {
  json.key("config").begin_object().key("digest").string(live.state.config.digest);
  write_time(json, "loaded", live.config_loaded);
  write_time(json, "lastReload", live.reload_attempted);
  write_text(json, "reloadWaitsFor", live.reload_waits_for);
  write_text(json, "reloadFault", live.faults.config);
  write_text(json, "markerFault", live.faults.marker);
  write_text(json, "revocationsFault", live.faults.revocations);
  json.key("revocations").integer(static_cast<std::int64_t>(live.state.revocations->size()));
  json.end_object();
}

/// What judges or records beside the decisions.
void write_observers(JsonWriter& json, const LiveState& live, const GateMetrics& metrics) {
  json.key("shadow");
  if (live.state.shadow == nullptr) {
    json.null();
  } else {
    json.begin_object().key("allowToDeny").integer(static_cast<std::int64_t>(metrics.shadow_disagreements(false)));
    json.key("denyToAllow").integer(static_cast<std::int64_t>(metrics.shadow_disagreements(true))).end_object();
  }
  json.key("decisionLog");
  if (!live.state.config.decision_log.output) {
    json.null();
  } else {
    json.begin_object().key("output").string(*live.state.config.decision_log.output).key("failing").boolean(metrics.decision_log_failing());
    json.key("lines").integer(static_cast<std::int64_t>(metrics.logged()));
    json.key("dropped").integer(static_cast<std::int64_t>(metrics.unlogged(Unlogged::dropped)));
    json.key("sampled").integer(static_cast<std::int64_t>(metrics.unlogged(Unlogged::sampled))).end_object();
  }
}

}  // namespace

std::string status_json(const LiveState& live, const GateMetrics& metrics, const TokenCache& cache, const BrokerService& broker,
                        bool stopping, TimePoint now) {
  JsonWriter json;
  json.begin_object();
  json.key("version").string(program_version()).key("time").string(to_rfc3339(now)).key("stopping").boolean(stopping);
  write_config(json, live);
  json.key("sources").begin_array();
  if (live.state.traditional) write_source(json, live.state.source, live.key_uses, now);
  for (std::size_t i = 0; i < live.state.issuers.sources().size(); ++i)
    write_source(json, live.state.issuers.sources()[i], live.issuer_uses.at(i), now);
  json.end_array();
  json.key("cache").begin_object().key("entries").integer(static_cast<std::int64_t>(cache.size()));
  json.key("hits")
      .integer(static_cast<std::int64_t>(metrics.cache_hits()))
      .key("misses")
      .integer(static_cast<std::int64_t>(metrics.cache_misses()));
  json.end_object();
  write_observers(json, live, metrics);
  json.key("broker");
  if (live.state.config.broker == nullptr)
    json.null();
  else
    broker.write_status(json, live.state.config.broker);
  json.key("refusals").begin_object();
  for (const GateMetrics::Refused& refused : metrics.refusals())
    json.key(reason_name(refused.reason)).integer(static_cast<std::int64_t>(refused.count));
  json.end_object().end_object();
  return std::move(json).text() + "\n";
}

}  // namespace portcullis
