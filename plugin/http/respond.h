// A decision to an answer: status, challenge, headers, body, to the byte of the specification.
#pragma once

#include <string>
#include <string_view>

#include "plugin/authorize.h"
#include "plugin/http/message.h"
#include "plugin/http/request.h"

namespace portcullis {

/// The answer to `/auth`, `/forward` and `/envoy/`. `id` joins it to the log line. An identity that does not fit into the headers turns an
/// allow into 403 `claims_too_large`: `decision` is changed accordingly.
HttpAnswer respond(Decision& decision, const GateRules& rules, Endpoint endpoint, std::string_view id);

/// `Bearer realm="…",service="…",scope="…",error="…",error_description="…"` (RFC 6750 section 3).
std::string challenge(const Decision& decision, const GateRules& rules);

/// The OCI error body of a refusal: `{"errors":[{"code":…,"message":…,"detail":{…}}]}`.
std::string error_body(const Decision& decision, std::string_view id);

/// The answer to a question that is malformed itself (400, 404, 405, 413): an OCI error body with the code `UNSUPPORTED`. `message` is
/// fixed text.
HttpAnswer respond_error(int status, std::string_view message, std::string_view id);

/// 200 with a JSON text as body: what `/v1/verify` and `/introspect` answer. `allowed` says what `X-Portcullis-Decision` says.
HttpAnswer respond_json(std::string body, bool allowed, std::string_view id);

}  // namespace portcullis
