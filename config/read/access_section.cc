// `http.accessControl` and `portcullis.shadow`: zot's policies as they are written; patterns and conditions are compiled elsewhere.
#include <algorithm>
#include <array>

#include "config/read/nearest.h"
#include "config/read/sections.h"

namespace portcullis {
namespace {

const std::array<std::string, 5>& actions() {
  static const std::array<std::string, 5> all = {"read", "create", "update", "delete", "detectManifestCollision"};
  return all;
}

/// What a registry's own words mean here: "pull" is far from "read" by letters, and near by sense.
std::optional<std::string> meant(const std::string& word) {
  if (equal_in_any_case(word, "pull")) return "read";
  if (equal_in_any_case(word, "push")) return "create";
  return nearest(word, actions());
}

std::vector<std::string> read_actions(Section& section, std::string_view name) {
  auto words = section.texts(name);
  if (!words) return {};
  for (const std::string& word : *words) {
    if (std::find(actions().begin(), actions().end(), word) != actions().end()) continue;
    const auto near = meant(word);
    section.error(name, in_quotes(word) + " is no action; actions are read, create, update, delete, detectManifestCollision" +
                            (near ? "; did you mean " + in_quotes(*near) + "?" : ""));
  }
  return std::move(*words);
}

/// It travels in a header, as JSON.
void check_message(Section& condition, std::string_view message) {
  if (message.size() > defaults::kConditionMessageBytes)
    condition.error("message", "must have at most " + std::to_string(defaults::kConditionMessageBytes) + " bytes");
  if (std::any_of(message.begin(), message.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    condition.error("message", "must not hold control characters");
}

/// A deny that says nothing of actions would take nothing away, and one whose lists name nobody would be for everyone.
void check_deny(Section& policy, const PolicyConfig& config) {
  if (!policy.has("actions") || policy.is_empty_list("actions")) {
    policy.error("actions", "a deny names what it takes away: read, create, update, delete, detectManifestCollision");
  }
  for (const std::string_view name : {"users", "groups"}) {
    if (!policy.is_empty_list(name) || !config.users.empty() || !config.groups.empty()) continue;
    policy.error(name, "is an empty list, and a deny without users and groups is for everyone: leave the key out, or name somebody");
  }
}

PolicyConfig read_policy(Section& policy) {
  PolicyConfig config;
  config.users = read_users(policy);
  config.groups = policy.texts("groups").value_or(std::vector<std::string>{});
  config.actions = read_actions(policy, "actions");
  config.deny = policy.boolean("deny").value_or(false);
  if (config.deny) check_deny(policy, config);
  policy.objects("conditions", [&](Section& condition, std::size_t) { config.conditions.push_back(read_condition(condition)); });
  return config;
}

RepositoryPolicyConfig read_repository(std::string_view pattern, Section& repository) {
  RepositoryPolicyConfig config;
  config.pattern = pattern;
  repository.objects("policies", [&](Section& policy, std::size_t) { config.policies.push_back(read_policy(policy)); });
  config.default_policy = read_actions(repository, "defaultPolicy");
  config.anonymous_policy = read_actions(repository, "anonymousPolicy");
  return config;
}

}  // namespace

std::vector<std::string> read_users(Section& section) {
  auto users = section.texts("users");
  if (!users) return {};
  if (std::find(users->begin(), users->end(), "*") != users->end()) {
    section.error("users", "\"*\" is no user: rights of every known user stand in defaultPolicy, rights of everybody in anonymousPolicy");
  }
  return std::move(*users);
}

ConditionConfig read_condition(Section& condition) {
  ConditionConfig read{condition.required_text("expression", "a condition needs an expression").value_or(""),
                       condition.lines("message").value_or("")};
  check_message(condition, read.message);
  return read;
}

AccessControlConfig read_access_control(Section& access) {
  AccessControlConfig config;
  access.map("repositories",
             [&](std::string_view pattern, Section& repository) { config.repositories.push_back(read_repository(pattern, repository)); });
  access.map("groups", [&](std::string_view name, Section& group) { config.groups.push_back({std::string(name), read_users(group)}); });
  access.object("adminPolicy", [&](Section& admin) {
    PolicyConfig policy = read_policy(admin);
    if (!admin.present()) return;
    if (policy.deny) admin.error("deny", "adminPolicy grants; write what is denied below the pattern of its repositories");
    config.admin_policy = std::move(policy);
  });
  access.object("metrics", [&](Section& section) {
    MetricsPolicyConfig metrics{read_users(section), read_actions(section, "anonymousPolicy")};
    if (section.present()) config.metrics = std::move(metrics);
  });
  return config;
}

}  // namespace portcullis
