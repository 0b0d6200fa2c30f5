// Everything that one request sees, as one immutable value. Built by `compile_state`, published by the keeper alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "config/config.h"
#include "keystore/refresh/round.h"
#include "plugin/decisions/logged_claims.h"
#include "policy/policy.h"
#include "policy/route.h"
#include "verifier/issuers.h"
#include "verifier/revocations.h"
#include "verifier/verify.h"

namespace portcullis {

class CredentialsPolicy;
class LoginRoutes;

/// The part of the configuration that requests read, compiled.
struct GateRules {
  std::string challenge_prefix;     ///< `Bearer realm="…",service="…"`, escaped (RFC 9110 section 5.6.4)
  std::string basic_challenge;      ///< `Basic realm="…"`, of the token exchange
  bool basic_tokens = false;        ///< `Basic <any>:<token>` is taken for `Bearer <token>`: where OIDC is configured
  bool offers_exchange = false;     ///< `/zot/auth/token` is there: OIDC, an upstream token endpoint or an anonymousPolicy is configured
  bool anonymous_exchange = false;  ///< it gives the anonymous token to whoever has no credentials: some anonymousPolicy exists
  std::vector<AddressRange> trusted;
  std::vector<Secret> markers;  ///< lines of the marker file; empty: not configured
  std::optional<std::string> client_address_header;
  std::optional<std::string> scheme_header;
  bool original_url = false;
  bool strips_mount = false;
  AccessClaimRule access_claim = AccessClaimRule::required;
  bool policy_enforced = true;                             ///< the policies judge traditional tokens too
  bool tag_lookup = false;                                 ///< `registry.tagLookup` is "advisory"
  std::shared_ptr<const CredentialsPolicy> credentials{};  ///< of the broker; null: nobody asks for a login
  std::shared_ptr<const LoginRoutes> login_routes{};       ///< of the broker; null: no request carries a login
  std::vector<ExtraRouteRule> extra_routes;
  RouteLimits route_limits{};
  TokenRules tokens;
  std::vector<IssuerRules> issuers;  ///< in the order of the configuration
};

/// The keys of the OIDC issuers, in the order of the configuration.
class IssuerKeys {
 public:
  IssuerKeys() = default;
  explicit IssuerKeys(std::vector<SourceState> sources);

  [[nodiscard]] const std::vector<SourceState>& sources() const noexcept { return sources_; }
  /// The generation of each.
  [[nodiscard]] const std::vector<std::uint64_t>& generations() const noexcept { return generations_; }

 private:
  std::vector<SourceState> sources_;
  std::vector<std::uint64_t> generations_;
};

struct State {
  Config config;
  GateRules rules;
  SourceState source;                              ///< of traditional keys
  bool traditional = true;                         ///< whether there are keys for traditional tokens at all
  IssuerKeys issuers{};                            ///< beside `rules.issuers`
  std::shared_ptr<const Revocations> revocations;  ///< never null
  std::shared_ptr<const Policy> policy{};          ///< null where the configuration has no `http.accessControl`
  std::shared_ptr<const Policy> shadow{};          ///< `portcullis.shadow`: judges and decides nothing; null where there is none
  LoggedClaims logged_claims{};                    ///< of tokens, for the decision log: what conditions of both read
  std::uint64_t config_generation = 0;

  /// The source of `VerifiedToken::source`, which is one of this state.
  [[nodiscard]] const SourceState& source_at(std::size_t index) const { return index == 0 ? source : issuers.sources().at(index - 1); }
  /// The rules that its tokens keep.
  [[nodiscard]] const TokenRules& rules_at(std::size_t index) const {
    return index == 0 ? rules.tokens : rules.issuers.at(index - 1).tokens;
  }
};

/// Compiles the rules of a checked configuration. `markers` is the marker file's text, empty where none is configured; `rules_generation`
/// must be new in the process whenever a token rule differs. `Reason::config_invalid` for a marker file without a line of 16 to 256
/// printable bytes.
Result<GateRules> compile_rules(const Config& config, std::string_view markers, std::uint64_t rules_generation);

}  // namespace portcullis
