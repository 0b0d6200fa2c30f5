// `portcullis.broker` as plain data: logins to the registries behind the gate, and who is given them.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "config/access.h"

namespace portcullis {

/// A secret that was written in the file itself, shared by the copies of the configuration. Never printed.
using SharedSecret = std::shared_ptr<const Secret>;

/// Whose AWS credentials sign: static keys, a role, or, without either, the gate's own.
struct AwsIdentityConfig {
  std::optional<std::string> access_key;
  SharedSecret secret_key;                     ///< with `access_key`, unless `secret_key_file`
  std::optional<std::string> secret_key_file;  ///< path, read at each login
  std::optional<std::string> role_arn;         ///< any partition; passed `is_role_arn`
  std::optional<std::string> external_id;      ///< of the role; 2 to 1224 of `\w+=,.@:/-`
};

/// Amazon ECR, private or public: what the host's name says, or `ecr` where the host is a name of the operator's own.
struct EcrLoginConfig {
  AwsIdentityConfig identity;
  std::optional<std::string> ecr;  ///< the ECR host that this name stands for
};

/// Artifactory: who we are for AWS, or an OIDC token, is exchanged for its token.
struct ArtifactoryLoginConfig {
  enum class AuthType { automatic, web_identity, pod_identity, assume_role, oidc } auth_type = AuthType::automatic;
  AwsIdentityConfig identity;           ///< of `assume_role`
  std::optional<std::string> region;    ///< of STS; absent: the AWS configuration's, else us-west-2 is never guessed: region set `*`
  std::vector<std::string> subdomains;  ///< further hosts that the same token opens
  std::optional<std::string> url;       ///< of the exchange; absent: `https://<host>`
  std::optional<std::chrono::seconds> token_life;  ///< asked for; absent: the role's MaxSessionDuration, else 3 h
  std::optional<std::string> oidc_provider;        ///< name of the provider in Artifactory; of `oidc`
  std::optional<std::string> oidc_token_file;      ///< read at each exchange; of `oidc`
  std::optional<std::string> oidc_audience;
  std::optional<std::string> scope;
  std::optional<std::string> certificate_authority_file;
};

/// A user and a password that do not change by themselves.
struct StaticLoginConfig {
  std::string username;
  SharedSecret password;                         ///< exactly one of the three
  std::optional<std::string> password_file;      ///< path, read at each use
  std::optional<std::string> password_variable;  ///< name of an environment variable
};

/// One of `registries`.
struct RegistryLoginConfig {
  std::string host;  ///< as clients write it: lower case, with its port where it has one
  std::variant<EcrLoginConfig, ArtifactoryLoginConfig, StaticLoginConfig> login;
};

/// One of `routes`: an allowed request for such a repository carries a login of `registry`. The first that matches decides.
struct BrokerRouteConfig {
  std::string repositories;  ///< a glob as in `http.accessControl`
  std::string registry;      ///< host of one of `registries`
};

/// One of `policy`: who may ask `/v1/credentials` for a login.
struct BrokerPolicyConfig {
  std::vector<std::string> registries;  ///< hosts; empty: all
  std::vector<std::string> users;
  std::vector<std::string> groups;
  std::vector<ConditionConfig> conditions;
  bool wide = false;  ///< a login that cannot be limited to the caller's repositories may be given
};

/// One of a pull secret's `secrets`.
struct GeneratedSecretConfig {
  std::string name;  ///< a DNS-1123 subdomain, unique in its pull secret
  enum class Type { docker, generic } type = Type::docker;
};

/// One of a selector's `matchExpressions`.
struct LabelRequirement {
  std::string key;
  enum class Operator { in, not_in, exists, does_not_exist } op = Operator::exists;
  std::vector<std::string> values;
};

/// One of `pullSecrets`: logins written where container engines read them.
struct PullSecretConfig {
  std::string name;                     ///< unique; owner label of what is made
  std::vector<std::string> registries;  ///< hosts of `registries`, at least one
  std::vector<GeneratedSecretConfig> secrets;
  std::optional<std::string> folder;    ///< files `<folder>/<secret>.json` (docker), `<secret>.user` and `.token` (generic)
  bool kubernetes = false;              ///< to the Kubernetes API, in every namespace that the selector picks
  std::vector<std::string> namespaces;  ///< by name, beside the selector
  std::map<std::string, std::string> match_labels;
  std::vector<LabelRequirement> match_expressions;
  std::map<std::string, std::string> labels;              ///< of the secrets
  std::map<std::string, std::string> annotations;         ///< of the secrets
  std::optional<std::chrono::milliseconds> refresh_time;  ///< absent: 0.75 of the login's life
};

/// `portcullis.broker`.
struct BrokerConfig {
  std::vector<RegistryLoginConfig> registries;  ///< unique hosts
  std::optional<std::string> jump_role;         ///< assumed first, for every role of `registries` and `callerRoles`
  std::optional<std::string> jump_external_id;
  std::string session_prefix;  ///< of role session names
  std::vector<BrokerRouteConfig> routes;
  std::vector<BrokerPolicyConfig> policy;  ///< empty: nobody
  std::vector<std::string> caller_roles;   ///< role ARNs that a caller may name himself
  std::vector<PullSecretConfig> pull_secrets;
  std::chrono::milliseconds cache_maximum{};  ///< a login is kept no longer than this
  std::size_t cache_entries = 0;
};

}  // namespace portcullis
