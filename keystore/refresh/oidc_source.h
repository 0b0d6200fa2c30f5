// Keys of an OIDC issuer: discovery and JWKS over the network, or a JWKS in a file.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/io/files.h"
#include "base/io/http.h"
#include "config/oidc.h"
#include "keystore/algorithm.h"
#include "keystore/refresh/source.h"

namespace portcullis {

/// The label of an issuer's source in logs, metrics and `/status`: `oidc:<issuer>`, with ` (any iss)` behind it for
/// `skipIssuerVerification`.
std::string issuer_source_name(const OidcIssuerConfig& issuer);

/// Whether its keys come over the network.
[[nodiscard]] bool is_remote(const OidcIssuerConfig& issuer) noexcept;

/// What the issuer's keys may serve: `configured` (empty: nothing said) and what discovery lists narrow what a key serves, and where
/// neither says anything a key serves its own `alg`, and one that names none RS256 (OpenID Connect Core 1.0 section 15.1). A key of which
/// nothing is left is quarantined (`key_algorithm_unsupported`).
ParsedKeys narrow_keys(ParsedKeys keys, const std::optional<AlgorithmSet>& listed, const std::optional<AlgorithmSet>& configured);

/// A round is discovery, when the last one is older than 10 minutes or the newest round failed, and then the JWKS by the rules of
/// `JwksFetch`; each has 5 s, 1 MiB, no redirects. With `jwksFile` it reads that file alone. Certificate authority and discovery token are
/// read from their files at each round, so that both can be replaced; the token is sent to the places that may serve keys
/// (`read_discovery`) and nowhere else. A round fails, and so changes nothing, with `discovery_invalid`, `io_failed`, the reasons of
/// `JwksFetch`, and `keys_empty` where no key may serve; details begin with `failed to refresh OIDC provider from issuer <issuer>`. `http`
/// and `files` outlive the source.
std::unique_ptr<KeySource> make_oidc_source(HttpTransport* http, const Files& files, OidcIssuerConfig issuer);

}  // namespace portcullis
