#include "config/check.h"

#include <algorithm>
#include <string>

#include "config/address.h"
#include "config/defaults.h"
#include "config/duration.h"
#include "config/read/nearest.h"

namespace portcullis {
namespace {

constexpr std::string_view kBearer = "http.auth.bearer";
constexpr std::string_view kTrusted = "portcullis.proxy.trusted";

/// Whether the file says nothing of a gate, and something of logins that the command line makes: `login`, `pull-secret` and their like.
bool is_for_commands_alone(const Draft& draft) {
  if (draft.listen || draft.http_address || draft.http_port || draft.config.broker == nullptr) return false;
  return draft.config.broker->routes.empty() && draft.config.broker->policy.empty();
}

/// zot lets everybody in when nothing verifies: for us that is no configuration.
void check_sources(const Draft& draft, Report& report) {
  const bool nothing = !draft.has_bearer && !draft.has_traditional() && !draft.has_oidc;
  if (nothing && draft.commands_alone && is_for_commands_alone(draft))
    return report.notice(std::string(kBearer), "is not there: the commands of portcullis.broker work, and `portcullis serve` needs it");
  if (!draft.has_bearer)
    report.error(std::string(kBearer),
                 "realm and service must be specified: without them there is no challenge, and clients never fetch a token");
  if (!draft.has_traditional() && !draft.has_oidc)
    report.error("",
                 "no token could be verified: configure http.auth.bearer.awsSecretsManager, portcullis.keys.file or "
                 "portcullis.keys.jwksURL (several keys), http.auth.bearer.cert (one), or http.auth.bearer.oidc (issuers)");
  const std::string both = "cannot configure both ";
  if (draft.has_keys_file && draft.has_cert)
    report.error("portcullis.keys.file", both + "cert and portcullis.keys.file: keys come from one of them");
  if (draft.has_keys_file && draft.has_aws)
    report.error("portcullis.keys.file", both + "AWS Secrets Manager and portcullis.keys.file: keys come from one of them");
  if (draft.has_jwks_url && (draft.has_cert || draft.has_aws || draft.has_keys_file)) {
    report.error("portcullis.keys.jwksURL", both + "portcullis.keys.jwksURL and another source of keys: keys come from one of them");
  }
}

/// Settings of sources that are asked over a network.
void check_remote_sources(const Draft& draft, Report& report) {
  const KeysConfig& keys = draft.config.keys;
  const auto& aws = draft.config.bearer.aws_secrets_manager;
  if (keys.last_known_good && (draft.has_cert || draft.has_keys_file)) {
    report.warning("portcullis.keys.lastKnownGood", "is not used: the keys are in a file already");
  }
  const Duration interval = aws ? aws->refresh_interval : defaults::kRefreshInterval;
  if ((aws || draft.has_jwks_url) && interval > keys.max_stale / 2) {
    report.warning("portcullis.keys.maxStale", "keys are read every " + format_duration(keys.max_stale / 2) + " instead of every " +
                                                   format_duration(interval) + ": one failed round must not make them older than maxStale");
  }
}

bool is_tcp(const ListenAddress& address) { return address.kind == ListenAddress::Kind::tcp; }

void check_listeners(const Config& config, Report& report) {
  const auto& listen = config.listen;
  for (std::size_t i = 0; i < listen.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (collide(listen[i], listen[j]))
        report.error("portcullis.listen", in_quotes(listen[i].text) + " and " + in_quotes(listen[j].text) + " are one address");
    }
    if (config.admin && collide(listen[i], *config.admin)) {
      report.error("portcullis.admin", in_quotes(config.admin->text) +
                                           " is an address of the gate too: health, metrics and status have a listener of their own");
    }
  }
  if (config.admin && !is_loopback(*config.admin)) {
    report.warning("portcullis.admin",
                   in_quotes(config.admin->text) + " can be reached from other hosts: metrics and status are shown to whoever asks");
  }
}

/// Nobody is trusted by default over TCP, loopback included: every program of this host could ask there.
void check_trust(const Draft& draft, Report& report) {
  const Config& config = draft.config;
  const bool tcp = std::any_of(config.listen.begin(), config.listen.end(), is_tcp);
  const bool unix_socket = !std::all_of(config.listen.begin(), config.listen.end(), is_tcp);
  const bool nobody = config.proxy.trusted.empty();
  if (tcp && nobody && !draft.trusted_answered && is_for_commands_alone(draft)) {
    report.notice(std::string(kTrusted), "names nobody: the commands of portcullis.broker work, and `portcullis serve` needs --trust CIDR");
  } else if (tcp && nobody && !draft.trusted_answered) {
    report.error(std::string(kTrusted),
                 "the gate listens on TCP and trusts nobody: name the proxy's address in portcullis.proxy.trusted, or with --trust CIDR");
  }
  if (unix_socket && config.proxy.trusted_users && config.proxy.trusted_users->empty()) {
    report.error("portcullis.proxy.trustedUsers", "is empty, so nobody could ask on a unix socket: name a user, or leave the key out");
  }
  const bool everybody = std::any_of(config.proxy.trusted.begin(), config.proxy.trusted.end(), [](const AddressRange& range) {
    return range.prefix == 0 || (range.prefix == 96 && contains(range, parse_address("0.0.0.0").value_or(AddressBytes{})));
  });
  if (everybody && !config.proxy.marker_file) {
    report.warning(
        std::string(kTrusted),
        "every host is trusted: whoever reaches the gate can ask it about any token; set markerFile, or name the proxy's address");
  }
}

/// An allow of a routed request carries a registry's password. An address alone does not tell the proxy from the programs beside it, which
/// could ask with a token of their own.
void check_broker_routes(const Config& config, Report& report) {
  if (config.broker == nullptr || config.broker->routes.empty() || config.proxy.marker_file) return;
  if (std::any_of(config.listen.begin(), config.listen.end(), is_tcp)) {
    report.error("portcullis.broker.routes",
                 "the gate's answers carry a registry's password, and over TCP whoever shares the proxy's address could ask for it: set "
                 "portcullis.proxy.markerFile, or listen on unix sockets alone");
  }
}

bool reads_the_client(const std::vector<ConditionConfig>& conditions) {
  return std::any_of(conditions.begin(), conditions.end(), [](const ConditionConfig& condition) {
    const std::string& text = condition.expression;
    return text.find("client.ip") != std::string::npos || text.find("'client'") != std::string::npos ||
           text.find("\"client\"") != std::string::npos;
  });
}

bool reads_the_client(const std::vector<PolicyConfig>& policies) {
  return std::any_of(policies.begin(), policies.end(), [](const PolicyConfig& policy) { return reads_the_client(policy.conditions); });
}

bool reads_the_client(const AccessControlConfig& access) {
  const auto& repositories = access.repositories;
  return (access.admin_policy && reads_the_client(access.admin_policy->conditions)) ||
         std::any_of(repositories.begin(), repositories.end(),
                     [](const RepositoryPolicyConfig& repository) { return reads_the_client(repository.policies); });
}

bool reads_the_client(const BrokerConfig& broker) {
  return std::any_of(broker.policy.begin(), broker.policy.end(),
                     [](const BrokerPolicyConfig& policy) { return reads_the_client(policy.conditions); });
}

/// Where a condition asks for the client's address, the first such place; empty: nowhere.
std::string_view reader_of_the_client(const Config& config) {
  if (config.access_control != nullptr && reads_the_client(*config.access_control)) return "http.accessControl";
  if (config.shadow != nullptr && reads_the_client(*config.shadow)) return "portcullis.shadow";
  if (config.broker != nullptr && reads_the_client(*config.broker)) return "portcullis.broker.policy";
  return {};
}

/// Conditions on the client's address want a proxy that states it, alone in its header.
void check_client_address(const Config& config, Report& report) {
  const std::string path = "portcullis.proxy.clientAddress";
  const std::string_view reader = reader_of_the_client(config);
  if (!reader.empty() && !config.proxy.client_address) {
    report.warning(path, "is not set, so req.client.ip is empty in the conditions of " + std::string(reader) +
                             ": name the header in which the proxy states the client's address, such as X-Real-IP");
  }
  for (const std::string_view list : {"X-Forwarded-For", "Forwarded"}) {
    if (config.proxy.client_address && equal_in_any_case(*config.proxy.client_address, list))
      report.warning(path, std::string(list) +
                               " may hold a list, whose first address the client wrote itself, and is then not believed: "
                               "let the proxy state one address in a header of its own, such as X-Real-IP");
  }
}

void check_tokens(const Draft& draft, Report& report) {
  const bool traditional = draft.has_traditional();
  if (traditional && !draft.issuers_answered) {
    report.warning("portcullis.tokens.issuers",
                   "iss is not checked: tokens of every issuer whose key is known are good; name the issuers, or write [\"any\"]");
  }
  if (traditional && !draft.audiences_answered) {
    report.warning("portcullis.tokens.audiences",
                   "aud is not checked: tokens for other services are good here too; name the audiences, or write [\"any\"]");
  }
  if (draft.access_claim && *draft.access_claim != "required" && !draft.has_access_control) {
    report.error("portcullis.tokens.accessClaim",
                 in_quotes(*draft.access_claim) + " without http.accessControl would let every valid token do everything");
  }
  if (draft.access_claim && *draft.access_claim != "required" && draft.has_access_control && !draft.config.tokens.policy_enforced) {
    report.error("portcullis.tokens.policy", "\"ignored\" with accessClaim " + in_quotes(*draft.access_claim) +
                                                 " would let every valid token do everything; write \"enforced\"");
  }
}

void check_limits(const LimitsConfig& limits, Report& report) {
  if (limits.token_bytes + limits.uri_bytes > limits.header_bytes) {
    report.error("portcullis.limits.headerBytes", std::to_string(limits.header_bytes) + " bytes cannot hold a token of " +
                                                      std::to_string(limits.token_bytes) + " (tokenBytes) and a URI of " +
                                                      std::to_string(limits.uri_bytes) + " (uriBytes)");
  }
  if (limits.idle <= defaults::kProxyKeepsConnections) {
    report.warning("portcullis.limits.idle",
                   "nginx keeps connections to the gate for 60 s: a shorter time here closes them under its next request");
  }
}

}  // namespace

void check_configuration(const Draft& draft, Report& report) {
  check_sources(draft, report);
  check_oidc(draft, report);
  check_remote_sources(draft, report);
  check_listeners(draft.config, report);
  check_trust(draft, report);
  check_broker_routes(draft.config, report);
  check_client_address(draft.config, report);
  check_tokens(draft, report);
  check_limits(draft.config.limits, report);
}

}  // namespace portcullis
