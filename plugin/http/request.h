// Reads what a proxy sends: exactly one of each fact, from a trusted peer, or a refusal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "plugin/authorize.h"
#include "plugin/http/message.h"
#include "plugin/state.h"

namespace portcullis {

/// The ways to ask the gate.
enum class Endpoint { auth, forward, envoy, verify, introspect, exchange, credentials, unknown };

/// By path and method alone: `/auth` (GET, HEAD), `/forward`, `/envoy/…` (any method), `/v1/verify`, `/introspect` (POST),
/// `/zot/auth/token` (GET, POST, OPTIONS), `/v1/credentials` (POST).
Endpoint endpoint_of(std::string_view method, std::string_view raw_uri) noexcept;
/// The methods that the path takes, for `Allow`; empty for a path that takes all, or that is none of ours.
std::string_view allowed_methods(std::string_view raw_uri) noexcept;
/// "auth", "forward", "envoy", "verify", "introspect", "exchange", "credentials", "unknown": metric label.
std::string_view endpoint_name(Endpoint endpoint) noexcept;

/// Whether the peer may ask at all, as far as its address or its user tells. False for none.
bool is_trusted(const Peer* peer, const GateRules& rules) noexcept;
/// Whether the peer may ask at all, and holds the marker where one is configured. Reasons: peer_untrusted, marker_wrong, header_ambiguous.
Result<void> check_peer(const HttpRequest& request, const GateRules& rules);

/// Reads the original request and the credential for `endpoint` (auth, forward or envoy). Checks peer and marker first. Where the route can
/// be read, a refusal of the credential still carries it, so that the challenge names the scope: `uri` and `method` of `partial` are then
/// set. A token that came in Basic credentials is kept in `password`, which outlives the result. Reasons: peer_untrusted, marker_wrong,
/// request_incomplete, header_ambiguous, header_invalid, body_not_allowed, multiple_credentials, authorization_malformed,
/// scheme_unsupported.
Result<AuthRequest> read_request(const HttpRequest& request, Endpoint endpoint, const GateRules& rules, AuthRequest& partial,
                                 Secret& password);

/// The one token of `Authorization: Bearer <token>`: scheme in any letter case, one blank or more, one word of the b64token alphabet (RFC
/// 6750 section 2.1). Nothing where there is no such header, or an empty one. Reasons: multiple_credentials, authorization_malformed,
/// scheme_unsupported.
Result<std::optional<std::string_view>> bearer_token(const HttpRequest& request);

}  // namespace portcullis
