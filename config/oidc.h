// OIDC issuers, and how claims become a user: what the operator wrote in `http.auth.bearer.oidc[]` and `portcullis.tokens.claimMapping`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace portcullis {

/// One of `claimMapping.variables`: read by what stands behind it as `vars.<name>`.
struct ClaimVariable {
  std::string name;
  std::string expression;

  friend bool operator==(const ClaimVariable&, const ClaimVariable&) = default;
};

/// One of `claimMapping.validations`.
struct ClaimValidation {
  std::string expression;  ///< statically bool
  std::string message;     ///< logged where it does not hold

  friend bool operator==(const ClaimValidation&, const ClaimValidation&) = default;
};

/// `claimMapping`: CEL over `claims` and `vars`, checked at load (`config/claim_expressions.h`).
struct ClaimMapping {
  std::vector<ClaimVariable> variables;
  std::vector<ClaimValidation> validations;
  std::optional<std::string> username;
  std::optional<std::string> groups;

  [[nodiscard]] bool empty() const noexcept { return variables.empty() && validations.empty() && !username && !groups; }
  friend bool operator==(const ClaimMapping&, const ClaimMapping&) = default;
};

/// One of `http.auth.bearer.oidc`.
struct OidcIssuerConfig {
  std::string issuer;                                     ///< an https URL, or an http one of this host; compared with `iss` to the byte
  std::vector<std::string> audiences;                     ///< at least one; blanks around them are cut
  ClaimMapping claim_mapping;                             ///< without `username`: `claims.iss + '/' + claims.sub`
  std::optional<std::string> certificate_authority;       ///< PEM, trusted instead of the system's roots
  std::optional<std::string> certificate_authority_file;  ///< the same in a file, read again at each round
  bool skip_issuer_verification = false;                  ///< owns no `iss`: tried for tokens that nobody owns
  std::optional<std::string> discovery_url;               ///< of the document itself; absent: beside the issuer
  std::optional<std::string> discovery_token_file;        ///< sent as a bearer token, read again at each round
  std::optional<std::string> jwks_file;                   ///< keys from here, and nobody is asked over the network
  std::vector<std::string> algorithms;                    ///< empty: those of discovery, or what each key says
  std::vector<std::string> jwks_hosts;                    ///< `host` or `host:port` of keys beside the issuer's own
  std::string username_prefix;
  std::string groups_prefix;
  std::chrono::milliseconds refresh_interval{};  ///< more than 0
  std::optional<bool> required;                  ///< of readiness; absent: any one source is enough

  friend bool operator==(const OidcIssuerConfig&, const OidcIssuerConfig&) = default;
};

}  // namespace portcullis
