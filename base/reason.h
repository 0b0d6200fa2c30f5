// The closed list of reasons: every refusal and every fault has one row here, and one only.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace portcullis {

/// What the gate answers for a reason.
enum class Outcome {
  allow,        ///< 200
  challenge,    ///< 401 with one `WWW-Authenticate: Bearer`: a better token could help
  forbid,       ///< 403: no token would help
  unavailable,  ///< 503 and `Retry-After`: the token is not to blame
  fault,        ///< never the answer to a request: a fault of configuration, keys, files or a command line
};

/// Why. The log name of a reason (`reason_name`) is its enumerator's name, and a stable part of the interface.
enum class Reason {
  allowed,
  // 401: the credential
  token_missing,
  multiple_credentials,
  authorization_malformed,
  scheme_unsupported,
  token_too_large,
  token_malformed,
  token_header_invalid,
  token_payload_invalid,
  crit_unsupported,
  type_not_accepted,
  alg_not_allowed,
  alg_key_mismatch,
  kid_missing,
  kid_invalid,
  key_unknown,
  bad_signature,
  claim_invalid,
  expiry_missing,
  token_expired,
  token_not_yet_valid,
  token_issued_in_future,
  lifetime_too_long,
  issuer_mismatch,
  audience_mismatch,
  sender_constrained,
  identity_empty,
  claim_mapping_failed,
  claim_validation_failed,
  token_revoked,
  // 401: the scope
  scope_insufficient,
  mount_source_denied,
  // 403
  policy_denied,
  path_not_canonical,
  query_malformed,
  route_unknown,
  method_not_allowed,
  name_invalid,
  uri_too_long,
  request_incomplete,
  header_ambiguous,
  header_invalid,
  body_not_allowed,
  peer_untrusted,
  marker_wrong,
  claims_too_large,
  // 503
  keys_not_loaded,
  keys_stale,
  overloaded,
  decision_log_full,
  credentials_unavailable,
  internal_error,
  // faults
  bad_request,
  config_invalid,
  io_failed,
  base64_malformed,
  json_malformed,
  key_malformed,
  key_private,
  key_symmetric,
  key_type_unsupported,
  key_algorithm_unsupported,
  key_not_for_signatures,
  key_weak,
  key_certificate_invalid,
  key_duplicate,
  keys_empty,
  secret_malformed,
  revocations_malformed,
  discovery_invalid,
  unavailable_feature,
  bad_pattern,
  compile_error,
  eval_error,
  policy_test_failed,
};

/// The three texts that a client can see for a bad credential, and one for each other kind of answer. All causes of a bad
/// token share a text, so that an answer is no oracle.
enum class PublicText {
  none,
  authentication_required,
  token_invalid,
  token_expired,
  scope_too_small,
  access_denied,
  path_refused,
  method_unsupported,
  request_refused,
  unavailable,
};

struct ReasonRow {
  Reason reason;
  std::string_view name;  ///< log name and metric label, snake_case
  Outcome outcome;
  std::string_view oci_code;      ///< `code` of the OCI error body; empty for `allowed` and faults
  std::string_view bearer_error;  ///< RFC 6750 section 3.1 `error`; empty where none is sent
  PublicText text;                ///< what the client reads
  std::string_view meaning;       ///< one sentence for the operator, with what to do
};

/// Every reason, in the order of the enumeration.
std::span<const ReasonRow> all_reasons() noexcept;
/// The row of `reason`.
const ReasonRow& reason_row(Reason reason) noexcept;
/// The log name of `reason`: `token_expired`.
std::string_view reason_name(Reason reason) noexcept;
/// The reason called `name`, or nothing.
std::optional<Reason> reason_from_name(std::string_view name) noexcept;
/// What a client reads: printable ASCII without `"` and `\` (RFC 6750 section 3).
std::string_view public_text(PublicText text) noexcept;
/// 200, 401, 403 or 503; 0 for a fault.
int http_status(Outcome outcome) noexcept;

}  // namespace portcullis
