#include "base/reason.h"

#include <array>
#include <cstdlib>

namespace portcullis {
namespace {

using enum Reason;
using enum Outcome;

constexpr std::string_view kUnauthorized = "UNAUTHORIZED";
constexpr std::string_view kDenied = "DENIED";
constexpr std::string_view kNameInvalid = "NAME_INVALID";
constexpr std::string_view kUnsupported = "UNSUPPORTED";
constexpr std::string_view kUnavailable = "UNAVAILABLE";
constexpr std::string_view kInvalidToken = "invalid_token";
constexpr std::string_view kInsufficientScope = "insufficient_scope";

constexpr ReasonRow bad_token(Reason reason, std::string_view name, std::string_view meaning) {
  return {reason, name, challenge, kUnauthorized, kInvalidToken, PublicText::token_invalid, meaning};
}
constexpr ReasonRow refused(Reason reason, std::string_view name, std::string_view code, PublicText text, std::string_view meaning) {
  return {reason, name, forbid, code, {}, text, meaning};
}
constexpr ReasonRow later(Reason reason, std::string_view name, std::string_view meaning) {
  return {reason, name, unavailable, kUnavailable, {}, PublicText::unavailable, meaning};
}
constexpr ReasonRow fault_row(Reason reason, std::string_view name, std::string_view meaning) {
  return {reason, name, fault, {}, {}, PublicText::none, meaning};
}

constexpr std::array kRows = {
    ReasonRow{allowed, "allowed", allow, {}, {}, PublicText::none, "The token is good and grants what was asked."},
    ReasonRow{token_missing,
              "token_missing",
              challenge,
              kUnauthorized,
              {},
              PublicText::authentication_required,
              "No Authorization header arrived. A client sends one after it has read the challenge."},
    bad_token(multiple_credentials, "multiple_credentials", "More than one Authorization header arrived; send exactly one."),
    bad_token(authorization_malformed, "authorization_malformed",
              "The Authorization header is not `Bearer <token>` with one token of the b64token alphabet."),
    ReasonRow{scheme_unsupported,
              "scheme_unsupported",
              challenge,
              kUnauthorized,
              {},
              PublicText::authentication_required,
              "The Authorization scheme is not Bearer; the client has to fetch a token from the realm first."},
    bad_token(token_too_large, "token_too_large", "The token is longer than the limit of 16 KiB; leave groups or claims out of it."),
    bad_token(token_malformed, "token_malformed", "The token is not three strict base64url parts (RFC 7515 section 7.1)."),
    bad_token(token_header_invalid, "token_header_invalid",
              "The token's header is not a JSON object within the limits, or a member has the wrong type."),
    bad_token(token_payload_invalid, "token_payload_invalid", "The token's payload is not a JSON object within the limits."),
    bad_token(crit_unsupported, "crit_unsupported",
              "The token names critical header extensions; none is supported (RFC 7515 section 4.1.11)."),
    bad_token(type_not_accepted, "type_not_accepted", "The token's `typ` is not one of portcullis.tokens.types."),
    bad_token(alg_not_allowed, "alg_not_allowed", "The token's `alg` is not one of the algorithms that Portcullis knows."),
    bad_token(alg_key_mismatch, "alg_key_mismatch", "The token's `alg` does not belong to the key that its `kid` names; the key decides."),
    bad_token(kid_missing, "kid_missing", "token missing 'kid' header: let the issuer name the signing key."),
    bad_token(kid_invalid, "kid_invalid", "token 'kid' header is not a string of 1 to 256 bytes."),
    bad_token(key_unknown, "key_unknown",
              "no public key found for kid: add the key to the source, or let the issuer sign with a key that is in it."),
    bad_token(bad_signature, "bad_signature",
              "The signature does not fit the key; the token was changed or signed with another key of the same id."),
    bad_token(claim_invalid, "claim_invalid", "A claim has the wrong type or range, after a good signature."),
    bad_token(expiry_missing, "expiry_missing", "The token has no `exp`; issue one, or set portcullis.tokens.requireExpiry to false."),
    ReasonRow{token_expired, "token_expired", challenge, kUnauthorized, kInvalidToken, PublicText::token_expired,
              "The token's `exp` has passed; the client has to fetch a new one."},
    bad_token(token_not_yet_valid, "token_not_yet_valid", "The token's `nbf` lies in the future; compare the clocks of issuer and gate."),
    bad_token(token_issued_in_future, "token_issued_in_future",
              "The token's `iat` lies in the future; compare the clocks of issuer and gate."),
    bad_token(lifetime_too_long, "lifetime_too_long", "`exp` minus `iat` is more than portcullis.tokens.maxLifetime, or `iat` is missing."),
    bad_token(issuer_mismatch, "issuer_mismatch",
              "`iss` is that of no configured OIDC issuer, to the byte, and none of portcullis.tokens.issuers."),
    bad_token(audience_mismatch, "audience_mismatch",
              "`aud` holds none of the OIDC issuer's audiences, or of portcullis.tokens.audiences for traditional tokens."),
    bad_token(sender_constrained, "sender_constrained",
              "The token carries `cnf`: it is bound to a key of its sender and is no bearer token."),
    bad_token(identity_empty, "identity_empty", "portcullis.tokens.claimMapping gave no user name for this token."),
    bad_token(claim_mapping_failed, "claim_mapping_failed",
              "An expression of the claim mapping failed for this token; the log names it. `portcullis cel` tries it on the claims."),
    bad_token(claim_validation_failed, "claim_validation_failed",
              "A validation of the claim mapping is false for this token; the log has its message."),
    bad_token(token_revoked, "token_revoked", "The revocations file names this token, its subject or its key."),
    ReasonRow{scope_insufficient, "scope_insufficient", challenge, kUnauthorized, kInsufficientScope, PublicText::scope_too_small,
              "The token is good, and its `access` claim does not grant what was asked."},
    ReasonRow{mount_source_denied, "mount_source_denied", challenge, kUnauthorized, kInsufficientScope, PublicText::scope_too_small,
              "The token may push here but may not pull from the repository that the blob is mounted from."},
    refused(policy_denied, "policy_denied", kDenied, PublicText::access_denied, "The identity is known and no policy grants this."),
    refused(path_not_canonical, "path_not_canonical", kNameInvalid, PublicText::path_refused,
            "The path holds %, //, a dot segment, ;, a backslash, #, a control or a non-ASCII byte; proxy and registry could read it "
            "differently."),
    refused(query_malformed, "query_malformed", kUnsupported, PublicText::request_refused,
            "A query key is encoded or repeated where the registry and the gate could read it differently."),
    refused(route_unknown, "route_unknown", kUnsupported, PublicText::path_refused,
            "No route of the distribution specification; add the registry's own to portcullis.extraRoutes."),
    refused(method_not_allowed, "method_not_allowed", kUnsupported, PublicText::method_unsupported,
            "The route exists and does not know this method."),
    refused(name_invalid, "name_invalid", kNameInvalid, PublicText::path_refused,
            "The repository, tag or digest breaks the grammar of the distribution specification."),
    refused(uri_too_long, "uri_too_long", kNameInvalid, PublicText::path_refused, "The request's URI is longer than the limit of 4 KiB."),
    refused(request_incomplete, "request_incomplete", kDenied, PublicText::request_refused,
            "The proxy did not send the method or the URI of the request; compare its configuration with examples/."),
    refused(header_ambiguous, "header_ambiguous", kDenied, PublicText::request_refused,
            "A header that states one fact arrived twice, or together with another that states it too."),
    refused(header_invalid, "header_invalid", kDenied, PublicText::request_refused,
            "A header's name is not a token, or its value cannot be read."),
    refused(body_not_allowed, "body_not_allowed", kDenied, PublicText::request_refused,
            "A question to the gate has no body; set proxy_pass_request_body off and Content-Length to nothing."),
    refused(peer_untrusted, "peer_untrusted", kDenied, PublicText::request_refused,
            "The peer is not in portcullis.proxy.trusted or trustedUsers."),
    refused(marker_wrong, "marker_wrong", kDenied, PublicText::request_refused,
            "X-Portcullis-Marker is missing or is no line of portcullis.proxy.markerFile."),
    refused(claims_too_large, "claims_too_large", kDenied, PublicText::access_denied,
            "User and groups do not fit into 3 KiB of answer headers; map fewer groups."),
    later(keys_not_loaded, "keys_not_loaded", "No key set was ever loaded; see the log, /readyz?verbose and portcullis keys."),
    later(keys_stale, "keys_stale", "The last good key set is older than portcullis.keys.maxStale."),
    later(overloaded, "overloaded", "A queue is full; add workers or limit the rate in the proxy."),
    later(decision_log_full, "decision_log_full",
          "The decision log cannot be written, and portcullis.decisionLog.onFull is refuse; make room on the disk."),
    later(credentials_unavailable, "credentials_unavailable",
          "No login to the registry behind the gate could be had (portcullis.broker); the log names the registry and the cause."),
    later(internal_error, "internal_error", "The gate could not finish the decision; the log says why."),
    fault_row(bad_request, "bad_request", "The question cannot be understood."),
    fault_row(config_invalid, "config_invalid", "The configuration has faults; each is listed with its path."),
    fault_row(io_failed, "io_failed", "A file, socket or random source could not be read or written."),
    fault_row(base64_malformed, "base64_malformed", "The text is not strict base64url (RFC 4648 section 5, without padding)."),
    fault_row(json_malformed, "json_malformed", "The text is not JSON within the limits, or has duplicate members."),
    fault_row(key_malformed, "key_malformed", "The key cannot be read as PEM, certificate, JWK or JWKS."),
    fault_row(key_private, "key_private", "This is a PRIVATE key. Remove it from here, treat it as leaked, and give its public half."),
    fault_row(key_symmetric, "key_symmetric", "Symmetric keys (`oct`) cannot be verification keys here."),
    fault_row(key_type_unsupported, "key_type_unsupported", "The key's type or curve is not RSA, P-256, P-384, P-521 or Ed25519."),
    fault_row(key_algorithm_unsupported, "key_algorithm_unsupported", "The key's `alg` is unknown or does not fit its type and curve."),
    fault_row(key_not_for_signatures, "key_not_for_signatures", "The key's `use` or `key_ops` do not allow verifying signatures."),
    fault_row(key_weak, "key_weak", "The key is too weak or too costly: RSA 2048 to 8192 bits, odd exponent from 65537 to 2^32, not ROCA."),
    fault_row(key_certificate_invalid, "key_certificate_invalid", "The certificate has expired or is not yet valid."),
    fault_row(key_duplicate, "key_duplicate", "Two different keys stand under one id."),
    fault_row(keys_empty, "keys_empty", "The source holds no usable key; the last good set stays."),
    fault_row(secret_malformed, "secret_malformed", "failed to parse secret JSON: it must map key ids to PEM or JWKS text."),
    fault_row(revocations_malformed, "revocations_malformed", "The revocations file cannot be read; the last good list stays."),
    fault_row(discovery_invalid, "discovery_invalid",
              "An issuer's discovery document cannot be used: it names another issuer, or keys in a place that may not serve them."),
    fault_row(unavailable_feature, "unavailable_feature", "The setting is not available in this version."),
    fault_row(bad_pattern, "bad_pattern", "A repository pattern is no valid glob; the detail shows where."),
    fault_row(compile_error, "compile_error", "A CEL expression does not compile; the detail shows line, column and a caret."),
    fault_row(eval_error, "eval_error", "A CEL expression failed for the values that it was given; an error grants nothing."),
    fault_row(policy_test_failed, "policy_test_failed", "A policy test of the configuration does not hold, so that the old policy stays."),
};

static_assert(kRows.size() == static_cast<std::size_t>(policy_test_failed) + 1, "one row for each reason");

}  // namespace

std::span<const ReasonRow> all_reasons() noexcept { return kRows; }

const ReasonRow& reason_row(Reason reason) noexcept {
  const auto index = static_cast<std::size_t>(reason);
  if (index >= kRows.size() || kRows[index].reason != reason) std::abort();
  return kRows[index];
}

std::string_view reason_name(Reason reason) noexcept { return reason_row(reason).name; }

std::optional<Reason> reason_from_name(std::string_view name) noexcept {
  for (const ReasonRow& row : kRows) {
    if (row.name == name) return row.reason;
  }
  return std::nullopt;
}

std::string_view public_text(PublicText text) noexcept {
  switch (text) {
    case PublicText::none: return "";
    case PublicText::authentication_required: return "authentication required";
    case PublicText::token_invalid: return "the token is not valid here";
    case PublicText::token_expired: return "the token has expired";
    case PublicText::scope_too_small: return "the token does not grant this access";
    case PublicText::access_denied: return "requested access to the resource is denied";
    case PublicText::path_refused: return "the request path is not one that this registry serves";
    case PublicText::method_unsupported: return "the operation is unsupported";
    case PublicText::request_refused: return "the request was refused";
    case PublicText::unavailable: return "authentication is unavailable, try again later";
  }
  std::abort();
}

int http_status(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::allow: return 200;
    case Outcome::challenge: return 401;
    case Outcome::forbid: return 403;
    case Outcome::unavailable: return 503;
    case Outcome::fault: return 0;
  }
  std::abort();
}

}  // namespace portcullis
