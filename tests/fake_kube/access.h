// Who may do what: bearer tokens, and rules as a Role or ClusterRole has them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fake_kube/json_value.h"

namespace portcullis::fake_kube {

/// Verbs on resources, in one namespace or everywhere. `*` is every one.
struct AccessRule {
  std::vector<std::string> verbs;
  std::vector<std::string> resources;
  std::optional<std::string> space;
};

struct User {
  std::string token;
  std::string name;  ///< `system:serviceaccount:registry:portcullis`
  std::vector<AccessRule> rules;
};

/// What is asked for.
struct AccessQuestion {
  std::string verb;
  std::string resource;
  std::string space;  ///< empty: at the cluster scope
};

bool may(const User& user, const AccessQuestion& question);
/// `secrets is forbidden: User "u" cannot list resource "secrets" in API group "" at the cluster scope`.
std::string forbidden_text(const User& user, const AccessQuestion& question);
/// One entry of `users`: token, name, rules (verbs, resources, namespace). Nothing where it is none.
std::optional<User> read_user(const json_t* entry);

}  // namespace portcullis::fake_kube
