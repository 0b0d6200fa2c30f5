// An issuer's discovery document (OpenID Connect Discovery 1.0 section 3), as far as verifying needs it. Whoever answers for the issuer
// wrote it: nothing in it leads anywhere that the operator did not name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec/json.h"
#include "base/result.h"
#include "keystore/algorithm.h"

namespace portcullis {

/// Bounds of a document: 1 MiB.
inline constexpr JsonLimits kDiscoveryLimits{.bytes = 1048576, .depth = 16, .members = 20000};

/// What the operator said of an issuer.
struct DiscoveryRules {
  std::string issuer;                        ///< the document's `issuer` equals it, to the byte (section 4.3)
  std::optional<std::string> discovery_url;  ///< keys may stand on its host too
  std::vector<std::string> jwks_hosts;       ///< `host` (port 443) or `host:port` where keys may stand besides
};

struct Discovery {
  std::string jwks_uri;
  std::optional<AlgorithmSet> algorithms;  ///< those of ours that the issuer signs with; absent where it lists none
};

/// Where the document of `rules` stands: `discoveryURL`, or `<issuer without trailing slash>/.well-known/openid-configuration` (section 4).
std::string discovery_location(const DiscoveryRules& rules);

/// Reads a document. `jwks_uri` is https, or http on this host; it has no user and no fragment, and it stands on the issuer's host and
/// port, those of `discoveryURL`, or one of `jwksHosts`. `id_token_signing_alg_values_supported` is a list of texts; names that we do not
/// know say nothing. `Reason::discovery_invalid` for anything else; the detail names what to configure, and `jwksHosts` where a host is
/// refused.
Result<Discovery> read_discovery(std::string_view json, const DiscoveryRules& rules);

/// The set of these names; unknown ones are left out. `EdDSA` and `Ed25519` are two names of one primitive (RFC 9864 section 2.2).
AlgorithmSet algorithms_named(const std::vector<std::string>& names);

}  // namespace portcullis
