// Configuration to the rules that requests read: everything that could fail is done here, once.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "plugin/broker/credentials_policy.h"
#include "plugin/broker/login_routes.h"
#include "plugin/state.h"
#include "policy/grammar.h"
#include "policy/table.h"

namespace portcullis {
namespace {

/// A `typ` may be written with it or without (RFC 7515 section 4.1.9).
constexpr std::string_view kApplication = "application/";
constexpr std::size_t kMarkerMin = 16;
constexpr std::size_t kMarkerMax = 256;
/// Realm and service stand in every challenge, whose answer nginx reads into one buffer of 4 KiB.
constexpr std::size_t kChallengePrefixBytes = 2048;

Error invalid(std::string detail) { return {Reason::config_invalid, std::move(detail)}; }

bool is_printable(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// RFC 9110 section 5.6.4. `Reason::config_invalid` for a control or non-ASCII byte, which could end the header or be read in several ways.
Result<std::string> quoted(std::string_view text, std::string_view path) {
  std::string out = "\"";
  for (const char c : text) {
    if (c < ' ' || c > '~') return invalid(std::string(path) + " holds a byte that cannot stand in a header");
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
  return out;
}

Result<std::string> compile_challenge(const BearerConfig& bearer) {
  auto realm = quoted(bearer.realm, "http.auth.bearer.realm");
  if (!realm) return realm;
  auto service = quoted(bearer.service, "http.auth.bearer.service");
  if (!service) return service;
  std::string prefix = "Bearer realm=" + *realm + ",service=" + *service;
  if (prefix.size() > kChallengePrefixBytes) return invalid("http.auth.bearer: realm and service have more than 2 KiB together");
  return prefix;
}

/// Whether some repository may be used by whoever has no credentials.
bool allows_anonymous(const Config& config) {
  if (!config.access_control) return false;
  const auto& repositories = config.access_control->repositories;
  return std::any_of(repositories.begin(), repositories.end(), [](const auto& repository) { return !repository.anonymous_policy.empty(); });
}

/// What `/zot/auth/token` is there for, and what it answers. The challenge is the same text that the Bearer one holds.
Result<void> compile_exchange(const Config& config, GateRules& rules) {
  const BearerConfig& bearer = config.bearer;
  auto realm = quoted(bearer.realm, "http.auth.bearer.realm");
  if (!realm) return std::move(realm).error();
  rules.basic_challenge = "Basic realm=" + *realm;
  rules.basic_tokens = !bearer.oidc.empty();
  rules.anonymous_exchange = allows_anonymous(config);
  rules.offers_exchange = rules.basic_tokens || bearer.upstream || rules.anonymous_exchange;
  return {};
}

/// One marker a line, several so that it can be rotated; empty lines are skipped.
Result<std::vector<Secret>> compile_markers(std::string_view text) {
  std::vector<Secret> markers;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.size() < kMarkerMin || line.size() > kMarkerMax || !is_printable(line)) {
      return invalid("portcullis.proxy.markerFile: line " + std::to_string(number) + " is not 16 to 256 printable bytes without blanks");
    }
    markers.emplace_back(std::string(line));
  }
  if (markers.empty()) return invalid("portcullis.proxy.markerFile: no line holds a marker of 16 to 256 printable bytes");
  return markers;
}

std::optional<Action> action_from_name(std::string_view name) noexcept {
  if (name == "read") return Action::read;
  if (name == "create") return Action::create;
  if (name == "update") return Action::update;
  if (name == "delete") return Action::delete_;
  return std::nullopt;
}

/// `type:name:action`, cut at the first and at the last colon: a name may hold one.
std::optional<Need> read_scope(std::string_view text) {
  const std::size_t first = text.find(':');
  const std::size_t last = text.rfind(':');
  if (first == std::string_view::npos || first == last || !is_printable(text)) return std::nullopt;
  Need need{std::string(text.substr(0, first)), std::string(text.substr(first + 1, last - first - 1)), std::string(text.substr(last + 1))};
  if (need.type.empty() || need.name.empty() || need.action.empty() || text.find_first_of("\"\\") != std::string_view::npos)
    return std::nullopt;
  return need;
}

Result<ExtraRouteRule> compile_route(const ExtraRoute& route, const std::string& path) {
  if (!is_canonical_path(route.path)) return invalid(path + ".path: it is not a canonical path, and no request could ever have it");
  if (overlaps_table(route.path)) return invalid(path + ".path: it overlaps a route of the distribution specification");
  ExtraRouteRule rule;
  rule.path = route.path;
  if (route.methods.empty()) return invalid(path + ".methods: it is empty");
  for (const std::string& method : route.methods) {
    if (!method_from_name(method)) return invalid(path + ".methods: only GET, HEAD, POST, PUT, PATCH and DELETE exist");
  }
  rule.methods = route.methods;
  auto need = read_scope(route.scope);
  if (!need) return invalid(path + ".scope: it is not type:name:action");
  rule.need = std::move(*need);
  const auto action = action_from_name(route.action);
  if (!action) return invalid(path + ".action: it is not read, create, update or delete");
  rule.action = *action;
  return rule;
}

std::string type_name_of(std::string_view type) {
  std::string name(type);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (name.starts_with(kApplication)) name.erase(0, kApplication.size());
  return name;
}

Result<TokenRules> compile_tokens(const Config& config, std::uint64_t generation) {
  const TokensConfig& tokens = config.tokens;
  TokenRules rules;
  rules.limits.bytes = config.limits.token_bytes;
  rules.claims = {.issuers = tokens.issuers,
                  .audiences = tokens.audiences,
                  .require_expiry = tokens.require_expiry,
                  .leeway = tokens.leeway,
                  .max_lifetime = tokens.max_lifetime};
  rules.identity = {.mapping = nullptr, .username_prefix = tokens.username_prefix, .groups_prefix = tokens.groups_prefix};
  if (!tokens.claim_mapping.empty()) {
    auto mapping = ClaimProgram::compile(tokens.claim_mapping, std::nullopt);
    if (!mapping) return invalid("portcullis.tokens.claimMapping: " + mapping.error().detail);
    rules.identity.mapping = std::move(*mapping);
  }
  for (const std::string& type : tokens.types) rules.types.push_back(type_name_of(type));
  rules.generation = generation;
  return rules;
}

/// `maxLifetime` and `types` are for the operator's own tokens: issuers' are what they are.
Result<IssuerRules> compile_issuer(const Config& config, std::size_t index, std::uint64_t generation) {
  const OidcIssuerConfig& issuer = config.bearer.oidc[index];
  IssuerRules rules;
  rules.issuer = issuer.issuer;
  rules.skips_verification = issuer.skip_issuer_verification;
  TokenRules& tokens = rules.tokens;
  tokens.limits.bytes = config.limits.token_bytes;
  tokens.claims.audiences = issuer.audiences;
  if (!rules.skips_verification) tokens.claims.issuers = {issuer.issuer};
  tokens.claims.require_expiry = true;
  tokens.claims.leeway = config.tokens.leeway;
  tokens.needs_subject = true;
  tokens.reads_access = false;
  tokens.generation = generation;
  tokens.identity = {.mapping = nullptr, .username_prefix = issuer.username_prefix, .groups_prefix = issuer.groups_prefix};
  auto mapping = ClaimProgram::compile(issuer.claim_mapping, default_username_of(issuer));
  if (!mapping) return invalid("http.auth.bearer.oidc[" + std::to_string(index) + "].claimMapping: " + mapping.error().detail);
  tokens.identity.mapping = std::move(*mapping);
  return rules;
}

/// Which requests carry a login, and who may ask for one.
Result<void> add_broker_rules(const Config& config, GateRules& rules) {
  if (!config.broker->routes.empty()) {
    auto routes = LoginRoutes::compile(config.broker);
    if (!routes) return std::move(routes).error();
    rules.login_routes = std::move(routes).value();
  }
  if (config.broker->policy.empty()) return {};
  auto policy =
      CredentialsPolicy::compile(*config.broker, config.access_control ? config.access_control->groups : std::vector<GroupConfig>());
  if (!policy) return std::move(policy).error();
  rules.credentials = std::move(policy).value();
  return {};
}

}  // namespace

IssuerKeys::IssuerKeys(std::vector<SourceState> sources) : sources_(std::move(sources)) {
  for (const SourceState& source : sources_) generations_.push_back(source.generation);
}

Result<GateRules> compile_rules(const Config& config, std::string_view markers, std::uint64_t rules_generation) {
  GateRules rules;
  auto challenge = compile_challenge(config.bearer);
  if (!challenge) return std::move(challenge).error();
  rules.challenge_prefix = std::move(challenge).value();
  if (auto exchange = compile_exchange(config, rules); !exchange) return std::move(exchange).error();
  rules.trusted = config.proxy.trusted;
  if (config.proxy.marker_file) {
    auto compiled = compile_markers(markers);
    if (!compiled) return std::move(compiled).error();
    rules.markers = std::move(compiled).value();
  }
  rules.client_address_header = config.proxy.client_address;
  rules.scheme_header = config.proxy.scheme;
  rules.original_url = config.proxy.original_url;
  rules.tag_lookup = config.registry.tag_lookup;
  rules.strips_mount = config.proxy.strips_mount;
  rules.access_claim = config.tokens.access_claim;
  rules.policy_enforced = config.tokens.policy_enforced;
  for (std::size_t i = 0; i < config.extra_routes.size(); ++i) {
    auto route = compile_route(config.extra_routes[i], "portcullis.extraRoutes[" + std::to_string(i) + "]");
    if (!route) return std::move(route).error();
    rules.extra_routes.push_back(std::move(route).value());
  }
  rules.route_limits.uri_bytes = config.limits.uri_bytes;
  if (config.broker) {
    if (auto added = add_broker_rules(config, rules); !added) return added.error();
  }
  auto tokens = compile_tokens(config, rules_generation);
  if (!tokens) return std::move(tokens).error();
  rules.tokens = std::move(tokens).value();
  for (std::size_t i = 0; i < config.bearer.oidc.size(); ++i) {
    auto issuer = compile_issuer(config, i, rules_generation);
    if (!issuer) return std::move(issuer).error();
    rules.issuers.push_back(std::move(issuer).value());
  }
  return rules;
}

}  // namespace portcullis
