// `portcullis`: what zot has no word for, but for the proxy, the tokens and the routes, which have files of their own.
#include "base/digest.h"
#include "config/read/sections.h"
#include "config/url.h"

namespace portcullis {
namespace {

void read_keys(Section& keys, Draft& draft) {
  KeysConfig& config = draft.config.keys;
  config.file = keys.file("file");
  draft.has_keys_file = keys.has("file");
  config.max_stale = keys.duration("maxStale", defaults::kMaxStaleBounds).value_or(defaults::kMaxStale);
  draft.has_jwks_url = keys.has("jwksURL");
  config.jwks_url = keys.text("jwksURL");
  if (config.jwks_url) {
    const auto url = parse_http_url(*config.jwks_url);
    if (!url || (!url->https && !url->loopback())) keys.error("jwksURL", "must be an https URL, or http on this host");
  }
  config.last_known_good = keys.file("lastKnownGood");
  config.required = keys.boolean("required");
  config.wait = keys.duration("wait", defaults::kKeysWaitBounds).value_or(defaults::kKeysWait);
  config.refetch_cooldown = keys.duration("refetchCooldown", defaults::kRefetchCooldownBounds).value_or(defaults::kRefetchCooldown);
}

void read_registry(Section& registry, RegistryConfig& config) {
  config.url = registry.text("url");
  if (config.url && !parse_http_url(*config.url)) registry.error("url", "must be an absolute http or https URL");
  config.tag_lookup = registry.word("tagLookup", {"off", "advisory"}) == "advisory";
  if (!registry.is_null("tokenFile")) config.token_file = registry.file("tokenFile");
  if (config.tag_lookup && !registry.has("url")) registry.error("url", "must be given: tagLookup \"advisory\" asks the registry there");
  if (config.tag_lookup) return;
  // With tagLookup off nobody asks the registry.
  registry.unused("url");
  if (!registry.is_null("tokenFile")) registry.unused("tokenFile");
}

void read_decision_log(Section& log, DecisionLogConfig& config) {
  config.output = log.file("output");
  config.refuse_when_full = log.word("onFull", {"drop", "refuse"}) == "refuse";
  if (log.present() && !log.has("output")) log.error("output", "must be given: the file that decisions are appended to");
}

void read_limits(Section& limits, LimitsConfig& config) {
  config.header_bytes = limits.count("headerBytes", defaults::kHeaderBytesBounds).value_or(defaults::kHeaderBytes);
  config.token_bytes = limits.count("tokenBytes", defaults::kTokenBytesBounds).value_or(defaults::kTokenBytes);
  config.uri_bytes = limits.count("uriBytes", defaults::kUriBytesBounds).value_or(defaults::kUriBytes);
  config.connections = limits.count("connections", defaults::kConnectionsBounds).value_or(defaults::kConnections);
  config.idle = limits.duration("idle", defaults::kIdleBounds).value_or(defaults::kIdle);
  config.cached_tokens = limits.count("cachedTokens", defaults::kCachedTokensBounds).value_or(defaults::kCachedTokens);
  config.decision = limits.duration("decision", defaults::kDecisionBounds).value_or(defaults::kDecision);
}

void read_drain(Section& drain, DrainConfig& config) {
  config.delay = drain.duration("delay", defaults::kDrainBounds).value_or(defaults::kDrainDelay);
  config.deadline = drain.duration("deadline", defaults::kDrainBounds).value_or(defaults::kDrainDeadline);
}

/// What judges or records, and enforces nothing: a gate without it is as safe as with it.
void read_observers(Section& portcullis, Config& config) {
  portcullis.object("shadow", [&](Section& shadow) {
    AccessControlConfig read = read_access_control(shadow);
    if (shadow.present()) config.shadow = std::make_shared<const AccessControlConfig>(std::move(read));
  });
}

}  // namespace

void read_portcullis(Section& portcullis, Draft& draft) {
  Config& config = draft.config;
  draft.listen = portcullis.texts("listen");
  if (portcullis.has("listen") && (!draft.listen || draft.listen->empty())) {
    if (draft.listen) portcullis.error("listen", "must name an address at least");
    draft.listen.emplace();  // written, if badly: http.address does not take its place
  }
  draft.admin = portcullis.text("admin");
  config.listen_group = portcullis.text("listenGroup");
  config.workers = static_cast<unsigned>(portcullis.count("workers", defaults::kWorkersBounds).value_or(defaults::kWorkers));
  portcullis.object("proxy", [&](Section& proxy) { read_proxy(proxy, draft); });
  portcullis.object("registry", [&](Section& registry) { read_registry(registry, config.registry); });
  portcullis.object("keys", [&](Section& keys) { read_keys(keys, draft); });
  portcullis.object("tokens", [&](Section& tokens) { read_tokens(tokens, draft); });
  read_extra_routes(portcullis, config.extra_routes);
  portcullis.object("limits", [&](Section& limits) { read_limits(limits, config.limits); });
  portcullis.object("drain", [&](Section& drain) { read_drain(drain, config.drain); });
  portcullis.object("decisionLog", [&](Section& log) { read_decision_log(log, config.decision_log); });
  read_policy_tests(portcullis, draft);
  read_observers(portcullis, config);
  portcullis.object("broker", [&](Section& broker) { read_broker(broker, config); });
  if (const auto text = portcullis.json_object("broker")) config.broker_digest = to_hex(sha256(*text));
}

}  // namespace portcullis
