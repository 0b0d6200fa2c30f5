#include "tests/fake_aws/world.h"

#include <algorithm>
#include <utility>

#include "keystore/key_text.h"
#include "tests/fake_aws/mint.h"

namespace portcullis::fake_aws {
namespace {

constexpr JsonLimits kWorldLimits{.bytes = 16UL * 1024 * 1024, .depth = 16, .members = 1000000};

Error fault(std::string_view where, std::string_view what) {
  return {Reason::bad_request, "world: " + std::string(where) + ": " + std::string(what)};
}

std::string text_or(JsonView object, std::string_view name, std::string_view otherwise) {
  return std::string(object.get(name).string().value_or(otherwise));
}

std::optional<std::string> text_of(JsonView object, std::string_view name) {
  const auto text = object.get(name).string();
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::vector<std::string> texts_of(JsonView object, std::string_view name) {
  std::vector<std::string> all;
  for (const JsonView element : object.get(name).elements()) {
    if (const auto text = element.string()) all.emplace_back(*text);
  }
  return all;
}

/// A misspelt member would be a rule that is not there.
Result<void> only_members(JsonView object, std::string_view where, std::initializer_list<std::string_view> known) {
  if (!object.is_object()) return fault(where, "is no object");
  for (const auto& [name, value] : object.members()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) return fault(where, "has an unknown member " + std::string(name));
  }
  return {};
}

/// Absent: everything is allowed.
std::vector<std::string> allowed_of(JsonView object) {
  if (!object.get("allow").exists()) return {"*"};
  return texts_of(object, "allow");
}

Result<void> read_users(JsonView list, World& world) {
  for (const JsonView user : list.elements()) {
    auto good = only_members(user, "users", {"name", "account", "accessKeyId", "secretAccessKey", "allow"});
    if (!good) return good;
    const auto name = text_of(user, "name");
    const auto key = text_of(user, "accessKeyId");
    const auto secret = text_of(user, "secretAccessKey");
    if (!name || !key || !secret) return fault("users", "name, accessKeyId and secretAccessKey are needed");
    Principal principal{.arn = {}, .id = {}, .account = text_or(user, "account", world.account), .role_arn = {}, .allow = allowed_of(user)};
    principal.arn = "arn:" + world.partition + ":iam::" + principal.account + ":user/" + *name;
    principal.id = unique_id("AIDA", principal.arn);
    world.keys[*key] = {.secret = *secret, .session_token = {}, .expires = std::nullopt, .principal = std::move(principal)};
  }
  return {};
}

Result<void> read_roles(JsonView list, World& world) {
  for (const JsonView given : list.elements()) {
    auto good = only_members(given, "roles", {"name", "path", "account", "maxSessionDuration", "trust", "allow"});
    if (!good) return good;
    Role role{.name = text_or(given, "name", ""), .path = text_or(given, "path", "/"), .account = text_or(given, "account", world.account)};
    if (role.name.empty() || !role.path.starts_with('/') || !role.path.ends_with('/'))
      return fault("roles", "a name and a path between slashes are needed");
    role.arn = "arn:" + world.partition + ":iam::" + role.account + ":role" + role.path + role.name;
    role.id = unique_id("AROA", role.arn);
    role.longest_session = std::chrono::seconds(given.get("maxSessionDuration").integer().value_or(3600));
    role.allow = allowed_of(given);
    auto trust = read_trust(given.get("trust"));
    if (!trust) return std::move(trust).error();
    role.trust = *std::move(trust);
    world.roles.push_back(std::move(role));
  }
  return {};
}

Result<void> read_providers(JsonView list, World& world) {
  for (const JsonView given : list.elements()) {
    auto good = only_members(given, "providers", {"url", "audiences", "jwks"});
    if (!good) return good;
    auto parsed = read_jwks(given.get("jwks").dump(), "");
    if (!parsed) return fault("providers", "jwks: " + parsed.error().detail);
    auto keys = KeySet::make(*std::move(parsed));
    if (!keys) return fault("providers", "jwks: " + keys.error().detail);
    world.providers.push_back({.url = text_or(given, "url", ""), .audiences = texts_of(given, "audiences"), .keys = *std::move(keys)});
  }
  return {};
}

Result<void> read_secrets(JsonView list, World& world) {
  for (const JsonView given : list.elements()) {
    auto good = only_members(given, "secrets", {"name", "region", "account", "value"});
    if (!good) return good;
    const auto name = text_of(given, "name");
    const auto value = text_of(given, "value");
    if (!name || !value) return fault("secrets", "name and value are needed");
    StoredSecret& secret = world.secrets.create(world.partition, text_or(given, "account", world.account),
                                                text_or(given, "region", world.regions.front()), *name, world.now());
    secret.put({.id = random_uuid(), .value = *value, .binary = false, .stages = {}, .created = world.now()}, {"AWSCURRENT"});
  }
  return {};
}

Result<void> read_machines(JsonView root, World& world) {
  const JsonView metadata = root.get("metadata");
  if (metadata.exists()) {
    auto good = only_members(metadata, "metadata", {"role", "v1"});
    if (!good) return good;
    const Role* role = world.find_role(text_or(metadata, "role", ""));
    if (role == nullptr) return fault("metadata", "role: no such role");
    world.instance_role = role->arn;
    world.metadata_v1 = metadata.get("v1").boolean().value_or(false);
  }
  for (const JsonView given : root.get("containers").elements()) {
    auto good = only_members(given, "containers", {"path", "role", "token", "tokenFile"});
    if (!good) return good;
    const Role* role = world.find_role(text_or(given, "role", ""));
    if (role == nullptr) return fault("containers", "role: no such role");
    world.containers.push_back({text_or(given, "path", "/"), role->arn, text_of(given, "token"), text_of(given, "tokenFile")});
  }
  for (const JsonView given : root.get("portal").elements()) {
    auto good = only_members(given, "portal", {"token", "role"});
    if (!good) return good;
    const Role* role = world.find_role(text_or(given, "role", ""));
    if (role == nullptr) return fault("portal", "role: no such role");
    world.portal_sessions.push_back({text_or(given, "token", ""), role->arn});
  }
  for (const auto& [role, user] : root.get("artifactory").members())
    world.artifactory_users[std::string(role)] = user.string().value_or("");
  return {};
}

}  // namespace

bool matches_any(const std::vector<std::string>& patterns, std::string_view action) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
    return pattern == action || (pattern.ends_with('*') && action.starts_with(pattern.substr(0, pattern.size() - 1)));
  });
}

