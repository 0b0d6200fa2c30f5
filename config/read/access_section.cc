// `http.accessControl` and `portcullis.shadow`: the shape of zot's policies; what they mean is not for this version.
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

void read_actions(Section& section, std::string_view name) {
  const auto words = section.texts(name);
  if (!words) return;
  for (const std::string& word : *words) {
    if (std::find(actions().begin(), actions().end(), word) != actions().end()) continue;
    const auto near = meant(word);
    section.error(name, in_quotes(word) + " is no action; actions are read, create, update, delete, detectManifestCollision" +
                            (near ? "; did you mean " + in_quotes(*near) + "?" : ""));
  }
}

void read_users(Section& section) {
  const auto users = section.texts("users");
  if (users && std::find(users->begin(), users->end(), "*") != users->end()) {
    section.error("users", "\"*\" is no user: rights of every known user stand in defaultPolicy, rights of everybody in anonymousPolicy");
  }
}

void read_policy(Section& policy) {
  read_users(policy);
  policy.texts("groups");
  read_actions(policy, "actions");
  policy.boolean("deny");
  policy.objects("conditions", [](Section& condition, std::size_t) {
    condition.required_text("expression", "a condition needs an expression");
    condition.text("message");
  });
}

}  // namespace

void read_access_control(Section& access) {
  access.map("repositories", [](std::string_view, Section& repository) {
    repository.objects("policies", [](Section& policy, std::size_t) { read_policy(policy); });
    read_actions(repository, "defaultPolicy");
    read_actions(repository, "anonymousPolicy");
  });
  access.map("groups", [](std::string_view, Section& group) { read_users(group); });
  access.object("adminPolicy", read_policy);
  access.object("metrics", [](Section& metrics) {
    read_users(metrics);
    read_actions(metrics, "anonymousPolicy");
  });
}

}  // namespace portcullis
