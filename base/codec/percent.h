// Percent-encoding: of query values as a registry reads them, and of values that could not travel in a header.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

/// Decodes a query value once: `%XX`, and `+` as a blank (application/x-www-form-urlencoded, as Go's net/url reads it).
/// `Reason::bad_request` for a `%` without two hex digits.
Result<std::string> query_decode(std::string_view text);

/// Encodes what could not travel in a header value: `%`, blanks, controls, DEL and every non-ASCII byte become `%XX`; `,` too where
/// `in_list`; a value that is just `-` becomes `%2D`, because `-` means "empty" there.
std::string header_encode(std::string_view text, bool in_list);

/// `text` for a log line or a message: at most 256 bytes, with `…` behind a cut; controls, quotes and non-UTF-8 bytes escaped.
std::string escape_for_log(std::string_view text);

/// The detail of an error for a line or a document in JSON: the same, but quotes and backslashes stay, which JSON escapes, and which stand
/// before the foreign parts of a detail already.
std::string detail_for_log(std::string_view detail);

}  // namespace portcullis
