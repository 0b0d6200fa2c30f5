// Whose a credential is, by what it says of itself: decides whether it may be shown to another token endpoint.
#pragma once

#include <string_view>

#include "plugin/state.h"

namespace portcullis {

/// Whether `text` is a JWS or a JWE in compact form, good or not: several parts, the first of which is a JSON object. A password is
/// neither.
bool looks_like_token(std::string_view text);

/// Whether `text` is or holds a token of one of our issuers or signed by one of our keys, as far as it says so: its unverified `iss` is
/// configured (`oidc[].issuer`, `tokens.issuers`) or its unverified `kid` is known, whatever its audience and its times. What stands around
/// it changes nothing: a scheme or a name (`Bearer eyJ…`, `token=eyJ…`), quotes, commas, blanks, line ends inside. Also true for a signed
/// token whose payload cannot be read: it is not shown to strangers. False where nothing looks like a token.
bool says_it_is_ours(std::string_view text, const State& state);

/// Whether a token that was refused for `reason` had a good signature of one of our keys: it is ours, whatever it says.
bool proves_ours(Reason reason, const State& state) noexcept;

}  // namespace portcullis
