// Raw HTTP text, as published signing samples write it, to a request that can be signed.
#pragma once

#include <string_view>

#include "aws/canonical_request.h"
#include "base/result.h"

namespace portcullis {

/// Reads `METHOD target HTTP/1.1`, headers (folded lines belong to the value above them), a blank line and a body. `Reason::bad_request`
/// for text of another shape. The target may hold blanks and non-ASCII bytes.
Result<UnsignedRequest> read_raw_request(std::string_view text);

}  // namespace portcullis
