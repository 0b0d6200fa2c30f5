// What AWS says when it says no: read from JSON and XML answers alike, and sorted by what to do next.
#pragma once

#include <string>
#include <string_view>

#include "base/io/http.h"

namespace portcullis {

/// What a caller should do about an error.
enum class AwsErrorKind {
  transient,  ///< retry
  throttle,   ///< retry, more slowly
  expired,    ///< refresh the credentials once, then retry
  skew,       ///< correct the clock and retry
  denied,     ///< never retry: permission, trust policy, external id
  other,      ///< never retry
};

struct AwsError {
  int status = 0;
  std::string code;     ///< `AccessDenied`; empty where the answer names none
  std::string message;  ///< of AWS, for the operator's log; escaped, at most 256 bytes
  AwsErrorKind kind = AwsErrorKind::other;
};

/// Reads an answer whose status is not 2xx. JSON services: header `X-Amzn-ErrorType`, then `__type` or `code`, cut at `:` and behind `#`.
/// Query services:
/// `<Error><Code>` in any wrapping. Never fails: what cannot be read has an empty code and the kind of its status.
AwsError read_aws_error(const IncomingAnswer& answer);

/// The kind of a code and status (SDKs' standard retry mode).
AwsErrorKind classify_aws_error(std::string_view code, int status) noexcept;

}  // namespace portcullis
