// One plain HTTP request to whoever hands out credentials, repeated as SDKs do.
#pragma once

#include <functional>
#include <string>

#include "aws/client.h"
#include "base/io/http.h"
#include "base/result.h"

namespace portcullis {

/// Sends `request` up to `tools.retries.attempts` times: again behind 5xx, 429 and a network that fails, with full jitter, or what
/// `Retry-After` says, between. The
/// last answer of any status, or the transport's error.
Result<IncomingAnswer> fetch_patiently(const AwsTools& tools, const OutgoingRequest& request);

/// `HTTP 403: <what the body says>`: code and message of a JSON or XML error, else the first bytes of a text, escaped.
std::string describe_answer(const IncomingAnswer& answer);

}  // namespace portcullis
