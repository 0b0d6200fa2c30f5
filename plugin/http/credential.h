// The value of an `Authorization` header to the one bearer token in it (RFC 6750 section 2.1).
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "plugin/http/header_scan.h"

namespace portcullis {

/// The token of the header that `authorization` saw. Nothing where there is no such header, or an empty one: no credential was sent.
/// Reasons: multiple_credentials, authorization_malformed, scheme_unsupported.
Result<std::optional<std::string_view>> read_credential(const FactValue& authorization);

}  // namespace portcullis
