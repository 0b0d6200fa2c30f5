// The readers of the sections, one file for each group, and what they hand to the rules that look at several sections at once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/load.h"
#include "config/read/reader.h"

namespace portcullis {

/// A configuration while it is read: what `Config` does not keep and the cross-field rules need.
struct Draft {
  Config config;

  // where to listen: the file's words, of which `listeners` chooses
  std::optional<std::string> http_address;
  std::optional<std::string> http_port;
  std::optional<std::vector<std::string>> listen;
  std::optional<std::string> admin;

  // what is written, whether or not it could be read
  bool has_bearer = false;
  bool has_cert = false;
  bool has_keys_file = false;
  bool has_aws = false;
  bool has_oidc = false;
  bool has_jwks_url = false;
  bool has_access_control = false;

  // what the operator has answered at all; a list that could not be read is an answer (and an error), an empty one is none
  bool trusted_answered = false;
  bool commands_alone = false;  ///< `ConfigOverrides::commands_alone`
  bool issuers_answered = false;
  bool audiences_answered = false;
  std::optional<std::string> access_claim;

  /// Whether some source of keys for traditional tokens is written.
  [[nodiscard]] bool has_traditional() const noexcept { return has_cert || has_keys_file || has_aws || has_jwks_url; }
};

/// `http`: where to listen, the bearer section, access control.
void read_http(Section& http, Draft& draft);
/// `http.auth.bearer`.
void read_bearer(Section& bearer, Draft& draft);
/// `http.auth.bearer.awsSecretsManager`.
void read_secrets_manager(Section& aws, Draft& draft);
/// One of `http.auth.bearer.oidc`.
OidcIssuerConfig read_oidc_issuer(Section& issuer);
/// `claimMapping`, of an issuer or of traditional tokens.
void read_claim_mapping(Section& mapping, ClaimMapping& config);
/// `http.accessControl` or `portcullis.shadow`; patterns and expressions as they stand.
AccessControlConfig read_access_control(Section& access);
/// `users` of `section`, where `*` is refused.
std::vector<std::string> read_users(Section& section);
/// One of `conditions`.
ConditionConfig read_condition(Section& condition);
/// `log`.
void read_log(Section& log, LogConfig& config);
/// One of zot's levels as one of ours: trace is debug, fatal and panic are error. Any letter case.
std::optional<std::string> log_level(std::string_view text);
/// `portcullis`.
void read_portcullis(Section& portcullis, Draft& draft);
/// `portcullis.proxy`.
void read_proxy(Section& proxy, Draft& draft);
/// `portcullis.tokens`.
void read_tokens(Section& tokens, Draft& draft);
/// `portcullis.policyTests`; what `http` says is read already.
void read_policy_tests(Section& portcullis, Draft& draft);
/// `portcullis.broker`.
void read_broker(Section& broker, Config& config);
/// `portcullis.broker.registries`.
void read_registry_logins(Section& broker, BrokerConfig& config);
/// `portcullis.broker.pullSecrets`; what `registries` says is read already.
void read_pull_secrets(Section& broker, BrokerConfig& config);
/// Reports each of `hosts` that is no registry of `config`, with the nearest that is one.
void check_known_registries(Section& section, std::string_view name, const std::vector<std::string>& hosts, const BrokerConfig& config);
/// A registry as clients write it: a host name or an IPv4 address in small letters, with an optional port.
bool is_registry_host(std::string_view text) noexcept;
/// `portcullis.extraRoutes`.
void read_extra_routes(Section& portcullis, std::vector<ExtraRoute>& routes);

/// Chooses and parses the listeners and the admin address: command line, `portcullis`, `http`, in this order.
void choose_listeners(Draft& draft, const ConfigOverrides& overrides, const ReadContext& context);
/// Adds `--trust` and takes `--log-level`.
void apply_overrides(Draft& draft, const ConfigOverrides& overrides, Report& report);

}  // namespace portcullis
