// `portcullis.broker`: logins to the registries behind the gate, and who is given them. What is assumed and asked for is judged here, so
// that a wrong role or a look-alike host is a fault at start-up and not at three in the morning.
#include <algorithm>

#include "aws/sts.h"
#include "config/read/nearest.h"
#include "config/read/sections.h"

namespace portcullis {
namespace {

constexpr std::string_view kRoleForm = "a role's ARN looks like arn:aws:iam::123456789012:role/name";

bool is_session_prefix(std::string_view text) noexcept {
  return text.size() >= 2 && text.size() <= defaults::kSessionPrefixBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("_+=,.@-").find(c) != std::string_view::npos;
         });
}

void read_jump_role(Section& broker, BrokerConfig& config) {
  config.jump_role = broker.text("jumpRoleArn");
  if (config.jump_role && !is_role_arn(*config.jump_role)) broker.error("jumpRoleArn", std::string(kRoleForm));
  config.jump_external_id = broker.text("jumpExternalId");
  if (config.jump_external_id && !is_external_id(*config.jump_external_id))
    broker.error("jumpExternalId", "must have 2 to 1224 characters of A-Z a-z 0-9 _ + = , . @ : / -");
  if (config.jump_external_id && !broker.has("jumpRoleArn")) broker.error("jumpExternalId", "belongs to a role: set jumpRoleArn too");
  config.session_prefix = broker.text("sessionPrefix").value_or(std::string(defaults::kSessionPrefix));
  if (!is_session_prefix(config.session_prefix)) {
    broker.error("sessionPrefix",
                 "must have 2 to " + std::to_string(defaults::kSessionPrefixBytes) + " characters of A-Z a-z 0-9 _ + = , . @ -");
  }
}

void read_routes(Section& broker, BrokerConfig& config) {
  broker.objects("routes", [&](Section& route, std::size_t) {
    BrokerRouteConfig read;
    read.repositories = route.required_text("repositories", "a route needs a pattern of repositories, such as \"team-a/**\"").value_or("");
    read.registry = lower_case(route.required_text("registry", "a route needs a registry: a host of registries").value_or(""));
    if (!read.registry.empty()) check_known_registries(route, "registry", {read.registry}, config);
    const bool again = std::any_of(config.routes.begin(), config.routes.end(),
                                   [&read](const BrokerRouteConfig& other) { return other.repositories == read.repositories; });
    if (again && !read.repositories.empty()) route.error("repositories", in_quotes(read.repositories) + " stands there twice");
    config.routes.push_back(std::move(read));
  });
}

void read_policy(Section& broker, BrokerConfig& config) {
  broker.objects("policy", [&](Section& entry, std::size_t) {
    BrokerPolicyConfig read;
    const auto listed_registries = entry.texts("registries");
    read.registries = listed_registries.value_or(std::vector<std::string>());
    if (listed_registries && listed_registries->empty()) entry.error("registries", "names no registry; leave it out for all of them");
    for (std::string& host : read.registries) host = lower_case(host);
    check_known_registries(entry, "registries", read.registries, config);
    read.users = read_users(entry);
    read.groups = entry.texts("groups").value_or(std::vector<std::string>());
    entry.objects("conditions", [&](Section& condition, std::size_t) { read.conditions.push_back(read_condition(condition)); });
    read.wide = entry.boolean("wide").value_or(false);
    // An empty list names nobody; it must not make an entry of everybody who meets the conditions.
    const bool listed = entry.has("users") || entry.has("groups");
    if (entry.present() && read.users.empty() && read.groups.empty() && (listed || read.conditions.empty()))
      entry.error("users", "an entry names somebody: users, groups or conditions; an empty list names nobody");
    config.policy.push_back(std::move(read));
  });
}

/// Whether the gate uses `role` for itself: a caller that could name it would be the gate.
bool is_own_role(const BrokerConfig& config, std::string_view role) {
  if (config.jump_role == role) return true;
  return std::any_of(config.registries.begin(), config.registries.end(), [role](const RegistryLoginConfig& registry) {
    if (const auto* ecr = std::get_if<EcrLoginConfig>(&registry.login)) return ecr->identity.role_arn == role;
    if (const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&registry.login)) return artifactory->identity.role_arn == role;
    return false;
  });
}

void read_caller_roles(Section& broker, BrokerConfig& config) {
  config.caller_roles = broker.texts("callerRoles").value_or(std::vector<std::string>());
  for (const std::string& role : config.caller_roles) {
    if (!is_role_arn(role)) {
      broker.error("callerRoles", in_quotes(role) + ": " + std::string(kRoleForm));
    } else if (is_own_role(config, role)) {
      broker.error("callerRoles", in_quotes(role) + " is a role of the gate's own; a caller may name his own roles alone");
    }
  }
}

}  // namespace

bool is_registry_host(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    const bool digits = std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (port.empty() || port.size() > 5 || !digits || port.front() == '0' || (port.size() == 5 && port > "65535")) return false;
  }
  const std::string_view host = text.substr(0, colon);
  if (host.empty() || host.size() > 253) return false;
  std::size_t start = 0;
  while (start <= host.size()) {
    const std::size_t end = std::min(host.find('.', start), host.size());
    const std::string_view label = host.substr(start, end - start);
    const bool good = std::all_of(label.begin(), label.end(),
                                  [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
    if (label.empty() || label.size() > 63 || !good || label.front() == '-' || label.back() == '-') return false;
    start = end + 1;
  }
  return true;
}

void check_known_registries(Section& section, std::string_view name, const std::vector<std::string>& hosts, const BrokerConfig& config) {
  std::vector<std::string> known;
  for (const RegistryLoginConfig& registry : config.registries) known.push_back(registry.host);
  for (const std::string& host : hosts) {
    if (std::find(known.begin(), known.end(), host) != known.end()) continue;
    const auto near = nearest(host, known);
    section.error(
        name, in_quotes(host) + " is no host of portcullis.broker.registries" + (near ? "; did you mean " + in_quotes(*near) + "?" : ""));
  }
}

void read_broker(Section& broker, Config& config) {
  auto read = std::make_shared<BrokerConfig>();
  read_registry_logins(broker, *read);
  read_jump_role(broker, *read);
  read_routes(broker, *read);
  read_policy(broker, *read);
  read_caller_roles(broker, *read);
  read_pull_secrets(broker, *read);
  read->cache_maximum = broker.duration("cacheMaximum", defaults::kCacheMaximumBounds).value_or(defaults::kCacheMaximum);
  read->cache_entries = broker.count("cacheEntries", defaults::kCacheEntriesBounds).value_or(defaults::kCacheEntries);
  if (broker.present() && read->registries.empty()) broker.error("registries", "must name a registry at least: {\"<host>\": {…}}");
  if (broker.present()) config.broker = std::move(read);
}

}  // namespace portcullis
