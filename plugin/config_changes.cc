#include "plugin/config_changes.h"

#include <memory>
#include <utility>

namespace portcullis {
namespace {

class Differences {
 public:
  template <class T>
  void compare(std::string_view name, const T& before, const T& after) {
    if (!(before == after)) names_.push_back(name);
  }
  /// What stands behind them; null is absent.
  template <class T>
  void compare(std::string_view name, const std::shared_ptr<const T>& before, const std::shared_ptr<const T>& after) {
    const bool same = before == after || (before != nullptr && after != nullptr && *before == *after);
    if (!same) names_.push_back(name);
  }
  [[nodiscard]] std::vector<std::string_view> names() && { return std::move(names_); }

 private:
  std::vector<std::string_view> names_;
};

void compare_http(Differences& found, const Config& before, const Config& after) {
  const BearerConfig& was = before.bearer;
  const BearerConfig& is = after.bearer;
  found.compare("http.auth.bearer.realm", was.realm, is.realm);
  found.compare("http.auth.bearer.service", was.service, is.service);
  found.compare("http.auth.bearer.cert", was.cert, is.cert);
  found.compare("http.auth.bearer.awsSecretsManager", was.aws_secrets_manager, is.aws_secrets_manager);
  found.compare("http.auth.bearer.oidc", was.oidc, is.oidc);
  found.compare("http.auth.bearer.upstreamTokenEndpoint", was.upstream, is.upstream);
  found.compare("http.accessControl", before.access_control, after.access_control);
}

void compare_keys(Differences& found, const KeysConfig& before, const KeysConfig& after) {
  found.compare("portcullis.keys.file", before.file, after.file);
  found.compare("portcullis.keys.jwksURL", before.jwks_url, after.jwks_url);
  found.compare("portcullis.keys.maxStale", before.max_stale, after.max_stale);
  found.compare("portcullis.keys.wait", before.wait, after.wait);
  found.compare("portcullis.keys.refetchCooldown", before.refetch_cooldown, after.refetch_cooldown);
  found.compare("portcullis.keys.required", before.required, after.required);
  found.compare("portcullis.keys.lastKnownGood", before.last_known_good, after.last_known_good);
}

void compare_tokens(Differences& found, const TokensConfig& before, const TokensConfig& after) {
  found.compare("portcullis.tokens.issuers", before.issuers, after.issuers);
  found.compare("portcullis.tokens.audiences", before.audiences, after.audiences);
  found.compare("portcullis.tokens.requireExpiry", before.require_expiry, after.require_expiry);
  found.compare("portcullis.tokens.leeway", before.leeway, after.leeway);
  found.compare("portcullis.tokens.maxLifetime", before.max_lifetime, after.max_lifetime);
  found.compare("portcullis.tokens.accessClaim", before.access_claim, after.access_claim);
  found.compare("portcullis.tokens.policy", before.policy_enforced, after.policy_enforced);
  found.compare("portcullis.tokens.types", before.types, after.types);
  found.compare("portcullis.tokens.claimMapping", before.claim_mapping, after.claim_mapping);
  found.compare("portcullis.tokens.usernamePrefix", before.username_prefix, after.username_prefix);
  found.compare("portcullis.tokens.groupsPrefix", before.groups_prefix, after.groups_prefix);
  found.compare("portcullis.tokens.revocations", before.revocations, after.revocations);
}

void compare_proxy(Differences& found, const ProxyConfig& before, const ProxyConfig& after) {
  found.compare("portcullis.proxy.trusted", before.trusted, after.trusted);
  found.compare("portcullis.proxy.trustedUsers", before.trusted_users, after.trusted_users);
  found.compare("portcullis.proxy.markerFile", before.marker_file, after.marker_file);
  found.compare("portcullis.proxy.clientAddress", before.client_address, after.client_address);
  found.compare("portcullis.proxy.scheme", before.scheme, after.scheme);
  found.compare("portcullis.proxy.originalURL", before.original_url, after.original_url);
  found.compare("portcullis.proxy.stripsMount", before.strips_mount, after.strips_mount);
}

}  // namespace

std::vector<std::string_view> changed_settings(const Config& before, const Config& after) {
  Differences found;
  compare_http(found, before, after);
  found.compare("log.level", before.log.level, after.log.level);
  found.compare("log.output", before.log.output, after.log.output);
  compare_proxy(found, before.proxy, after.proxy);
  found.compare("portcullis.registry", before.registry, after.registry);
  compare_keys(found, before.keys, after.keys);
  compare_tokens(found, before.tokens, after.tokens);
  found.compare("portcullis.extraRoutes", before.extra_routes, after.extra_routes);
  found.compare("portcullis.limits.tokenBytes", before.limits.token_bytes, after.limits.token_bytes);
  found.compare("portcullis.limits.uriBytes", before.limits.uri_bytes, after.limits.uri_bytes);
  found.compare("portcullis.limits.decision", before.limits.decision, after.limits.decision);
  found.compare("portcullis.drain.delay", before.drain.delay, after.drain.delay);
  found.compare("portcullis.drain.deadline", before.drain.deadline, after.drain.deadline);
  found.compare("portcullis.policyTests", before.policy_tests, after.policy_tests);
  found.compare("portcullis.shadow", before.shadow, after.shadow);
  found.compare("portcullis.decisionLog", before.decision_log, after.decision_log);
  found.compare("portcullis.broker", before.broker_digest, after.broker_digest);
  return std::move(found).names();
}

std::vector<std::string_view> needs_restart(const Config& running, const Config& after) {
  Differences found;
  found.compare("portcullis.listen", running.listen, after.listen);
  found.compare("portcullis.listenGroup", running.listen_group, after.listen_group);
  found.compare("portcullis.admin", running.admin, after.admin);
  found.compare("portcullis.workers", running.workers, after.workers);
  found.compare("portcullis.limits.headerBytes", running.limits.header_bytes, after.limits.header_bytes);
  found.compare("portcullis.limits.connections", running.limits.connections, after.limits.connections);
  found.compare("portcullis.limits.idle", running.limits.idle, after.limits.idle);
  found.compare("portcullis.limits.cachedTokens", running.limits.cached_tokens, after.limits.cached_tokens);
  return std::move(found).names();
}

}  // namespace portcullis
