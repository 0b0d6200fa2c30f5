// What people put into a token's file or into --uri by mistake: one line more, where the gate's own reason says only that it is no good.
#pragma once

#include <string_view>

#include "base/reason.h"

namespace portcullis {

/// What `token` looks like where it was refused as `token_malformed`: a header line, quotes, JSON, PEM, several lines, a byte order mark;
/// and what to do. Of `key_unknown`, which command lists the keys. Empty where nothing is seen, and for another reason. Never holds any of
/// the token.
std::string_view token_hint(std::string_view token, Reason reason) noexcept;

/// The same for a request: a whole URL or a path without its slash (`path_not_canonical`), a method in small letters
/// (`method_not_allowed`).
std::string_view request_hint(std::string_view method, std::string_view uri, Reason reason) noexcept;

}  // namespace portcullis
