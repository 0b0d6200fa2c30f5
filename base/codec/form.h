// `application/x-www-form-urlencoded`: query strings and forms, to fields and back (WHATWG URL section 5).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace portcullis {

/// Names and values, decoded once, in the order of the text. A name may stand several times.
using FormFields = std::vector<std::pair<std::string, std::string>>;

/// Splits at `&` and decodes names and values; a piece without `=` has an empty value, an empty piece is skipped. `Reason::bad_request` for
/// a `%` without two hex digits, a `;` (which some servers take for a separator), and more than `most` fields.
Result<FormFields> form_decode(std::string_view text, std::size_t most);

/// The one text that `form_decode` reads as `fields`: everything but letters, digits and `-._~` is encoded, a blank as `+`.
std::string form_encode(const FormFields& fields);

}  // namespace portcullis
