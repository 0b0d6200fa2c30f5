// The questions that portcullis-probe answers, one file a group. Each is pure but for the clock that stands in for a missing `now`.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/codec/json.h"
#include "base/result.h"

namespace portcullis::probe {

/// What one line of output says behind its `id`.
struct Answer {
  bool ok = false;
  Reason reason = Reason::bad_request;
  std::string detail;                                        ///< for people; empty: left out
  std::vector<std::pair<std::string, std::string>> members;  ///< name, value as JSON text

  static Answer accepted() { return {true, Reason::allowed, {}, {}}; }
  static Answer refused(const Error& error) { return {false, error.reason, error.detail, {}}; }
  /// A line that cannot be understood.
  static Answer not_understood(std::string what) { return {false, Reason::bad_request, std::move(what), {}}; }
};

/// `alg`, `key` (PEM or JWK), `msg` and `sig` (hex).
Answer run_raw(JsonView line);
/// `token` or `token_hex`, `key` (PEM, JWK or JWKS), `algs` optional: `payload` (hex) and `header`. The payload is opaque.
Answer run_jws(JsonView line);
/// `token`, `config`, `keys`, `now`, `repository` and `action` optional: `username`, `groups`, `decision`.
Answer run_jwt(JsonView line);
/// `text` (PEM, JWK, JWKS or secret): `keys` and `quarantined`.
Answer run_key(JsonView line);
/// `hex`: whether the bytes are JSON as we read it.
Answer run_json(JsonView line);
/// `text`: `hex`.
Answer run_base64url(JsonView line);
/// `pattern`, `name`: `match`. A doublestar glob, without placeholders.
Answer run_glob(JsonView line);
/// A whole question to the gate, `existing_tags` (`repository:tag`) standing for the registry: `status`, `headers`, `body`, `decision`.
Answer run_decide(JsonView line);

/// `algorithm` (v4, v4a), `stage`, `form` (header, query), `context`, `request` (raw HTTP text): `text`.
Answer run_sigv4(JsonView line);
/// `service`, `region`, `fips`, `dualstack`, `endpoint_url`: `url`, `signing_name`, `signing_region`.
Answer run_endpoint(JsonView line);
/// `host`: `kind` (ecr, ecr-public, none), and where it is a registry of Amazon's `account` (empty for the public one), `region`, `fips`,
/// `dualstack`.
Answer run_ecr_host(JsonView line);
/// `expr` (or `expr_hex`), `bindings` (name to `cel.expr.Value`), `types` (name to a type's name or a `cel.expr.Type`; a variable without
/// one is `dyn`), `check`, `homogeneous`: `type` as the checker found it, `value` as `cel.expr.Value`, and `optional` where the value is
/// one: what it holds, or null.
Answer run_cel(JsonView line);
/// `config` and `credentials` (file texts), `strict`: `profiles`, `sso_sessions`, `warnings`.
Answer run_aws_profiles(JsonView line);

}  // namespace portcullis::probe