Result<std::vector<Trust>> read_trust(JsonView list) {
  std::vector<Trust> all;
  for (const JsonView given : list.elements()) {
    const auto good = only_members(given, "trust", {"principals", "externalId", "provider", "audiences", "subjects"});
    if (!good) return good.error();
    Trust trust{.principals = texts_of(given, "principals"),
                .external_id = text_of(given, "externalId"),
                .provider = text_or(given, "provider", ""),
                .audiences = texts_of(given, "audiences"),
                .subjects = texts_of(given, "subjects")};
    if (trust.principals.empty() == trust.provider.empty()) return fault("trust", "either principals or a provider");
    all.push_back(std::move(trust));
  }
  return all;
}

TimePoint World::now() const { return SystemClock().now() + clock_offset; }

const Role* World::find_role(std::string_view name) const {
  const auto found = std::find_if(roles.begin(), roles.end(),
                                  [&](const Role& role) { return role.arn == name || (role.account == account && role.name == name); });
  return found == roles.end() ? nullptr : &*found;
}

Role* World::find_role(std::string_view name) { return const_cast<Role*>(std::as_const(*this).find_role(name)); }  // NOLINT

std::string World::open_session(const Role& role, std::string_view session_name, std::chrono::seconds life) {
  std::string id = random_id("ASIA", 16);
  Principal principal{.arn = "arn:" + partition + ":sts::" + role.account + ":assumed-role/" + role.name + "/" + std::string(session_name),
                      .id = role.id + ":" + std::string(session_name),
                      .account = role.account,
                      .role_arn = role.arn,
                      .allow = role.allow};
  keys[id] = {.secret = random_text(40),
              .session_token = random_text(340) + "==",
              .expires = std::chrono::floor<std::chrono::seconds>(now()) + life,
              .principal = std::move(principal)};
  return id;
}

Result<World> read_world(std::string_view json) {
  auto document = parse_json(json, kWorldLimits);
  if (!document) return std::move(document).error();
  const JsonView root = document->root();
  auto good =
      only_members(root, "the file",
                   {"account", "partition", "regions", "clockOffsetSeconds", "machineSessionSeconds", "ecrPassword", "ecrPasswordSeconds",
                    "users", "roles", "providers", "secrets", "metadata", "containers", "portal", "artifactory"});
  if (!good) return good.error();
  World world{.account = text_or(root, "account", "111122223333"),
              .partition = text_or(root, "partition", "aws"),
              .regions = texts_of(root, "regions")};
  if (world.regions.empty()) return fault("regions", "at least one is needed");
  world.clock_offset = std::chrono::seconds(root.get("clockOffsetSeconds").integer().value_or(0));
  world.machine_session = std::chrono::seconds(root.get("machineSessionSeconds").integer().value_or(21600));
  if (const auto password = root.get("ecrPassword").string()) world.ecr_password = std::string(*password);
  world.ecr_password_life = std::chrono::seconds(root.get("ecrPasswordSeconds").integer().value_or(43200));
  for (const auto& [name, read] : {std::pair{"users", &read_users}, std::pair{"roles", &read_roles},
                                   std::pair{"providers", &read_providers}, std::pair{"secrets", &read_secrets}}) {
    good = read(root.get(name), world);
    if (!good) return good.error();
  }
  good = read_machines(root, world);
  if (!good) return good.error();
  return world;
}

}  // namespace portcullis::fake_aws
