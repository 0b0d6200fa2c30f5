// The accounts of this cloud as plain data: users, roles and whom they trust, identity providers, and what machines may ask for.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/codec/json.h"
#include "base/result.h"
#include "keystore/key_set.h"
#include "tests/fake_aws/secret_store.h"

namespace portcullis::fake_aws {

/// One statement of a role's trust policy: either principals or an identity provider.
struct Trust {
  std::vector<std::string> principals;     ///< ARNs of users, roles or sessions, account ids, `arn:…:root`, `*`
  std::optional<std::string> external_id;  ///< the condition sts:ExternalId
  std::string provider;                    ///< URL of an identity provider; empty for principals
  std::vector<std::string> audiences;      ///< the condition <provider>:aud; empty: any that the provider lists
  std::vector<std::string> subjects;       ///< the condition <provider>:sub; a trailing `*` is a pattern; empty: any
};

struct Role {
  std::string name;
  std::string path;  ///< `/` or `/a/b/`
  std::string account;
  std::string arn{};
  std::string id{};
  std::chrono::seconds longest_session{3600};
  std::vector<Trust> trust{};
  std::vector<std::string> allow{};  ///< actions; a trailing `*` is a pattern
};

/// Whoever signs.
struct Principal {
  std::string arn;
  std::string id;
  std::string account;
  std::string role_arn;  ///< empty for a user
  std::vector<std::string> allow;
};

struct IdentityProvider {
  std::string url;
  std::vector<std::string> audiences;
  KeySet keys;
};

/// What an ECS or EKS endpoint gives out.
struct Container {
  std::string path;
  std::string role;  ///< ARN
  std::optional<std::string> token;
  std::optional<std::string> token_file;  ///< read at each request
};

/// Somebody who has signed in at the portal of IAM Identity Center.
struct PortalSession {
  std::string token;  ///< that `aws sso login` would have left in its cache
  std::string role;   ///< ARN of the one role that is assigned
};

/// An access key: of a user, or of a session.
struct AccessKey {
  std::string secret;
  std::string session_token;  ///< empty for a user
  std::optional<TimePoint> expires;
  Principal principal;
};

struct World {
  std::string account;
  std::string partition;
  std::vector<std::string> regions;
  std::map<std::string, AccessKey> keys{};  ///< by access key id
  std::vector<Role> roles{};
  std::vector<IdentityProvider> providers{};
  SecretStore secrets{};
  std::optional<std::string> instance_role{};  ///< ARN of the role that IMDS gives out
  bool metadata_v1 = false;                    ///< IMDS answers without a token
  std::vector<Container> containers{};
  std::vector<PortalSession> portal_sessions{};
  std::map<std::string, std::string> artifactory_users{};  ///< role ARN to user name
  std::vector<std::string> session_policies{};             ///< of every AssumeRole that brought one
  std::optional<std::string> ecr_password{};               ///< what ECR gives out; absent: another one each time
  std::chrono::seconds ecr_password_life{43200};
  std::chrono::seconds machine_session{21600};  ///< life of what IMDS and container endpoints give out
  std::chrono::milliseconds clock_offset{0};

  [[nodiscard]] TimePoint now() const;
  /// The role of that ARN or, in the first account, name; null where there is none.
  [[nodiscard]] const Role* find_role(std::string_view name) const;
  [[nodiscard]] Role* find_role(std::string_view name);
  /// Makes credentials for a session of `role`, and returns their access key id.
  std::string open_session(const Role& role, std::string_view session_name, std::chrono::seconds life);
};

/// Reads a world file (docs/development-aws.md). `Reason::bad_request`, naming the member.
Result<World> read_world(std::string_view json);
/// Reads the `trust` of a role.
Result<std::vector<Trust>> read_trust(JsonView list);
/// Whether one of the patterns is `action`, or a beginning of it with `*` behind.
bool matches_any(const std::vector<std::string>& patterns, std::string_view action);

}  // namespace portcullis::fake_aws
