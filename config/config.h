// What the operator wrote, as plain data. Structs only: reading is `load`, rules are `check`, numbers are `defaults`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/access.h"
#include "config/broker.h"
#include "config/oidc.h"
#include "config/operations.h"
#include "config/policy_test.h"

namespace portcullis {

using Duration = std::chrono::milliseconds;

/// `http.auth.bearer.awsSecretsManager`.
struct AwsSecretsManagerConfig {
  std::string region;
  std::string secret_name;                  ///< or ARN
  Duration refresh_interval{};              ///< more than 0
  std::optional<std::string> role_arn;      ///< the role that may read the secret; absent: our own credentials read it
  std::optional<std::string> external_id;   ///< of the role
  std::string session_name;                 ///< of the role
  std::optional<Duration> duration;         ///< of the role's session, whole seconds; absent: STS decides
  std::vector<std::string> version_stages;  ///< at least one; the first must exist, all are merged
  std::optional<std::string> endpoint;      ///< of Secrets Manager alone, never of STS

  friend bool operator==(const AwsSecretsManagerConfig&, const AwsSecretsManagerConfig&) = default;
};

/// `http.auth.bearer.upstreamTokenEndpoint`: who is asked about credentials that are not ours.
struct UpstreamTokenEndpointConfig {
  std::string realm;    ///< absolute URL without fragment; https, or http where `allow_insecure_http`
  std::string service;  ///< what takes the place of every `service` that a client asks for
  bool allow_insecure_http = false;

  friend bool operator==(const UpstreamTokenEndpointConfig&, const UpstreamTokenEndpointConfig&) = default;
};

/// `http.auth.bearer`.
struct BearerConfig {
  std::string realm;
  std::string service;
  std::optional<std::string> cert;  ///< path of one verification key
  std::optional<AwsSecretsManagerConfig> aws_secrets_manager;
  std::optional<UpstreamTokenEndpointConfig> upstream;
  std::vector<OidcIssuerConfig> oidc;  ///< in the order of the file
};

/// One of the addresses to listen on: `unix:/path`, `host:port`, `[v6]:port`.
struct ListenAddress {
  enum class Kind { tcp, unix_socket } kind = Kind::tcp;
  std::string host;        ///< numeric address, or a path for a unix socket
  std::uint16_t port = 0;  ///< 0: the system chooses, and `serve` prints it
  std::string text;        ///< as written, for messages

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// An address range: `10.0.0.0/8`, `::1/128`, or one address. IPv4 is kept as its IPv6-mapped form.
struct AddressRange {
  std::uint8_t bytes[16] = {};
  unsigned prefix = 128;  ///< leading bits that count, 0 to 128

  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

/// `portcullis.proxy`.
struct ProxyConfig {
  std::vector<AddressRange> trusted;
  std::optional<std::vector<std::string>> trusted_users;  ///< absent: root, our own user, members of the socket's group
  std::optional<std::string> marker_file;
  std::optional<std::string> client_address;  ///< header that carries the client's address
  std::optional<std::string> scheme;          ///< header that carries http or https
  bool original_url = false;                  ///< `X-Original-URL` instead of `X-Original-URI`
  bool strips_mount = false;
};

/// `portcullis.keys`.
struct KeysConfig {
  std::optional<std::string> file;
  std::optional<std::string> jwks_url;  ///< https, or http on this host
  Duration max_stale{};
  Duration wait{};                             ///< for a round that a request asked for; 0: no request waits
  Duration refetch_cooldown{};                 ///< between two such rounds
  std::optional<std::string> last_known_good;  ///< path; of remote sources alone
  std::optional<bool> required;                ///< of readiness; absent: any one source is enough
};

/// `portcullis.tokens.accessClaim`: whether the `access` claim must grant.
enum class AccessClaimRule {
  required,
  optional,  ///< where the token has one; an empty one grants nothing
  ignored,
};

/// `portcullis.tokens`.
struct TokensConfig {
  std::vector<std::string> issuers;    ///< empty: not checked
  std::vector<std::string> audiences;  ///< empty: not checked
  bool require_expiry = true;
  Duration leeway{};
  std::optional<Duration> max_lifetime;
  std::vector<std::string> types;  ///< accepted `typ`, without `application/`; empty: not looked at
  ClaimMapping claim_mapping;      ///< without `username`: `claims.sub`, or nobody where that is absent
  std::string username_prefix;
  std::string groups_prefix;
  std::optional<std::string> revocations;  ///< path
  AccessClaimRule access_claim = AccessClaimRule::required;
  bool policy_enforced = true;  ///< `http.accessControl`, where there is one, must grant as well
};

/// One of `portcullis.extraRoutes`.
struct ExtraRoute {
  std::string path;  ///< exact, or a prefix if it ends in `/`
  std::vector<std::string> methods;
  std::string scope;   ///< `registry:catalog:*`
  std::string action;  ///< `read`

  friend bool operator==(const ExtraRoute&, const ExtraRoute&) = default;
};

/// `portcullis.limits`.
struct LimitsConfig {
  std::size_t header_bytes = 0;
  std::size_t token_bytes = 0;
  std::size_t uri_bytes = 0;
  std::size_t connections = 0;
  Duration idle{};
  std::size_t cached_tokens = 0;
  Duration decision{};
};

/// `portcullis.drain`.
struct DrainConfig {
  Duration delay{};     ///< between losing readiness and refusing connections
  Duration deadline{};  ///< for requests that are under way
};

/// `log`.
struct LogConfig {
  std::string level;                  ///< debug, info, warn or error
  std::optional<std::string> output;  ///< path; absent: standard error
};

/// The whole file; cheap to copy, however many policies it has. All paths are absolute or relative to the working directory already (`load`
/// resolved them against the file's folder).
struct Config {
  BearerConfig bearer;
  std::shared_ptr<const AccessControlConfig> access_control;  ///< null: no policies; the token's scope alone decides
  std::vector<ListenAddress> listen;
  std::optional<std::string> listen_group;
  std::optional<ListenAddress> admin;  ///< absent: switched off
  unsigned workers = 0;                ///< 0: one a core
  ProxyConfig proxy;
  KeysConfig keys;
  TokensConfig tokens;
  std::vector<ExtraRoute> extra_routes;
  LimitsConfig limits;
  DrainConfig drain;
  LogConfig log;
  RegistryConfig registry;
  DecisionLogConfig decision_log;
  std::shared_ptr<const AccessControlConfig> shadow;  ///< `portcullis.shadow`: judged, never enforced; null: absent
  std::vector<PolicyTestConfig> policy_tests;
  std::shared_ptr<const BrokerConfig> broker;  ///< `portcullis.broker`; null: absent
  std::string broker_digest;                   ///< of that section; empty where there is none
  std::vector<std::string> unused_keys;        ///< zot's keys that Portcullis does not use, as paths
  std::string policy_digest;                   ///< of `access_control`; empty where there is none
  std::string digest;                          ///< SHA-256 of the file's bytes, hex
};

}  // namespace portcullis
