// `http.accessControl` as plain data: who may do what, as in zot.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace portcullis {

/// One of a policy's `conditions`.
struct ConditionConfig {
  std::string expression;  ///< CEL over `req`
  std::string message;     ///< for the client where it does not hold; may be empty

  friend bool operator==(const ConditionConfig&, const ConditionConfig&) = default;
};

/// One of `policies`, or `adminPolicy`.
struct PolicyConfig {
  std::vector<std::string> users{};
  std::vector<std::string> groups{};
  std::vector<std::string> actions;  ///< read, create, update, delete, detectManifestCollision
  std::vector<ConditionConfig> conditions{};
  bool deny = false;  ///< takes away instead of granting; without users and groups from everyone

  friend bool operator==(const PolicyConfig&, const PolicyConfig&) = default;
};

/// One pattern of `repositories`.
struct RepositoryPolicyConfig {
  std::string pattern;
  std::vector<PolicyConfig> policies{};
  std::vector<std::string> default_policy{};    ///< actions of every known user
  std::vector<std::string> anonymous_policy{};  ///< actions without credentials

  friend bool operator==(const RepositoryPolicyConfig&, const RepositoryPolicyConfig&) = default;
};

/// One of `groups`: its members are in it beside the groups that their tokens name.
struct GroupConfig {
  std::string name;
  std::vector<std::string> users{};

  friend bool operator==(const GroupConfig&, const GroupConfig&) = default;
};

/// `metrics`: who may read the admin listener's metrics and status, where it is not on loopback.
struct MetricsPolicyConfig {
  std::vector<std::string> users{};
  std::vector<std::string> anonymous_policy;

  friend bool operator==(const MetricsPolicyConfig&, const MetricsPolicyConfig&) = default;
};

/// `http.accessControl`, or `portcullis.shadow`.
struct AccessControlConfig {
  std::vector<RepositoryPolicyConfig> repositories;  ///< in the order of the file
  std::vector<GroupConfig> groups;
  std::optional<PolicyConfig> admin_policy;
  std::optional<MetricsPolicyConfig> metrics;

  friend bool operator==(const AccessControlConfig&, const AccessControlConfig&) = default;
};

}  // namespace portcullis
